-- Meetings: the meeting as it stands, its agenda, venues and roll; and the chain of records that says
-- what happened.

INSERT INTO policy (key, effective_from, value, source, set_at)
SELECT key, '2000-01-01', value, source, '2026-11-24 00:00:00+08'
FROM (VALUES
    ('meeting.quorum_percent', 50, '支部工作条例 2018 art. 11: half of those entitled, the half included'),
    ('meeting.admission_percent', 50, '发展党员工作细则 2014 art. 21, 33: more than half of those entitled'),
    ('meeting.election_percent', 80, '基层组织选举工作条例 2020: four fifths of those entitled'),
    ('meeting.pass_percent', 50, '支部工作条例 2018 art. 11: more than half in favour'),
    ('election.base_entitled', 0, '基层组织选举工作条例 2020: of those present; 1 = of those entitled, as some guides say'),
    ('presence.grace_s', 60, 'product default: silent for longer is not present'),
    ('presence.lag_s', 25, 'product default: silent for longer is shown as cut off'),
    ('joint.formal_full_min', 3, '支部工作条例 2018: three full members make a branch'),
    ('vote.temporary_org_counts', 0, 'product default: a temporary branch does not vote'),
    ('eligibility.away_exempt', 1, 'local practice: whoever is formally exempted is not expected'),
    ('meeting.notice_days', 3, 'product default'),
    ('meeting.sign_in_minutes', 30, 'product default: the sign-in opens so long before'),
    ('meeting.wait_minutes', 30, 'product default: then a meeting without its quorum is not held')
) AS d (key, value, source);

ALTER TABLE room DROP CONSTRAINT room_kind_check;
ALTER TABLE room ADD CONSTRAINT room_kind_check
    CHECK (kind IN ('party_group', 'branch', 'joint_branch', 'inbox', 'delegate_thread', 'meeting'));

CREATE TABLE meeting (
    id           uuid PRIMARY KEY REFERENCES room (id),
    organisation uuid NOT NULL REFERENCES organisation (id),
    kind         text NOT NULL CHECK (kind IN ('members_meeting', 'committee_meeting', 'group_meeting',
                     'organisation_life', 'theme_day', 'party_lesson')),
    state        text NOT NULL CHECK (state IN ('draft', 'notified', 'sign_in', 'open', 'adjourned',
                     'cancelled', 'closed', 'minutes_draft', 'signed', 'archived')),
    title        text NOT NULL CHECK (length(title) BETWEEN 1 AND 60),
    starts_at    timestamptz NOT NULL,
    place        text CHECK (length(place) BETWEEN 1 AND 60),
    closed       boolean NOT NULL,
    chair        uuid NOT NULL REFERENCES account (person),
    acting_chair uuid REFERENCES account (person),
    recorder     uuid NOT NULL REFERENCES account (person),
    late_reason  text CHECK (length(late_reason) BETWEEN 1 AND 200),
    ended_reason text CHECK (length(ended_reason) BETWEEN 1 AND 200),
    notified_at  timestamptz,
    opened_at    timestamptz,
    ended_at     timestamptz,
    judged_at    timestamptz,
    lamp         text CHECK (lamp IN ('not_needed', 'missing', 'reached')),
    shown        text NOT NULL DEFAULT '',
    item         smallint,
    look_at      timestamptz,
    prepared_by  uuid NOT NULL REFERENCES account (person),
    prepared_at  timestamptz NOT NULL,
    CHECK (chair <> recorder),
    CHECK (state IN ('draft', 'cancelled') OR notified_at IS NOT NULL)
);
CREATE INDEX meeting_organisation ON meeting (organisation, starts_at);
CREATE INDEX meeting_look ON meeting (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX meeting_live ON meeting (id) WHERE state IN ('sign_in', 'open');
COMMENT ON TABLE meeting IS 'A meeting as it stands now; how it came here is in audit_record.';
COMMENT ON COLUMN meeting.id IS 'Id, also of its room: whoever signed in is a member of it.';
COMMENT ON COLUMN meeting.organisation IS 'The branch or group that meets.';
COMMENT ON COLUMN meeting.kind IS 'signaling::http::meetings::MeetingKind.';
COMMENT ON COLUMN meeting.state IS 'signaling::http::meetings::MeetingState.';
COMMENT ON COLUMN meeting.title IS 'What it is called.';
COMMENT ON COLUMN meeting.starts_at IS 'When it is to begin.';
COMMENT ON COLUMN meeting.place IS 'The room in which people meet; null = by video alone.';
COMMENT ON COLUMN meeting.closed IS 'Only those on the roll may know of it.';
COMMENT ON COLUMN meeting.chair IS 'Who is to chair.';
COMMENT ON COLUMN meeting.acting_chair IS 'Who chairs since the chair is not there; null = the chair.';
COMMENT ON COLUMN meeting.recorder IS 'Who writes the minutes.';
COMMENT ON COLUMN meeting.late_reason IS 'Why the notice was shorter than the rule asks for.';
COMMENT ON COLUMN meeting.ended_reason IS 'Why it was cancelled or adjourned.';
COMMENT ON COLUMN meeting.notified_at IS 'When the notice went out.';
COMMENT ON COLUMN meeting.opened_at IS 'When it was opened.';
COMMENT ON COLUMN meeting.ended_at IS 'When it was closed, adjourned or cancelled.';
COMMENT ON COLUMN meeting.judged_at IS 'When those present are counted, and it is not held if they are too few.';
COMMENT ON COLUMN meeting.lamp IS 'The quorum lamp as it was last written down.';
COMMENT ON COLUMN meeting.shown IS 'The figures that the room was told last.';
COMMENT ON COLUMN meeting.item IS 'Number of the item under discussion.';
COMMENT ON COLUMN meeting.look_at IS 'When the clock looks at it next; null = it does not.';
COMMENT ON COLUMN meeting.prepared_by IS 'Who made or last changed the draft.';
COMMENT ON COLUMN meeting.prepared_at IS 'When.';

CREATE TABLE meeting_item (
    meeting uuid NOT NULL REFERENCES meeting (id),
    number  smallint NOT NULL CHECK (number BETWEEN 1 AND 30),
    title   text NOT NULL CHECK (length(title) BETWEEN 1 AND 100),
    minutes smallint CHECK (minutes BETWEEN 1 AND 240),
    PRIMARY KEY (meeting, number)
);
COMMENT ON TABLE meeting_item IS 'The agenda.';
COMMENT ON COLUMN meeting_item.meeting IS 'The meeting.';
COMMENT ON COLUMN meeting_item.number IS 'Place in the agenda, from 1.';
COMMENT ON COLUMN meeting_item.title IS 'What is to be discussed.';
COMMENT ON COLUMN meeting_item.minutes IS 'Minutes planned; null = none.';

CREATE TABLE meeting_venue (
    meeting   uuid NOT NULL REFERENCES meeting (id),
    number    smallint NOT NULL CHECK (number BETWEEN 1 AND 20),
    name      text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    head      uuid NOT NULL REFERENCES account (person),
    signed_at timestamptz,
    PRIMARY KEY (meeting, number)
);
COMMENT ON TABLE meeting_venue IS 'Rooms with several people behind one camera.';
COMMENT ON COLUMN meeting_venue.meeting IS 'The meeting.';
COMMENT ON COLUMN meeting_venue.number IS 'From 1.';
COMMENT ON COLUMN meeting_venue.name IS 'What it is called.';
COMMENT ON COLUMN meeting_venue.head IS 'Who hands in the list of those who are there.';
COMMENT ON COLUMN meeting_venue.signed_at IS 'When the list was handed in last.';

CREATE TABLE meeting_exemption (
    meeting uuid NOT NULL REFERENCES meeting (id),
    person  uuid NOT NULL REFERENCES account (person),
    reason  text NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
    PRIMARY KEY (meeting, person)
);
COMMENT ON TABLE meeting_exemption IS 'Who is formally exempted from one meeting.';
COMMENT ON COLUMN meeting_exemption.meeting IS 'The meeting.';
COMMENT ON COLUMN meeting_exemption.person IS 'Who.';
COMMENT ON COLUMN meeting_exemption.reason IS 'The ground, and what the consent rests on.';

CREATE TABLE meeting_roll (
    meeting       uuid NOT NULL REFERENCES meeting (id),
    person        uuid NOT NULL REFERENCES account (person),
    full_member   boolean NOT NULL,
    rights        boolean NOT NULL,
    home          boolean NOT NULL,
    exempt        boolean NOT NULL,
    committee     boolean NOT NULL,
    observer      boolean NOT NULL DEFAULT false,
    office        text CHECK (length(office) BETWEEN 1 AND 60),
    attends       boolean,
    answer_reason text CHECK (length(answer_reason) BETWEEN 1 AND 200),
    delivered_at  timestamptz,
    place         text NOT NULL DEFAULT 'away' CHECK (place IN ('away', 'online', 'on_site', 'venue')),
    device        uuid REFERENCES device_session (id),
    seen_at       timestamptz,
    venue         smallint,
    signed_in_at  timestamptz,
    late          boolean NOT NULL DEFAULT false,
    PRIMARY KEY (meeting, person),
    CHECK (observer = (office IS NOT NULL)),
    CHECK ((place = 'online') = (device IS NOT NULL)),
    CHECK ((place = 'venue') = (venue IS NOT NULL)),
    CHECK (place <> 'online' OR seen_at IS NOT NULL)
) WITH (fillfactor = 70);
CREATE INDEX meeting_roll_person ON meeting_roll (person, meeting);
COMMENT ON TABLE meeting_roll IS 'Who is called to a meeting, and where each of them is.';
COMMENT ON COLUMN meeting_roll.meeting IS 'The meeting.';
COMMENT ON COLUMN meeting_roll.person IS 'Who.';
COMMENT ON COLUMN meeting_roll.full_member IS 'A full member, when the roll was fixed.';
COMMENT ON COLUMN meeting_roll.rights IS 'The right to vote was not suspended.';
COMMENT ON COLUMN meeting_roll.home IS 'The home is where the meeting is.';
COMMENT ON COLUMN meeting_roll.exempt IS 'Formally exempted.';
COMMENT ON COLUMN meeting_roll.committee IS 'Of the committee.';
COMMENT ON COLUMN meeting_roll.observer IS 'Came as an observer.';
COMMENT ON COLUMN meeting_roll.office IS 'Office of an observer.';
COMMENT ON COLUMN meeting_roll.attends IS 'Answer to the notice; null = none.';
COMMENT ON COLUMN meeting_roll.answer_reason IS 'Why the person stays away.';
COMMENT ON COLUMN meeting_roll.delivered_at IS 'When the notice reached a device of the person.';
COMMENT ON COLUMN meeting_roll.place IS 'Where the person is.';
COMMENT ON COLUMN meeting_roll.device IS 'At which device, of somebody who is online.';
COMMENT ON COLUMN meeting_roll.seen_at IS 'When that device was last heard of.';
COMMENT ON COLUMN meeting_roll.venue IS 'Number of the venue.';
COMMENT ON COLUMN meeting_roll.signed_in_at IS 'First sign-in.';
COMMENT ON COLUMN meeting_roll.late IS 'First signed in after the meeting had opened.';

CREATE TABLE audit_head (
    organisation uuid PRIMARY KEY REFERENCES organisation (id),
    n            bigint NOT NULL CHECK (n >= 0),
    h            bytea NOT NULL CHECK (length(h) = 32)
) WITH (fillfactor = 50);
COMMENT ON TABLE audit_head IS 'Where the chain of an organisation ends. Locked by whoever adds to it.';
COMMENT ON COLUMN audit_head.organisation IS 'The organisation.';
COMMENT ON COLUMN audit_head.n IS 'Number of the last record, 0 for none.';
COMMENT ON COLUMN audit_head.h IS 'Hash of the last record, 32 zero bytes for none.';

CREATE TABLE audit_record (
    organisation uuid NOT NULL REFERENCES organisation (id),
    n            bigint NOT NULL CHECK (n > 0),
    at           timestamptz NOT NULL,
    actor        uuid,
    action       text NOT NULL CHECK (length(action) BETWEEN 1 AND 40),
    object       uuid NOT NULL,
    detail       text NOT NULL CHECK (length(detail) <= 4000),
    prev         bytea NOT NULL CHECK (length(prev) = 32),
    h            bytea NOT NULL CHECK (length(h) = 32),
    PRIMARY KEY (organisation, n)
);
CREATE INDEX audit_record_object ON audit_record (object, n);
COMMENT ON TABLE audit_record IS 'What happened in an organisation, one chain each. Rows are only ever added; each carries the hash of the one before.';
COMMENT ON COLUMN audit_record.organisation IS 'Whose chain.';
COMMENT ON COLUMN audit_record.n IS 'Running number without gaps.';
COMMENT ON COLUMN audit_record.at IS 'When it happened, to whole microseconds.';
COMMENT ON COLUMN audit_record.actor IS 'Who did it; null = the clock.';
COMMENT ON COLUMN audit_record.action IS 'What was done, e.g. sign_in.';
COMMENT ON COLUMN audit_record.object IS 'To what, e.g. the id of a meeting.';
COMMENT ON COLUMN audit_record.detail IS 'A sentence for the minutes.';
COMMENT ON COLUMN audit_record.prev IS 'h of the record before; 32 zero bytes for the first.';
COMMENT ON COLUMN audit_record.h IS 'SHA-256 over prev and the other fields, each with its length.';

CREATE FUNCTION audit_record_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of audit_record are only ever added';
END
$$;
COMMENT ON FUNCTION audit_record_refuse IS 'Refuses every change of a written record.';
CREATE TRIGGER audit_record_insert_only BEFORE UPDATE OR DELETE ON audit_record
    FOR EACH ROW EXECUTE FUNCTION audit_record_refuse();
CREATE TRIGGER audit_record_no_truncate BEFORE TRUNCATE ON audit_record
    FOR EACH STATEMENT EXECUTE FUNCTION audit_record_refuse();
