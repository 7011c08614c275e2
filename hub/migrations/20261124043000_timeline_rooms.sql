-- The durable log of every room, and who may read and write it.

CREATE TABLE store (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    epoch  bigint NOT NULL CHECK (epoch BETWEEN 0 AND 4294967295)
);
COMMENT ON TABLE store IS 'One row: what is true of this copy of the data as a whole.';
COMMENT ON COLUMN store.single IS 'Always true: the table holds one row.';
COMMENT ON COLUMN store.epoch IS 'First half of every room''s epoch, random; replaced on restore and on promotion of a standby that may lack acknowledged commits.';

-- The one id that the database draws: it exists before any hub does.
INSERT INTO store (epoch)
SELECT ('x' || left(replace(gen_random_uuid()::text, '-', ''), 8))::bit(32)::bigint & 4294967295;

CREATE TABLE person (
    id         uuid PRIMARY KEY,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE person IS 'A natural person with an account.';
COMMENT ON COLUMN person.id IS 'Time-ordered id; also the id of the person''s inbox room.';
COMMENT ON COLUMN person.name IS 'Name as other members see it.';
COMMENT ON COLUMN person.created_at IS 'When the account was made.';

CREATE TABLE room (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('party_group', 'branch', 'joint_branch', 'inbox')),
    title        text NOT NULL CHECK (length(title) <= 200),
    history_days integer CHECK (history_days >= 0),
    created_at   timestamptz NOT NULL
);
COMMENT ON TABLE room IS 'A room: one durable log with members.';
COMMENT ON COLUMN room.id IS 'Time-ordered id; of an inbox, the id of its person.';
COMMENT ON COLUMN room.kind IS 'What the room belongs to.';
COMMENT ON COLUMN room.title IS 'Title as members see it; empty for an inbox.';
COMMENT ON COLUMN room.history_days IS 'Days before joining that a new member may read; 0 = nothing before joining, null = everything.';
COMMENT ON COLUMN room.created_at IS 'When the room was made.';

-- Narrow and half empty, so that its updates stay on the page (HOT).
CREATE TABLE room_head (
    room      uuid PRIMARY KEY REFERENCES room (id),
    last_seq  bigint NOT NULL DEFAULT 0 CHECK (last_seq >= 0),
    countable bigint NOT NULL DEFAULT 0 CHECK (countable BETWEEN 0 AND last_seq),
    epoch     integer NOT NULL DEFAULT 1 CHECK (epoch > 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE room_head IS 'Where a room''s log stands. Every command that changes a room or its members locks this row first.';
COMMENT ON COLUMN room_head.room IS 'The room.';
COMMENT ON COLUMN room_head.last_seq IS 'Sequence number of the last event, 0 for an empty log.';
COMMENT ON COLUMN room_head.countable IS 'Number of countable (unread-relevant) events so far.';
COMMENT ON COLUMN room_head.epoch IS 'Second half of the room''s epoch; raised when numbers already shown may be gone.';

-- No foreign keys: the commands and a nightly check hold the references. Every unique key starts
-- with the room, so that the table can be partitioned by it.
CREATE TABLE event (
    room   uuid NOT NULL,
    author uuid NOT NULL,
    seq    bigint NOT NULL CHECK (seq > 0),
    nth    bigint NOT NULL CHECK (nth BETWEEN 0 AND seq),
    ts     timestamptz NOT NULL,
    ref    bigint CHECK (ref > 0 AND ref < seq),
    kind   smallint NOT NULL CHECK (kind > 0),
    cid    text NOT NULL CHECK (length(cid) BETWEEN 1 AND 64),
    body   text,
    PRIMARY KEY (room, seq),
    UNIQUE (room, author, cid)
);
COMMENT ON TABLE event IS 'Everything that ever changed a room, in order, numbered 1, 2, 3, … per room without a gap.';
COMMENT ON COLUMN event.room IS 'The room.';
COMMENT ON COLUMN event.author IS 'Who caused it; the nil id for events that no person caused.';
COMMENT ON COLUMN event.seq IS 'Place in the room''s log, given under the lock of room_head.';
COMMENT ON COLUMN event.nth IS 'Number of countable events up to and including this one.';
COMMENT ON COLUMN event.ts IS 'Time of the commit to whole milliseconds, read after the lock was held.';
COMMENT ON COLUMN event.ref IS 'Sequence number of the earlier event this one speaks of.';
COMMENT ON COLUMN event.kind IS 'Kind of the event, signaling::event::EventKind::code.';
COMMENT ON COLUMN event.cid IS 'The author''s own id of the event: a repeat finds the first one by it.';
COMMENT ON COLUMN event.body IS 'Payload as compact JSON; null once it was withdrawn, hidden or erased.';

CREATE TABLE member (
    room         uuid NOT NULL REFERENCES room (id),
    person       uuid NOT NULL REFERENCES person (id),
    role         text NOT NULL CHECK (role IN ('member', 'leader')),
    visible_from bigint NOT NULL CHECK (visible_from > 0),
    joined_seq   bigint NOT NULL CHECK (joined_seq >= 0),
    joined_at    timestamptz NOT NULL,
    PRIMARY KEY (room, person)
);
CREATE INDEX member_person ON member (person);
COMMENT ON TABLE member IS 'Who is in a room now. Changed only under the room''s head lock.';
COMMENT ON COLUMN member.room IS 'The room.';
COMMENT ON COLUMN member.person IS 'The member.';
COMMENT ON COLUMN member.role IS 'What the member may do in the room.';
COMMENT ON COLUMN member.visible_from IS 'First sequence number the member may see.';
COMMENT ON COLUMN member.joined_seq IS 'Last sequence number of the room before the member joined.';
COMMENT ON COLUMN member.joined_at IS 'When the membership began.';

CREATE TABLE read_marker (
    room    uuid NOT NULL REFERENCES room (id),
    person  uuid NOT NULL REFERENCES person (id),
    seq     bigint NOT NULL CHECK (seq >= 0),
    nth     bigint NOT NULL CHECK (nth BETWEEN 0 AND seq),
    read_at timestamptz NOT NULL,
    PRIMARY KEY (room, person)
) WITH (fillfactor = 70);
COMMENT ON TABLE read_marker IS 'How far a person has read a room; never moves back.';
COMMENT ON COLUMN read_marker.room IS 'The room.';
COMMENT ON COLUMN read_marker.person IS 'The reader.';
COMMENT ON COLUMN read_marker.seq IS 'Last sequence number read.';
COMMENT ON COLUMN read_marker.nth IS 'Countable events up to seq; unread = room_head.countable - nth.';
COMMENT ON COLUMN read_marker.read_at IS 'When the marker last moved.';
