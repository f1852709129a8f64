//! The furniture of the grid: filters, the heads of columns, and the pager.

use projections::{
    directory,
    register::{Order, SortBy},
};
use serde::Serialize;

use super::{
    label, name_of,
    query::{SIZES, STATUSES, Sort, Wanted},
};

/// One option of a select.
#[derive(Serialize)]
struct Choice<T> {
    value: T,
    label: &'static str,
    selected: bool,
}

#[derive(Serialize)]
struct Organization {
    id: String,
    name: String,
    selected: bool,
}

#[derive(Serialize)]
pub(super) struct Filters {
    name: String,
    organizations: Vec<Organization>,
    statuses: Vec<Choice<&'static str>>,
    sorts: Vec<Choice<String>>,
    /// The filters in words, for a list that is empty because of them.
    words: Vec<String>,
    clear_url: String,
}

/// In the order of the select.
const SORTS: [(&str, &str); 10] = [
    ("name", "Name, A to Z"),
    ("-name", "Name, Z to A"),
    ("organization", "By organization"),
    ("-organization", "By organization, reversed"),
    ("-created", "Newest first"),
    ("created", "Oldest first"),
    ("active", "Active first"),
    ("-active", "Inactive first"),
    ("client_id", "Client ID"),
    ("-client_id", "Client ID, reversed"),
];

impl Filters {
    /// `offered` is empty where there is one organization only.
    pub(super) fn of(wanted: &Wanted, offered: &[directory::Organization], me: &str) -> Self {
        let organization = |it: &directory::Organization| Organization {
            id: it.id.to_string(),
            name: it.name.to_string(),
            selected: wanted.organization == Some(it.id),
        };
        let status = |(status, value)| Choice {
            value,
            label: label(status),
            selected: wanted.status == status,
        };
        let sorts = SORTS.into_iter().filter_map(|(value, label)| {
            let sort = Sort::read(value)?;
            let fits = sort.by != SortBy::Organization || !offered.is_empty();
            let choice = Choice { value: value.to_owned(), label, selected: wanted.sort == sort };
            fits.then_some(choice)
        });
        Self {
            name: wanted.name.clone(),
            organizations: offered.iter().map(organization).collect(),
            statuses: STATUSES.map(status).into_iter().collect(),
            sorts: sorts.collect(),
            words: words(wanted, offered),
            clear_url: format!("{me}#applications"),
        }
    }
}

fn words(wanted: &Wanted, offered: &[directory::Organization]) -> Vec<String> {
    let name = Some(&wanted.name).filter(|name| !name.is_empty());
    let status = wanted.status;
    [
        name.map(|name| format!("Application Name contains “{name}”")),
        wanted.organization.map(|id| format!("Organization is {}", name_of(offered, id))),
        status.map(|status| format!("Status is {}", label(Some(status)))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The head of a column: what a click on it leads to.
#[derive(Serialize)]
struct Head {
    url: String,
    direction: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct Sorts {
    organization: Head,
    name: Head,
    client_id: Head,
    active: Head,
    created: Head,
}

impl Sorts {
    pub(super) fn of(wanted: &Wanted, me: &str) -> Self {
        let head = |by| {
            let now = Some(wanted.sort).filter(|sort| sort.by == by).map(|sort| sort.order);
            let (order, direction) = match now {
                Some(Order::Ascending) => (Order::Descending, Some("ascending")),
                Some(Order::Descending) => (Order::Ascending, Some("descending")),
                None => (Order::Ascending, None),
            };
            let sorted = Wanted { sort: Sort { by, order }, page: 1, ..wanted.clone() };
            Head { url: sorted.address(me), direction }
        };
        Self {
            organization: head(SortBy::Organization),
            name: head(SortBy::Name),
            client_id: head(SortBy::ClientId),
            active: head(SortBy::Status),
            created: head(SortBy::Created),
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
    page: u64,
    pages: u64,
    previous_url: Option<String>,
    next_url: Option<String>,
    /// Empty when the smallest size shows everything.
    sizes: Vec<Size>,
}

impl Pager {
    pub(super) fn of(wanted: &Wanted, total: u64, pages: u64, me: &str) -> Self {
        let to = |page| Wanted { page, ..wanted.clone() }.address(me);
        let size = |value| Size { value, selected: wanted.size == value };
        let several = total > u64::from(SIZES[0]);
        Self {
            page: wanted.page,
            pages,
            previous_url: (wanted.page > 1).then(|| to(wanted.page - 1)),
            next_url: (wanted.page < pages).then(|| to(wanted.page + 1)),
            sizes: if several { SIZES.map(size).into_iter().collect() } else { vec![] },
        }
    }
}
