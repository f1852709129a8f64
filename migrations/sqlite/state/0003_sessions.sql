-- From where a session began, sealed with the person's key; and all sessions of one person.
ALTER TABLE sessions ADD COLUMN device TEXT;
CREATE INDEX sessions_by_person ON sessions (person);
