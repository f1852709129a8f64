//! One table for each projection, all written in the same way.

use projections::views::ViewsError;

/// A projection's table, as its statements. `?1` is the generation everywhere.
pub(super) struct Table {
    name: &'static str,
    /// Rows under the keys in `?2`.
    pub(super) rows: &'static str,
    /// Up to `?3` rows behind the key `?2`.
    pub(super) page: &'static str,
    /// How many rows the generation `?2` has, and how many differ from those of `?1`, which may be none.
    pub(super) compare: &'static str,
    /// How many rows there are.
    pub(super) count: &'static str,
    /// The row `?3` under the key `?2`.
    pub(super) put: &'static str,
    /// The row under the key `?2`.
    pub(super) delete: &'static str,
    /// Up to `?2` rows of a dropped generation.
    pub(super) sweep: &'static str,
}

#[derive(Debug, thiserror::Error)]
#[error("there is no table for the projection {0}")]
struct NoTable(String);

macro_rules! table {
    ($name:literal) => {
        Table {
            name: $name,
            rows: concat!(
                "SELECT key, row FROM ",
                $name,
                " WHERE generation = ?1 AND key IN (SELECT value FROM json_each(?2))"
            ),
            page: concat!(
                "SELECT key, row FROM ",
                $name,
                " WHERE generation = ?1 AND key > ?2 ORDER BY key LIMIT +?3"
            ),
            count: concat!("SELECT count(*) FROM ", $name, " WHERE generation = ?1"),
            compare: concat!(
                "SELECT count(*), count(*) FILTER (WHERE old.row IS NOT new.row)
                     + (SELECT count(*) FROM ",
                $name,
                " AS gone WHERE generation = ?1 AND NOT EXISTS (SELECT 1 FROM ",
                $name,
                " AS kept WHERE kept.generation = ?2 AND kept.key = gone.key))
                 FROM ",
                $name,
                " AS new LEFT JOIN ",
                $name,
                " AS old ON old.generation = ?1 AND old.key = new.key
                 WHERE new.generation = ?2"
            ),
            put: concat!(
                "INSERT INTO ",
                $name,
                " (generation, key, row) VALUES (?1, ?2, ?3)",
                " ON CONFLICT (generation, key) DO UPDATE SET row = excluded.row"
            ),
            delete: concat!("DELETE FROM ", $name, " WHERE generation = ?1 AND key = ?2"),
            sweep: concat!(
                "DELETE FROM ",
                $name,
                " WHERE rowid IN (SELECT rowid FROM ",
                $name,
                " WHERE generation = ?1 LIMIT +?2)"
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
