-- Every node asks every two seconds what was revoked lately, instead of comparing a version per
-- person: the answer is short however many people are connected.
ALTER TABLE account DROP COLUMN version;
CREATE INDEX device_session_revoked ON device_session (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX account_disabled ON account (disabled_at) WHERE disabled_at IS NOT NULL;
