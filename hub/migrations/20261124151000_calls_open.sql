-- The calls of rooms: at most one is open in a room, and who was in them.

CREATE TABLE call (
    id         uuid PRIMARY KEY,
    room       uuid NOT NULL REFERENCES room (id),
    started_by uuid NOT NULL REFERENCES person (id),
    started_at timestamptz NOT NULL,
    looked_at  timestamptz NOT NULL CHECK (looked_at >= started_at),
    busy_at    timestamptz NOT NULL CHECK (busy_at >= started_at),
    ended_at   timestamptz CHECK (ended_at >= started_at)
);
CREATE UNIQUE INDEX call_open ON call (room) WHERE ended_at IS NULL;
COMMENT ON TABLE call IS 'A call of a room.';
COMMENT ON COLUMN call.id IS 'Time-ordered id; its text is the name of the room on the media server.';
COMMENT ON COLUMN call.room IS 'The room.';
COMMENT ON COLUMN call.started_by IS 'The member who opened it.';
COMMENT ON COLUMN call.started_at IS 'When it was opened.';
COMMENT ON COLUMN call.looked_at IS 'When the media server was last asked who is there.';
COMMENT ON COLUMN call.busy_at IS 'When somebody was last seen in it, or asked to come in.';
COMMENT ON COLUMN call.ended_at IS 'When it was over; null while it goes on.';

CREATE TABLE call_presence (
    call      uuid NOT NULL REFERENCES call (id),
    session   text NOT NULL CHECK (length(session) BETWEEN 1 AND 64),
    person    uuid NOT NULL REFERENCES person (id),
    joined_at timestamptz NOT NULL,
    seen_at   timestamptz NOT NULL CHECK (seen_at >= joined_at),
    PRIMARY KEY (call, session)
);
CREATE INDEX call_presence_person ON call_presence (person);
COMMENT ON TABLE call_presence IS 'From when to when a person was connected to a call: one row for each connection.';
COMMENT ON COLUMN call_presence.call IS 'The call.';
COMMENT ON COLUMN call_presence.session IS 'The media server''s id of the connection.';
COMMENT ON COLUMN call_presence.person IS 'Who.';
COMMENT ON COLUMN call_presence.joined_at IS 'When it was first seen.';
COMMENT ON COLUMN call_presence.seen_at IS 'When it was last seen.';

CREATE TABLE call_ticket (
    call    uuid NOT NULL REFERENCES call (id),
    person  uuid NOT NULL REFERENCES person (id),
    device  uuid NOT NULL REFERENCES device_session (id),
    made_at timestamptz NOT NULL,
    PRIMARY KEY (call, person)
);
CREATE INDEX call_ticket_person ON call_ticket (person);
CREATE INDEX call_ticket_device ON call_ticket (device);
COMMENT ON TABLE call_ticket IS 'Who was let into a call: those who lose the right to it are taken out.';
COMMENT ON COLUMN call_ticket.call IS 'The call.';
COMMENT ON COLUMN call_ticket.person IS 'Who.';
COMMENT ON COLUMN call_ticket.device IS 'The signed-in device that asked last.';
COMMENT ON COLUMN call_ticket.made_at IS 'When the last ticket was made.';
