-- Moderation of public surfaces: the customer's word lists, reports of readers, and hiding that
-- another person reviews.

INSERT INTO policy (key, effective_from, value, source, set_at)
SELECT key, '2000-01-01', value, source, '2026-11-24 00:00:00+08'
FROM (VALUES
    ('board.hiding_days', 1, 'product default: another person reviews a hiding within this time'),
    ('board.report_days', 1, 'product default'),
    ('board.reports_per_day', 10, 'product default')
) AS d (key, value, source);

ALTER TABLE board_post DROP CONSTRAINT board_post_state_check;
ALTER TABLE board_post ADD CONSTRAINT board_post_state_check CHECK (state IN ('pending', 'refused',
    'appealed', 'published', 'accepted', 'assigned', 'reassigned', 'in_progress', 'awaiting_author',
    'reply_review', 'replied', 'reopened', 'closed', 'withdrawn', 'hiding_review', 'hidden'));
ALTER TABLE board_post DROP CONSTRAINT board_post_check;
ALTER TABLE board_post ADD CONSTRAINT board_post_before_state_check CHECK (
    before_state IS NULL OR state IN ('appealed', 'hiding_review', 'hidden'));
ALTER TABLE board_post ADD COLUMN held text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN board_post.held IS 'Words of the lists for which a person has to look at the text before it is published.';

CREATE TABLE word_entry (
    id       uuid PRIMARY KEY,
    word     text NOT NULL CHECK (length(word) BETWEEN 2 AND 40),
    treatment text NOT NULL CHECK (treatment IN ('block', 'hold', 'mask')),
    from_at  timestamptz NOT NULL,
    until_at timestamptz CHECK (until_at >= from_at),
    in_force boolean GENERATED ALWAYS AS (CASE WHEN until_at IS NULL THEN true END) STORED,
    begun_by uuid NOT NULL REFERENCES person (id),
    ended_by uuid REFERENCES person (id),
    CONSTRAINT word_entry_once UNIQUE (word, in_force)
);
CREATE TRIGGER word_entry_keep BEFORE UPDATE OR DELETE ON word_entry
    FOR EACH ROW EXECUTE FUNCTION history_keep();
COMMENT ON TABLE word_entry IS 'Words that public surfaces treat specially; the customer''s own. Rows are added and closed.';
COMMENT ON COLUMN word_entry.id IS 'Time-ordered id.';
COMMENT ON COLUMN word_entry.word IS 'The word as it was entered.';
COMMENT ON COLUMN word_entry.treatment IS 'block = not taken; hold = a person looks first; mask = covered where everybody reads.';
COMMENT ON COLUMN word_entry.from_at IS 'Beginning.';
COMMENT ON COLUMN word_entry.until_at IS 'End; null = now.';
COMMENT ON COLUMN word_entry.in_force IS 'True in force, else null: a word stands once.';
COMMENT ON COLUMN word_entry.begun_by IS 'Who entered it.';
COMMENT ON COLUMN word_entry.ended_by IS 'Who took it off.';

CREATE TABLE board_report (
    id         uuid PRIMARY KEY,
    post       uuid NOT NULL REFERENCES board_post (id),
    person     uuid NOT NULL REFERENCES board_account (person),
    ground     text NOT NULL CHECK (length(ground) BETWEEN 1 AND 40),
    text       text CHECK (length(text) BETWEEN 1 AND 200),
    at         timestamptz NOT NULL,
    due        date NOT NULL,
    outcome    text CHECK (outcome IN ('hidden', 'stays')),
    word       text CHECK (length(word) BETWEEN 1 AND 4000),
    decided_by uuid REFERENCES person (id),
    decided_at timestamptz,
    CONSTRAINT board_report_once UNIQUE (post, person),
    CHECK ((outcome IS NULL) = (decided_at IS NULL) AND (outcome IS NULL) = (decided_by IS NULL))
);
CREATE INDEX board_report_open ON board_report (post, due) WHERE outcome IS NULL;
CREATE INDEX board_report_person ON board_report (person, at);
COMMENT ON TABLE board_report IS 'Readers who hold that a published post should not stand there, and what came of it.';
COMMENT ON COLUMN board_report.id IS 'Time-ordered id.';
COMMENT ON COLUMN board_report.post IS 'Which post.';
COMMENT ON COLUMN board_report.person IS 'Who reported it; shown to nobody.';
COMMENT ON COLUMN board_report.ground IS 'Word of the published list of reasons.';
COMMENT ON COLUMN board_report.text IS 'A few words.';
COMMENT ON COLUMN board_report.at IS 'When.';
COMMENT ON COLUMN board_report.due IS 'Last day for a decision, in Asia/Shanghai.';
COMMENT ON COLUMN board_report.outcome IS 'What was decided; null = open.';
COMMENT ON COLUMN board_report.word IS 'The decision in words, for who reported it.';
COMMENT ON COLUMN board_report.decided_by IS 'Who decided.';
COMMENT ON COLUMN board_report.decided_at IS 'When it was decided.';
