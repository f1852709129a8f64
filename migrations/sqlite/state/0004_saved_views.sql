-- Selections of the grid that people keep under a name.
CREATE TABLE saved_views (
    id           TEXT    PRIMARY KEY,
    owner        TEXT    NOT NULL,
    organization TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    name_key     TEXT    NOT NULL, -- case-folded: an owner has a name once
    shared       INTEGER NOT NULL CHECK (shared IN (0, 1)), -- with the organization
    query        TEXT    NOT NULL, -- of the grid's address
    changed_at   INTEGER NOT NULL,
    UNIQUE (owner, organization, name_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX saved_views_shared ON saved_views (organization) WHERE shared = 1;

-- Which view opens for whom.
CREATE TABLE default_views (
    person       TEXT NOT NULL,
    organization TEXT NOT NULL,
    view         TEXT NOT NULL,
    PRIMARY KEY (person, organization)
) STRICT, WITHOUT ROWID;

CREATE INDEX default_views_by_view ON default_views (view);
