-- Views: folds of the log, disposable. Rows are JSON documents under (generation, key); what questions look at is
-- generated from the document, so that every projection is written in the same way. Generated columns are stored
-- before the document, because a question that no index answers reads them from every row.

CREATE TABLE generations (
    number         INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again, whatever is swept
    projection     TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    state          TEXT    NOT NULL DEFAULT 'building' CHECK (state IN ('building', 'live', 'dropped')),
    log_id         TEXT    NOT NULL,
    position_major INTEGER NOT NULL,
    position_minor INTEGER NOT NULL,
    digest         BLOB    NOT NULL CHECK (length(digest) = 32),
    begun_at       INTEGER NOT NULL -- microseconds since the Unix epoch
) STRICT;

CREATE UNIQUE INDEX generations_live ON generations (projection) WHERE state = 'live';

CREATE TABLE applications (
    generation   INTEGER NOT NULL,
    key          TEXT    NOT NULL,
    name_key     TEXT    NOT NULL GENERATED ALWAYS AS (row ->> '$.name_key') STORED,
    owner        TEXT    NOT NULL GENERATED ALWAYS AS (row ->> '$.owner') STORED,
    organization TEXT    NOT NULL GENERATED ALWAYS AS (row ->> '$.organization') STORED,
    client_id    TEXT    NOT NULL GENERATED ALWAYS AS (row ->> '$.client_id') STORED,
    active       INTEGER NOT NULL GENERATED ALWAYS AS (row ->> '$.active') STORED,
    created_at   TEXT    NOT NULL GENERATED ALWAYS AS (row ->> '$.created_at') STORED,
    row          TEXT    NOT NULL,
    PRIMARY KEY (generation, key)
) STRICT;

-- The key decides between equal names; with it in the index, a page far behind costs no look at the rows before it.
CREATE INDEX applications_by_name ON applications (generation, name_key, key);
CREATE INDEX applications_by_owner ON applications (generation, owner, name_key, key);
CREATE INDEX applications_by_organization ON applications (generation, organization, name_key, key);

CREATE TABLE credentials (
    generation INTEGER NOT NULL,
    key        TEXT    NOT NULL,
    row        TEXT    NOT NULL CHECK (json_valid(row)),
    PRIMARY KEY (generation, key)
) STRICT;

CREATE TABLE directory (
    generation INTEGER NOT NULL,
    key        TEXT    NOT NULL,
    name_key   TEXT    GENERATED ALWAYS AS (row ->> '$.name_key') STORED, -- of organizations
    row        TEXT    NOT NULL,
    PRIMARY KEY (generation, key)
) STRICT;

CREATE TABLE notifications (
    generation INTEGER NOT NULL,
    key        TEXT    NOT NULL,
    state      TEXT    NOT NULL GENERATED ALWAYS AS (row ->> '$.state') STORED,
    due        TEXT    GENERATED ALWAYS AS (row ->> '$.due') STORED, -- RFC 3339 with six decimals and Z: sorts as text
    row        TEXT    NOT NULL,
    PRIMARY KEY (generation, key)
) STRICT;

CREATE INDEX notifications_due ON notifications (generation, due, key) WHERE due IS NOT NULL;
CREATE INDEX notifications_by_state ON notifications (generation, state);

-- Streams that stopped at an event which cannot be applied.
CREATE TABLE parked (
    generation     INTEGER NOT NULL,
    stream         TEXT    NOT NULL,
    revision       INTEGER NOT NULL,
    position_major INTEGER NOT NULL,
    position_minor INTEGER NOT NULL,
    reason         TEXT    NOT NULL,
    PRIMARY KEY (generation, stream)
) STRICT, WITHOUT ROWID;

-- Rebuilds that were asked for, and how far they have come.
CREATE TABLE rebuilds (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    projection   TEXT    NOT NULL,
    state        TEXT    NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'running', 'done', 'failed')),
    done         INTEGER, -- events applied while running, rows when done
    total        INTEGER, -- events to apply while running
    differing    INTEGER, -- rows that were not as before, when done
    reason       TEXT,    -- of a failure
    requested_at INTEGER NOT NULL -- microseconds since the Unix epoch
) STRICT;

CREATE INDEX rebuilds_requested ON rebuilds (id) WHERE state = 'requested';
