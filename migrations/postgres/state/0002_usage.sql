-- Which rows of usage a reader has not seen: the transaction that wrote the row last. What an earlier release writes to
-- a row that is there does not change it.
ALTER TABLE usage ADD COLUMN changed bigint NOT NULL DEFAULT 0;

CREATE INDEX usage_by_change ON usage (changed);

-- What an application was used for on one day, counted in UTC from the Unix epoch.
CREATE TABLE usage_days (
    application text   COLLATE "C" NOT NULL,
    day         bigint NOT NULL,
    issued      bigint NOT NULL,
    refused     bigint NOT NULL,
    PRIMARY KEY (application, day)
);

CREATE INDEX usage_days_by_day ON usage_days (day);
