-- Which rows of usage a reader has not seen: a number that grows with every transaction that writes usage. What an
-- earlier release writes does not raise it.
ALTER TABLE usage ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;

CREATE INDEX usage_by_change ON usage (changed);

-- What an application was used for on one day, counted in UTC from the Unix epoch.
CREATE TABLE usage_days (
    application TEXT    NOT NULL,
    day         INTEGER NOT NULL,
    issued      INTEGER NOT NULL,
    refused     INTEGER NOT NULL,
    PRIMARY KEY (application, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_days_by_day ON usage_days (day);
