-- A key is in use from its first request on; what became of it follows from both.
ALTER TABLE requests ADD COLUMN used_since INTEGER; -- missing where an earlier release began the request
-- Ended without an answer to keep: another request may have the key.
ALTER TABLE requests ADD COLUMN released INTEGER NOT NULL DEFAULT 0 CHECK (released IN (0, 1));

DROP INDEX requests_by_age;
CREATE INDEX requests_by_age ON requests (COALESCE(used_since, begun_at));
