//! The list of letters, the newest first, filtered by the query of the address.

use axum::{
    extract::{RawQuery, State as Extract},
    response::Response,
};
use briefing::Rules;
use domain::{UserId, name::UserName};
use letters::OCCASIONS;
use projections::{
    Projection,
    notifications::{
        Delivery, Notifications, Row as Letter,
        listing::{Page as Found, Query},
    },
};
use serde::Serialize;

use super::{
    Operator, Problem, address, local, occasion,
    seen::{self, Link, State, To},
    tabs,
    wanted::{Page as Place, Wanted},
};
use crate::{
    app::App,
    masked,
    sealed::{self, Use},
    web::{choice::Choice, navigation, render::Template, shell::Page, times::Time},
};

/// Letters on a page.
const SIZE: u32 = 25;
/// Characters of an answer that the list shows.
const ANSWER: usize = 90;

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) tabs: Vec<navigation::Link>,
    pub(super) rows: Vec<Row>,
    pub(super) summary: String,
    pub(super) filtered: bool,
    pub(super) chips: Vec<Chip>,
    pub(super) filters: Filters,
    pub(super) pager: Pager,
}

#[derive(Serialize)]
pub(super) struct Row {
    pub(super) url: String,
    pub(super) state: State,
    pub(super) due: Option<Time>,
    pub(super) occasion: String,
    pub(super) subject: Link,
    pub(super) recipient: To,
    pub(super) attempts: u32,
    pub(super) answer: Option<String>,
    pub(super) requested: Time,
    pub(super) changed: Time,
}

/// One filter in words, and the address without it.
#[derive(Serialize)]
pub(super) struct Chip {
    pub(super) words: String,
    pub(super) remove_url: String,
}

#[derive(Serialize)]
pub(super) struct Filters {
    pub(super) url: String,
    pub(super) states: Vec<Choice>,
    /// How many states are asked for; `None` for any.
    pub(super) states_in_use: Option<usize>,
    pub(super) occasions: Vec<Choice>,
    pub(super) recipient: String,
    /// There is nobody of that name.
    pub(super) recipient_error: Option<&'static str>,
    /// Of the application whose letters these are.
    pub(super) application: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Pager {
    pub(super) as_of: String,
    pub(super) previous_url: Option<String>,
    pub(super) next_url: Option<String>,
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Operator(caller): Operator,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let wanted = Wanted::read(query.as_deref().unwrap_or_default());
    let recipient = recipient(&app, &wanted.recipient).await?;
    let nobody = recipient.is_none() && !wanted.recipient.is_empty();
    let found = if nobody {
        Found { rows: vec![], total: 0, previous: None, next: None }
    } else {
        let (filter, from) = (wanted.filter(recipient), wanted.from(&app));
        app.projections.views().letters(&Query { filter, from, limit: SIZE }).await?
    };
    let rules = app.registry.now(&app.commands.log).await?.rules;
    let path = local::of(&app.settings, "/emails/deliveries");
    let context = Context {
        tabs: tabs(&app, &caller),
        rows: found.rows.iter().map(|letter| Row::of(&app, &rules, letter)).collect(),
        summary: match found.total {
            1 => "1 letter".to_owned(),
            total => format!("{total} letters"),
        },
        filtered: wanted.is_filtered(),
        chips: chips(&app, &wanted, &path),
        pager: Pager::of(&app, &wanted, &found, &path).await?,
        filters: Filters::of(&wanted, nobody, path),
    };
    Page::new(Template::EmailsDeliveries, "Deliveries", &context).show_to(&app, &caller)
}

/// The user of that name.
async fn recipient(app: &App, name: &str) -> Result<Option<UserId>, Problem> {
    let Ok(name) = UserName::parse(name) else { return Ok(None) };
    Ok(app.commands.as_system(app.commands.mint()).find_user(&name).await?)
}

impl Row {
    fn of(app: &App, rules: &Rules, letter: &Letter) -> Self {
        let now = app.commands.clock.now();
        let answer = letter.answer.as_deref();
        Self {
            url: address(app, letter.id, ""),
            state: State::of(letter.state),
            due: seen::due(letter, app),
            occasion: seen::title(&letter.request),
            subject: seen::subject(app, &letter.request),
            recipient: To::of(app, rules, &letter.request),
            attempts: letter.attempts,
            answer: answer.map(|text| cut(masked::answer(&letter.request, text))),
            requested: Time::of(letter.requested_at, now),
            changed: Time::of(letter.changed_at, now),
        }
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(ANSWER) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn chips(app: &App, wanted: &Wanted, path: &str) -> Vec<Chip> {
    let chip = |words: String, without: Wanted| Chip {
        words,
        remove_url: Wanted { page: Place::First, ..without }.address(path),
    };
    let mut chips = vec![];
    if !wanted.states.is_empty() {
        let labels: Vec<_> = wanted.states.iter().map(|state| seen::label(*state)).collect();
        let words = format!("State is {}", labels.join(" or "));
        chips.push(chip(words, Wanted { states: [].into(), ..wanted.clone() }));
    }
    if let Some(name) = wanted.occasion {
        let words = format!("Occasion is {}", occasion(name));
        chips.push(chip(words, Wanted { occasion: None, ..wanted.clone() }));
    }
    if !wanted.recipient.is_empty() {
        let words = format!("Recipient is {}", wanted.recipient);
        chips.push(chip(words, Wanted { recipient: String::new(), ..wanted.clone() }));
    }
    if let Some(id) = wanted.application {
        let entry = app.knowledge.application(id);
        let name = entry.map_or_else(|| id.to_string(), |entry| entry.row.name.to_string());
        let words = format!("About {name}");
        chips.push(chip(words, Wanted { application: None, ..wanted.clone() }));
    }
    chips
}

impl Filters {
    fn of(wanted: &Wanted, nobody: bool, url: String) -> Self {
        let state = |state: Delivery| {
            Choice::new(state.as_str(), seen::label(state), wanted.states.contains(&state))
        };
        let occasions = OCCASIONS.iter().map(|occasion| {
            Choice::new(occasion.name, occasion.title, wanted.occasion == Some(occasion.name))
        });
        Self {
            url,
            states: Delivery::ALL.map(state).into_iter().collect(),
            states_in_use: (!wanted.states.is_empty()).then_some(wanted.states.len()),
            occasions: occasions.collect(),
            recipient: wanted.recipient.clone(),
            recipient_error: nobody.then_some("There is no user of this name."),
            application: wanted.application.map(|id| id.to_string()),
        }
    }
}

impl Pager {
    async fn of(app: &App, wanted: &Wanted, found: &Found, path: &str) -> Result<Self, Problem> {
        let live = app.projections.views().live(Notifications::IDENTITY).await?;
        let to = |page| Wanted { page, ..wanted.clone() }.address(path);
        let sealed = |place| sealed::seal(app, Use::PlaceOfLetters, place);
        Ok(Self {
            as_of: live.map(|it| it.checkpoint.position.to_string()).unwrap_or_default(),
            previous_url: found.previous.as_ref().map(|it| to(Place::Before(sealed(it)))),
            next_url: found.next.as_ref().map(|it| to(Place::After(sealed(it)))),
        })
    }
}
