-- State: neither facts nor folds. Backed up, never rebuilt. Moments are microseconds since the Unix epoch.

-- Keys that seal what is personal, wrapped by the installation key. The first one kept for a person stays.
CREATE TABLE person_keys (
    person text  COLLATE "C" PRIMARY KEY,
    key    bytea NOT NULL
);

CREATE TABLE sessions (
    id_hash      bytea  PRIMARY KEY CHECK (octet_length(id_hash) = 32), -- SHA-256 of what the browser keeps
    person       text   NOT NULL,
    organization text   NOT NULL,
    created_at   bigint NOT NULL,
    seen_at      bigint NOT NULL
);

-- What secrets were used for. A refusal that fits no secret is counted under the nil id.
CREATE TABLE usage (
    application  text   COLLATE "C" NOT NULL,
    secret       text   COLLATE "C" NOT NULL,
    issued       bigint NOT NULL,
    last_used_at bigint,
    last_address text, -- sealed; of the last use
    PRIMARY KEY (application, secret)
);

CREATE TABLE refusals (
    application text   COLLATE "C" NOT NULL,
    secret      text   COLLATE "C" NOT NULL,
    reason      text   COLLATE "C" NOT NULL,
    count       bigint NOT NULL,
    PRIMARY KEY (application, secret, reason)
);

-- How far listeners came in the log.
CREATE TABLE listeners (
    name           text   PRIMARY KEY,
    log_id         text   NOT NULL,
    position_major bigint NOT NULL,
    position_minor bigint NOT NULL,
    digest         bytea  NOT NULL CHECK (octet_length(digest) = 32)
);
