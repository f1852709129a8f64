//! All views that somebody may open, which one opens by itself, and parting with one's own.

use axum::{
    extract::{Path, State},
    response::Response,
};
use projections::saved_views::{SavedView, Sharing};
use serde::Serialize;
use tracing::info;

use super::{Offered, address, form, is_stale, menu::owner, removes};
use crate::{
    app::App,
    web::{
        applications::organization,
        confirm::{Confirmation, Form},
        errors::Problem,
        flash::Message,
        going_back::done,
        grid::{Frame, Wanted, filter::Field, names::Names, words},
        local,
        render::Template,
        session::SignedIn,
        shell::Page,
        submission::Submission,
        times::Time,
    },
};

const LIST: &str = "Saved Views";

#[derive(Serialize)]
pub(in super::super) struct Listing {
    pub(super) views: Vec<Item>,
    pub(super) default_url: String,
    pub(super) applications_url: String,
}

#[derive(Serialize)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) words: Vec<String>,
    /// Some of it is not understood any more.
    pub(super) stale: bool,
    pub(super) owner: Option<String>,
    pub(super) shared: bool,
    pub(super) default: bool,
    pub(super) changed: Time,
    pub(super) url: String,
    /// For the owner.
    pub(super) edit_url: Option<String>,
    /// For the owner, and of a shared one for those who manage the organization.
    pub(super) delete_url: Option<String>,
}

pub(super) async fn show(State(app): State<App>, caller: SignedIn) -> Result<Response, Problem> {
    let offered = Offered::load(&app, &caller).await?;
    let frame = Frame::everything(&app, &caller);
    let item = |view| item(&app, &caller, &frame, &offered, view);
    let listing = Listing {
        views: offered.views.iter().map(item).collect(),
        default_url: local::of(&app.settings, "/applications/views/default"),
        applications_url: local::of(&app.settings, &frame.path),
    };
    Page::new(Template::SavedViews, LIST, &listing).show_to(&app, &caller)
}

fn item(app: &App, caller: &SignedIn, frame: &Frame, offered: &Offered, view: &SavedView) -> Item {
    let filters = Wanted::read(&view.query).filters;
    let names = Names::load(app, caller, frame, &filters);
    let own = view.owner == caller.member.user;
    let back = local::encoded(&caller.visit.path);
    let to_form = |kind: &str| format!("{}?return_to={back}", form(app, view.id, kind));
    Item {
        id: view.id.to_string(),
        name: view.name.to_string(),
        words: Field::ALL.into_iter().filter_map(|it| words::of(&filters, it, &names)).collect(),
        stale: is_stale(view),
        owner: owner(app, caller, view),
        shared: view.sharing == Sharing::Organization,
        default: offered.default == Some(view.id),
        changed: Time::of(view.changed_at, app.commands.clock.now()),
        url: address(app, frame, view),
        edit_url: own.then(|| to_form("edit")),
        delete_url: removes(caller, view).then(|| to_form("delete")),
    }
}

/// Makes a view that one may open the one that opens by itself; without a view, none does.
pub(super) async fn set_default(
    State(app): State<App>,
    Submission { caller, fields }: Submission,
) -> Result<Response, Problem> {
    let offered = Offered::load(&app, &caller).await?;
    let view = match fields.filled("view") {
        Some(id) => Some(offered.named(id)?.id),
        None => None,
    };
    let (user, organization) = (caller.member.user, caller.member.organization);
    app.state.set_default_view(user, organization, view).await?;
    Ok(done(&app, Message::Saved, &list(&app)))
}

pub(super) async fn ask(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let offered = Offered::load(&app, &caller).await?;
    let view = offered.removable(&id, &caller)?;
    let confirmation = Confirmation {
        title: "Delete Confirmation",
        question: "Are you sure you want to delete the view?",
        subject: view.name.to_string(),
        consequences: consequences(&app, &caller, view),
        button: "Delete",
        danger: true,
        form: Form { action: form(&app, view.id, "delete"), return_to: list(&app), error: None },
    };
    confirmation.show(&app, &caller)
}

fn consequences(app: &App, caller: &SignedIn, view: &SavedView) -> Vec<String> {
    let shared =
        owner(app, caller, view).map(|owner| format!("{owner} shares it with the organization."));
    let lost = match view.sharing {
        Sharing::Organization => {
            let name = organization(app, view.organization);
            format!("Nobody in {name} can open it from now on.")
        }
        Sharing::Private => "Only you could open it.".to_owned(),
    };
    let others = "The applications stay as they are.".to_owned();
    shared.into_iter().chain([lost, others]).collect()
}

pub(super) async fn delete(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { caller, .. }: Submission,
) -> Result<Response, Problem> {
    let offered = Offered::load(&app, &caller).await?;
    let view = offered.removable(&id, &caller)?;
    let user = caller.member.user;
    if view.owner == user {
        app.state.forget_saved_view(view.id, user).await?;
    } else {
        app.state.forget_shared_view(view.id, view.organization).await?;
    }
    info!(user.id = %user, view.owner.id = %view.owner, "Deleted a view");
    Ok(done(&app, Message::Deleted, &list(&app)))
}

fn list(app: &App) -> String {
    local::of(&app.settings, "/applications/views")
}
