//! The past event that a template is tried on.

use std::time::Duration;

use briefing::{Addressee, Past, Reach, Subject, rehearsed};
use domain::Timestamp;
use letters::{Occasion, Told};
use store::{Log, LogError, Position, Recorded};

use super::{App, Choice, Found, Problem, SignedIn};
use crate::web::{shell::open, times::Time};

/// Events to choose from.
const REACH: Reach = Reach { looked_at: 5_000, kept: 20, time: Duration::from_secs(1) };
/// What is chosen where no event is.
pub(super) const SAMPLE: &str = "sample";

/// What may be chosen, and what is.
pub(super) struct Events {
    pub(super) choices: Vec<Choice>,
    /// `None` for the occasion's sample.
    pub(super) chosen: Option<Recorded>,
}

impl Events {
    /// `wanted` is what a choice says, or nothing: the latest event then, if there is one.
    pub(super) async fn of(app: &App, found: &Found, wanted: &str) -> Result<Self, Problem> {
        let log = &app.commands.log;
        let epoch = Timestamp::from_micros(0);
        let past = Past::of(log, found.occasion, epoch, REACH).await?.events;
        let chosen = match wanted {
            "" => past.first().cloned(),
            wanted => at(log, found.occasion, wanted).await?,
        };
        let mut events = past;
        if let Some(chosen) = &chosen
            && events.iter().all(|event| event.id != chosen.id)
        {
            events.push(chosen.clone());
        }
        let mut choices = Vec::new();
        for event in &events {
            let selected = chosen.as_ref().is_some_and(|chosen| chosen.id == event.id);
            choices.push(Choice::new(
                event.position.to_string(),
                label(app, event).await?,
                selected,
            ));
        }
        choices.push(Choice::new(SAMPLE, "An example", chosen.is_none()));
        Ok(Self { choices, chosen })
    }
}

/// The event at the position, if it was the occasion. What is no position is the sample.
pub(super) async fn at(
    log: &Log,
    occasion: &Occasion,
    wanted: &str,
) -> Result<Option<Recorded>, LogError> {
    let Ok(position) = wanted.parse::<Position>() else { return Ok(None) };
    let Some(event) = log.store().event_at(position).await? else { return Ok(None) };
    if event.stream.category() != occasion.category().as_str() {
        return Ok(None);
    }
    let recorded = log.decode(&event).await?;
    Ok(Some(recorded).filter(|recorded| (occasion.tells)(&recorded.event)))
}

/// When it happened, and to what.
async fn label(app: &App, event: &Recorded) -> Result<String, Problem> {
    let at = Time::exact(event.metadata.occurred_at);
    let subject = Subject::of(&app.commands.log, event).await?;
    let application = subject.application.map(|(_, living)| living.name.to_string());
    let account = subject.account.and_then(|id| app.knowledge.user(id));
    let account = account.map(|user| open(&user.display_name));
    Ok(match application.or(account) {
        Some(name) => format!("{at} · {name}"),
        None => at,
    })
}

/// What a letter to the person would say of the event.
pub(super) async fn told(
    app: &App,
    caller: &SignedIn,
    occasion: &Occasion,
    event: Option<&Recorded>,
) -> Result<Told, Problem> {
    let reader =
        Addressee { user: Some(caller.member.user), display_name: open(&caller.user.display_name) };
    let (log, url) = (&app.commands.log, &app.settings.public_url);
    Ok(rehearsed(log, occasion, event, reader, url).await?)
}
