//! What the address asks for. What it cannot mean is not an error: the grid shows what it would show without.

use domain::{OrganizationId, name};
use projections::register::{
    Choice, Filter, From, Order, Query, Sort as Sorting, SortBy, Status, Text,
};
use url::form_urlencoded::{Serializer, parse};

/// Rows on a page.
pub(super) const SIZES: [u32; 4] = [10, 25, 50, 100];
const USUAL_SIZE: u32 = 25;

/// One page of one selection.
#[derive(Clone, Debug)]
pub(in crate::web) struct Wanted {
    pub(super) name: String,
    pub(super) organization: Option<OrganizationId>,
    /// `None` is every status but deleted.
    pub(super) status: Option<Status>,
    pub(super) sort: Sort,
    /// Counted from 1.
    pub(super) page: u64,
    pub(super) size: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sort {
    pub(super) by: SortBy,
    pub(super) order: Order,
}

impl Default for Sort {
    fn default() -> Self {
        Self { by: SortBy::Name, order: Order::Ascending }
    }
}

impl Sort {
    const COLUMNS: [(SortBy, &'static str); 5] = [
        (SortBy::Name, "name"),
        (SortBy::Organization, "organization"),
        (SortBy::ClientId, "client_id"),
        (SortBy::Status, "active"),
        (SortBy::Created, "created"),
    ];

    pub(super) fn read(text: &str) -> Option<Self> {
        let (order, column) = match text.strip_prefix('-') {
            Some(column) => (Order::Descending, column),
            None => (Order::Ascending, text),
        };
        let (by, _) = Self::COLUMNS.into_iter().find(|(_, name)| *name == column)?;
        Some(Self { by, order })
    }

    pub(super) fn text(self) -> String {
        let column = Self::COLUMNS.into_iter().find(|(by, _)| *by == self.by);
        let (_, column) = column.unwrap_or(Self::COLUMNS[0]);
        match self.order {
            Order::Ascending => column.to_owned(),
            Order::Descending => format!("-{column}"),
        }
    }
}

pub(super) const STATUSES: [(Option<Status>, &str); 3] =
    [(None, "all"), (Some(Status::Active), "active"), (Some(Status::Inactive), "inactive")];

impl Wanted {
    pub(in crate::web) fn read(query: &str) -> Self {
        let mut wanted = Self {
            name: String::new(),
            organization: None,
            status: None,
            sort: Sort::default(),
            page: 1,
            size: USUAL_SIZE,
        };
        for (field, value) in parse(query.as_bytes()) {
            match &*field {
                "name" => wanted.name = clean(&value),
                "organization" => wanted.organization = value.parse().ok(),
                "status" => {
                    let status = STATUSES.into_iter().find(|(_, text)| *text == value);
                    wanted.status = status.and_then(|(status, _)| status);
                }
                "sort" => wanted.sort = Sort::read(&value).unwrap_or_default(),
                "page" => wanted.page = value.parse().unwrap_or(1).max(1),
                "size" => {
                    let size = value.parse().ok().filter(|size| SIZES.contains(size));
                    wanted.size = size.unwrap_or(USUAL_SIZE);
                }
                _ => {}
            }
        }
        wanted
    }

    pub(super) fn is_filtered(&self) -> bool {
        !self.name.is_empty() || self.organization.is_some() || self.status.is_some()
    }

    /// The part of everything that is wanted.
    pub(super) fn narrow(&self, everything: &Query) -> Query {
        let mut filters = everything.filters.clone();
        filters.extend(self.organization.map(|id| Filter::Organization(Choice::AnyOf(vec![id]))));
        filters.extend(self.status.map(|status| Filter::Status(Choice::AnyOf(vec![status]))));
        if !self.name.is_empty() {
            filters.push(Filter::Name(Text::Contains(self.name.clone())));
        }
        Query {
            reach: everything.reach,
            filters,
            sort: Sorting { by: self.sort.by, order: self.sort.order },
            from: From::Offset((self.page - 1).saturating_mul(u64::from(self.size))),
            limit: self.size,
        }
    }

    /// The address of this page, as short as it can be.
    pub(super) fn address(&self, path: &str) -> String {
        let mut query = Serializer::new(String::new());
        if !self.name.is_empty() {
            query.append_pair("name", &self.name);
        }
        if let Some(organization) = self.organization {
            query.append_pair("organization", &organization.to_string());
        }
        if let Some((_, status)) = STATUSES.into_iter().find(|(it, _)| *it == self.status)
            && self.status.is_some()
        {
            query.append_pair("status", status);
        }
        if self.sort != Sort::default() {
            query.append_pair("sort", &self.sort.text());
        }
        if self.size != USUAL_SIZE {
            query.append_pair("size", &self.size.to_string());
        }
        if self.page != 1 {
            query.append_pair("page", &self.page.to_string());
        }
        let query = query.finish();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{path}{mark}{query}#applications")
    }
}

/// What could be a part of a name.
fn clean(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).take(name::MAX_LENGTH).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_and_written(query: &str) -> String {
        Wanted::read(query).address("/me")
    }

    #[test]
    fn an_address_survives_being_read() {
        let organization = "0198c1f2-7a10-7c3e-9d41-5a1f0c9b2e01";
        for query in [
            String::new(),
            "?name=sync".to_owned(),
            "?name=a%26b%3Dc&status=inactive&sort=-created&size=100&page=7".to_owned(),
            format!("?organization={organization}&sort=organization"),
        ] {
            let query = query.as_str();
            assert_eq!(
                read_and_written(query.trim_start_matches('?')),
                format!("/me{query}#applications")
            );
        }
    }

    #[test]
    fn what_cannot_be_meant_is_left_out() {
        for query in [
            "page=0",
            "page=-1",
            "page=x",
            "page=99999999999999999999",
            "size=7",
            "size=1000000",
            "size=",
            "sort=secret",
            "sort=--name",
            "status=deleted",
            "organization=acme",
            "name=%00%0A",
            "color=blue",
            "%FF=%FF",
            "&&=&",
        ] {
            assert_eq!(read_and_written(query), "/me#applications", "{query}");
        }
    }

    #[test]
    fn a_page_far_out_does_not_overflow() {
        let wanted = Wanted::read(&format!("page={}", u64::MAX));
        let everything = Query::all(domain::authority::Reach::EVERYTHING, 0);
        assert_eq!(wanted.narrow(&everything).from, From::Offset(u64::MAX));
    }
}
