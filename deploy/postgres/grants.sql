-- What the role that serves needs, and nothing more: run by the owner of the schemas, after `oathbook migrate`.

-- the log: it is read, and grows through one function. Not even INSERT is granted.
GRANT USAGE ON SCHEMA oathbook_log TO oathbook_server;
GRANT SELECT ON ALL TABLES IN SCHEMA oathbook_log TO oathbook_server;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oathbook_log TO oathbook_server;

-- views and state: rows are written, and nothing else is. The tables of migrations are read.
GRANT USAGE ON SCHEMA oathbook_views, oathbook_state TO oathbook_server;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA oathbook_views, oathbook_state TO oathbook_server;
REVOKE INSERT, UPDATE, DELETE ON oathbook_views.migrations, oathbook_state.migrations FROM oathbook_server;
