-- The role that serves. Run once, by whoever may make roles, with its password in the variable SERVER_PASSWORD; the image
-- of PostgreSQL does so when it makes the database. `\getenv` is of psql 15.
\getenv password SERVER_PASSWORD
CREATE ROLE oathbook_server LOGIN PASSWORD :'password';
