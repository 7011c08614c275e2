-- The door of a call: its lock, who waits before it, and what a leader decided about whom.

ALTER TABLE call ADD locked_at timestamptz CHECK (locked_at >= started_at);
COMMENT ON COLUMN call.locked_at IS 'Since when nobody new comes in; null while it is open.';

CREATE TABLE call_door (
    call       uuid NOT NULL REFERENCES call (id),
    person     uuid NOT NULL REFERENCES person (id),
    came_at    timestamptz NOT NULL,
    asked_at   timestamptz NOT NULL CHECK (asked_at >= came_at),
    admitted   boolean,
    decided_by uuid REFERENCES person (id),
    decided_at timestamptz,
    PRIMARY KEY (call, person),
    CHECK ((admitted IS NULL) = (decided_by IS NULL) AND (admitted IS NULL) = (decided_at IS NULL))
);
CREATE INDEX call_door_person ON call_door (person);
CREATE INDEX call_door_decided_by ON call_door (decided_by);
COMMENT ON TABLE call_door IS 'Who needs a leader''s word to come into a call: guests, and whoever was taken out of it.';
COMMENT ON COLUMN call_door.call IS 'The call.';
COMMENT ON COLUMN call_door.person IS 'Who.';
COMMENT ON COLUMN call_door.came_at IS 'When they began to ask: the order of those who wait.';
COMMENT ON COLUMN call_door.asked_at IS 'When they last asked to come in, or were taken out.';
COMMENT ON COLUMN call_door.admitted IS 'Whether a leader let them in; null while they wait.';
COMMENT ON COLUMN call_door.decided_by IS 'The leader.';
COMMENT ON COLUMN call_door.decided_at IS 'When.';
