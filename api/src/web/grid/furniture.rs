//! What stands around the rows: heads of columns, chips, exports and the pager.

use projections::register::{Order, Page};
use serde::Serialize;

use super::{
    address::{Place, SIZES, USUAL_SIZE, Wanted},
    column::{Column, Sort},
    filter::Field,
    names::Names,
    words,
};
use crate::{
    app::App,
    sealed::{self, Use},
    web::local,
};

/// The head of a column: what a click on it leads to.
#[derive(Serialize)]
pub(super) struct Head {
    label: &'static str,
    url: String,
    direction: Option<&'static str>,
}

impl Head {
    pub(super) fn all(
        wanted: &Wanted,
        columns: &[Column],
        link: &impl Fn(&Wanted) -> String,
    ) -> Vec<Self> {
        columns.iter().map(|column| Self::of(wanted, *column, link)).collect()
    }

    fn of(wanted: &Wanted, by: Column, link: &impl Fn(&Wanted) -> String) -> Self {
        let now = Some(wanted.sort).filter(|sort| sort.by == by).map(|sort| sort.order);
        let (order, direction) = match now {
            Some(Order::Ascending) => (Order::Descending, Some("ascending")),
            Some(Order::Descending) => (Order::Ascending, Some("descending")),
            None => (Order::Ascending, None),
        };
        let sorted = wanted.sorted(Sort { by, order });
        Self { label: by.label(), url: link(&sorted), direction }
    }
}

/// A filter in words, and how to be rid of it.
#[derive(Serialize)]
pub(super) struct Chip {
    words: String,
    remove_url: String,
}

impl Chip {
    pub(super) fn all(
        wanted: &Wanted,
        names: &Names,
        link: &impl Fn(&Wanted) -> String,
    ) -> Vec<Self> {
        let chip = |field| {
            let words = words::of(&wanted.filters, field, names)?;
            let without = wanted.with(wanted.filters.clone().without(field));
            Some(Self { words, remove_url: link(&without) })
        };
        Field::ALL.into_iter().filter_map(chip).collect()
    }
}

/// Where the filtered rows can be had as a file.
#[derive(Serialize)]
pub(super) struct Exports {
    /// "14 rows".
    rows: String,
    csv_url: String,
    json_url: String,
}

impl Exports {
    pub(super) fn of(app: &App, wanted: &Wanted, total: u64) -> Self {
        let selection = wanted.selection();
        let mark = if selection.is_empty() { "" } else { "&" };
        let url = |format: &str| {
            local::of(
                &app.settings,
                &format!("/applications/export?format={format}{mark}{selection}"),
            )
        };
        Self {
            rows: if total == 1 { "1 row".to_owned() } else { format!("{total} rows") },
            csv_url: url("csv"),
            json_url: url("jsonl"),
        }
    }
}

#[derive(Serialize)]
struct Size {
    value: u32,
    selected: bool,
}

#[derive(Serialize)]
pub(super) struct Pager {
    /// "Total of 132 records".
    total: String,
    /// "26–50", when that is not all.
    shown: Option<String>,
    /// As of which position of the log.
    as_of: String,
    previous_url: Option<String>,
    next_url: Option<String>,
    /// Empty when the smallest size shows everything and nobody chose another.
    sizes: Vec<Size>,
}

impl Pager {
    pub(super) fn of(
        app: &App,
        wanted: &Wanted,
        page: &Page,
        link: &impl Fn(&Wanted) -> String,
    ) -> Self {
        let to = |place: Place| link(&Wanted { place, ..wanted.clone() });
        let sealed = |cursor| sealed::seal(app, Use::ApplicationsCursor, cursor);
        let previous = page.previous.as_ref();
        // The first page has an address of its own.
        let to_start = page.before <= u64::from(wanted.size);
        let previous_url = previous
            .map(|cursor| to(if to_start { Place::Start } else { Place::Before(sealed(cursor)) }));
        let next_url = page.next.as_ref().map(|cursor| to(Place::After(sealed(cursor))));
        let size = |value| Size { value, selected: wanted.size == value };
        let several = page.total > u64::from(SIZES[0]) || wanted.size != USUAL_SIZE;
        let rows = page.rows.len() as u64;
        let record = if page.total == 1 { "record" } else { "records" };
        Self {
            total: format!("Total of {} {record}", page.total),
            shown: (rows < page.total && rows > 0)
                .then(|| format!("{}–{}", page.before + 1, page.before + rows)),
            as_of: page.as_of.to_string(),
            previous_url,
            next_url,
            sizes: if several { SIZES.map(size).into_iter().collect() } else { vec![] },
        }
    }
}

#[cfg(test)]
impl Exports {
    pub(super) fn sample() -> Self {
        Self { rows: String::new(), csv_url: String::new(), json_url: String::new() }
    }
}

#[cfg(test)]
impl Pager {
    pub(super) fn sample() -> Self {
        Self {
            total: String::new(),
            shown: Some(String::new()),
            as_of: String::new(),
            previous_url: Some(String::new()),
            next_url: Some(String::new()),
            sizes: vec![Size { value: 25, selected: true }],
        }
    }
}
