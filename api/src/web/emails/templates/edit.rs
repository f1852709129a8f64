//! The editor: the words of a template in one language, beside what they may name.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    email_template::{EmailTemplate, Part, Source},
    user::Locale,
};
use letters::{Occasion, TemplateError, Told};
use serde::Serialize;

use super::{
    App, Choice, Found, Named, OVERTAKEN, Operator, Problem, SignedIn, Whence, address, asked,
    complaint,
    events::{Events, SAMPLE, told},
    permit, tabs,
};
use crate::web::{
    flash::Message,
    form::{Fields, Seen},
    going_back::written,
    local,
    navigation::Link,
    render::Template,
    shell::Page,
    submission::Long,
};

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) tabs: Vec<Link>,
    pub(super) name: String,
    pub(super) occasion: &'static str,
    pub(super) languages: Vec<Language>,
    pub(super) language: String,
    /// Whence the words come.
    pub(super) whence: String,
    pub(super) variables: Vec<Variable>,
    /// Why the variables have no values, if so.
    pub(super) unknown: Option<String>,
    pub(super) locale_url: String,
    pub(super) preview_url: String,
    pub(super) saved_preview_url: String,
    pub(super) test_url: String,
    pub(super) versions_url: String,
    /// `None` where there is nothing to go back to.
    pub(super) reset_url: Option<String>,
    /// Of a template of one's own.
    pub(super) remove_url: Option<String>,
    /// The chosen event, as its choice has it.
    pub(super) event: String,
    pub(super) form: Form,
}

#[derive(Serialize)]
pub(super) struct Language {
    pub(super) label: String,
    pub(super) url: String,
    pub(super) current: bool,
    pub(super) customized: bool,
}

#[derive(Serialize)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) meaning: &'static str,
    pub(super) value: String,
}

#[derive(Serialize)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) return_to: String,
    /// Of the template as it is shown, so that nobody overwrites what they have not seen; `None` where that is not known.
    pub(super) revision: Option<u64>,
    pub(super) error: Option<String>,
    pub(super) events: Vec<Choice>,
    pub(super) subject: String,
    pub(super) subject_error: Option<String>,
    pub(super) text: String,
    pub(super) text_error: Option<String>,
    pub(super) html: String,
    pub(super) html_error: Option<String>,
}

/// What stands in the form, and what is wrong about it.
struct Entry {
    source: Source,
    wrong: Vec<(Part, String)>,
    error: Option<&'static str>,
    revision: Option<u64>,
}

impl Entry {
    /// The words as they are.
    fn of(found: &Found, source: Source) -> Self {
        Self { source, wrong: vec![], error: None, revision: Some(found.expected.next_revision()) }
    }

    /// The words that were entered.
    fn entered(fields: &Fields) -> Self {
        let text = |part: &str| fields.text(part).replace("\r\n", "\n");
        let source = Source { subject: text("subject"), text: text("text"), html: text("html") };
        Self { source, wrong: vec![], error: None, revision: fields.text("revision").parse().ok() }
    }

    /// All that is wrong with a part, a line each.
    fn wrong_with(&self, part: Part) -> Option<String> {
        let lines: Vec<_> = self
            .wrong
            .iter()
            .filter(|(about, _)| *about == part)
            .map(|(_, text)| &**text)
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

pub(super) async fn form(
    State(app): State<App>,
    Operator(caller): Operator,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let found = named.find(&app).await?;
    let (source, _) = found.words()?;
    let wanted = asked(query.as_deref(), "event").unwrap_or_default();
    let entry = Entry::of(&found, source);
    show(&app, &caller, &found, entry, &wanted, StatusCode::OK).await
}

pub(super) async fn save(
    State(app): State<App>,
    named: Named,
    Long(submission): Long,
) -> Result<Response, Problem> {
    let (caller, fields) = (&submission.caller, &submission.fields);
    let permit = permit(caller)?;
    let found = named.find(&app).await?;
    let wanted = fields.text("event");
    let mut entry = Entry::entered(fields);
    if fields.given("choose").is_some() {
        return show(&app, caller, &found, entry, wanted, StatusCode::OK).await;
    }
    let source = match read(found.occasion, &entry.source) {
        Ok(source) => source,
        Err(wrong) => {
            entry.wrong = wrong;
            return show(&app, caller, &found, entry, wanted, StatusCode::UNPROCESSABLE_ENTITY)
                .await;
        }
    };
    if fields.seen(found.expected) == Seen::Overtaken {
        // What the other one wrote is shown with their revision, so that it is seen before it is written over.
        let (source, _) = found.words()?;
        let entry = Entry { error: Some(OVERTAKEN), ..Entry::of(&found, source) };
        return show(&app, caller, &found, entry, wanted, StatusCode::CONFLICT).await;
    }
    let scribe = app.scribe_for(&submission).only_at::<EmailTemplate>(&found.id, found.expected);
    let (locale, shipped) = (found.locale.clone(), found.is_shipped());
    match scribe.customize_template(&permit, found.id, locale, source, shipped).await {
        Ok(done) => {
            let query = format!("?event={}", local::encoded(wanted));
            let back = found.address(&app, if wanted.is_empty() { "" } else { &query });
            Ok(written(&app, done.position, Message::Saved, &back).await)
        }
        Err(failure) => {
            entry.error = Some(complaint(failure)?);
            show(&app, caller, &found, entry, wanted, StatusCode::CONFLICT).await
        }
    }
}

/// The words, if they keep every rule and render; else all that is wrong, each part for one reason.
fn read(occasion: &Occasion, entered: &Source) -> Result<Source, Vec<(Part, String)>> {
    let Source { subject, text, html } = entered;
    let parsed = Source::parse(subject, text, html);
    let broken = parsed.as_ref().err().into_iter().flatten();
    let mut wrong: Vec<_> = broken.map(|rule| (rule.part(), rule.to_string())).collect();
    let broken: Vec<_> = wrong.iter().map(|(part, _)| *part).collect();
    let failing = letters::check(occasion, parsed.as_ref().unwrap_or(entered)).err();
    let failing = failing.into_iter().flatten().filter(|error| !broken.contains(&error.part));
    wrong.extend(failing.map(|error| (error.part, placed(&error))));
    match parsed {
        Ok(source) if wrong.is_empty() => Ok(source),
        Ok(_) | Err(_) => Err(wrong),
    }
}

fn placed(error: &TemplateError) -> String {
    match error.place {
        Some(place) => {
            format!("Line {}, column {}: {}", place.line, place.column, error.problem)
        }
        None => error.problem.clone(),
    }
}

async fn show(
    app: &App,
    caller: &SignedIn,
    found: &Found,
    entry: Entry,
    wanted: &str,
    status: StatusCode,
) -> Result<Response, Problem> {
    let events = Events::of(app, found, wanted).await?;
    let told = told(app, caller, found.occasion, events.chosen.as_ref()).await?;
    let context = Context::of(app, caller, found, entry, events, &told)?;
    let page = Page::new(Template::EmailsTemplateEdit, &context.name, &context).with_status(status);
    page.show_to(app, caller)
}

impl Context {
    fn of(
        app: &App,
        caller: &SignedIn,
        found: &Found,
        entry: Entry,
        events: Events,
        told: &Told,
    ) -> Result<Self, Problem> {
        let (_, whence) = found.words()?;
        let (variables, unknown) = variables(found.occasion, &found.written_as(&whence), told);
        let event = events.chosen.as_ref().map(|event| event.position.to_string());
        let event = event.unwrap_or_else(|| SAMPLE.to_owned());
        Ok(Self {
            tabs: tabs(app, caller),
            name: found.name().to_owned(),
            occasion: found.occasion.title,
            languages: languages(app, found),
            language: found.locale.as_str().to_owned(),
            whence: whence_in_words(found, &whence),
            variables,
            unknown,
            locale_url: address(app, found.id, ""),
            preview_url: found.address(app, "/preview"),
            saved_preview_url: found.address(app, &format!("/preview?event={event}")),
            test_url: found.address(app, "/test"),
            versions_url: found.address(app, "/versions"),
            reset_url: found.is_customized().then(|| found.address(app, "/reset")),
            remove_url: (!found.is_shipped()).then(|| address(app, found.id, "/remove")),
            event,
            form: Form::of(app, found, entry, events.choices),
        })
    }
}

impl Form {
    fn of(app: &App, found: &Found, entry: Entry, events: Vec<Choice>) -> Self {
        Self {
            action: found.address(app, ""),
            return_to: local::of(&app.settings, "/emails/templates"),
            revision: entry.revision,
            error: entry.error.map(str::to_owned),
            events,
            subject_error: entry.wrong_with(Part::Subject),
            text_error: entry.wrong_with(Part::Text),
            html_error: entry.wrong_with(Part::Html),
            subject: entry.source.subject,
            text: entry.source.text,
            html: entry.source.html,
        }
    }
}

fn languages(app: &App, found: &Found) -> Vec<Language> {
    let language = |locale: Locale| Language {
        label: locale.as_str().to_owned(),
        url: address(app, found.id, &format!("/{}", locale.as_str())),
        current: locale == found.locale,
        customized: found.template.customized.contains_key(&locale),
    };
    found.locales().into_iter().map(language).collect()
}

fn whence_in_words(found: &Found, whence: &Whence) -> String {
    let language = found.locale.as_str();
    match whence {
        Whence::Own if found.is_shipped() => {
            format!("The words in {language} are your own. They go before the shipped ones.")
        }
        Whence::Own => format!("The words in {language}."),
        Whence::Shipped => format!("The words in {language} are as shipped."),
        Whence::Inherited(other) => format!(
            "There are no words in {language}: who reads it gets those in {}.",
            other.as_str()
        ),
    }
}

/// What the templates may name, with what it stands for; without that where the event cannot be told.
fn variables(
    occasion: &'static Occasion,
    locale: &Locale,
    told: &Told,
) -> (Vec<Variable>, Option<String>) {
    let entry = |variable: &letters::Variable, value: String| Variable {
        name: format!("{{{{{}}}}}", variable.name),
        kind: variable.kind.as_str(),
        meaning: variable.meaning,
        value,
    };
    match occasion.words(locale, told) {
        Ok(words) => {
            (words.into_iter().map(|(variable, value)| entry(variable, value)).collect(), None)
        }
        Err(unknown) => {
            let bare = occasion.variables().map(|variable| entry(variable, String::new()));
            (bare.collect(), Some(format!("This event cannot be shown: {unknown}.")))
        }
    }
}
