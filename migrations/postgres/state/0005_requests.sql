-- Writes that may be sent again: what they were answered with, encrypted. Kept for a day.
CREATE TABLE requests (
    key_hash    bytea  PRIMARY KEY CHECK (octet_length(key_hash) = 32), -- SHA-256 of whose key it is, and the key
    fingerprint bytea  NOT NULL CHECK (octet_length(fingerprint) = 32), -- SHA-256 of the request
    begun_at    bigint NOT NULL,
    answer      bytea -- missing while it is under way
);

CREATE INDEX requests_by_age ON requests (begun_at);
