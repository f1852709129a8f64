-- From which networks people signed in, so that they can be told of a new one. A hash under the installation key, of person
-- and network together; a bounded number of each person.
CREATE TABLE networks (
    person  text   COLLATE "C" NOT NULL,
    network bytea  NOT NULL CHECK (octet_length(network) = 32),
    seen_at bigint NOT NULL,
    PRIMARY KEY (person, network)
);
