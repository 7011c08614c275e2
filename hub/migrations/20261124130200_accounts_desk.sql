-- The officers' desk over a session, its second factor, passwords, consent.

ALTER TABLE device_session
    ADD COLUMN by_code boolean NOT NULL DEFAULT true,
    ADD COLUMN desk_seen_at timestamptz,
    ADD COLUMN proven_at timestamptz;
COMMENT ON COLUMN device_session.by_code IS 'Whether the session began with a one-time code; false = with the password.';
COMMENT ON COLUMN device_session.desk_seen_at IS 'Last use of the desk, to about a minute; it closes 30 minutes after it. Null = closed.';
COMMENT ON COLUMN device_session.proven_at IS 'When the second factor was given last.';

CREATE TABLE second_factor (
    person       uuid PRIMARY KEY REFERENCES account (person),
    sealed       bytea NOT NULL CHECK (length(sealed) BETWEEN 32 AND 128),
    made_at      timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step    bigint NOT NULL DEFAULT 0,
    failures     smallint NOT NULL DEFAULT 0 CHECK (failures >= 0),
    locked_until timestamptz
);
COMMENT ON TABLE second_factor IS 'The secret of an officer''s authenticator application (RFC 6238).';
COMMENT ON COLUMN second_factor.person IS 'The officer.';
COMMENT ON COLUMN second_factor.sealed IS 'The secret, sealed with the key file data; bound to this row.';
COMMENT ON COLUMN second_factor.made_at IS 'When the secret was made.';
COMMENT ON COLUMN second_factor.confirmed_at IS 'When a right code showed that the application has it; null = it does not count yet.';
COMMENT ON COLUMN second_factor.last_step IS 'Time step of the last code taken; no code of it or an earlier one is taken again.';
COMMENT ON COLUMN second_factor.failures IS 'Wrong codes since the last right one.';
COMMENT ON COLUMN second_factor.locked_until IS 'No code is looked at before.';

CREATE TABLE password (
    person  uuid PRIMARY KEY REFERENCES account (person),
    salt    bytea NOT NULL CHECK (length(salt) = 16),
    hash    bytea NOT NULL CHECK (length(hash) = 32),
    memory_kib integer NOT NULL CHECK (memory_kib > 0),
    passes  smallint NOT NULL CHECK (passes > 0),
    set_at  timestamptz NOT NULL
);
COMMENT ON TABLE password IS 'Passwords as argon2id hashes (version 19, one lane).';
COMMENT ON COLUMN password.person IS 'Whose.';
COMMENT ON COLUMN password.salt IS 'Random, of this row.';
COMMENT ON COLUMN password.hash IS 'The hash.';
COMMENT ON COLUMN password.memory_kib IS 'Memory of the hash in KiB.';
COMMENT ON COLUMN password.passes IS 'Passes over the memory.';
COMMENT ON COLUMN password.set_at IS 'When it was set.';

CREATE TABLE password_try (
    id           uuid PRIMARY KEY,
    phone_lookup bytea NOT NULL CHECK (length(phone_lookup) = 32),
    address      bytea NOT NULL CHECK (length(address) = 32),
    at           timestamptz NOT NULL
);
CREATE INDEX password_try_phone ON password_try (phone_lookup, at);
CREATE INDEX password_try_address ON password_try (address, at);
COMMENT ON TABLE password_try IS 'Passwords that were tried, for the limits; kept for a day.';
COMMENT ON COLUMN password_try.id IS 'Time-ordered id.';
COMMENT ON COLUMN password_try.phone_lookup IS 'Keyed hash of the number.';
COMMENT ON COLUMN password_try.address IS 'Keyed hash of the address that tried.';
COMMENT ON COLUMN password_try.at IS 'When.';

CREATE TABLE consent (
    person    uuid NOT NULL REFERENCES account (person),
    document  text NOT NULL CHECK (document IN ('privacy', 'rules')),
    version   text NOT NULL CHECK (length(version) BETWEEN 1 AND 20),
    agreed_at timestamptz NOT NULL,
    PRIMARY KEY (person, document, version)
);
COMMENT ON TABLE consent IS 'Who agreed to which version of which page. Rows are only added.';
COMMENT ON COLUMN consent.person IS 'Who.';
COMMENT ON COLUMN consent.document IS 'Which page.';
COMMENT ON COLUMN consent.version IS 'Its version, a date.';
COMMENT ON COLUMN consent.agreed_at IS 'When.';
