-- Letters are looked for by state, occasion, recipient and subject, the newest first. What a count looks at is in the
-- indexes, because nothing of it is stored beside the document.
ALTER TABLE notifications ADD COLUMN requested_at TEXT GENERATED ALWAYS AS (row ->> '$.requested_at') VIRTUAL;
ALTER TABLE notifications ADD COLUMN occasion TEXT GENERATED ALWAYS AS (row ->> '$.request.occasion') VIRTUAL;
ALTER TABLE notifications ADD COLUMN recipient TEXT GENERATED ALWAYS AS (row ->> '$.request.recipient.user') VIRTUAL;
ALTER TABLE notifications ADD COLUMN subject TEXT
    GENERATED ALWAYS AS (coalesce(row ->> '$.request.about', row ->> '$.request.stream')) VIRTUAL;

DROP INDEX notifications_by_state;
CREATE INDEX notifications_by_state ON notifications (generation, state, requested_at, key, occasion);
CREATE INDEX notifications_newest ON notifications (generation, requested_at, key, state, occasion);
CREATE INDEX notifications_by_recipient
    ON notifications (generation, recipient, requested_at, key, state, occasion);
CREATE INDEX notifications_by_subject ON notifications (generation, subject, requested_at, key, state, occasion);
