-- Open votes of meetings: one choice per person and vote, added and never changed.

CREATE TABLE meeting_vote (
    id        uuid PRIMARY KEY,
    meeting   uuid NOT NULL REFERENCES meeting (id),
    number    smallint NOT NULL CHECK (number > 0),
    cid       text NOT NULL CHECK (length(cid) BETWEEN 1 AND 64),
    item      smallint,
    motion    text NOT NULL CHECK (length(motion) BETWEEN 1 AND 500),
    way       text NOT NULL CHECK (way IN ('show_of_hands', 'roll_call')),
    of_case   text NOT NULL CHECK (of_case IN ('ordinary', 'committee', 'admission', 'election')),
    formal    boolean NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz CHECK (closed_at >= opened_at),
    expected  integer CHECK (expected >= 0),
    present   integer CHECK (present >= 0),
    needed    integer CHECK (needed >= 0),
    outcome   text CHECK (outcome IN ('passed', 'not_passed', 'half_exactly', 'no_quorum')),
    CONSTRAINT meeting_vote_number UNIQUE (meeting, number),
    CONSTRAINT meeting_vote_cid UNIQUE (meeting, cid),
    CHECK ((closed_at IS NULL) = (expected IS NULL)),
    CHECK ((closed_at IS NULL) = (present IS NULL)),
    CHECK ((closed_at IS NULL) = (needed IS NULL)),
    CHECK ((outcome IS NOT NULL) = (formal AND closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX meeting_vote_open ON meeting_vote (meeting) WHERE closed_at IS NULL;
COMMENT ON TABLE meeting_vote IS 'Open votes of meetings; at most one goes on at a meeting.';
COMMENT ON COLUMN meeting_vote.id IS 'Time-ordered id.';
COMMENT ON COLUMN meeting_vote.meeting IS 'The meeting.';
COMMENT ON COLUMN meeting_vote.number IS 'Place among the votes of the meeting, from 1.';
COMMENT ON COLUMN meeting_vote.cid IS 'The client''s own id: a repeat opens no second vote.';
COMMENT ON COLUMN meeting_vote.item IS 'Number of the item it belongs to; null = none.';
COMMENT ON COLUMN meeting_vote.motion IS 'What is put to the vote.';
COMMENT ON COLUMN meeting_vote.way IS 'Show of hands, or by name.';
COMMENT ON COLUMN meeting_vote.of_case IS 'Which rule it follows, signaling::http::meetings::VoteCase.';
COMMENT ON COLUMN meeting_vote.formal IS 'Decides; else it asks for opinions.';
COMMENT ON COLUMN meeting_vote.opened_at IS 'When it was opened.';
COMMENT ON COLUMN meeting_vote.closed_at IS 'When it was closed; null = goes on.';
COMMENT ON COLUMN meeting_vote.expected IS 'Entitled when it was closed.';
COMMENT ON COLUMN meeting_vote.present IS 'Of them present, or cast, when it was closed.';
COMMENT ON COLUMN meeting_vote.needed IS 'Present that it needed.';
COMMENT ON COLUMN meeting_vote.outcome IS 'What a formal one came to.';

CREATE TABLE meeting_ballot (
    vote       uuid NOT NULL REFERENCES meeting_vote (id),
    person     uuid NOT NULL REFERENCES account (person),
    part       text NOT NULL CHECK (part IN ('entitled', 'consulted', 'attends')),
    choice     text NOT NULL CHECK (choice IN ('yes', 'no', 'abstain')),
    cast_at    timestamptz NOT NULL,
    entered_by uuid REFERENCES account (person),
    PRIMARY KEY (vote, person)
);
COMMENT ON TABLE meeting_ballot IS 'Choices in open votes. Rows are only ever added.';
COMMENT ON COLUMN meeting_ballot.vote IS 'The vote.';
COMMENT ON COLUMN meeting_ballot.person IS 'Whose choice: one per person and vote.';
COMMENT ON COLUMN meeting_ballot.part IS 'As what the person voted.';
COMMENT ON COLUMN meeting_ballot.choice IS 'The choice.';
COMMENT ON COLUMN meeting_ballot.cast_at IS 'When.';
COMMENT ON COLUMN meeting_ballot.entered_by IS 'Who entered it for somebody in the room or at a venue; null = the person.';
CREATE FUNCTION meeting_ballot_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of meeting_ballot are only ever added';
END
$$;
COMMENT ON FUNCTION meeting_ballot_keep IS 'Refuses every change of a choice.';
CREATE TRIGGER meeting_ballot_keep BEFORE UPDATE OR DELETE ON meeting_ballot
    FOR EACH ROW EXECUTE FUNCTION meeting_ballot_keep();
