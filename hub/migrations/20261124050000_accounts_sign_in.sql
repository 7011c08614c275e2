-- Who a person is to the hub: account, devices, one-time codes, and the security log.

CREATE TABLE account (
    person       uuid PRIMARY KEY REFERENCES person (id),
    phone_lookup bytea NOT NULL CHECK (length(phone_lookup) = 32),
    phone_sealed bytea NOT NULL CHECK (length(phone_sealed) BETWEEN 32 AND 128),
    version      bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    disabled_at  timestamptz,
    created_at   timestamptz NOT NULL,
    CONSTRAINT account_phone UNIQUE (phone_lookup)
);
COMMENT ON TABLE account IS 'What a person signs in with.';
COMMENT ON COLUMN account.person IS 'The person.';
COMMENT ON COLUMN account.phone_lookup IS 'Keyed hash of the telephone number (key file lookup); finds the account without storing the number.';
COMMENT ON COLUMN account.phone_sealed IS 'The telephone number, sealed with the key file data; bound to this row.';
COMMENT ON COLUMN account.version IS 'Rises whenever a device or the account is revoked; every node compares it.';
COMMENT ON COLUMN account.disabled_at IS 'Since when nobody can sign in to the account; null = open.';
COMMENT ON COLUMN account.created_at IS 'When the account was made.';

CREATE TABLE device_session (
    id           uuid PRIMARY KEY,
    person       uuid NOT NULL REFERENCES account (person),
    secret       bytea NOT NULL CHECK (length(secret) = 32),
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL CHECK (last_seen_at >= created_at),
    revoked_at   timestamptz,
    CONSTRAINT device_session_secret UNIQUE (secret)
);
CREATE INDEX device_session_person ON device_session (person);
COMMENT ON TABLE device_session IS 'A signed-in device: one session cookie.';
COMMENT ON COLUMN device_session.id IS 'Time-ordered id, the claim did of chat tokens.';
COMMENT ON COLUMN device_session.person IS 'Who signed in.';
COMMENT ON COLUMN device_session.secret IS 'Keyed hash of the cookie''s secret (key file session).';
COMMENT ON COLUMN device_session.name IS 'What the person sees in the list of devices.';
COMMENT ON COLUMN device_session.created_at IS 'When the person signed in.';
COMMENT ON COLUMN device_session.last_seen_at IS 'Last use, to about an hour; the session ends 90 days after it.';
COMMENT ON COLUMN device_session.revoked_at IS 'When the session was ended by sign-out or from the list; null = open.';

CREATE TABLE sign_in_challenge (
    id           uuid PRIMARY KEY,
    phone_lookup bytea NOT NULL CHECK (length(phone_lookup) = 32),
    person       uuid REFERENCES account (person),
    code         bytea NOT NULL CHECK (length(code) = 32),
    address      bytea NOT NULL CHECK (length(address) = 32),
    visitor      bytea NOT NULL CHECK (length(visitor) = 32),
    tries        smallint NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL CHECK (expires_at > created_at),
    used_at      timestamptz
);
CREATE INDEX sign_in_challenge_phone ON sign_in_challenge (phone_lookup, created_at);
CREATE INDEX sign_in_challenge_address ON sign_in_challenge (address, created_at);
CREATE INDEX sign_in_challenge_visitor ON sign_in_challenge (visitor, created_at);
CREATE INDEX sign_in_challenge_created ON sign_in_challenge (created_at);
COMMENT ON TABLE sign_in_challenge IS 'One-time codes that were asked for, also for numbers without an account; kept for a day.';
COMMENT ON COLUMN sign_in_challenge.id IS 'Random id, known to the browser that asked.';
COMMENT ON COLUMN sign_in_challenge.phone_lookup IS 'Keyed hash of the number.';
COMMENT ON COLUMN sign_in_challenge.person IS 'Whose number it is; null where nobody has it, then no code was sent.';
COMMENT ON COLUMN sign_in_challenge.code IS 'Keyed hash of the code, bound to this row.';
COMMENT ON COLUMN sign_in_challenge.address IS 'Keyed hash of the address that asked, for its limit.';
COMMENT ON COLUMN sign_in_challenge.visitor IS 'Keyed hash of the browser''s mark, for its limit.';
COMMENT ON COLUMN sign_in_challenge.tries IS 'Codes tried so far; the sixth is refused unseen.';
COMMENT ON COLUMN sign_in_challenge.created_at IS 'When the code was asked for.';
COMMENT ON COLUMN sign_in_challenge.expires_at IS 'When the code ends.';
COMMENT ON COLUMN sign_in_challenge.used_at IS 'When the right code came; a code works once.';

CREATE TABLE security_log (
    n       bigint PRIMARY KEY CHECK (n > 0),
    at      timestamptz NOT NULL,
    person  uuid,
    device  uuid,
    action  text NOT NULL CHECK (length(action) BETWEEN 1 AND 40),
    result  text NOT NULL CHECK (length(result) BETWEEN 1 AND 40),
    address text NOT NULL CHECK (length(address) <= 45),
    prev    bytea NOT NULL CHECK (length(prev) = 32),
    h       bytea NOT NULL CHECK (length(h) = 32)
);
CREATE INDEX security_log_person ON security_log (person, n);
CREATE INDEX security_log_at ON security_log (at);
COMMENT ON TABLE security_log IS 'What happened to accounts. Rows are only ever added; each carries the hash of the one before.';
COMMENT ON COLUMN security_log.n IS 'Running number without gaps.';
COMMENT ON COLUMN security_log.at IS 'When it happened.';
COMMENT ON COLUMN security_log.person IS 'Whose account; null where nobody has the number.';
COMMENT ON COLUMN security_log.device IS 'Which device, where one is concerned.';
COMMENT ON COLUMN security_log.action IS 'What was done, e.g. sign_in.';
COMMENT ON COLUMN security_log.result IS 'How it ended, e.g. done, code_wrong.';
COMMENT ON COLUMN security_log.address IS 'Address it came from; empty for the hub''s own commands.';
COMMENT ON COLUMN security_log.prev IS 'h of the row before; 32 zero bytes for the first.';
COMMENT ON COLUMN security_log.h IS 'SHA-256 over prev and the other fields, each with its length.';

CREATE TABLE security_log_head (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    n      bigint NOT NULL CHECK (n >= 0),
    h      bytea NOT NULL CHECK (length(h) = 32)
) WITH (fillfactor = 50);
COMMENT ON TABLE security_log_head IS 'One row: where the security log ends. Locked by whoever adds to it.';
COMMENT ON COLUMN security_log_head.single IS 'Always true: the table holds one row.';
COMMENT ON COLUMN security_log_head.n IS 'Number of the last row, 0 for an empty log.';
COMMENT ON COLUMN security_log_head.h IS 'Hash of the last row, 32 zero bytes for an empty log.';
INSERT INTO security_log_head (n, h) VALUES (0, decode(repeat('00', 32), 'hex'));

CREATE FUNCTION security_log_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of security_log are only ever added';
END
$$;
COMMENT ON FUNCTION security_log_refuse IS 'Refuses every change of a written row.';
CREATE TRIGGER security_log_insert_only BEFORE UPDATE OR DELETE ON security_log
    FOR EACH ROW EXECUTE FUNCTION security_log_refuse();
CREATE TRIGGER security_log_no_truncate BEFORE TRUNCATE ON security_log
    FOR EACH STATEMENT EXECUTE FUNCTION security_log_refuse();
