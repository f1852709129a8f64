-- State is neither fact nor fold: it is backed up, and cannot be rebuilt. Moments are microseconds since the epoch.

CREATE TABLE person_keys (
    person  BLOB NOT NULL PRIMARY KEY,
    wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id_hash      BLOB    NOT NULL PRIMARY KEY,
    user         BLOB    NOT NULL,
    organization BLOB    NOT NULL,
    created_at   INTEGER NOT NULL,
    seen_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE usage (
    application  BLOB    NOT NULL,
    secret       BLOB    NOT NULL,
    issued       INTEGER NOT NULL,
    last_used_at INTEGER,
    -- A document sealed with the owner's key.
    last_address TEXT,
    PRIMARY KEY (application, secret)
) STRICT, WITHOUT ROWID;

CREATE TABLE refusals (
    application BLOB    NOT NULL,
    secret      BLOB    NOT NULL,
    reason      TEXT    NOT NULL,
    count       INTEGER NOT NULL,
    PRIMARY KEY (application, secret, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE listeners (
    name           TEXT    NOT NULL PRIMARY KEY,
    log_id         TEXT    NOT NULL,
    position_major INTEGER NOT NULL,
    position_minor INTEGER NOT NULL,
    digest         BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
