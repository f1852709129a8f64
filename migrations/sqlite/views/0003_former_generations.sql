-- The generation that was live before the live one is kept, to go back to. A check cannot be altered, so the table is
-- made again, with the numbers that it never gives twice.
CREATE TABLE generations_with_former (
    number         INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again, whatever is swept
    projection     TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    state          TEXT    NOT NULL DEFAULT 'building' CHECK (state IN ('building', 'live', 'former', 'dropped')),
    log_id         TEXT    NOT NULL,
    position_major INTEGER NOT NULL,
    position_minor INTEGER NOT NULL,
    digest         BLOB    NOT NULL CHECK (length(digest) = 32),
    begun_at       INTEGER NOT NULL -- microseconds since the Unix epoch
) STRICT;

INSERT INTO generations_with_former SELECT * FROM generations;
UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'generations')
WHERE name = 'generations_with_former' AND EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'generations');
INSERT INTO sqlite_sequence (name, seq)
SELECT 'generations_with_former', seq FROM sqlite_sequence
WHERE name = 'generations' AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'generations_with_former');
DROP TABLE generations;
ALTER TABLE generations_with_former RENAME TO generations;

CREATE UNIQUE INDEX generations_live ON generations (projection) WHERE state = 'live';

-- What is to be done, and when it began and ended: microseconds since the Unix epoch.
ALTER TABLE rebuilds ADD COLUMN work TEXT NOT NULL DEFAULT 'rebuild half';
ALTER TABLE rebuilds ADD COLUMN began_at INTEGER;
ALTER TABLE rebuilds ADD COLUMN ended_at INTEGER;

CREATE INDEX rebuilds_by_projection ON rebuilds (projection, id);
