-- What the role that serves needs, and nothing more: run by the owner of the schemas, after `oathbook migrate`.

-- the log: it is read, and grows through one function. Not even INSERT is granted.
GRANT USAGE ON SCHEMA oathbook_log TO oathbook_server;
GRANT SELECT ON ALL TABLES IN SCHEMA oathbook_log TO oathbook_server;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oathbook_log TO oathbook_server;
