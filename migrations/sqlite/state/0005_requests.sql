-- Writes that may be sent again: what they were answered with, encrypted. Kept for a day.
CREATE TABLE requests (
    key_hash    BLOB    PRIMARY KEY CHECK (length(key_hash) = 32), -- SHA-256 of whose key it is, and the key
    fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 32), -- SHA-256 of the request
    begun_at    INTEGER NOT NULL,
    answer      BLOB -- missing while it is under way
) STRICT, WITHOUT ROWID;

CREATE INDEX requests_by_age ON requests (begun_at);
