-- Numbers of rules, and the calendar of working days: rows with a source, never constants.

CREATE TABLE policy (
    key            text NOT NULL CHECK (length(key) BETWEEN 1 AND 60),
    scope          uuid REFERENCES organisation (id),
    effective_from date NOT NULL,
    value          bigint NOT NULL,
    source         text NOT NULL CHECK (length(source) BETWEEN 1 AND 200),
    set_by         uuid REFERENCES person (id),
    set_at         timestamptz NOT NULL,
    CONSTRAINT policy_once UNIQUE NULLS NOT DISTINCT (key, scope, effective_from)
);
COMMENT ON TABLE policy IS 'Numbers of rules. The value for an organisation on a day is that of the nearest organisation above it that has one, the latest that is in effect.';
COMMENT ON COLUMN policy.key IS 'Which number, e.g. join.home_answer_days.';
COMMENT ON COLUMN policy.scope IS 'For which organisation and those below it; null = the installation.';
COMMENT ON COLUMN policy.effective_from IS 'First day on which it counts.';
COMMENT ON COLUMN policy.value IS 'The number, in the unit of the key.';
COMMENT ON COLUMN policy.source IS 'Rule or decision it comes from.';
COMMENT ON COLUMN policy.set_by IS 'Who entered it; null = delivered with the program.';
COMMENT ON COLUMN policy.set_at IS 'When it was entered.';
CREATE FUNCTION policy_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'policies are only ever added';
END
$$;
COMMENT ON FUNCTION policy_keep IS 'Refuses every change of a written row.';
CREATE TRIGGER policy_keep BEFORE UPDATE OR DELETE ON policy
    FOR EACH ROW EXECUTE FUNCTION policy_keep();
INSERT INTO policy (key, effective_from, value, source, set_at)
SELECT key, '2000-01-01', value, source, '2026-11-24 00:00:00+08'
FROM (VALUES
    ('join.host_answer_days', 5, 'product default: a reminder to the leader'),
    ('join.home_answer_days', 10, 'product default after 流动党员管理意见 2024: then the superior is told'),
    ('join.inactive_days', 90, 'product default: a flag, nothing else'),
    ('contact.silent_days', 180, '党员教育管理工作条例 2019: contact at least once in half a year (local practice)'),
    ('invitation.days', 14, 'product default'),
    ('invitation.uses', 100, 'product default'),
    ('branch.members_max', 50, '支部工作条例 2018: generally not more than 50'),
    ('branch.full_members_min', 3, '支部工作条例 2018'),
    ('group.members_min', 3, 'local practice'),
    ('joint.units_max', 5, '支部工作条例 2018: generally not more than 5'),
    ('term.village_years', 5, '支部工作条例 2018: village and community'),
    ('term.branch_years', 3, '支部工作条例 2018: other branches'),
    ('term.committee_years', 5, '基层组织选举工作条例 2020')
) AS d (key, value, source);

CREATE TABLE calendar_day (
    day     date PRIMARY KEY,
    working boolean NOT NULL,
    name    text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    set_by  uuid REFERENCES person (id),
    set_at  timestamptz NOT NULL
);
COMMENT ON TABLE calendar_day IS 'Days that are not what their weekday says: holidays, and weekend days on which people work.';
COMMENT ON COLUMN calendar_day.day IS 'The day in Asia/Shanghai.';
COMMENT ON COLUMN calendar_day.working IS 'Whether it is a working day.';
COMMENT ON COLUMN calendar_day.name IS 'What it is called.';
COMMENT ON COLUMN calendar_day.set_by IS 'Who entered it; null = delivered with the program.';
COMMENT ON COLUMN calendar_day.set_at IS 'When it was entered.';
-- The State Council's notice of 4 November 2025 on the holidays of 2026.
INSERT INTO calendar_day (day, working, name, set_at)
SELECT d::date, false, h.name, '2026-11-24 00:00:00+08'::timestamptz
FROM (VALUES ('元旦', '2026-01-01', '2026-01-03'), ('春节', '2026-02-15', '2026-02-23'),
             ('清明节', '2026-04-04', '2026-04-06'), ('劳动节', '2026-05-01', '2026-05-05'),
             ('端午节', '2026-06-19', '2026-06-21'), ('中秋节', '2026-09-25', '2026-09-27'),
             ('国庆节', '2026-10-01', '2026-10-07')) AS h (name, first, last),
     generate_series(h.first::date, h.last::date, interval '1 day') AS d
UNION ALL
SELECT d::date, true, '调休上班', '2026-11-24 00:00:00+08'::timestamptz
FROM unnest(ARRAY['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20',
                  '2026-10-10']) AS d;
