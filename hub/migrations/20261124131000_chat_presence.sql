-- Whoever does not want to be seen is kept out of the presence of every room.
CREATE TABLE presence_hidden (
    person uuid PRIMARY KEY REFERENCES person (id),
    since  timestamptz NOT NULL
);
COMMENT ON TABLE presence_hidden IS 'People who switched their presence off; everyone else is shown to the members of a room while connected.';
COMMENT ON COLUMN presence_hidden.person IS 'Who is not shown.';
COMMENT ON COLUMN presence_hidden.since IS 'When it was switched off.';

-- The reactions and pins of messages, by the message they speak of and in their order.
CREATE INDEX event_mark ON event (room, ref, kind, seq) WHERE kind IN (5, 6);
COMMENT ON INDEX event_mark IS 'Current reactions and pins: the last event of each author or message counts.';
