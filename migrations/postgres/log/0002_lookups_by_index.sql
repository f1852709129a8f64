-- The function keeps the plans it made when the log was small, and reading all of a small table is cheap: while the log
-- grows faster than statistics are gathered, each append would read everything that was appended before it. Everything
-- the function looks for is found through an index, however large the log is.
ALTER FUNCTION append SET enable_seqscan = off;
