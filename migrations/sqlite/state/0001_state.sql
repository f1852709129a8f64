-- State: neither facts nor folds. Backed up, never rebuilt. Moments are microseconds since the Unix epoch.

-- Keys that seal what is personal, wrapped by the installation key. The first one kept for a person stays.
CREATE TABLE person_keys (
    person TEXT PRIMARY KEY,
    key    BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id_hash      BLOB    PRIMARY KEY CHECK (length(id_hash) = 32), -- SHA-256 of what the browser keeps
    person       TEXT    NOT NULL,
    organization TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    seen_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What secrets were used for. A refusal that fits no secret is counted under the nil id.
CREATE TABLE usage (
    application  TEXT    NOT NULL,
    secret       TEXT    NOT NULL,
    issued       INTEGER NOT NULL,
    last_used_at INTEGER,
    last_address TEXT, -- sealed; of the last use
    PRIMARY KEY (application, secret)
) STRICT, WITHOUT ROWID;

CREATE TABLE refusals (
    application TEXT    NOT NULL,
    secret      TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    count       INTEGER NOT NULL,
    PRIMARY KEY (application, secret, reason)
) STRICT, WITHOUT ROWID;

-- How far listeners came in the log.
CREATE TABLE listeners (
    name           TEXT    PRIMARY KEY,
    log_id         TEXT    NOT NULL,
    position_major INTEGER NOT NULL,
    position_minor INTEGER NOT NULL,
    digest         BLOB    NOT NULL CHECK (length(digest) = 32)
) STRICT, WITHOUT ROWID;
