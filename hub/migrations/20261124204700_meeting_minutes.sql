-- Minutes of meetings: versions and the signatures under them, added and never changed.

ALTER TABLE meeting ADD COLUMN returned_reason text
    CHECK (length(returned_reason) BETWEEN 1 AND 200);
COMMENT ON COLUMN meeting.returned_reason IS 'Why the superior sent the minutes back, the last time.';

CREATE TABLE meeting_minutes (
    meeting    uuid NOT NULL REFERENCES meeting (id),
    version    smallint NOT NULL CHECK (version > 0),
    text       text NOT NULL CHECK (length(text) BETWEEN 1 AND 16000),
    hash       bytea NOT NULL CHECK (length(hash) = 32),
    written_by uuid NOT NULL REFERENCES account (person),
    written_at timestamptz NOT NULL,
    PRIMARY KEY (meeting, version)
);
COMMENT ON TABLE meeting_minutes IS 'Versions of minutes. Rows are only ever added; the highest version counts.';
COMMENT ON COLUMN meeting_minutes.meeting IS 'The meeting.';
COMMENT ON COLUMN meeting_minutes.version IS 'From 1.';
COMMENT ON COLUMN meeting_minutes.text IS 'The minutes.';
COMMENT ON COLUMN meeting_minutes.hash IS 'SHA-256 over meeting, version and text, each with its length: what is signed.';
COMMENT ON COLUMN meeting_minutes.written_by IS 'Who wrote it.';
COMMENT ON COLUMN meeting_minutes.written_at IS 'When.';

CREATE TABLE meeting_signature (
    meeting   uuid NOT NULL,
    version   smallint NOT NULL,
    role      text NOT NULL CHECK (role IN ('chair', 'recorder')),
    person    uuid NOT NULL REFERENCES account (person),
    device    uuid REFERENCES device_session (id),
    hash      bytea NOT NULL CHECK (length(hash) = 32),
    signed_at timestamptz NOT NULL,
    PRIMARY KEY (meeting, version, role),
    FOREIGN KEY (meeting, version) REFERENCES meeting_minutes (meeting, version)
);
COMMENT ON TABLE meeting_signature IS 'Signatures under versions of minutes. Rows are only ever added.';
COMMENT ON COLUMN meeting_signature.meeting IS 'The meeting.';
COMMENT ON COLUMN meeting_signature.version IS 'The version that was on the screen.';
COMMENT ON COLUMN meeting_signature.role IS 'As what the person signed.';
COMMENT ON COLUMN meeting_signature.person IS 'Who signed.';
COMMENT ON COLUMN meeting_signature.device IS 'At which device, freshly proven; null = the hub''s own command.';
COMMENT ON COLUMN meeting_signature.hash IS 'The hash that was on the screen.';
COMMENT ON COLUMN meeting_signature.signed_at IS 'When.';

CREATE FUNCTION meeting_minutes_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME;
END
$$;
COMMENT ON FUNCTION meeting_minutes_keep IS 'Refuses every change of a version or a signature.';
CREATE TRIGGER meeting_minutes_keep BEFORE UPDATE OR DELETE ON meeting_minutes
    FOR EACH ROW EXECUTE FUNCTION meeting_minutes_keep();
CREATE TRIGGER meeting_signature_keep BEFORE UPDATE OR DELETE ON meeting_signature
    FOR EACH ROW EXECUTE FUNCTION meeting_minutes_keep();
