-- Selections of the grid that people keep under a name.
CREATE TABLE saved_views (
    id           text    COLLATE "C" PRIMARY KEY,
    owner        text    COLLATE "C" NOT NULL,
    organization text    COLLATE "C" NOT NULL,
    name         text    NOT NULL,
    name_key     text    COLLATE "C" NOT NULL, -- case-folded: an owner has a name once
    shared       boolean NOT NULL, -- with the organization
    query        text    NOT NULL, -- of the grid's address
    changed_at   bigint  NOT NULL,
    UNIQUE (owner, organization, name_key)
);

CREATE INDEX saved_views_shared ON saved_views (organization) WHERE shared;

-- Which view opens for whom.
CREATE TABLE default_views (
    person       text COLLATE "C" NOT NULL,
    organization text COLLATE "C" NOT NULL,
    view         text COLLATE "C" NOT NULL,
    PRIMARY KEY (person, organization)
);

CREATE INDEX default_views_by_view ON default_views (view);
