-- Message boards: posts with their history, who works on them, receipts and their look-ups.

INSERT INTO policy (key, effective_from, value, source, set_at)
SELECT key, '2000-01-01', value, source, '2026-11-24 00:00:00+08'
FROM (VALUES
    ('board.review_days', 1, 'product default: local boards'),
    ('board.assign_days', 1, 'product default: local boards'),
    ('board.accept_days', 5, 'product default: local boards'),
    ('board.answer_days', 10, 'product default: local boards, at most 10 working days'),
    ('board.extension_days', 15, 'product default: local boards, once'),
    ('board.ask_days', 10, 'product default: the clock stops that long'),
    ('board.rating_days', 20, 'product default: then closed without a rating'),
    ('board.appeal_days', 3, 'product default: decided by another person one level up'),
    ('board.level_days', 2, 'product default'),
    ('board.levels_max', 3, 'product default'),
    ('board.reassign_max', 2, 'product default: then the superior decides'),
    ('board.posts_per_day', 5, 'product default')
) AS d (key, value, source);

CREATE TABLE board_account (
    person       uuid PRIMARY KEY REFERENCES account (person),
    display_name text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 20),
    birth_year   smallint NOT NULL CHECK (birth_year BETWEEN 1900 AND 2100),
    agreed_at    timestamptz NOT NULL
);
COMMENT ON TABLE board_account IS 'Whoever may post on boards: a verified number, a free name in front.';
COMMENT ON COLUMN board_account.person IS 'The person behind it.';
COMMENT ON COLUMN board_account.display_name IS 'Name in front, chosen freely.';
COMMENT ON COLUMN board_account.birth_year IS 'Asked only to exclude those under 14.';
COMMENT ON COLUMN board_account.agreed_at IS 'When the rules of posting were agreed to.';

CREATE TABLE board_duty (
    id           uuid PRIMARY KEY,
    organisation uuid NOT NULL REFERENCES organisation (id),
    person       uuid NOT NULL REFERENCES account (person),
    duty         text NOT NULL CHECK (duty IN ('reviewer', 'decider', 'office')),
    from_at      timestamptz NOT NULL,
    until_at     timestamptz CHECK (until_at >= from_at),
    in_force     boolean GENERATED ALWAYS AS (CASE WHEN until_at IS NULL THEN true END) STORED,
    begun_by     uuid REFERENCES person (id),
    ended_by     uuid REFERENCES person (id),
    CONSTRAINT board_duty_once UNIQUE (organisation, person, duty, in_force)
);
CREATE INDEX board_duty_person ON board_duty (person) WHERE until_at IS NULL;
CREATE TRIGGER board_duty_keep BEFORE UPDATE OR DELETE ON board_duty
    FOR EACH ROW EXECUTE FUNCTION history_keep();
COMMENT ON TABLE board_duty IS 'Who works on a board. An organisation with a reviewer has a board, one with an office answers posts. Rows are added and closed.';
COMMENT ON COLUMN board_duty.id IS 'Time-ordered id.';
COMMENT ON COLUMN board_duty.organisation IS 'Whose board is reviewed or decided on, or which office answers.';
COMMENT ON COLUMN board_duty.person IS 'Who.';
COMMENT ON COLUMN board_duty.duty IS 'reviewer = before publishing and before a reply; decider = appeals and disputes; office = answers.';
COMMENT ON COLUMN board_duty.from_at IS 'Beginning.';
COMMENT ON COLUMN board_duty.until_at IS 'End; null = now.';
COMMENT ON COLUMN board_duty.in_force IS 'True in force, else null: once per person and place.';
COMMENT ON COLUMN board_duty.begun_by IS 'Who gave it; null = the hub''s own command.';
COMMENT ON COLUMN board_duty.ended_by IS 'Who ended it.';

CREATE TABLE board_post (
    id           uuid PRIMARY KEY,
    number       bigint NOT NULL CONSTRAINT board_post_number UNIQUE CHECK (number > 0),
    board        uuid NOT NULL REFERENCES organisation (id),
    about        uuid REFERENCES organisation (id),
    office       uuid REFERENCES organisation (id),
    author       uuid NOT NULL REFERENCES board_account (person),
    cid          text NOT NULL CHECK (length(cid) BETWEEN 1 AND 64),
    display_name text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 20),
    kind         text NOT NULL CHECK (kind IN ('enquiry', 'suggestion', 'help', 'complaint', 'thanks')),
    title        text NOT NULL CHECK (length(title) BETWEEN 1 AND 60),
    body         text NOT NULL CHECK (length(body) BETWEEN 1 AND 2000),
    state        text NOT NULL CHECK (state IN ('pending', 'refused', 'appealed', 'published',
                     'accepted', 'assigned', 'reassigned', 'in_progress', 'awaiting_author',
                     'reply_review', 'replied', 'reopened', 'closed', 'withdrawn', 'hidden')),
    private      boolean NOT NULL,
    before_state text CHECK (before_state IS NULL OR state IN ('appealed', 'hidden')),
    due          date,
    days_left    integer CHECK (days_left >= 0),
    asked        boolean NOT NULL DEFAULT false,
    extended     boolean NOT NULL DEFAULT false,
    reopened     boolean NOT NULL DEFAULT false,
    appealed     boolean NOT NULL DEFAULT false,
    passed_on    integer NOT NULL DEFAULT 0 CHECK (passed_on >= 0),
    level        integer NOT NULL DEFAULT 0 CHECK (level >= 0),
    next_level   date,
    look_after   date,
    rating       smallint CHECK (rating BETWEEN 1 AND 5),
    ground       text,
    reply        text CHECK (length(reply) BETWEEN 1 AND 4000),
    support      integer NOT NULL DEFAULT 0 CHECK (support >= 0),
    submitted_at timestamptz NOT NULL,
    published_at timestamptz,
    replied_at   timestamptz,
    changed_at   timestamptz NOT NULL,
    CONSTRAINT board_post_once UNIQUE (author, cid),
    CHECK ((state IN ('refused', 'closed', 'withdrawn', 'hidden')) = (due IS NULL)),
    CHECK (state <> 'assigned' OR office IS NOT NULL)
);
CREATE INDEX board_post_public ON board_post (published_at DESC, id DESC)
    WHERE published_at IS NOT NULL AND NOT private;
CREATE INDEX board_post_office ON board_post (office, submitted_at);
CREATE INDEX board_post_board ON board_post (board, submitted_at);
CREATE INDEX board_post_author ON board_post (author, submitted_at);
CREATE INDEX board_post_look ON board_post (look_after) WHERE look_after IS NOT NULL;
COMMENT ON TABLE board_post IS 'A post on a board as it stands now; how it came there is in board_step.';
COMMENT ON COLUMN board_post.id IS 'Time-ordered id.';
COMMENT ON COLUMN board_post.number IS 'Receipt number: the day and six digits by chance.';
COMMENT ON COLUMN board_post.board IS 'On whose board.';
COMMENT ON COLUMN board_post.about IS 'Which office it is about, where its author says so.';
COMMENT ON COLUMN board_post.office IS 'Which office it was given to last.';
COMMENT ON COLUMN board_post.author IS 'Who wrote it; never shown.';
COMMENT ON COLUMN board_post.cid IS 'The form''s own id: a form that is sent twice is one post.';
COMMENT ON COLUMN board_post.display_name IS 'Name in front when it was sent.';
COMMENT ON COLUMN board_post.kind IS 'What it is.';
COMMENT ON COLUMN board_post.title IS 'Title.';
COMMENT ON COLUMN board_post.body IS 'Text as written; numbers of people are masked when it is shown.';
COMMENT ON COLUMN board_post.state IS 'Where it stands.';
COMMENT ON COLUMN board_post.private IS 'Never public.';
COMMENT ON COLUMN board_post.before_state IS 'Where an appeal leads back to.';
COMMENT ON COLUMN board_post.due IS 'Last day of the present wait, in Asia/Shanghai.';
COMMENT ON COLUMN board_post.days_left IS 'Working days the office has left when its clock goes on.';
COMMENT ON COLUMN board_post.asked IS 'The author was asked back.';
COMMENT ON COLUMN board_post.extended IS 'The time for an answer was extended.';
COMMENT ON COLUMN board_post.reopened IS 'It was reopened.';
COMMENT ON COLUMN board_post.appealed IS 'An appeal was made.';
COMMENT ON COLUMN board_post.passed_on IS 'How often an office said that it is not for it.';
COMMENT ON COLUMN board_post.level IS 'Levels that the present wait has gone up.';
COMMENT ON COLUMN board_post.next_level IS 'Last day before the next level.';
COMMENT ON COLUMN board_post.look_after IS 'The day after whose end the clock looks at it; null = it does not.';
COMMENT ON COLUMN board_post.rating IS 'Stars of the author; null = none.';
COMMENT ON COLUMN board_post.ground IS 'Why it was refused or hidden.';
COMMENT ON COLUMN board_post.reply IS 'The reply that was approved last.';
COMMENT ON COLUMN board_post.support IS 'How many accounts support it.';
COMMENT ON COLUMN board_post.submitted_at IS 'When it was sent.';
COMMENT ON COLUMN board_post.published_at IS 'When it became public; stays.';
COMMENT ON COLUMN board_post.replied_at IS 'When it was answered last.';
COMMENT ON COLUMN board_post.changed_at IS 'Last step.';

CREATE TABLE board_step (
    post   uuid NOT NULL REFERENCES board_post (id),
    n      integer NOT NULL CHECK (n > 0),
    at     timestamptz NOT NULL,
    actor  text NOT NULL CHECK (actor IN ('author', 'reviewer', 'office', 'decider', 'clock')),
    person uuid REFERENCES person (id),
    step   text NOT NULL CHECK (length(step) BETWEEN 1 AND 40),
    was    text,
    became text NOT NULL,
    ground text,
    text   text CHECK (length(text) BETWEEN 1 AND 4000),
    office uuid REFERENCES organisation (id),
    PRIMARY KEY (post, n),
    CHECK ((actor = 'clock') = (person IS NULL))
);
CREATE FUNCTION board_step_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of a post is only ever added to';
END
$$;
COMMENT ON FUNCTION board_step_keep IS 'Refuses every change of a written row.';
CREATE TRIGGER board_step_keep BEFORE UPDATE OR DELETE ON board_step
    FOR EACH ROW EXECUTE FUNCTION board_step_keep();
COMMENT ON TABLE board_step IS 'Every step of every post: only ever added.';
COMMENT ON COLUMN board_step.post IS 'The post.';
COMMENT ON COLUMN board_step.n IS '1, 2, 3 … of the post.';
COMMENT ON COLUMN board_step.at IS 'When.';
COMMENT ON COLUMN board_step.actor IS 'As what somebody took it.';
COMMENT ON COLUMN board_step.person IS 'Who; null = the clock.';
COMMENT ON COLUMN board_step.step IS 'What was done.';
COMMENT ON COLUMN board_step.was IS 'State before; null for the first.';
COMMENT ON COLUMN board_step.became IS 'State after.';
COMMENT ON COLUMN board_step.ground IS 'Word of the published list of reasons.';
COMMENT ON COLUMN board_step.text IS 'Reason, question, addition, reply or comment.';
COMMENT ON COLUMN board_step.office IS 'To which office it was given.';

CREATE TABLE board_receipt (
    post       uuid PRIMARY KEY REFERENCES board_post (id),
    salt       bytea NOT NULL CHECK (length(salt) = 16),
    hash       bytea NOT NULL CHECK (length(hash) = 32),
    memory_kib integer NOT NULL CHECK (memory_kib > 0),
    passes     smallint NOT NULL CHECK (passes > 0)
);
COMMENT ON TABLE board_receipt IS 'The passphrase of a post: 50 bits, shown once, kept as Argon2id.';
COMMENT ON COLUMN board_receipt.post IS 'The post.';
COMMENT ON COLUMN board_receipt.salt IS 'Salt.';
COMMENT ON COLUMN board_receipt.hash IS 'Hash.';
COMMENT ON COLUMN board_receipt.memory_kib IS 'Memory of the hash, KiB.';
COMMENT ON COLUMN board_receipt.passes IS 'Passes of the hash.';

CREATE TABLE board_try (
    id      uuid PRIMARY KEY,
    number  bigint NOT NULL,
    address bytea NOT NULL CHECK (length(address) = 32),
    at      timestamptz NOT NULL
);
CREATE INDEX board_try_number ON board_try (number, at);
CREATE INDEX board_try_address ON board_try (address, at);
COMMENT ON TABLE board_try IS 'Look-ups by number and passphrase of the last hour, right or wrong.';
COMMENT ON COLUMN board_try.id IS 'Time-ordered id.';
COMMENT ON COLUMN board_try.number IS 'The number that was given.';
COMMENT ON COLUMN board_try.address IS 'Keyed hash of the network it came from.';
COMMENT ON COLUMN board_try.at IS 'When.';

CREATE TABLE board_support (
    post   uuid NOT NULL REFERENCES board_post (id),
    person uuid NOT NULL REFERENCES board_account (person),
    at     timestamptz NOT NULL,
    PRIMARY KEY (post, person)
);
COMMENT ON TABLE board_support IS 'Who supports a post, once per account.';
COMMENT ON COLUMN board_support.post IS 'The post.';
COMMENT ON COLUMN board_support.person IS 'The account; never shown.';
COMMENT ON COLUMN board_support.at IS 'When.';
