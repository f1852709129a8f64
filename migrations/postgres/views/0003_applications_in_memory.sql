-- Applications are asked from memory: nobody looks for them here but by their keys. An earlier release still answers,
-- only slower.
DROP INDEX applications_by_name;
DROP INDEX applications_by_owner;
DROP INDEX applications_by_organization;
