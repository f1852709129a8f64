-- What the role that serves needs of views and state, beside `store/postgres/grants.sql`, which is about the log: run by
-- the owner of the schemas, after each `oathbook migrate`. The tables of migrations are read, and nothing else.

GRANT USAGE ON SCHEMA oathbook_views, oathbook_state TO oathbook_server;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA oathbook_views, oathbook_state TO oathbook_server;
REVOKE INSERT, UPDATE, DELETE ON oathbook_views.migrations, oathbook_state.migrations FROM oathbook_server;
