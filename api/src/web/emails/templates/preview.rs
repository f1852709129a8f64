//! How a letter would look: a document of its own in a frame, in which nothing runs and nothing is loaded.

use axum::{
    Extension,
    extract::{RawQuery, State},
    response::{Html, IntoResponse, Response},
};
use domain::{email_template::Source, user::Locale};
use letters::{Occasion, RenderError, Rendered, Told};
use serde::Serialize;

use super::{
    App, Found, Named, Operator, Problem, SignedIn, asked,
    events::{Events, at, told},
    permit,
};
use crate::{
    templates,
    web::{
        form::Fields,
        headers::Framed,
        render::{Template, render_alone},
        submission::Long,
    },
};

#[derive(Serialize)]
pub(super) struct Context {
    /// Whether the words are those in the form and not what is saved.
    pub(super) draft: bool,
    pub(super) letter: Option<Letter>,
    /// Why there is no letter.
    pub(super) problems: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

pub(super) async fn saved(
    State(app): State<App>,
    Operator(caller): Operator,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let found = named.find(&app).await?;
    let (source, whence) = found.words()?;
    let wanted = asked(query.as_deref(), "event").unwrap_or_default();
    let told = rehearsed(&app, &caller, &found, &wanted).await?;
    show(&Context::of(found.occasion, &found.written_as(&whence), &source, &told))
}

pub(super) async fn draft(
    State(app): State<App>,
    named: Named,
    Long(submission): Long,
) -> Result<Response, Problem> {
    let caller = &submission.caller;
    permit(caller)?;
    let found = named.find(&app).await?;
    let context = match read(&submission.fields) {
        Ok(source) => {
            let told = rehearsed(&app, caller, &found, submission.fields.text("event")).await?;
            Context::of(found.occasion, &found.locale, &source, &told)
        }
        Err(problems) => Context { draft: true, letter: None, problems },
    };
    show(&Context { draft: true, ..context })
}

/// What is told of the event that is wanted.
async fn rehearsed(
    app: &App,
    caller: &SignedIn,
    found: &Found,
    wanted: &str,
) -> Result<Told, Problem> {
    let event = match wanted {
        "" => Events::of(app, found, wanted).await?.chosen,
        wanted => at(&app.commands.log, found.occasion, wanted).await?,
    };
    told(app, caller, found.occasion, event.as_ref()).await
}

fn read(fields: &Fields) -> Result<Source, Vec<String>> {
    let [subject, text, html] = ["subject", "text", "html"].map(|part| fields.text(part));
    templates::source(subject, text, html)
}

impl Context {
    fn of(occasion: &Occasion, locale: &Locale, source: &Source, told: &Told) -> Self {
        let (letter, problems) = match letter(occasion, locale, source, told) {
            Ok(letter) => (Some(letter), vec![]),
            Err(problems) => (None, problems),
        };
        Self { draft: false, letter, problems }
    }
}

fn letter(
    occasion: &Occasion,
    locale: &Locale,
    source: &Source,
    told: &Told,
) -> Result<Letter, Vec<String>> {
    letters::check(occasion, source)
        .map_err(|wrong| wrong.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    match letters::render(occasion, locale, source, told) {
        Ok(Rendered { subject, text, html }) => Ok(Letter { subject, text, html }),
        Err(RenderError::NotTold(unknown)) => {
            Err(vec![format!("This event cannot be shown: {unknown}.")])
        }
        Err(error) => Err(vec![error.to_string()]),
    }
}

fn show(context: &Context) -> Result<Response, Problem> {
    let html = render_alone(Template::EmailsTemplatePreview, context)?;
    Ok((Extension(Framed), Html(html)).into_response())
}
