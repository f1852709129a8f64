-- Letters are looked for by state, occasion, recipient and subject, the newest first.
ALTER TABLE notifications
    ADD COLUMN requested_at text COLLATE "C" GENERATED ALWAYS AS (document ->> 'requested_at') STORED,
    ADD COLUMN occasion text COLLATE "C" GENERATED ALWAYS AS (document #>> '{request,occasion}') STORED,
    ADD COLUMN recipient text COLLATE "C" GENERATED ALWAYS AS (document #>> '{request,recipient,user}') STORED,
    ADD COLUMN subject text COLLATE "C" GENERATED ALWAYS AS
        (coalesce(document #>> '{request,about}', document #>> '{request,stream}')) STORED;

DROP INDEX notifications_by_state;
CREATE INDEX notifications_by_state ON notifications (generation, state, requested_at, key) INCLUDE (occasion);
CREATE INDEX notifications_newest ON notifications (generation, requested_at, key) INCLUDE (state, occasion);
CREATE INDEX notifications_by_recipient
    ON notifications (generation, recipient, requested_at, key) INCLUDE (state, occasion);
CREATE INDEX notifications_by_subject
    ON notifications (generation, subject, requested_at, key) INCLUDE (state, occasion);
