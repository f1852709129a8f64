-- The log: rows are added, and nothing else ever happens to them.
CREATE TABLE events (
    position    INTEGER PRIMARY KEY AUTOINCREMENT CHECK (position > 0),
    stream      TEXT    NOT NULL,
    category    TEXT    NOT NULL, -- the stream's name up to its first hyphen
    revision    INTEGER NOT NULL CHECK (revision >= 0),
    id          BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    tag         TEXT    NOT NULL,
    data        BLOB    NOT NULL, -- exactly the bytes that the digest covers
    metadata    BLOB    NOT NULL, -- likewise
    digest      BLOB    NOT NULL CHECK (length(digest) = 32),
    recorded_at INTEGER NOT NULL, -- microseconds since the Unix epoch
    UNIQUE (stream, revision)
) STRICT;

-- Every index of SQLite ends with the row id, so this one is ordered by position within a category.
CREATE INDEX events_by_category ON events (category);

CREATE TRIGGER events_are_never_changed
BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are never changed');
END;

CREATE TRIGGER events_are_never_deleted
BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are never deleted');
END;

-- INSERT OR REPLACE deletes what is in its way without asking the trigger above.
CREATE TRIGGER events_are_never_replaced
BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE position = NEW.position)
  OR EXISTS (SELECT 1 FROM events WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM events WHERE stream = NEW.stream AND revision = NEW.revision)
BEGIN
    SELECT RAISE(ABORT, 'events are never replaced');
END;
