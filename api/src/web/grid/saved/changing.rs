//! Keeping what is selected as a view, and changing one's own views.

use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use projections::saved_views::{
    Keeping, QUERY_LENGTH, SavedView, SavedViewId, SavedViewName, Sharing,
};
use serde::Serialize;
use tracing::info;

use super::{Offered, address, form as address_of_form};
use crate::{
    app::App,
    web::{
        errors::Problem,
        flash::Message,
        form::Fields,
        going_back::{done, return_to},
        grid::{Frame, Wanted, filter::Field, names::Names, words},
        local,
        render::Template,
        session::SignedIn,
        shell::Page,
        submission::Submission,
    },
};

const SAVE: &str = "Save View";
const EDIT: &str = "Edit View";
const TAKEN: &str = "You have another view of this name.";
const TOO_LONG: &str = "These filters are too long to be saved. Choose fewer values.";

/// The template's content.
#[derive(Serialize)]
pub(in super::super) struct Context {
    pub(super) heading: &'static str,
    /// The filters in words.
    pub(super) words: Vec<String>,
    pub(super) form: Form,
}

#[derive(Serialize)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) return_to: String,
    pub(super) error: Option<String>,
    pub(super) name: String,
    pub(super) name_error: Option<String>,
    pub(super) shared: bool,
    pub(super) default: bool,
    pub(super) query: String,
}

pub(super) async fn ask(
    State(app): State<App>,
    caller: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let asked = query.unwrap_or_default();
    let mut pairs = url::form_urlencoded::parse(asked.as_bytes());
    let selection = pairs.find(|(name, _)| name == "query").map(|(_, value)| value.into_owned());
    let form = Form {
        action: local::of(&app.settings, "/applications/views"),
        return_to: return_to(&app, Some(&asked), "/me"),
        error: None,
        name: String::new(),
        name_error: None,
        shared: false,
        default: false,
        query: selected(&app, &caller, &selection.unwrap_or_default()),
    };
    show(&app, &caller, SAVE, form, StatusCode::OK)
}

/// What a view keeps of a query.
fn selected(app: &App, caller: &SignedIn, query: &str) -> String {
    Wanted::read(query).tidied(&Frame::everything(app, caller)).selection()
}

fn show(
    app: &App,
    caller: &SignedIn,
    heading: &'static str,
    form: Form,
    status: StatusCode,
) -> Result<Response, Problem> {
    let filters = Wanted::read(&form.query).filters;
    let names = Names::load(app, caller, &Frame::everything(app, caller), &filters);
    let words = Field::ALL.into_iter().filter_map(|it| words::of(&filters, it, &names)).collect();
    Page::new(Template::SavedView, heading, &Context { heading, words, form })
        .with_status(status)
        .show_to(app, caller)
}

pub(super) async fn create(
    State(app): State<App>,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let id = SavedViewId::new(app.commands.mint());
    let action = local::of(&app.settings, "/applications/views");
    keep(&app, caller, fields, id, Wish { heading: SAVE, action, was_default: false }).await
}

pub(super) async fn edit(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let offered = Offered::load(&app, &caller).await?;
    let view = offered.owned(&id, &caller)?;
    let form = Form {
        action: address_of_form(&app, view.id, "edit"),
        return_to: return_to(&app, query.as_deref(), "/me"),
        error: None,
        name: view.name.to_string(),
        name_error: None,
        shared: view.sharing == Sharing::Organization,
        default: offered.default == Some(view.id),
        query: view.query.clone(),
    };
    show(&app, &caller, EDIT, form, StatusCode::OK)
}

pub(super) async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let offered = Offered::load(&app, caller).await?;
    let view = offered.owned(&id, caller)?;
    let action = address_of_form(&app, view.id, "edit");
    let was_default = offered.default == Some(view.id);
    keep(&app, caller, fields, view.id, Wish { heading: EDIT, action, was_default }).await
}

/// Gives the view what is selected now.
pub(super) async fn select(
    State(app): State<App>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let offered = Offered::load(&app, caller).await?;
    let view = offered.owned(&id, caller)?;
    let query = selected(&app, caller, fields.text("query"));
    if query.len() > QUERY_LENGTH {
        return Err(Problem::Malformed(TOO_LONG));
    }
    let changed = SavedView { query, changed_at: app.commands.clock.now(), ..view.clone() };
    match app.state.keep_saved_view(&changed).await? {
        Keeping::Kept => Ok(saved(&app, caller, &changed)),
        // It has its name and its place already.
        Keeping::NameTaken | Keeping::TooMany => Err(Problem::Contended),
    }
}

/// What the form is about.
struct Wish {
    heading: &'static str,
    action: String,
    was_default: bool,
}

async fn keep(
    app: &App,
    caller: &SignedIn,
    fields: &Fields,
    id: SavedViewId,
    wish: Wish,
) -> Result<Response, Problem> {
    let query = selected(app, caller, fields.text("query"));
    let (shared, default) = (fields.flag("shared"), fields.flag("default"));
    let (Ok(shared), Ok(default)) = (shared, default) else {
        return Err(Problem::Malformed("A check box was neither ticked nor left."));
    };
    let complain = |error: Option<String>, name_error: Option<String>| {
        let form = Form {
            action: wish.action.clone(),
            return_to: fields.return_to(&app.settings),
            error,
            name: fields.text("name").to_owned(),
            name_error,
            shared,
            default,
            query: query.clone(),
        };
        show(app, caller, wish.heading, form, StatusCode::UNPROCESSABLE_ENTITY)
    };
    if query.len() > QUERY_LENGTH {
        return complain(Some(TOO_LONG.to_owned()), None);
    }
    let name = match SavedViewName::parse(fields.text("name")) {
        Ok(name) => name,
        Err(error) => return complain(None, Some(error.to_string())),
    };
    let (user, organization) = (caller.member.user, caller.member.organization);
    let view = SavedView {
        id,
        owner: user,
        organization,
        name,
        sharing: if shared { Sharing::Organization } else { Sharing::Private },
        query: query.clone(),
        changed_at: app.commands.clock.now(),
    };
    match app.state.keep_saved_view(&view).await? {
        Keeping::Kept => {}
        Keeping::NameTaken => return complain(None, Some(TAKEN.to_owned())),
        Keeping::TooMany => {
            let bound = view.sharing.bound();
            let text = match view.sharing {
                Sharing::Private => {
                    format!("You keep {bound} views to yourself already. Delete one first.")
                }
                Sharing::Organization => format!(
                    "{bound} views are shared with the organization already. Whoever manages it can delete one."
                ),
            };
            return complain(Some(text), None);
        }
    }
    if default != wish.was_default {
        app.state.set_default_view(user, organization, default.then_some(id)).await?;
    }
    info!(user.id = %user, organization.id = %organization, shared, "Saved a view");
    Ok(saved(app, caller, &view))
}

/// On to the view.
fn saved(app: &App, caller: &SignedIn, view: &SavedView) -> Response {
    done(app, Message::Saved, &address(app, &Frame::everything(app, caller), view))
}
