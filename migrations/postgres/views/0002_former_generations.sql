-- The generation that was live before the live one is kept, to go back to.
ALTER TABLE generations DROP CONSTRAINT generations_state_check;
ALTER TABLE generations ADD CONSTRAINT generations_state_check
    CHECK (state IN ('building', 'live', 'former', 'dropped'));

-- What is to be done, and when it began and ended: microseconds since the Unix epoch.
ALTER TABLE rebuilds ADD COLUMN work text NOT NULL DEFAULT 'rebuild half';
ALTER TABLE rebuilds ADD COLUMN began_at bigint;
ALTER TABLE rebuilds ADD COLUMN ended_at bigint;

CREATE INDEX rebuilds_by_projection ON rebuilds (projection, id);
