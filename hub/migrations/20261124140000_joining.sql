-- Invitations, the way into party groups and joint branches, contacts noted by hand.

CREATE TABLE invitation (
    id           uuid PRIMARY KEY,
    code         text NOT NULL CONSTRAINT invitation_code UNIQUE CHECK (code ~ '^[0-9a-z]{12}$'),
    organisation uuid NOT NULL REFERENCES organisation (id),
    made_by      uuid NOT NULL REFERENCES person (id),
    made_at      timestamptz NOT NULL,
    valid_until  timestamptz NOT NULL CHECK (valid_until > made_at),
    uses_max     smallint NOT NULL CHECK (uses_max BETWEEN 1 AND 500),
    uses         smallint NOT NULL DEFAULT 0 CHECK (uses BETWEEN 0 AND uses_max),
    revoked_at   timestamptz,
    revoked_by   uuid REFERENCES person (id)
);
CREATE INDEX invitation_organisation ON invitation (organisation, made_at);
COMMENT ON TABLE invitation IS 'Links into a party group or joint branch. A link alone never admits anybody.';
COMMENT ON COLUMN invitation.id IS 'Time-ordered id.';
COMMENT ON COLUMN invitation.code IS 'What stands in the link: 60 random bits.';
COMMENT ON COLUMN invitation.organisation IS 'Where it leads.';
COMMENT ON COLUMN invitation.made_by IS 'Who invites.';
COMMENT ON COLUMN invitation.made_at IS 'When it was made.';
COMMENT ON COLUMN invitation.valid_until IS 'When it ends.';
COMMENT ON COLUMN invitation.uses_max IS 'How many people may use it.';
COMMENT ON COLUMN invitation.uses IS 'How many did.';
COMMENT ON COLUMN invitation.revoked_at IS 'When it was revoked; null = never.';
COMMENT ON COLUMN invitation.revoked_by IS 'Who revoked it.';

CREATE TABLE invitation_use (
    invitation uuid NOT NULL REFERENCES invitation (id),
    person     uuid NOT NULL REFERENCES person (id),
    used_at    timestamptz NOT NULL,
    PRIMARY KEY (invitation, person)
);
COMMENT ON TABLE invitation_use IS 'Who used an invitation; a person counts once.';
COMMENT ON COLUMN invitation_use.invitation IS 'The invitation.';
COMMENT ON COLUMN invitation_use.person IS 'The person.';
COMMENT ON COLUMN invitation_use.used_at IS 'When.';

ALTER TABLE sign_in_challenge
    ADD COLUMN invitation uuid REFERENCES invitation (id),
    ADD COLUMN phone_sealed bytea CHECK (length(phone_sealed) BETWEEN 32 AND 128);
COMMENT ON COLUMN sign_in_challenge.invitation IS 'The open invitation with which a number without an account asked; a code was sent then.';
COMMENT ON COLUMN sign_in_challenge.phone_sealed IS 'That number, sealed with the key file data, for the account to be made.';

CREATE TABLE join_case (
    id            uuid PRIMARY KEY,
    person        uuid NOT NULL REFERENCES person (id),
    organisation  uuid NOT NULL REFERENCES organisation (id),
    state         text NOT NULL CHECK (state IN ('submitted', 'provisional', 'participating',
                                                 'home', 'refused', 'withdrawn', 'ended')),
    open          boolean GENERATED ALWAYS AS (CASE WHEN state IN ('submitted', 'provisional',
                                                 'participating', 'home') THEN true END) STORED,
    invitation    uuid REFERENCES invitation (id),
    home          uuid REFERENCES organisation (id),
    home_name     text NOT NULL CHECK (length(home_name) BETWEEN 1 AND 60),
    note          text CHECK (length(note) BETWEEN 1 AND 200),
    ground        text CHECK (ground IN ('mobile', 'unit')),
    submitted_at  timestamptz NOT NULL,
    answered_at   timestamptz,
    host_due      timestamptz NOT NULL,
    home_due      timestamptz,
    inactive_due  timestamptz,
    reminded      boolean NOT NULL DEFAULT false,
    superior_told boolean NOT NULL DEFAULT false,
    inactive      boolean NOT NULL DEFAULT false,
    due_at        timestamptz,
    reason        text CHECK (length(reason) BETWEEN 1 AND 200),
    CHECK (state NOT IN ('provisional', 'participating') OR (ground IS NOT NULL AND home_due IS NOT NULL)),
    CONSTRAINT join_case_once UNIQUE (person, organisation, open)
);
CREATE INDEX join_case_organisation ON join_case (organisation, submitted_at);
CREATE INDEX join_case_home ON join_case (home, submitted_at);
CREATE INDEX join_case_due ON join_case (due_at) WHERE due_at IS NOT NULL;
COMMENT ON TABLE join_case IS 'A person''s way into a party group or joint branch that is not the home. Changed only by the steps of the state machine.';
COMMENT ON COLUMN join_case.id IS 'Time-ordered id.';
COMMENT ON COLUMN join_case.person IS 'Who joins.';
COMMENT ON COLUMN join_case.organisation IS 'Where: the party group or the branch that hosts.';
COMMENT ON COLUMN join_case.state IS 'Where the case stands.';
COMMENT ON COLUMN join_case.open IS 'True while it goes on, else null: one open case per person and place.';
COMMENT ON COLUMN join_case.invitation IS 'The invitation it came by; null = added by the leader.';
COMMENT ON COLUMN join_case.home IS 'The home branch that is asked; null = outside this installation.';
COMMENT ON COLUMN join_case.home_name IS 'Its name; of a stranger, what he or she wrote.';
COMMENT ON COLUMN join_case.note IS 'A word to the leader.';
COMMENT ON COLUMN join_case.ground IS 'Why the person may take part: mobile member, or of a covered unit.';
COMMENT ON COLUMN join_case.submitted_at IS 'When the leader was asked.';
COMMENT ON COLUMN join_case.answered_at IS 'When the leader answered.';
COMMENT ON COLUMN join_case.host_due IS 'When the leader is reminded.';
COMMENT ON COLUMN join_case.home_due IS 'When the superior is told that the home branch is silent.';
COMMENT ON COLUMN join_case.inactive_due IS 'When the participation is flagged as inactive.';
COMMENT ON COLUMN join_case.reminded IS 'The leader was reminded.';
COMMENT ON COLUMN join_case.superior_told IS 'The superior was told.';
COMMENT ON COLUMN join_case.inactive IS 'Flagged: no activity for long. Nothing follows from it.';
COMMENT ON COLUMN join_case.due_at IS 'The nearest of the times at which something has to be done; null = none.';
COMMENT ON COLUMN join_case.reason IS 'Why it was refused or ended.';

CREATE TABLE join_history (
    id         uuid PRIMARY KEY,
    join_case  uuid NOT NULL REFERENCES join_case (id),
    at         timestamptz NOT NULL,
    by_person  uuid REFERENCES person (id),
    step       text NOT NULL CHECK (length(step) BETWEEN 1 AND 40),
    from_state text,
    to_state   text NOT NULL,
    reason     text CHECK (length(reason) BETWEEN 1 AND 200)
);
CREATE INDEX join_history_case ON join_history (join_case, at);
COMMENT ON TABLE join_history IS 'Every step of every case. Rows are only added.';
COMMENT ON COLUMN join_history.id IS 'Time-ordered id.';
COMMENT ON COLUMN join_history.join_case IS 'The case.';
COMMENT ON COLUMN join_history.at IS 'When.';
COMMENT ON COLUMN join_history.by_person IS 'Who; null = the clock, or the hub''s own command.';
COMMENT ON COLUMN join_history.step IS 'What happened, e.g. host_accepts.';
COMMENT ON COLUMN join_history.from_state IS 'State before; null = the case began.';
COMMENT ON COLUMN join_history.to_state IS 'State after.';
COMMENT ON COLUMN join_history.reason IS 'Why.';
CREATE TRIGGER join_history_keep BEFORE UPDATE OR DELETE ON join_history
    FOR EACH ROW EXECUTE FUNCTION policy_keep();

CREATE TABLE contact_note (
    id           uuid PRIMARY KEY,
    person       uuid NOT NULL REFERENCES person (id),
    organisation uuid NOT NULL REFERENCES organisation (id),
    made_by      uuid NOT NULL REFERENCES person (id),
    made_on      date NOT NULL,
    text         text NOT NULL CHECK (length(text) BETWEEN 1 AND 200),
    noted_at     timestamptz NOT NULL
);
CREATE INDEX contact_note_person ON contact_note (person, made_on);
CREATE INDEX contact_note_organisation ON contact_note (organisation, made_on);
COMMENT ON TABLE contact_note IS 'Contacts with members, noted by hand by their leaders; the member sees them.';
COMMENT ON COLUMN contact_note.id IS 'Time-ordered id.';
COMMENT ON COLUMN contact_note.person IS 'The member.';
COMMENT ON COLUMN contact_note.organisation IS 'The group or branch for which it was noted.';
COMMENT ON COLUMN contact_note.made_by IS 'Who had the contact.';
COMMENT ON COLUMN contact_note.made_on IS 'On which day.';
COMMENT ON COLUMN contact_note.text IS 'What it was about.';
COMMENT ON COLUMN contact_note.noted_at IS 'When it was entered.';
