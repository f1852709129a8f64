-- The log: rows are added, and nothing else ever happens to them. The schema is the one that comes first in the
-- search path, so names here are bare.
CREATE TABLE events (
    position    bigint      PRIMARY KEY GENERATED ALWAYS AS IDENTITY CHECK (position > 0),
    stream      text        COLLATE "C" NOT NULL,
    category    text        COLLATE "C" NOT NULL, -- the stream's name up to its first hyphen
    revision    bigint      NOT NULL CHECK (revision >= 0),
    id          uuid        NOT NULL UNIQUE,
    tag         text        COLLATE "C" NOT NULL,
    data        bytea       NOT NULL, -- exactly the bytes that the digest covers
    metadata    bytea       NOT NULL, -- likewise
    digest      bytea       NOT NULL CHECK (octet_length(digest) = 32),
    recorded_at timestamptz NOT NULL,
    UNIQUE (stream, revision)
);

CREATE INDEX events_by_category ON events (category, position);

CREATE FUNCTION refuse_to_change_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are never changed, deleted or truncated' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER events_are_never_changed
BEFORE UPDATE OR DELETE OR TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_events();

-- Also for superusers, and whatever session_replication_role says.
ALTER TABLE events ENABLE ALWAYS TRIGGER events_are_never_changed;

-- Appends one after the other, each whole or not at all, and says of each what became of it. The arrays of the first
-- line hold one item for each append, those of the second one for each event, in the order of the appends.
--
-- The lock comes first, in a statement of its own: what follows sees everything that was committed under it before. It
-- is given back once the commit is visible, so positions come in the order of commits, and no reader ever sees a gap
-- that fills later.
CREATE FUNCTION append(
    streams text[], next_revisions bigint[], lengths int[], occurred bigint[],
    ids uuid[], tags text[], datas bytea[], metadatas bytea[], digests bytea[],
    -- how far the writer's clock may be ahead of this server's; like `occurred` in microseconds (since the Unix epoch)
    tolerance bigint
)
RETURNS TABLE (
    stored        boolean,
    last_position bigint, -- of the last event, if all of them are stored now or were before
    last_revision bigint, -- of the stream, without what was stored now
    ahead         bigint -- microseconds, if the writer's clock is too far ahead; nothing is stored then
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $$
DECLARE
    now          timestamptz;
    now_micros   bigint;
    from_event   int := 1;
    to_event     int;
    stored_any   boolean := false;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'events are appended in READ COMMITTED only';
    END IF;
    PERFORM pg_advisory_xact_lock('events'::regclass::oid::bigint);
    now := clock_timestamp();
    now_micros := extract(epoch FROM now) * 1000000;
    FOR a IN 1 .. cardinality(streams) LOOP
        to_event := from_event + lengths[a] - 1;
        stored := false;
        last_position := NULL;
        ahead := NULL;
        SELECT max(e.revision) INTO last_revision FROM events AS e WHERE e.stream = streams[a];
        IF occurred[a] > now_micros + tolerance THEN
            ahead := occurred[a] - now_micros;
        ELSIF coalesce(last_revision + 1, 0) = next_revisions[a]
            AND NOT EXISTS (SELECT FROM events AS e WHERE e.id = ANY (ids[from_event : to_event]))
        THEN
            WITH inserted AS (
                INSERT INTO events (stream, category, revision, id, tag, data, metadata, digest, recorded_at)
                SELECT streams[a], split_part(streams[a], '-', 1), next_revisions[a] + n - 1,
                       ids[i], tags[i], datas[i], metadatas[i], digests[i], now
                FROM generate_series(1, lengths[a]) AS n,
                     LATERAL (SELECT from_event + n - 1 AS i) AS place
                ORDER BY n
                RETURNING events.position
            )
            SELECT max(inserted.position) INTO last_position FROM inserted;
            stored := true;
            stored_any := true;
        ELSE
            SELECT max(there.position) INTO last_position
            FROM (
                SELECT e.position, e.id, e.revision FROM events AS e
                WHERE e.stream = streams[a] AND e.revision >= next_revisions[a]
                ORDER BY e.revision LIMIT lengths[a]
            ) AS there
            HAVING array_agg(there.id ORDER BY there.revision) = ids[from_event : to_event];
        END IF;
        RETURN NEXT;
        from_event := to_event + 1;
    END LOOP;
    IF stored_any THEN
        PERFORM pg_notify(current_schema(), '');
    END IF;
END
$$;

REVOKE ALL ON FUNCTION append FROM PUBLIC;
