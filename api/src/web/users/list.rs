//! The list of people, filtered, sorted and cut into pages by the query of the address.

use axum::{
    extract::{RawQuery, State as Extract},
    response::Response,
};
use domain::{
    OrganizationId,
    authority::{Acquaintance, Deed, Role},
};
use projections::{
    knowledge::{Found, People, SortPeople, UserStatus},
    register::Order,
};
use serde::Serialize;
use url::form_urlencoded::{Serializer, parse};

use super::{Problem, SignedIn, State, address, called, label, local, open};
use crate::{
    app::App,
    web::{
        actions::Action, choice::Choice, form::readable, render::Template, roles, shell::Page,
        times::Time,
    },
};

/// People on a page.
const SIZE: u32 = 25;

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) rows: Vec<Row>,
    pub(super) summary: String,
    pub(super) filtered: bool,
    pub(super) actions: Vec<Action>,
    pub(super) filters: Filters,
    pub(super) sort: Sorts,
    pub(super) pager: Pager,
}

#[derive(Serialize)]
pub(super) struct Row {
    pub(super) url: String,
    pub(super) display_name: String,
    pub(super) user_name: String,
    pub(super) email: String,
    pub(super) memberships: Vec<Membership>,
    pub(super) state: State,
    pub(super) disabled: bool,
    pub(super) created: Time,
}

#[derive(Serialize)]
pub(super) struct Membership {
    pub(super) organization: String,
    pub(super) role: &'static str,
}

#[derive(Serialize)]
pub(super) struct Filters {
    pub(super) text: String,
    /// Empty where there is one organization only.
    pub(super) organizations: Vec<Choice>,
    pub(super) roles: Vec<roles::Choice>,
    pub(super) statuses: Vec<Choice>,
    pub(super) url: String,
}

#[derive(Serialize)]
pub(super) struct Sorts {
    pub(super) name: Head,
    pub(super) user_name: Head,
    pub(super) email: Head,
    pub(super) created: Head,
}

/// The head of a column: what a click on it leads to.
#[derive(Serialize)]
pub(super) struct Head {
    pub(super) url: String,
    pub(super) direction: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct Pager {
    pub(super) page: u64,
    pub(super) pages: u64,
    pub(super) previous_url: Option<String>,
    pub(super) next_url: Option<String>,
}

/// What the address asks for. What it cannot mean is not an error: the list shows what it would show without.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    text: String,
    organization: Option<OrganizationId>,
    role: Option<Role>,
    status: Option<UserStatus>,
    sort: SortPeople,
    order: Order,
    /// Counted from 1.
    page: u64,
}

const COLUMNS: [(SortPeople, &str); 4] = [
    (SortPeople::Name, "name"),
    (SortPeople::UserName, "user_name"),
    (SortPeople::Email, "email"),
    (SortPeople::Created, "created"),
];

const STATUSES: [(UserStatus, &str); 3] = [
    (UserStatus::Enabled, "enabled"),
    (UserStatus::Invited, "invited"),
    (UserStatus::Disabled, "disabled"),
];

impl Wanted {
    fn read(query: &str) -> Self {
        let mut wanted = Self {
            text: String::new(),
            organization: None,
            role: None,
            status: None,
            sort: SortPeople::default(),
            order: Order::Ascending,
            page: 1,
        };
        for (field, value) in parse(query.as_bytes()) {
            match &*field {
                "text" => wanted.text = readable(&value),
                "organization" => wanted.organization = value.parse().ok(),
                "role" => wanted.role = roles::parse(&value),
                "status" => {
                    let found = STATUSES.into_iter().find(|(_, text)| *text == value);
                    wanted.status = found.map(|(status, _)| status);
                }
                "sort" => {
                    let column = value.strip_prefix('-').unwrap_or(&value);
                    let found = COLUMNS.into_iter().find(|(_, text)| *text == column);
                    if let Some((sort, _)) = found {
                        let descending = value.starts_with('-');
                        wanted.order =
                            if descending { Order::Descending } else { Order::Ascending };
                        wanted.sort = sort;
                    }
                }
                "page" => wanted.page = value.parse().unwrap_or(1).max(1),
                _ => {}
            }
        }
        wanted
    }

    fn is_filtered(&self) -> bool {
        !self.text.is_empty()
            || self.organization.is_some()
            || self.role.is_some()
            || self.status.is_some()
    }

    fn question(&self, known: Acquaintance) -> People {
        People {
            known,
            text: self.text.clone(),
            organization: self.organization,
            role: self.role,
            status: self.status,
            sort: self.sort,
            order: self.order,
            offset: (self.page - 1).saturating_mul(u64::from(SIZE)),
            limit: SIZE,
        }
    }

    /// The address of this page, as short as it can be.
    fn address(&self, path: &str) -> String {
        let mut query = Serializer::new(String::new());
        if !self.text.is_empty() {
            query.append_pair("text", &self.text);
        }
        if let Some(organization) = self.organization {
            query.append_pair("organization", &organization.to_string());
        }
        if let Some(role) = self.role {
            query.append_pair("role", role.as_str());
        }
        if let Some((_, status)) = STATUSES.into_iter().find(|(it, _)| Some(*it) == self.status) {
            query.append_pair("status", status);
        }
        if (self.sort, self.order) != (SortPeople::default(), Order::Ascending)
            && let Some((_, column)) = COLUMNS.into_iter().find(|(it, _)| *it == self.sort)
        {
            let minus = if self.order == Order::Descending { "-" } else { "" };
            query.append_pair("sort", &format!("{minus}{column}"));
        }
        if self.page != 1 {
            query.append_pair("page", &self.page.to_string());
        }
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    caller: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let known = caller.member.acquaintance();
    if known == Acquaintance::OnlyOneself {
        return Err(Problem::NotFound);
    }
    let mut wanted = Wanted::read(query.as_deref().unwrap_or_default());
    let mut page = app.knowledge.people(&wanted.question(known));
    let pages = page.total.div_ceil(u64::from(SIZE)).max(1);
    if wanted.page > pages {
        wanted.page = pages;
        page = app.knowledge.people(&wanted.question(known));
    }
    let path = local::of(&app.settings, "/users");
    let organization = caller.organization.id;
    let invites = caller.member.may_do(Deed::Invite { organization, role: Role::Member });
    let invite = local::of(&app.settings, "/users/invite");
    let now = app.commands.clock.now();
    let context = Context {
        rows: page
            .found
            .iter()
            .map(|found| Row::of(&app, found, Time::of(found.user.created_at, now)))
            .collect(),
        summary: if page.total == 1 {
            "1 user".to_owned()
        } else {
            format!("{} users", page.total)
        },
        filtered: wanted.is_filtered(),
        actions: vec![
            Action::form("Invite user", invite)
                .primary()
                .if_allowed(invites, "Only an administrator may invite people."),
        ],
        filters: Filters::of(&app, &wanted, known, path.clone()),
        sort: Sorts::of(&wanted, &path),
        pager: Pager::of(&wanted, pages, &path),
    };
    Page::new(Template::Users, "Users", &context).show_to(&app, &caller)
}

impl Row {
    fn of(app: &App, found: &Found, created: Time) -> Self {
        let Found { user, memberships } = found;
        let membership = |it: &projections::knowledge::Membership| Membership {
            organization: it.name.clone(),
            role: roles::label(it.role),
        };
        Self {
            url: address(app, user.id, ""),
            display_name: called(user),
            user_name: open(&user.user_name),
            email: open(&user.email),
            memberships: memberships.iter().map(membership).collect(),
            state: State::of(user),
            disabled: !user.enabled,
            created,
        }
    }
}

impl Filters {
    fn of(app: &App, wanted: &Wanted, known: Acquaintance, url: String) -> Self {
        let all = match known {
            Acquaintance::Everybody => app.knowledge.organizations(),
            Acquaintance::Organization(_) | Acquaintance::OnlyOneself => vec![],
        };
        let organization = |it: &projections::directory::Organization| {
            let selected = wanted.organization == Some(it.id);
            Choice::new(it.id.to_string(), it.name.to_string(), selected)
        };
        let status = |(status, value): (UserStatus, &'static str)| {
            Choice::new(value, label(status), wanted.status == Some(status))
        };
        Self {
            text: wanted.text.clone(),
            organizations: if all.len() > 1 {
                all.iter().map(organization).collect()
            } else {
                vec![]
            },
            roles: roles::filters(wanted.role),
            statuses: STATUSES.map(status).into_iter().collect(),
            url,
        }
    }
}

impl Sorts {
    fn of(wanted: &Wanted, path: &str) -> Self {
        let head = |sort| {
            let now = (wanted.sort == sort).then_some(wanted.order);
            let (order, direction) = match now {
                Some(Order::Ascending) => (Order::Descending, Some("ascending")),
                Some(Order::Descending) => (Order::Ascending, Some("descending")),
                None => (Order::Ascending, None),
            };
            let sorted = Wanted { sort, order, page: 1, ..wanted.clone() };
            Head { url: sorted.address(path), direction }
        };
        Self {
            name: head(SortPeople::Name),
            user_name: head(SortPeople::UserName),
            email: head(SortPeople::Email),
            created: head(SortPeople::Created),
        }
    }
}

impl Pager {
    fn of(wanted: &Wanted, pages: u64, path: &str) -> Self {
        let to = |page| Wanted { page, ..wanted.clone() }.address(path);
        Self {
            page: wanted.page,
            pages,
            previous_url: (wanted.page > 1).then(|| to(wanted.page - 1)),
            next_url: (wanted.page < pages).then(|| to(wanted.page + 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_being_read() {
        let organization = "0198c1f2-7a10-7c3e-9d41-5a1f0c9b2e01";
        for query in [
            String::new(),
            "?text=ada%40acme&role=manager&status=invited&sort=-created&page=7".to_owned(),
            format!("?organization={organization}&sort=email"),
        ] {
            let read = Wanted::read(query.trim_start_matches('?'));
            assert_eq!(read.address("/users"), format!("/users{query}"));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_left_out() {
        for query in
            ["page=0", "page=x", "role=king", "status=x", "sort=password", "text=%00", "%FF=%FF"]
        {
            assert_eq!(Wanted::read(query).address("/users"), "/users", "{query}");
        }
    }
}
