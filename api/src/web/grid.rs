//! The grid of applications: filtered, sorted and cut into pages by the query of the address.

mod address;
mod ask;
mod bulk;
mod column;
mod export;
mod filter;
mod form;
mod furniture;
mod names;
mod page;
mod row;
#[cfg(test)]
pub(super) mod samples;
mod saved;
mod words;

use std::collections::BTreeSet;

use axum::Router;
use domain::{
    OrganizationId, UserId,
    authority::{Action, Belonging, Reach, Role},
};
use projections::{
    directory,
    register::{Choice, Filter, Page, Query},
};
use serde::Serialize;

use self::{
    address::Place,
    column::Column,
    form::Form,
    furniture::{Chip, Exports, Head, Pager},
    names::Names,
    row::{List, Listed},
};
pub(super) use self::{address::Wanted, page::shorter};
use super::{local, session::SignedIn};
use crate::app::App;

pub(super) fn router() -> Router<App> {
    page::router().merge(saved::router()).merge(bulk::router()).merge(export::router())
}

/// Where a grid stands, and whose applications it is about.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// The page's address below the path of `public_url`.
    path: String,
    /// Applications of this person alone.
    owner: Option<UserId>,
    /// Whether applications can be made from here in one's own name.
    own: bool,
    /// Of these organizations alone, by name.
    within: Option<Vec<(OrganizationId, String)>>,
    new_label: &'static str,
    /// The columns that are shown unless others are chosen.
    usual: Vec<Column>,
    /// Whether applications differ in their organization.
    several_organizations: bool,
}

impl Frame {
    /// Everything that somebody may see.
    pub(super) fn everything(app: &App, caller: &SignedIn) -> Self {
        Self {
            path: "/applications".to_owned(),
            owner: None,
            own: true,
            within: None,
            new_label: "Create OAuth Application",
            // All have the same grant, so that its column says nothing; who wants it chooses it.
            usual: Column::ALL.into_iter().filter(|it| *it != Column::Grant).collect(),
            several_organizations: caller.member.reach().organization.is_none()
                && app.knowledge.has_several_organizations(),
        }
        .where_organizations_matter()
    }

    /// The section on a person's page, which is at that path.
    pub(super) fn of_person(app: &App, caller: &SignedIn, owner: UserId, path: String) -> Self {
        let offered = offered(app, caller, owner);
        Self {
            path,
            owner: Some(owner),
            own: owner == caller.member.user,
            within: Some(offered.iter().map(|it| (it.id, it.name.to_string())).collect()),
            new_label: "Add Application",
            usual: vec![
                Column::Name,
                Column::ClientId,
                Column::Organization,
                Column::Status,
                Column::Created,
                Column::LastUsed,
            ],
            several_organizations: offered.len() > 1,
        }
        .where_organizations_matter()
    }

    /// What is asked for besides what somebody wants.
    fn filters(&self) -> Vec<Filter> {
        let owner = self.owner.map(|owner| Filter::Owner(Choice::AnyOf(vec![owner])));
        let within = self.within.as_ref().map(|within| {
            Filter::Organization(Choice::AnyOf(within.iter().map(|(id, _)| *id).collect()))
        });
        owner.into_iter().chain(within).collect()
    }

    fn where_organizations_matter(mut self) -> Self {
        self.usual.retain(|it| self.several_organizations || *it != Column::Organization);
        self
    }

    /// The address of what is wanted. The fragment is the list's, which stands alone on its own page.
    fn address(&self, app: &App, wanted: &Wanted) -> String {
        // Views are of the page of everything.
        let wanted = match self.owner {
            Some(_) => Wanted { view: address::View::Unsaid, ..wanted.clone() },
            None => wanted.clone(),
        };
        let query = wanted.query();
        let mark = if query.is_empty() { "" } else { "?" };
        let path = local::of(&app.settings, &self.path);
        let fragment = if self.owner.is_some() { "#applications" } else { "" };
        format!("{path}{mark}{query}{fragment}")
    }

    /// The same selection on the page of everything, as exports and bulk actions have it.
    fn unframed(&self, wanted: &Wanted) -> Wanted {
        let mut wanted = wanted.at_the_start();
        if let Some(owner) = self.owner {
            wanted.filters.owner = Some(Choice::AnyOf(vec![owner]));
        }
        if let Some(within) = &self.within
            && wanted.filters.organization.is_none()
            && self.several_organizations
        {
            let within = within.iter().map(|(id, _)| *id).collect::<BTreeSet<_>>();
            let within = within.into_iter().collect();
            wanted.filters.organization = Some(Choice::AnyOf(within));
        }
        wanted
    }
}

/// The template's `grid`.
#[derive(Serialize)]
pub(super) struct Grid {
    rows: Vec<Listed>,
    heads: Vec<Head>,
    /// Which of the columns are shown, by name.
    show: Shown,
    summary: String,
    filtered: bool,
    chips: Vec<Chip>,
    clear_url: String,
    form: Form,
    exports: Exports,
    bulk: BulkForm,
    new_url: Option<String>,
    new_label: &'static str,
    /// Whether they are the viewer's own, or everything there is to see.
    own: bool,
    pager: Pager,
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each says of one column whether it is shown")]
struct Shown {
    client_id: bool,
    organization: bool,
    owner: bool,
    status: bool,
    grant: bool,
    scopes: bool,
    created: bool,
    last_used: bool,
}

#[derive(Serialize)]
struct BulkForm {
    action: String,
    /// The selection, for those who want all that match.
    query: String,
    total: u64,
    /// More than one page matches.
    several_pages: bool,
    /// Why nothing can be changed, for those who only read.
    refusal: Option<&'static str>,
}

impl Grid {
    pub(super) fn load(app: &App, caller: &SignedIn, wanted: &Wanted, frame: &Frame) -> Self {
        let names = Names::load(app, caller, frame, &wanted.filters);
        let columns = columns(wanted, frame);
        let reach = caller.member.reach();
        let page = look(app, wanted, reach, frame);
        let filtered = !wanted.filters.is_empty();
        let summary = if filtered {
            let everything = Wanted::default().asked(app, reach, frame);
            let all = app.knowledge.applications(&Query { limit: 0, ..everything }).total;
            format!("{} of {all}", page.total)
        } else {
            count(page.total)
        };
        let back = back(caller, frame, app);
        let back = back.as_str();
        let list = List::new(app, caller, back);
        let shows = |column| columns.contains(&column);
        let show = Shown {
            client_id: shows(Column::ClientId),
            organization: shows(Column::Organization),
            owner: shows(Column::Owner),
            status: shows(Column::Status),
            grant: shows(Column::Grant),
            scopes: shows(Column::Scopes),
            created: shows(Column::Created),
            last_used: shows(Column::LastUsed),
        };
        let own = Belonging { organization: caller.organization.id, owner: caller.member.user };
        let new_url = (frame.own && caller.may(Action::Create, own)).then(|| {
            let back = local::encoded(back);
            local::of(&app.settings, &format!("/applications/new?return_to={back}"))
        });
        let link = |wanted: &Wanted| frame.address(app, wanted);
        let unframed = frame.unframed(wanted);
        Self {
            rows: page.rows.iter().map(|entry| list.describe(entry)).collect(),
            heads: Head::all(wanted, &columns, &link),
            show,
            summary,
            filtered,
            chips: Chip::all(wanted, &names, &link),
            clear_url: link(&wanted.with(filter::Filters::default())),
            form: Form::of(link(&Wanted::default()), wanted, &columns, frame, &names),
            exports: Exports::of(app, &unframed, page.total),
            bulk: BulkForm {
                action: local::of(&app.settings, "/applications/bulk"),
                query: unframed.selection(),
                total: page.total,
                several_pages: page.total > page.rows.len() as u64,
                refusal: refusal(caller.member.role),
            },
            new_url,
            new_label: frame.new_label,
            own: frame.own,
            pager: Pager::of(app, wanted, &page, &link),
        }
    }
}

/// The page that is wanted, or the first one where that has nothing left to show.
fn look(app: &App, wanted: &Wanted, reach: Reach, frame: &Frame) -> Page {
    let page = app.knowledge.applications(&wanted.asked(app, reach, frame));
    let beyond = page.rows.is_empty() && page.total > 0 && wanted.place != Place::Start;
    if beyond {
        app.knowledge.applications(&wanted.at_the_start().asked(app, reach, frame))
    } else {
        page
    }
}

/// Where forms lead back to: this page, unless its address is so long that the rows would be nothing else.
fn back(caller: &SignedIn, frame: &Frame, app: &App) -> String {
    const LONG: usize = 400;
    let here = &caller.visit.path;
    if here.len() <= LONG { here.clone() } else { local::of(&app.settings, &frame.path) }
}

/// Those that are chosen, or those that the place usually shows; organizations only where there are several.
fn columns(wanted: &Wanted, frame: &Frame) -> Vec<Column> {
    let chosen = wanted.columns.as_ref().unwrap_or(&frame.usual);
    let matters = |it: &Column| frame.several_organizations || *it != Column::Organization;
    chosen.iter().copied().filter(matters).collect()
}

/// The organizations in which the viewer may see the person's applications; of one's own, the current one first.
fn offered(app: &App, caller: &SignedIn, owner: UserId) -> Vec<directory::Organization> {
    if owner == caller.member.user {
        return caller.organizations(app);
    }
    let mut found = app.knowledge.organizations_of(owner);
    found.retain(|it| caller.may(Action::View, Belonging { organization: it.id, owner }));
    found
}

/// Why somebody in this role changes nothing.
const fn refusal(role: Role) -> Option<&'static str> {
    match role {
        Role::Auditor => Some("Auditors read everything and change nothing."),
        Role::Member | Role::Manager | Role::Administrator => None,
    }
}

fn count(number: u64) -> String {
    match number {
        0 => "No applications".to_owned(),
        1 => "1 application".to_owned(),
        _ => format!("{number} applications"),
    }
}
