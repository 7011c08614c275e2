-- Raised hands in calls.

CREATE TABLE call_hand (
    call      uuid NOT NULL REFERENCES call (id),
    person    uuid NOT NULL REFERENCES person (id),
    raised_at timestamptz NOT NULL,
    floor_at  timestamptz CHECK (floor_at >= raised_at),
    PRIMARY KEY (call, person)
);
CREATE INDEX call_hand_person ON call_hand (person);
COMMENT ON TABLE call_hand IS 'The hands that are up in a call; one that is lowered has no row.';
COMMENT ON COLUMN call_hand.call IS 'The call.';
COMMENT ON COLUMN call_hand.person IS 'Whose hand.';
COMMENT ON COLUMN call_hand.raised_at IS 'When it went up: the order of the queue.';
COMMENT ON COLUMN call_hand.floor_at IS 'When a leader gave the floor; null while it waits.';
