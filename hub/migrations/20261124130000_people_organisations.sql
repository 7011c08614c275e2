-- The organisation tree with its history, members with one home, party groups and posts.
--
-- Invariants are constraints, not habits of the code. The pattern: a stored column is true while a
-- row is in force and null afterwards; unique keys and foreign keys that contain it bind rows in
-- force only.

CREATE TABLE organisation_kind (
    kind  text PRIMARY KEY,
    level smallint NOT NULL UNIQUE
);
COMMENT ON TABLE organisation_kind IS 'What organisations there are.';
COMMENT ON COLUMN organisation_kind.kind IS 'Word of the kind, signaling::http::organisations::OrganisationKind.';
COMMENT ON COLUMN organisation_kind.level IS 'Place in the order of the tree: a child always has a higher one than its parent, so that no cycle can be.';
INSERT INTO organisation_kind (kind, level) VALUES
    ('province_committee', 10), ('city_committee', 20), ('county_committee', 30),
    ('organization_department', 35), ('work_committee', 36), ('grassroots_committee', 40),
    ('general_branch', 50), ('branch', 60), ('joint_branch', 61), ('mobile_branch', 62),
    ('temporary_branch', 63), ('party_group', 70);

CREATE TABLE organisation_nesting (
    parent_kind text NOT NULL REFERENCES organisation_kind (kind),
    kind        text NOT NULL REFERENCES organisation_kind (kind),
    PRIMARY KEY (parent_kind, kind)
);
COMMENT ON TABLE organisation_nesting IS 'Which kind may stand directly below which.';
COMMENT ON COLUMN organisation_nesting.parent_kind IS 'Kind of the upper organisation.';
COMMENT ON COLUMN organisation_nesting.kind IS 'Kind of the lower organisation.';
INSERT INTO organisation_nesting (parent_kind, kind)
SELECT p.kind, c.kind FROM (VALUES
    ('province_committee', ARRAY['city_committee', 'organization_department', 'work_committee', 'grassroots_committee', 'mobile_branch']),
    ('city_committee', ARRAY['county_committee', 'organization_department', 'work_committee', 'grassroots_committee', 'mobile_branch']),
    ('county_committee', ARRAY['organization_department', 'work_committee', 'grassroots_committee', 'joint_branch', 'mobile_branch']),
    ('work_committee', ARRAY['grassroots_committee', 'general_branch', 'branch', 'joint_branch', 'mobile_branch', 'temporary_branch']),
    ('grassroots_committee', ARRAY['general_branch', 'branch', 'joint_branch', 'mobile_branch', 'temporary_branch']),
    ('general_branch', ARRAY['branch', 'joint_branch', 'temporary_branch']),
    ('branch', ARRAY['party_group']),
    ('joint_branch', ARRAY['party_group']),
    ('mobile_branch', ARRAY['party_group']),
    ('temporary_branch', ARRAY['party_group'])
) AS p (kind, below), unnest(p.below) AS c (kind);

CREATE TABLE organisation (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL REFERENCES organisation_kind (kind),
    code         text CONSTRAINT organisation_code UNIQUE CHECK (code ~ '^[0-9]{12}$'),
    joint        text CHECK (joint IN ('home', 'network')),
    room         uuid REFERENCES room (id),
    founded_on   date NOT NULL,
    dissolved_on date CHECK (dissolved_on >= founded_on),
    open         boolean NOT NULL GENERATED ALWAYS AS (dissolved_on IS NULL) STORED,
    CHECK ((kind = 'joint_branch') = (joint IS NOT NULL)),
    CHECK (kind NOT IN ('party_group', 'joint_branch', 'mobile_branch') OR room IS NOT NULL),
    CONSTRAINT organisation_of_kind UNIQUE (id, kind),
    CONSTRAINT organisation_of_state UNIQUE (id, open),
    CONSTRAINT organisation_room UNIQUE (room)
);
COMMENT ON TABLE organisation IS 'An organisation: what never changes, and whether it exists still. Name and place are in organisation_version.';
COMMENT ON COLUMN organisation.id IS 'Time-ordered id.';
COMMENT ON COLUMN organisation.kind IS 'What it is.';
COMMENT ON COLUMN organisation.code IS 'Its 12 digits, where it has a code.';
COMMENT ON COLUMN organisation.joint IS 'Of a joint branch: home = the members'' relation is here, network = their home is elsewhere.';
COMMENT ON COLUMN organisation.room IS 'Its durable room; every party group, joint branch and mobile branch has one.';
COMMENT ON COLUMN organisation.founded_on IS 'Day of founding.';
COMMENT ON COLUMN organisation.dissolved_on IS 'Day of dissolution; null = it exists.';
COMMENT ON COLUMN organisation.open IS 'Whether it exists. Rows in force refer to it with true, so that nothing with children or members can be dissolved.';

CREATE TABLE organisation_version (
    organisation uuid NOT NULL,
    kind         text NOT NULL,
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    parent       uuid,
    parent_kind  text,
    from_at      timestamptz NOT NULL,
    until_at     timestamptz CHECK (until_at >= from_at),
    in_force     boolean GENERATED ALWAYS AS (CASE WHEN until_at IS NULL THEN true END) STORED,
    parent_open  boolean GENERATED ALWAYS AS (CASE WHEN until_at IS NULL AND parent IS NOT NULL THEN true END) STORED,
    by_person    uuid REFERENCES person (id),
    reason       text NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
    PRIMARY KEY (organisation, from_at),
    CHECK ((parent IS NULL) = (parent_kind IS NULL)),
    CONSTRAINT organisation_version_one UNIQUE (organisation, in_force),
    FOREIGN KEY (organisation, kind) REFERENCES organisation (id, kind),
    FOREIGN KEY (parent, parent_kind) REFERENCES organisation (id, kind),
    CONSTRAINT organisation_version_place FOREIGN KEY (parent_kind, kind) REFERENCES organisation_nesting (parent_kind, kind),
    CONSTRAINT organisation_version_parent_open FOREIGN KEY (parent, parent_open) REFERENCES organisation (id, open)
);
CREATE INDEX organisation_version_parent ON organisation_version (parent) WHERE until_at IS NULL;
COMMENT ON TABLE organisation_version IS 'Names and places an organisation had. Rows are added and closed, never changed.';
COMMENT ON COLUMN organisation_version.organisation IS 'The organisation.';
COMMENT ON COLUMN organisation_version.kind IS 'Its kind, for the rule of nesting.';
COMMENT ON COLUMN organisation_version.name IS 'Name in this time.';
COMMENT ON COLUMN organisation_version.parent IS 'The organisation directly above; null for a root.';
COMMENT ON COLUMN organisation_version.parent_kind IS 'Kind of the one above, for the rule of nesting.';
COMMENT ON COLUMN organisation_version.from_at IS 'Beginning of this time.';
COMMENT ON COLUMN organisation_version.until_at IS 'End of this time; null = now.';
COMMENT ON COLUMN organisation_version.in_force IS 'True in force, else null: one row in force each.';
COMMENT ON COLUMN organisation_version.parent_open IS 'True in force below a parent, else null: the parent can not be dissolved.';
COMMENT ON COLUMN organisation_version.by_person IS 'Who made the change; null = the hub''s own command.';
COMMENT ON COLUMN organisation_version.reason IS 'Decision it rests on.';

CREATE TABLE joint_unit (
    organisation uuid NOT NULL REFERENCES organisation (id),
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    full_members smallint NOT NULL CHECK (full_members >= 0),
    PRIMARY KEY (organisation, name)
);
COMMENT ON TABLE joint_unit IS 'Units that a joint branch covers.';
COMMENT ON COLUMN joint_unit.organisation IS 'The joint branch.';
COMMENT ON COLUMN joint_unit.name IS 'The unit.';
COMMENT ON COLUMN joint_unit.full_members IS 'Its full members when it was taken in.';

CREATE TABLE party_member (
    person         uuid PRIMARY KEY REFERENCES person (id),
    standing       text NOT NULL CHECK (standing IN ('full', 'probationary')),
    votes          boolean NOT NULL DEFAULT true,
    home_elsewhere text CHECK (length(home_elsewhere) BETWEEN 1 AND 60),
    mobile_since   date,
    registered_at  timestamptz NOT NULL,
    ended_at       timestamptz
);
COMMENT ON TABLE party_member IS 'A person who is a Party member, as far as this installation knows.';
COMMENT ON COLUMN party_member.person IS 'The person.';
COMMENT ON COLUMN party_member.standing IS 'Full or probationary.';
COMMENT ON COLUMN party_member.votes IS 'False while the right to vote is suspended.';
COMMENT ON COLUMN party_member.home_elsewhere IS 'Name of a home branch outside this installation; null = the home is one of ours.';
COMMENT ON COLUMN party_member.mobile_since IS 'Since when the member is away from home; null = is not.';
COMMENT ON COLUMN party_member.registered_at IS 'When the record was made.';
COMMENT ON COLUMN party_member.ended_at IS 'When the record was closed; null = open.';

CREATE TABLE affiliation_place (
    kind   text NOT NULL CHECK (kind IN ('home', 'participating')),
    of_kind text NOT NULL REFERENCES organisation_kind (kind),
    PRIMARY KEY (kind, of_kind)
);
COMMENT ON TABLE affiliation_place IS 'In which kinds of organisation a member can have the home, and take part.';
COMMENT ON COLUMN affiliation_place.kind IS 'Home or participating.';
COMMENT ON COLUMN affiliation_place.of_kind IS 'Kind of organisation.';
INSERT INTO affiliation_place (kind, of_kind) VALUES
    ('home', 'branch'), ('home', 'joint_branch'), ('home', 'mobile_branch'),
    ('participating', 'branch'), ('participating', 'joint_branch'),
    ('participating', 'mobile_branch'), ('participating', 'temporary_branch');

CREATE TABLE affiliation (
    id           uuid PRIMARY KEY,
    person       uuid NOT NULL REFERENCES party_member (person),
    organisation uuid NOT NULL,
    of_kind      text NOT NULL,
    kind         text NOT NULL,
    from_at      timestamptz NOT NULL,
    until_at     timestamptz CHECK (until_at >= from_at),
    in_force     boolean GENERATED ALWAYS AS (CASE WHEN until_at IS NULL THEN true END) STORED,
    home         boolean GENERATED ALWAYS AS (CASE WHEN until_at IS NULL AND kind = 'home' THEN true END) STORED,
    begun_by     uuid REFERENCES person (id),
    begun_reason text NOT NULL CHECK (length(begun_reason) BETWEEN 1 AND 200),
    ended_by     uuid REFERENCES person (id),
    ended_reason text CHECK (length(ended_reason) BETWEEN 1 AND 200),
    CHECK ((until_at IS NULL) = (ended_reason IS NULL)),
    CONSTRAINT affiliation_one_home UNIQUE (person, home),
    CONSTRAINT affiliation_once UNIQUE (person, organisation, in_force),
    FOREIGN KEY (organisation, of_kind) REFERENCES organisation (id, kind),
    CONSTRAINT affiliation_place_allowed FOREIGN KEY (kind, of_kind) REFERENCES affiliation_place (kind, of_kind),
    CONSTRAINT affiliation_organisation_open FOREIGN KEY (organisation, in_force) REFERENCES organisation (id, open)
);
CREATE INDEX affiliation_organisation ON affiliation (organisation, person) WHERE until_at IS NULL;
COMMENT ON TABLE affiliation IS 'To which branches a member belongs and belonged. Rows are added and closed, never changed.';
COMMENT ON COLUMN affiliation.id IS 'Time-ordered id.';
COMMENT ON COLUMN affiliation.person IS 'The member.';
COMMENT ON COLUMN affiliation.organisation IS 'The branch.';
COMMENT ON COLUMN affiliation.of_kind IS 'Its kind, for the rule of places.';
COMMENT ON COLUMN affiliation.kind IS 'home = the one home; participating = takes part, the home is elsewhere.';
COMMENT ON COLUMN affiliation.from_at IS 'Beginning.';
COMMENT ON COLUMN affiliation.until_at IS 'End; null = now.';
COMMENT ON COLUMN affiliation.in_force IS 'True in force, else null: once per branch, and the branch can not be dissolved.';
COMMENT ON COLUMN affiliation.home IS 'True for a home in force, else null: one home per person.';
COMMENT ON COLUMN affiliation.begun_by IS 'Who decided the beginning; null = the hub''s own command.';
COMMENT ON COLUMN affiliation.begun_reason IS 'What it rests on.';
COMMENT ON COLUMN affiliation.ended_by IS 'Who decided the end.';
COMMENT ON COLUMN affiliation.ended_reason IS 'What the end rests on.';

CREATE TABLE group_member (
    id          uuid PRIMARY KEY,
    party_group uuid NOT NULL REFERENCES organisation (id),
    person      uuid NOT NULL,
    branch      uuid NOT NULL,
    from_at     timestamptz NOT NULL,
    until_at    timestamptz CHECK (until_at >= from_at),
    in_force    boolean GENERATED ALWAYS AS (CASE WHEN until_at IS NULL THEN true END) STORED,
    begun_by    uuid REFERENCES person (id),
    ended_by    uuid REFERENCES person (id),
    ended_reason text CHECK (length(ended_reason) BETWEEN 1 AND 200),
    CONSTRAINT group_member_once UNIQUE (person, branch, in_force),
    CONSTRAINT group_member_of_branch FOREIGN KEY (person, branch, in_force) REFERENCES affiliation (person, organisation, in_force),
    CONSTRAINT group_member_group_open FOREIGN KEY (party_group, in_force) REFERENCES organisation (id, open)
);
CREATE INDEX group_member_group ON group_member (party_group, person) WHERE until_at IS NULL;
COMMENT ON TABLE group_member IS 'Who is and was in which party group. Rows are added and closed, never changed.';
COMMENT ON COLUMN group_member.id IS 'Time-ordered id.';
COMMENT ON COLUMN group_member.party_group IS 'The party group.';
COMMENT ON COLUMN group_member.person IS 'The member.';
COMMENT ON COLUMN group_member.branch IS 'The branch of the group: one group per member and branch, and only for those who belong to the branch.';
COMMENT ON COLUMN group_member.from_at IS 'Beginning.';
COMMENT ON COLUMN group_member.until_at IS 'End; null = now.';
COMMENT ON COLUMN group_member.in_force IS 'True in force, else null.';
COMMENT ON COLUMN group_member.begun_by IS 'Who put the member in; null = the hub''s own command.';
COMMENT ON COLUMN group_member.ended_by IS 'Who took the member out.';
COMMENT ON COLUMN group_member.ended_reason IS 'Why.';

CREATE TABLE post_place (
    kind    text NOT NULL CHECK (kind IN ('secretary', 'deputy_secretary', 'organization_officer',
            'publicity_officer', 'discipline_officer', 'committee_member', 'group_leader',
            'department_officer')),
    of_kind text NOT NULL REFERENCES organisation_kind (kind),
    PRIMARY KEY (kind, of_kind)
);
COMMENT ON TABLE post_place IS 'Which posts an organisation has.';
COMMENT ON COLUMN post_place.kind IS 'The post.';
COMMENT ON COLUMN post_place.of_kind IS 'Kind of organisation.';
INSERT INTO post_place (kind, of_kind)
SELECT p.kind, k.kind
FROM unnest(ARRAY['secretary', 'deputy_secretary', 'organization_officer', 'publicity_officer',
                  'discipline_officer', 'committee_member']) AS p (kind)
CROSS JOIN organisation_kind k WHERE k.kind NOT IN ('party_group', 'organization_department')
UNION ALL VALUES ('group_leader', 'party_group'), ('department_officer', 'organization_department');

CREATE TABLE post (
    id           uuid PRIMARY KEY,
    organisation uuid NOT NULL,
    of_kind      text NOT NULL,
    person       uuid NOT NULL REFERENCES person (id),
    kind         text NOT NULL,
    from_on      date NOT NULL,
    term_ends_on date CHECK (term_ends_on > from_on),
    until_at     timestamptz,
    in_force     boolean GENERATED ALWAYS AS (CASE WHEN until_at IS NULL THEN true END) STORED,
    sole         boolean GENERATED ALWAYS AS (CASE WHEN until_at IS NULL AND kind IN ('secretary', 'group_leader') THEN true END) STORED,
    begun_by     uuid REFERENCES person (id),
    begun_reason text NOT NULL CHECK (length(begun_reason) BETWEEN 1 AND 200),
    ended_by     uuid REFERENCES person (id),
    ended_reason text CHECK (length(ended_reason) BETWEEN 1 AND 200),
    CHECK ((until_at IS NULL) = (ended_reason IS NULL)),
    CONSTRAINT post_once UNIQUE (organisation, person, kind, in_force),
    CONSTRAINT post_sole UNIQUE (organisation, kind, sole),
    FOREIGN KEY (organisation, of_kind) REFERENCES organisation (id, kind),
    CONSTRAINT post_place_allowed FOREIGN KEY (kind, of_kind) REFERENCES post_place (kind, of_kind),
    CONSTRAINT post_organisation_open FOREIGN KEY (organisation, in_force) REFERENCES organisation (id, open)
);
CREATE INDEX post_person ON post (person) WHERE until_at IS NULL;
COMMENT ON TABLE post IS 'Who holds and held which post. Rows are added and closed, never changed.';
COMMENT ON COLUMN post.id IS 'Time-ordered id.';
COMMENT ON COLUMN post.organisation IS 'Where.';
COMMENT ON COLUMN post.of_kind IS 'Its kind, for the rule of places.';
COMMENT ON COLUMN post.person IS 'Who.';
COMMENT ON COLUMN post.kind IS 'Which post.';
COMMENT ON COLUMN post.from_on IS 'First day.';
COMMENT ON COLUMN post.term_ends_on IS 'Last day of the term; the post goes on until somebody is elected anew. Null = no term.';
COMMENT ON COLUMN post.until_at IS 'When it ended; null = held.';
COMMENT ON COLUMN post.in_force IS 'True while held, else null: nobody holds a post twice, and the organisation can not be dissolved.';
COMMENT ON COLUMN post.sole IS 'True while held for a post that one person holds at a time, else null.';
COMMENT ON COLUMN post.begun_by IS 'Who entered it; null = the hub''s own command.';
COMMENT ON COLUMN post.begun_reason IS 'Election or appointment it rests on.';
COMMENT ON COLUMN post.ended_by IS 'Who ended it.';
COMMENT ON COLUMN post.ended_reason IS 'What the end rests on.';

CREATE TABLE installation_role (
    person     uuid NOT NULL REFERENCES account (person),
    role       text NOT NULL CHECK (role IN ('admin')),
    given_at   timestamptz NOT NULL,
    given_by   uuid REFERENCES person (id),
    ended_at   timestamptz CHECK (ended_at >= given_at),
    in_force   boolean GENERATED ALWAYS AS (CASE WHEN ended_at IS NULL THEN true END) STORED,
    PRIMARY KEY (person, role, given_at),
    CONSTRAINT installation_role_once UNIQUE (person, role, in_force)
);
COMMENT ON TABLE installation_role IS 'Who administers the installation.';
COMMENT ON COLUMN installation_role.person IS 'The person.';
COMMENT ON COLUMN installation_role.role IS 'admin = organisations, people, posts, policies, health; no message is shown to it.';
COMMENT ON COLUMN installation_role.given_at IS 'Since when.';
COMMENT ON COLUMN installation_role.given_by IS 'Who gave it; null = hub admin on the machine.';
COMMENT ON COLUMN installation_role.ended_at IS 'Until when; null = now.';
COMMENT ON COLUMN installation_role.in_force IS 'True in force, else null.';

-- A member has exactly one home at every instant: at most one by the unique key above; at least one,
-- here or elsewhere, when the transaction ends.
CREATE FUNCTION party_member_has_home() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who uuid := NEW.person;
    homes integer;
BEGIN
    SELECT (m.home_elsewhere IS NOT NULL)::integer
           + (SELECT count(*) FROM affiliation a WHERE a.person = m.person AND a.home)::integer
    INTO homes FROM party_member m WHERE m.person = who AND m.ended_at IS NULL;
    IF homes <> 1 THEN
        RAISE EXCEPTION 'member % has % homes', who, homes
            USING ERRCODE = 'check_violation', CONSTRAINT = 'party_member_one_home';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION party_member_has_home IS 'Refuses a commit after which an open member record has no home or two.';
CREATE CONSTRAINT TRIGGER party_member_one_home AFTER INSERT OR UPDATE ON party_member
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION party_member_has_home();
CREATE CONSTRAINT TRIGGER affiliation_one_home_left AFTER INSERT OR UPDATE ON affiliation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION party_member_has_home();

-- Homes follow each other without a time in which there were two.
CREATE FUNCTION affiliation_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM affiliation a
               WHERE a.person = NEW.person AND a.id <> NEW.id AND a.until_at > NEW.from_at
                 AND (a.organisation = NEW.organisation OR (a.kind = 'home' AND NEW.kind = 'home')))
    THEN
        RAISE EXCEPTION 'an earlier affiliation of % ends later', NEW.person
            USING ERRCODE = 'check_violation', CONSTRAINT = 'affiliation_follows';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION affiliation_follows IS 'Refuses an affiliation that begins before an earlier one of its kind ended.';
CREATE TRIGGER affiliation_follows BEFORE INSERT ON affiliation
    FOR EACH ROW EXECUTE FUNCTION affiliation_follows();

-- A branch of a group is the one it stands below now.
CREATE FUNCTION group_member_of_parent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM organisation_version v
                   WHERE v.organisation = NEW.party_group AND v.in_force AND v.parent = NEW.branch
                     AND v.kind = 'party_group')
    THEN
        RAISE EXCEPTION 'group % is not of branch %', NEW.party_group, NEW.branch
            USING ERRCODE = 'check_violation', CONSTRAINT = 'group_member_of_parent';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION group_member_of_parent IS 'Refuses a membership whose branch is not the group''s.';
CREATE TRIGGER group_member_of_parent BEFORE INSERT ON group_member
    FOR EACH ROW EXECUTE FUNCTION group_member_of_parent();

-- History is added to and closed, never rewritten.
CREATE FUNCTION history_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closing jsonb := '{"until_at": 0, "ended_by": 0, "ended_reason": 0, "in_force": 0, "home": 0,
                       "sole": 0, "parent_open": 0, "ended_at": 0}';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (to_jsonb(OLD) - ARRAY(SELECT jsonb_object_keys(closing)))
           = (to_jsonb(NEW) - ARRAY(SELECT jsonb_object_keys(closing)))
           AND coalesce(to_jsonb(OLD) ->> 'until_at', to_jsonb(OLD) ->> 'ended_at') IS NULL
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are added and closed, never changed', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'history_keep';
END
$$;
COMMENT ON FUNCTION history_keep IS 'Refuses every change of a row but its closing.';
CREATE TRIGGER organisation_version_keep BEFORE UPDATE OR DELETE ON organisation_version
    FOR EACH ROW EXECUTE FUNCTION history_keep();
CREATE TRIGGER affiliation_keep BEFORE UPDATE OR DELETE ON affiliation
    FOR EACH ROW EXECUTE FUNCTION history_keep();
CREATE TRIGGER group_member_keep BEFORE UPDATE OR DELETE ON group_member
    FOR EACH ROW EXECUTE FUNCTION history_keep();
CREATE TRIGGER post_keep BEFORE UPDATE OR DELETE ON post
    FOR EACH ROW EXECUTE FUNCTION history_keep();
CREATE TRIGGER installation_role_keep BEFORE UPDATE OR DELETE ON installation_role
    FOR EACH ROW EXECUTE FUNCTION history_keep();
