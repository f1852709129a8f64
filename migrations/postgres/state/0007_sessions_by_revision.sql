-- The revision of the person's stream as of which a session began: it is void behind a later password. Sessions from before
-- this column say zero, and are void once there is a password.
ALTER TABLE sessions ADD COLUMN person_revision bigint NOT NULL DEFAULT 0 CHECK (person_revision >= 0);
