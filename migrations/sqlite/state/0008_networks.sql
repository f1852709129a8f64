-- From which networks people signed in, so that they can be told of a new one. A hash under the installation key, of person
-- and network together; a bounded number of each person.
CREATE TABLE networks (
    person  TEXT    NOT NULL,
    network BLOB    NOT NULL CHECK (length(network) = 32),
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (person, network)
) STRICT, WITHOUT ROWID;
