//! An organization's own page: what it is, and who belongs to it.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use domain::authority::{Acquaintance, Deed, Role};
use projections::{
    directory::Organization,
    knowledge::{Found, People, SortPeople},
    register::Order,
};
use serde::Serialize;

use super::{Named, Problem, SignedIn, address, list::NOT_YOURS};
use crate::{
    app::App,
    web::{
        actions::Action,
        render::Template,
        roles,
        shell::{Page, open},
        times::Time,
        users,
    },
};

/// Members on a page.
const SIZE: u32 = 50;

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) organization: Described,
    pub(super) actions: Vec<Action>,
    /// `None` for whoever may not see them.
    pub(super) members: Option<Members>,
}

/// A page of those who belong to the organization.
#[derive(Serialize)]
pub(super) struct Members {
    pub(super) rows: Vec<Member>,
    pub(super) count: String,
    pub(super) add: Action,
    pub(super) previous_url: Option<String>,
    pub(super) next_url: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Described {
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) global_access: bool,
    pub(super) created: Time,
    pub(super) updated: Option<Time>,
}

#[derive(Serialize)]
pub(super) struct Member {
    pub(super) url: String,
    pub(super) display_name: String,
    pub(super) user_name: String,
    pub(super) role: &'static str,
    pub(super) state: users::State,
    pub(super) disabled: bool,
    /// A missing right is a missing address.
    pub(super) change_url: Option<String>,
    pub(super) remove_url: Option<String>,
}

const NO_APPOINTING: &str = "Only managers and administrators may change memberships.";
const NO_RENAMING: &str = "Only an administrator may rename the organization.";

pub(super) async fn show(
    State(app): State<App>,
    caller: SignedIn,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let organization = named.find(&app, &caller)?;
    let now = app.commands.clock.now();
    let sees_members = caller.member.may_do(Deed::ViewMembers(organization.id));
    let query = query.unwrap_or_default();
    let context = Context {
        actions: actions(&app, &caller, &organization),
        members: sees_members.then(|| Members::of(&app, &caller, &organization, &query)),
        organization: Described {
            name: organization.name.to_string(),
            enabled: organization.enabled,
            global_access: organization.global_access,
            created: Time::of(organization.created_at, now),
            updated: organization.updated_at.map(|at| Time::of(at, now)),
        },
    };
    Page::new(Template::Organization, organization.name.as_str(), &context).show_to(&app, &caller)
}

impl Members {
    fn of(app: &App, caller: &SignedIn, organization: &Organization, query: &str) -> Self {
        let id = organization.id;
        let asked = url::form_urlencoded::parse(query.as_bytes()).find_map(|(field, value)| {
            (field == "page").then(|| value.parse::<u64>().ok()).flatten()
        });
        let pages = (organization.members.len() as u64).div_ceil(u64::from(SIZE)).max(1);
        let page = asked.unwrap_or(1).clamp(1, pages);
        let found = app.knowledge.people(&People {
            known: Acquaintance::Organization(id),
            text: String::new(),
            organization: None,
            role: None,
            status: None,
            sort: SortPeople::Name,
            order: Order::Ascending,
            offset: (page - 1) * u64::from(SIZE),
            limit: SIZE,
        });
        let to = |page: u64| address(app, id, &format!("?page={page}"));
        let appoint = Deed::Appoint { organization: id, from: None, to: Some(Role::Member) };
        Self {
            rows: found.found.iter().map(|it| Member::of(app, caller, organization, it)).collect(),
            count: match found.total {
                1 => "1 member".to_owned(),
                total => format!("{total} members"),
            },
            add: Action::form("Add member", address(app, id, "/members/new"))
                .primary()
                .if_allowed(caller.member.may_do(appoint), NO_APPOINTING),
            previous_url: (page > 1).then(|| to(page - 1)),
            next_url: (page < pages).then(|| to(page + 1)),
        }
    }
}

fn actions(app: &App, caller: &SignedIn, organization: &Organization) -> Vec<Action> {
    let id = organization.id;
    let renames = caller.member.may_do(Deed::RenameOrganization(id));
    let keeps = caller.member.may_do(Deed::KeepOrganizations);
    let url = |form: &str| address(app, id, form);
    let access = if organization.global_access {
        Action::form("Withdraw global access", url("/local-access")).dangerous()
    } else {
        Action::form("Grant global access", url("/global-access")).dangerous()
    };
    let switch = if organization.enabled {
        Action::form("Disable", url("/disable")).dangerous()
    } else {
        Action::at_once("Enable", url("/enable"))
    };
    vec![
        Action::form("Rename", url("/edit")).if_allowed(renames, NO_RENAMING),
        access.if_allowed(keeps, NOT_YOURS),
        switch.if_allowed(keeps, NOT_YOURS),
    ]
}

impl Member {
    fn of(app: &App, caller: &SignedIn, organization: &Organization, found: &Found) -> Self {
        let Found { user, .. } = found;
        let role = organization.members.get(&user.id).copied().unwrap_or(Role::Member);
        let may = |to: Option<Role>| {
            let deed = Deed::Appoint { organization: organization.id, from: Some(role), to };
            caller.member.may_do(deed)
        };
        let form =
            |rest: &str| address(app, organization.id, &format!("/members/{}{rest}", user.id));
        Self {
            url: users::address(app, user.id, ""),
            display_name: open(&user.display_name),
            user_name: open(&user.user_name),
            role: roles::label(role),
            state: users::State::of(user),
            disabled: !user.enabled,
            change_url: may(Some(Role::Member)).then(|| form("")),
            remove_url: may(None).then(|| form("/remove")),
        }
    }
}
