-- Views: folds of the log, disposable. Rows are JSON documents under (generation, key); what questions look at is
-- generated from the document, so that every projection is written in the same way. Names here are bare: the schema is
-- the one that comes first in the search path.

CREATE TABLE generations (
    number         bigint  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    projection     text    COLLATE "C" NOT NULL,
    version        integer NOT NULL,
    state          text    NOT NULL DEFAULT 'building' CHECK (state IN ('building', 'live', 'dropped')),
    log_id         text    NOT NULL,
    position_major bigint  NOT NULL,
    position_minor bigint  NOT NULL,
    digest         bytea   NOT NULL CHECK (octet_length(digest) = 32),
    begun_at       bigint  NOT NULL -- microseconds since the Unix epoch
);

CREATE UNIQUE INDEX generations_live ON generations (projection) WHERE state = 'live';

CREATE TABLE applications (
    generation   bigint  NOT NULL,
    key          text    COLLATE "C" NOT NULL,
    document     json    NOT NULL,
    name_key     text    COLLATE "C" NOT NULL GENERATED ALWAYS AS (document ->> 'name_key') STORED,
    owner        text    COLLATE "C" NOT NULL GENERATED ALWAYS AS (document ->> 'owner') STORED,
    organization text    COLLATE "C" NOT NULL GENERATED ALWAYS AS (document ->> 'organization') STORED,
    client_id    text    COLLATE "C" NOT NULL GENERATED ALWAYS AS (document ->> 'client_id') STORED,
    active       boolean NOT NULL GENERATED ALWAYS AS ((document ->> 'active')::boolean) STORED,
    created_at   text    COLLATE "C" NOT NULL GENERATED ALWAYS AS (document ->> 'created_at') STORED,
    PRIMARY KEY (generation, key)
);

-- The key decides between equal names; with key and status in the index, a page far behind and a count of the active
-- ones cost no look at the rows.
CREATE INDEX applications_by_name ON applications (generation, name_key, key) INCLUDE (active);
CREATE INDEX applications_by_owner ON applications (generation, owner, name_key, key) INCLUDE (active);
CREATE INDEX applications_by_organization
    ON applications (generation, organization, name_key, key) INCLUDE (active);

CREATE TABLE credentials (
    generation bigint NOT NULL,
    key        text   COLLATE "C" NOT NULL,
    document   json   NOT NULL,
    PRIMARY KEY (generation, key)
);

CREATE TABLE directory (
    generation bigint NOT NULL,
    key        text   COLLATE "C" NOT NULL,
    document   json   NOT NULL,
    name_key   text   COLLATE "C" GENERATED ALWAYS AS (document ->> 'name_key') STORED, -- of organizations
    PRIMARY KEY (generation, key)
);

CREATE TABLE notifications (
    generation bigint NOT NULL,
    key        text   COLLATE "C" NOT NULL,
    document   json   NOT NULL,
    state      text   COLLATE "C" NOT NULL GENERATED ALWAYS AS (document ->> 'state') STORED,
    due        text   COLLATE "C" GENERATED ALWAYS AS (document ->> 'due') STORED, -- RFC 3339 with six decimals and Z: sorts as text
    PRIMARY KEY (generation, key)
);

CREATE INDEX notifications_due ON notifications (generation, due, key) WHERE due IS NOT NULL;
CREATE INDEX notifications_by_state ON notifications (generation, state);

-- Streams that stopped at an event which cannot be applied.
CREATE TABLE parked (
    generation     bigint NOT NULL,
    stream         text   COLLATE "C" NOT NULL,
    revision       bigint NOT NULL,
    position_major bigint NOT NULL,
    position_minor bigint NOT NULL,
    reason         text   NOT NULL,
    PRIMARY KEY (generation, stream)
);

-- Rebuilds that were asked for, and how far they have come.
CREATE TABLE rebuilds (
    id           bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    projection   text   NOT NULL,
    state        text   NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'running', 'done', 'failed')),
    done         bigint, -- events applied while running, rows when done
    total        bigint, -- events to apply while running
    differing    bigint, -- rows that were not as before, when done
    reason       text,   -- of a failure
    requested_at bigint NOT NULL -- microseconds since the Unix epoch
);

CREATE INDEX rebuilds_requested ON rebuilds (id) WHERE state = 'requested';

-- Who may write until when, by the clock of this server.
CREATE TABLE leases (
    name       text        PRIMARY KEY,
    holder     uuid        NOT NULL,
    expires_at timestamptz NOT NULL
);
