//! One table for each projection, all written in the same way.

use projections::views::ViewsError;

/// A projection's table, as its statements. `$1` is the generation everywhere.
pub(super) struct Table {
    name: &'static str,
    /// Rows under the keys in `$2`.
    pub(super) rows: &'static str,
    /// Up to `$3` rows behind the key `$2`.
    pub(super) page: &'static str,
    /// How many rows the generation `$2` has, and how many differ from those of `$1`, which may be none.
    pub(super) compare: &'static str,
    /// How many rows there are.
    pub(super) count: &'static str,
    /// Everything that one batch of events does, or nothing: see `rows::commit`.
    pub(super) commit: &'static str,
    /// Up to `$2` rows of a dropped generation.
    pub(super) sweep: &'static str,
    /// The generation itself, if none of its rows are left: others may be sweeping, too.
    pub(super) forget: &'static str,
}

#[derive(Debug, thiserror::Error)]
#[error("there is no table for the projection {0}")]
struct NoTable(String);

macro_rules! table {
    ($name:literal) => {
        Table {
            name: $name,
            rows: concat!(
                "SELECT key, document::text AS document FROM ",
                $name,
                " WHERE generation = $1 AND key = ANY ($2)"
            ),
            page: concat!(
                "SELECT key, document::text AS document FROM ",
                $name,
                " WHERE generation = $1 AND key > $2 ORDER BY key LIMIT $3"
            ),
            count: concat!("SELECT count(*) FROM ", $name, " WHERE generation = $1"),
            compare: concat!(
                "SELECT count(new.key), count(*) FILTER (WHERE old.row IS DISTINCT FROM new.row)
                 FROM (SELECT key, document::text AS row FROM ",
                $name,
                " WHERE generation = $1) AS old
                 FULL JOIN (SELECT key, document::text AS row FROM ",
                $name,
                " WHERE generation = $2) AS new USING (key)"
            ),
            commit: concat!(
                super::lease::fenced!(15),
                ", advanced AS (
                     UPDATE generations
                     SET log_id = $4, position_major = $5, position_minor = $6, digest = $7
                     WHERE number = $1
                       AND CASE WHEN $17 THEN state = 'former' ELSE state IN ('building', 'live') END
                       AND position_major = $2 AND position_minor = $3
                       AND EXISTS (SELECT FROM fence)
                     RETURNING number
                 ), put AS (
                     INSERT INTO ",
                $name,
                " (generation, key, document)
                     SELECT number, key, document::json
                     FROM advanced, unnest($8::text[], $9::text[]) AS new (key, document)
                     ON CONFLICT (generation, key) DO UPDATE SET document = excluded.document
                 ), gone AS (
                     DELETE FROM ",
                $name,
                " WHERE generation = (SELECT number FROM advanced) AND key = ANY ($10)
                 ), stopped AS (
                     INSERT INTO parked
                         (generation, stream, revision, position_major, position_minor, reason)
                     SELECT number, stream, revision, major, minor, reason
                     FROM advanced,
                         unnest($11::text[], $12::bigint[], $13::bigint[], $14::bigint[], $16::text[])
                             AS new (stream, revision, major, minor, reason)
                     ON CONFLICT (generation, stream) DO NOTHING
                 )
                 SELECT count(*) FROM advanced"
            ),
            sweep: concat!(
                "DELETE FROM ",
                $name,
                " WHERE ctid = ANY (ARRAY(SELECT ctid FROM ",
                $name,
                " WHERE generation = $1 LIMIT $2 FOR UPDATE SKIP LOCKED))"
            ),
            forget: concat!(
                "WITH gone AS (
                     DELETE FROM generations WHERE number = $1
                       AND NOT EXISTS (SELECT FROM ",
                $name,
                " WHERE generation = $1)
                     RETURNING number
                 )
                 DELETE FROM parked WHERE generation IN (SELECT number FROM gone)"
            ),
        }
    };
}

static TABLES: [Table; 4] =
    [table!("applications"), table!("credentials"), table!("directory"), table!("notifications")];

pub(super) fn table(projection: &str) -> Result<&'static Table, ViewsError> {
    TABLES
        .iter()
        .find(|table| table.name == projection)
        .ok_or_else(|| ViewsError::Engine(Box::new(NoTable(projection.to_owned()))))
}
