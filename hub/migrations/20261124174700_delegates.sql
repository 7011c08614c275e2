-- Delegates: the directory, their stations, and one thread per matter with its history.

INSERT INTO policy (key, effective_from, value, source, set_at)
SELECT key, '2000-01-01', value, source, '2026-11-24 00:00:00+08'
FROM (VALUES
    ('delegate.answer_days', 5, 'product default: a reminder after 5 working days'),
    ('delegate.choice_days', 10, 'product default: then nothing is sent'),
    ('delegate.office_days', 30, '代表任期制暂行条例 2008 and local practice'),
    ('delegate.extension_days', 15, 'local practice: once, with a reason'),
    ('delegate.decline_days', 5, 'local practice: with a reason'),
    ('delegate.outcome_days', 5, 'product default'),
    ('delegate.rating_days', 20, 'product default: then closed without a rating'),
    ('delegate.turn_days', 10, 'product default'),
    ('delegate.liaison_days', 5, 'product default'),
    ('delegate.level_days', 2, 'product default'),
    ('delegate.levels_max', 3, 'product default'),
    ('delegate.threads_per_day', 3, 'product default')
) AS d (key, value, source);

ALTER TABLE room DROP CONSTRAINT room_kind_check;
ALTER TABLE room ADD CONSTRAINT room_kind_check
    CHECK (kind IN ('party_group', 'branch', 'joint_branch', 'inbox', 'delegate_thread'));

CREATE TABLE delegate (
    id           uuid PRIMARY KEY,
    person       uuid NOT NULL REFERENCES account (person),
    organisation uuid NOT NULL REFERENCES organisation (id),
    area         text NOT NULL CHECK (length(area) BETWEEN 1 AND 60),
    duties       text NOT NULL CHECK (length(duties) BETWEEN 1 AND 1000),
    contact_days text NOT NULL CHECK (length(contact_days) BETWEEN 1 AND 200),
    term_from    date NOT NULL,
    term_until   date NOT NULL CHECK (term_until >= term_from),
    until_at     timestamptz,
    ended_reason text CHECK (length(ended_reason) BETWEEN 1 AND 400),
    in_force     boolean GENERATED ALWAYS AS (CASE WHEN until_at IS NULL THEN true END) STORED,
    begun_by     uuid REFERENCES person (id),
    ended_by     uuid REFERENCES person (id),
    CONSTRAINT delegate_once UNIQUE (person, organisation, in_force)
);
CREATE INDEX delegate_organisation ON delegate (organisation) WHERE until_at IS NULL;
CREATE TRIGGER delegate_keep BEFORE UPDATE OR DELETE ON delegate
    FOR EACH ROW EXECUTE FUNCTION history_keep();
COMMENT ON TABLE delegate IS 'A term of a delegate with what everybody may know. Rows are added and closed.';
COMMENT ON COLUMN delegate.id IS 'Time-ordered id.';
COMMENT ON COLUMN delegate.person IS 'Who.';
COMMENT ON COLUMN delegate.organisation IS 'Of whose congress; its liaison office looks after the threads.';
COMMENT ON COLUMN delegate.area IS 'For which area or unit.';
COMMENT ON COLUMN delegate.duties IS 'Duties, for everybody to read.';
COMMENT ON COLUMN delegate.contact_days IS 'When and where to meet the delegate.';
COMMENT ON COLUMN delegate.term_from IS 'First day of the term, in Asia/Shanghai.';
COMMENT ON COLUMN delegate.term_until IS 'Last day of the term, in Asia/Shanghai.';
COMMENT ON COLUMN delegate.until_at IS 'When it ended; null = not yet.';
COMMENT ON COLUMN delegate.ended_reason IS 'Why it ended.';
COMMENT ON COLUMN delegate.in_force IS 'True in force, else null: once per person and congress.';
COMMENT ON COLUMN delegate.begun_by IS 'Who entered it; null = the hub''s own command.';
COMMENT ON COLUMN delegate.ended_by IS 'Who ended it; null = the clock.';

CREATE TABLE delegate_liaison (
    id           uuid PRIMARY KEY,
    organisation uuid NOT NULL REFERENCES organisation (id),
    person       uuid NOT NULL REFERENCES account (person),
    from_at      timestamptz NOT NULL,
    until_at     timestamptz CHECK (until_at >= from_at),
    in_force     boolean GENERATED ALWAYS AS (CASE WHEN until_at IS NULL THEN true END) STORED,
    begun_by     uuid REFERENCES person (id),
    ended_by     uuid REFERENCES person (id),
    CONSTRAINT delegate_liaison_once UNIQUE (organisation, person, in_force)
);
CREATE INDEX delegate_liaison_person ON delegate_liaison (person) WHERE until_at IS NULL;
CREATE TRIGGER delegate_liaison_keep BEFORE UPDATE OR DELETE ON delegate_liaison
    FOR EACH ROW EXECUTE FUNCTION history_keep();
COMMENT ON TABLE delegate_liaison IS 'Who works in the liaison office of an organisation''s delegates. Rows are added and closed.';
COMMENT ON COLUMN delegate_liaison.id IS 'Time-ordered id.';
COMMENT ON COLUMN delegate_liaison.organisation IS 'Of whose delegates.';
COMMENT ON COLUMN delegate_liaison.person IS 'Who.';
COMMENT ON COLUMN delegate_liaison.from_at IS 'Beginning.';
COMMENT ON COLUMN delegate_liaison.until_at IS 'End; null = now.';
COMMENT ON COLUMN delegate_liaison.in_force IS 'True in force, else null: once per person and place.';
COMMENT ON COLUMN delegate_liaison.begun_by IS 'Who gave it; null = the hub''s own command.';
COMMENT ON COLUMN delegate_liaison.ended_by IS 'Who ended it.';

CREATE TABLE delegate_station (
    id           uuid PRIMARY KEY,
    organisation uuid NOT NULL REFERENCES organisation (id),
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    made_by      uuid REFERENCES person (id),
    CONSTRAINT delegate_station_once UNIQUE (organisation, name)
);
COMMENT ON TABLE delegate_station IS 'A place where delegates receive people, with a QR code for each of them.';
COMMENT ON COLUMN delegate_station.id IS 'Time-ordered id.';
COMMENT ON COLUMN delegate_station.organisation IS 'Of whose delegates.';
COMMENT ON COLUMN delegate_station.name IS 'What it is called.';
COMMENT ON COLUMN delegate_station.made_by IS 'Who entered it; null = the hub''s own command.';

CREATE TABLE delegate_thread (
    id           uuid PRIMARY KEY REFERENCES room (id),
    delegate     uuid NOT NULL REFERENCES delegate (id),
    holder       text NOT NULL CHECK (holder IN ('delegate', 'liaison')),
    constituent  uuid REFERENCES board_account (person),
    cid          text NOT NULL CHECK (length(cid) BETWEEN 1 AND 64),
    begun_by     uuid NOT NULL REFERENCES account (person),
    called       text NOT NULL CHECK (length(called) BETWEEN 1 AND 20),
    station      uuid REFERENCES delegate_station (id),
    subject      text NOT NULL CHECK (length(subject) BETWEEN 4 AND 40),
    state        text NOT NULL CHECK (state IN ('waiting', 'talking', 'opinion', 'with_office',
                     'answered', 'closed', 'ended', 'turned', 'withdrawn')),
    due          date,
    level        integer NOT NULL DEFAULT 0 CHECK (level >= 0),
    next_level   date,
    look_after   date,
    sent_on      date,
    extended     boolean NOT NULL DEFAULT false,
    turned       boolean NOT NULL DEFAULT false,
    choice       text CHECK (choice IN ('named', 'unnamed', 'not_sent')),
    office       uuid REFERENCES organisation (id),
    opinion      text CHECK (length(opinion) BETWEEN 1 AND 4000),
    answer       text CHECK (length(answer) BETWEEN 1 AND 4000),
    outcome      text CHECK (length(outcome) BETWEEN 1 AND 4000),
    ended_reason text CHECK (length(ended_reason) BETWEEN 1 AND 4000),
    rating       smallint CHECK (rating BETWEEN 1 AND 5),
    publication  text NOT NULL DEFAULT 'no'
                     CHECK (publication IN ('no', 'offered', 'agreed', 'declined')),
    published    text CHECK (length(published) BETWEEN 1 AND 4000),
    begun_at     timestamptz NOT NULL,
    changed_at   timestamptz NOT NULL,
    CONSTRAINT delegate_thread_once UNIQUE (begun_by, cid),
    CHECK (state <> 'with_office' OR (office IS NOT NULL AND opinion IS NOT NULL
                                      AND choice IN ('named', 'unnamed')))
);
CREATE INDEX delegate_thread_delegate ON delegate_thread (delegate, changed_at);
CREATE INDEX delegate_thread_constituent ON delegate_thread (constituent, changed_at);
CREATE INDEX delegate_thread_office ON delegate_thread (office, changed_at) WHERE office IS NOT NULL;
CREATE INDEX delegate_thread_look ON delegate_thread (look_after) WHERE look_after IS NOT NULL;
COMMENT ON TABLE delegate_thread IS 'One matter between a constituent and a delegate as it stands now. What was said is the log of the room with the same id; how it came here is in delegate_step.';
COMMENT ON COLUMN delegate_thread.id IS 'Id, also of its room, which has no members: no call of the chat reaches it.';
COMMENT ON COLUMN delegate_thread.delegate IS 'The delegate who has it, or had it last.';
COMMENT ON COLUMN delegate_thread.holder IS 'liaison = nobody succeeded the delegate yet.';
COMMENT ON COLUMN delegate_thread.constituent IS 'Whose matter; null = a visitor without a telephone.';
COMMENT ON COLUMN delegate_thread.cid IS 'The form''s own id: a form that is sent twice is one thread.';
COMMENT ON COLUMN delegate_thread.begun_by IS 'Who sent the form: the constituent, or the delegate for a visitor.';
COMMENT ON COLUMN delegate_thread.called IS 'How the constituent or visitor wants to be called.';
COMMENT ON COLUMN delegate_thread.station IS 'At which station the code was read or the visitor came.';
COMMENT ON COLUMN delegate_thread.subject IS 'The matter in a few words.';
COMMENT ON COLUMN delegate_thread.state IS 'Where it stands.';
COMMENT ON COLUMN delegate_thread.due IS 'Last day of the present wait, in Asia/Shanghai.';
COMMENT ON COLUMN delegate_thread.level IS 'Reminders of the present wait.';
COMMENT ON COLUMN delegate_thread.next_level IS 'Last day before the next reminder.';
COMMENT ON COLUMN delegate_thread.look_after IS 'The day after whose end the clock looks at it; null = it does not.';
COMMENT ON COLUMN delegate_thread.sent_on IS 'On which day the office got the opinion.';
COMMENT ON COLUMN delegate_thread.extended IS 'The office took more time.';
COMMENT ON COLUMN delegate_thread.turned IS 'The constituent turned to the liaison office.';
COMMENT ON COLUMN delegate_thread.choice IS 'How the last opinion was to go.';
COMMENT ON COLUMN delegate_thread.office IS 'For which office the last opinion is.';
COMMENT ON COLUMN delegate_thread.opinion IS 'Exact text of the last opinion.';
COMMENT ON COLUMN delegate_thread.answer IS 'Answer of the office.';
COMMENT ON COLUMN delegate_thread.outcome IS 'Outcome as the delegate told it.';
COMMENT ON COLUMN delegate_thread.ended_reason IS 'Why the delegate ended it.';
COMMENT ON COLUMN delegate_thread.rating IS 'Stars of the constituent; null = none.';
COMMENT ON COLUMN delegate_thread.publication IS 'Whether the outcome may stand on the delegate''s page.';
COMMENT ON COLUMN delegate_thread.published IS 'Exact text that was asked about, public once agreed.';
COMMENT ON COLUMN delegate_thread.begun_at IS 'When it began.';
COMMENT ON COLUMN delegate_thread.changed_at IS 'Last step.';

CREATE TABLE delegate_step (
    thread   uuid NOT NULL REFERENCES delegate_thread (id),
    n        integer NOT NULL CHECK (n > 0),
    at       timestamptz NOT NULL,
    actor    text NOT NULL CHECK (actor IN ('constituent', 'delegate', 'office', 'liaison', 'clock')),
    person   uuid REFERENCES person (id),
    step     text NOT NULL CHECK (length(step) BETWEEN 1 AND 40),
    was      text,
    became   text NOT NULL,
    text     text CHECK (length(text) BETWEEN 1 AND 4000),
    office   uuid REFERENCES organisation (id),
    delegate uuid NOT NULL REFERENCES delegate (id),
    PRIMARY KEY (thread, n),
    CHECK ((actor = 'clock') = (person IS NULL))
);
CREATE TRIGGER delegate_step_keep BEFORE UPDATE OR DELETE ON delegate_step
    FOR EACH ROW EXECUTE FUNCTION board_step_keep();
COMMENT ON TABLE delegate_step IS 'Every step of every thread but its messages: only ever added.';
COMMENT ON COLUMN delegate_step.thread IS 'The thread.';
COMMENT ON COLUMN delegate_step.n IS '1, 2, 3 … of the thread.';
COMMENT ON COLUMN delegate_step.at IS 'When.';
COMMENT ON COLUMN delegate_step.actor IS 'As what somebody took it.';
COMMENT ON COLUMN delegate_step.person IS 'Who; null = the clock.';
COMMENT ON COLUMN delegate_step.step IS 'What was done.';
COMMENT ON COLUMN delegate_step.was IS 'State before; null for the first.';
COMMENT ON COLUMN delegate_step.became IS 'State after.';
COMMENT ON COLUMN delegate_step.text IS 'Opinion, answer, reason or outcome; never a message.';
COMMENT ON COLUMN delegate_step.office IS 'To which office.';
COMMENT ON COLUMN delegate_step.delegate IS 'The delegate who has the thread after it.';

CREATE TABLE delegate_note (
    id     uuid PRIMARY KEY,
    thread uuid NOT NULL REFERENCES delegate_thread (id),
    person uuid NOT NULL REFERENCES account (person),
    text   text NOT NULL CHECK (length(text) BETWEEN 1 AND 2000),
    at     timestamptz NOT NULL
);
CREATE INDEX delegate_note_thread ON delegate_note (thread, person, id);
COMMENT ON TABLE delegate_note IS 'Private notes: read by who wrote them, by no successor and nobody else.';
COMMENT ON COLUMN delegate_note.id IS 'Time-ordered id.';
COMMENT ON COLUMN delegate_note.thread IS 'About which thread.';
COMMENT ON COLUMN delegate_note.person IS 'Whose note.';
COMMENT ON COLUMN delegate_note.text IS 'What it says.';
COMMENT ON COLUMN delegate_note.at IS 'When it was written.';
