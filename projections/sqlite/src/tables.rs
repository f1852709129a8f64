//! The statements of each projection's table: the same ones under another name.

/// What is done to the rows of any projection.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) some: &'static str,
    pub(crate) page: &'static str,
    pub(crate) put: &'static str,
    pub(crate) delete: &'static str,
    pub(crate) sweep: &'static str,
}

macro_rules! table {
    ($name:literal) => {
        Table {
            some: concat!(
                "SELECT key, row FROM ",
                $name,
                " WHERE generation = ?1 AND key IN (SELECT value FROM json_each(?2))"
            ),
            page: concat!(
                "SELECT key, row FROM ",
                $name,
                " WHERE generation = ?1 AND key > ?2 ORDER BY key LIMIT ?3"
            ),
            put: concat!(
                "INSERT INTO ",
                $name,
                " (generation, key, row)",
                " SELECT ?1, json_extract(value, '$[0]'), json_extract(value, '$[1]')",
                " FROM json_each(?2) WHERE true",
                " ON CONFLICT (generation, key) DO UPDATE SET row = excluded.row"
            ),
            delete: concat!(
                "DELETE FROM ",
                $name,
                " WHERE generation = ?1 AND key IN (SELECT value FROM json_each(?2))"
            ),
            sweep: concat!(
                "DELETE FROM ",
                $name,
                " WHERE rowid IN (SELECT rowid FROM ",
                $name,
                " WHERE generation NOT IN (SELECT number FROM generations) LIMIT ?1)"
            ),
        }
    };
}

/// The table of a projection, `None` when there is no such projection.
pub(crate) fn table(projection: &str) -> Option<&'static Table> {
    match projection {
        "applications" => Some(&table!("applications")),
        "credentials" => Some(&table!("credentials")),
        "directory" => Some(&table!("directory")),
        "notifications" => Some(&table!("notifications")),
        _ => None,
    }
}
