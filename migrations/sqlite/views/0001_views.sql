-- Views are folds of the log: rows as JSON documents under their stream's name. Columns that questions need are
-- generated from the documents, so that every projection is written in the same way.

CREATE TABLE generations (
    number         INTEGER PRIMARY KEY AUTOINCREMENT,
    projection     TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    live           INTEGER NOT NULL DEFAULT 0,
    log_id         TEXT    NOT NULL,
    position_major INTEGER NOT NULL,
    position_minor INTEGER NOT NULL,
    digest         BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX one_generation_is_live ON generations (projection) WHERE live = 1;

CREATE TABLE parked (
    generation     INTEGER NOT NULL,
    stream         TEXT    NOT NULL,
    revision       INTEGER NOT NULL,
    position_major INTEGER NOT NULL,
    position_minor INTEGER NOT NULL,
    reason         TEXT    NOT NULL,
    PRIMARY KEY (generation, stream)
) STRICT, WITHOUT ROWID;

CREATE TABLE rebuilds (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    projection TEXT    NOT NULL,
    phase      TEXT    NOT NULL DEFAULT 'requested' CHECK (phase IN ('requested', 'running', 'done', 'failed')),
    -- Events done and events in all while running; rows and differing rows when done.
    first      INTEGER NOT NULL DEFAULT 0,
    second     INTEGER NOT NULL DEFAULT 0,
    reason     TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE applications (
    generation   INTEGER NOT NULL,
    key          TEXT    NOT NULL,
    row          TEXT    NOT NULL,
    id           TEXT    GENERATED ALWAYS AS (json_extract(row, '$.id')) VIRTUAL,
    owner        TEXT    GENERATED ALWAYS AS (json_extract(row, '$.owner')) VIRTUAL,
    organization TEXT    GENERATED ALWAYS AS (json_extract(row, '$.organization')) VIRTUAL,
    name_key     TEXT    GENERATED ALWAYS AS (json_extract(row, '$.name_key')) VIRTUAL,
    client_id    TEXT    GENERATED ALWAYS AS (json_extract(row, '$.client_id')) VIRTUAL,
    active       INTEGER GENERATED ALWAYS AS (json_extract(row, '$.active')) VIRTUAL,
    created_at   TEXT    GENERATED ALWAYS AS (json_extract(row, '$.created_at')) VIRTUAL,
    PRIMARY KEY (generation, key)
) STRICT;

CREATE INDEX applications_by_owner ON applications (generation, owner, name_key);
CREATE INDEX applications_by_organization ON applications (generation, organization, name_key);
CREATE INDEX applications_by_name ON applications (generation, name_key);

CREATE TABLE credentials (
    generation INTEGER NOT NULL,
    key        TEXT    NOT NULL,
    row        TEXT    NOT NULL,
    PRIMARY KEY (generation, key)
) STRICT;

CREATE TABLE directory (
    generation INTEGER NOT NULL,
    key        TEXT    NOT NULL,
    row        TEXT    NOT NULL,
    name_key   TEXT    GENERATED ALWAYS AS (json_extract(row, '$.name_key')) VIRTUAL,
    PRIMARY KEY (generation, key)
) STRICT;

CREATE TABLE notifications (
    generation INTEGER NOT NULL,
    key        TEXT    NOT NULL,
    row        TEXT    NOT NULL,
    state      TEXT    GENERATED ALWAYS AS (json_extract(row, '$.state')) VIRTUAL,
    due        TEXT    GENERATED ALWAYS AS (json_extract(row, '$.due')) VIRTUAL,
    PRIMARY KEY (generation, key)
) STRICT;

CREATE INDEX notifications_by_due ON notifications (generation, due) WHERE due IS NOT NULL;
CREATE INDEX notifications_by_state ON notifications (generation, state);
