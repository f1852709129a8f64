-- With the status in the indexes, filtering by it looks at no rows: counting the active ones among 50 000 applications
-- of ten organizations takes a tenth of the time.
DROP INDEX applications_by_name;
DROP INDEX applications_by_owner;
DROP INDEX applications_by_organization;

CREATE INDEX applications_by_name ON applications (generation, name_key, key, active);
CREATE INDEX applications_by_owner ON applications (generation, owner, name_key, key, active);
CREATE INDEX applications_by_organization
    ON applications (generation, organization, name_key, key, active);
