//! What happened to an application, in words.

use std::{cmp::Reverse, sync::Arc};

use briefing::Rules;
use domain::{Scope, Timestamp, authority};
use projections::activity::{self, Changed, Deed, Entry, Turned};
use serde::Serialize;
use store::LogError;

use super::{
    Problem, SignedIn, Time, address,
    describe::{person, subject},
    told::{Letter, Letters},
};
use crate::app::App;

/// Entries on the application's page.
const RECENT: u32 = 10;
/// Entries on the page that shows all of them.
const ALL: u32 = 1000;
/// Characters of a text that is quoted.
const QUOTED: usize = 120;

/// The template's `activity`.
#[derive(Serialize)]
pub(super) struct Timeline {
    entries: Vec<Told>,
    /// Where more of it is shown.
    all_url: Option<String>,
    /// Whether there is more than is ever shown.
    cut: bool,
    /// An event cannot be read, so nothing is told.
    unreadable: bool,
    /// As of which position of the log letters are told; `None` where they cannot be read.
    letters_as_of: Option<String>,
}

#[derive(Serialize)]
struct Told {
    time: Time,
    text: String,
    /// Whether it is a letter, and where there is more about it.
    letter: bool,
    url: Option<String>,
    /// What changed, a line each, where one sentence does not say it.
    details: Vec<String>,
    reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Recent,
    All,
}

impl Timeline {
    pub(super) async fn of(
        app: &App,
        caller: &SignedIn,
        id: domain::ApplicationId,
        extent: Extent,
    ) -> Result<Self, Problem> {
        let at_most = match extent {
            Extent::Recent => RECENT,
            Extent::All => ALL,
        };
        let activity = match activity::of(&app.commands.log, id, at_most as usize).await {
            Ok(activity) => activity,
            Err(error @ LogError::Unreadable { .. }) => {
                tracing::error!(application.id = %id, error = &error as &dyn std::error::Error, "Its activity cannot be told");
                return Ok(Self::unreadable());
            }
            Err(error) => return Err(error.into()),
        };
        // Nobody else is told of those whom only a rule knows.
        let rules = if caller.member.may_do(authority::Deed::KeepNotifications) {
            app.registry.now(&app.commands.log).await?.rules
        } else {
            Arc::default()
        };
        let letters = letters(app, &rules, caller, id, at_most).await;
        let mut entries: Vec<_> = activity.entries.iter().map(|it| told(app, it)).collect();
        let written = letters.iter().flat_map(|it| &it.newest);
        entries.extend(written.map(|letter| told_by_mail(app, letter)));
        entries.sort_by_key(|(at, _)| Reverse(*at));
        let more = activity.more
            || letters.as_ref().is_some_and(|it| it.more)
            || entries.len() > at_most as usize;
        entries.truncate(at_most as usize);
        let recent = extent == Extent::Recent;
        Ok(Self {
            entries: entries.into_iter().map(|(_, told)| told).collect(),
            all_url: (recent && more).then(|| address(app, id, "?activity=all#activity")),
            cut: !recent && more,
            unreadable: false,
            letters_as_of: letters.map(|it| it.as_of.to_string()),
        })
    }

    const fn unreadable() -> Self {
        Self { entries: vec![], all_url: None, cut: false, unreadable: true, letters_as_of: None }
    }
}

/// `None` where the views cannot be read: the rest of the page does without them.
async fn letters(
    app: &App,
    rules: &Rules,
    caller: &SignedIn,
    id: domain::ApplicationId,
    at_most: u32,
) -> Option<Letters> {
    match Letters::about(app, rules, caller, id, at_most).await {
        Ok(letters) => Some(letters),
        Err(error) => {
            tracing::warn!(application.id = %id, error = &error as &dyn std::error::Error, "Letters about it cannot be told");
            None
        }
    }
}

fn told(app: &App, entry: &Entry) -> (Timestamp, Told) {
    let now = app.commands.clock.now();
    let (did, details) = words(app, &entry.deed);
    let told = Told {
        time: Time::of(entry.at, now),
        text: format!("{} {did}", subject(app, entry.by)),
        letter: false,
        url: None,
        details,
        reason: entry.reason.clone(),
    };
    (entry.at, told)
}

fn told_by_mail(app: &App, letter: &Letter) -> (Timestamp, Told) {
    let now = app.commands.clock.now();
    let told = Told {
        time: Time::of(letter.at, now),
        text: letter.text.clone(),
        letter: true,
        url: letter.url.clone(),
        details: vec![],
        reason: None,
    };
    (letter.at, told)
}

/// What follows the actor.
fn words(app: &App, deed: &Deed) -> (String, Vec<String>) {
    let text = match deed {
        Deed::Created { name } => format!("created {}", quoted(name.as_str())),
        Deed::SecretAdded { hint } => format!("added a client secret that ends in {hint}"),
        Deed::Renamed(name) => match &name.from {
            Some(from) => {
                format!("renamed {} → {}", quoted(from.as_str()), quoted(name.to.as_str()))
            }
            None => format!("renamed it to {}", quoted(name.to.as_str())),
        },
        Deed::Changed(changed) => return settings(changed),
        Deed::Transferred(owner) => match owner.from {
            Some(from) => {
                format!("transferred it from {} to {}", person(app, from), person(app, owner.to))
            }
            None => format!("transferred it to {}", person(app, owner.to)),
        },
        Deed::Activated => "activated".to_owned(),
        Deed::Deactivated => "deactivated".to_owned(),
        Deed::Deleted => "deleted".to_owned(),
        Deed::Restored { name } => match &name.from {
            Some(from) if *from != name.to => {
                format!("restored {} as {}", quoted(from.as_str()), quoted(name.to.as_str()))
            }
            Some(_) | None => "restored".to_owned(),
        },
    };
    (text, vec![])
}

/// One setting in a sentence, several in lines.
fn settings(changed: &Changed) -> (String, Vec<String>) {
    let Changed { description, contact, homepage, scopes } = changed;
    let lines: Vec<String> = [
        description.as_ref().map(|it| line("description", it)),
        contact.as_ref().map(|it| line("contact address", it)),
        homepage.as_ref().map(|it| line("homepage URL", it)),
        scopes.as_ref().map(scope_line),
    ]
    .into_iter()
    .flatten()
    .collect();
    match lines.as_slice() {
        [line] => (line.clone(), vec![]),
        _ => ("changed several things:".to_owned(), lines),
    }
}

fn line<T: ToString>(what: &str, turned: &Turned<T>) -> String {
    let (from, to) = (turned.from.as_ref().map(T::to_string), turned.to.to_string());
    match from.as_deref() {
        None if to.is_empty() => format!("removed the {what}"),
        Some(from) if to.is_empty() => format!("removed the {what} {}", quoted(from)),
        None | Some("") => format!("set the {what} to {}", quoted(&to)),
        Some(from) => format!("changed the {what} {} → {}", quoted(from), quoted(&to)),
    }
}

fn scope_line(turned: &Turned<Vec<Scope>>) -> String {
    let Some(from) = &turned.from else {
        return format!("set the scopes to {}", listed(turned.to.iter()));
    };
    let added: Vec<_> = turned.to.iter().filter(|scope| !from.contains(scope)).collect();
    let removed: Vec<_> = from.iter().filter(|scope| !turned.to.contains(scope)).collect();
    let part = |verb: &str, scopes: &[&Scope]| {
        let noun = if scopes.len() == 1 { "scope" } else { "scopes" };
        (!scopes.is_empty())
            .then(|| format!("{verb} the {noun} {}", listed(scopes.iter().copied())))
    };
    let parts: Vec<_> =
        [part("added", &added), part("removed", &removed)].into_iter().flatten().collect();
    if parts.is_empty() { "put the scopes in another order".to_owned() } else { parts.join(", ") }
}

fn listed<'a>(scopes: impl Iterator<Item = &'a Scope>) -> String {
    let names: Vec<_> = scopes.map(ToString::to_string).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// In quotation marks, on one line, cut when it is long.
fn quoted(text: &str) -> String {
    let line: Vec<char> =
        text.chars().map(|c| if c == '\n' { ' ' } else { c }).take(QUOTED + 1).collect();
    let cut = line.len() > QUOTED;
    let shown: String = line.into_iter().take(QUOTED).collect();
    format!("“{shown}{}”", if cut { "…" } else { "" })
}

#[cfg(test)]
pub(super) fn sample() -> Timeline {
    use super::samples::{text, time};
    let told = Told {
        time: time(),
        text: text(),
        letter: true,
        url: Some(text()),
        details: vec![text()],
        reason: Some(text()),
    };
    let (all_url, letters_as_of) = (Some(text()), Some(text()));
    Timeline { entries: vec![told], all_url, cut: false, unreadable: false, letters_as_of }
}

#[cfg(test)]
mod tests {
    use domain::application::Description;

    use super::*;

    fn scopes(text: &str) -> Vec<Scope> {
        text.split_whitespace().map(|scope| Scope::parse(scope).expect("a scope")).collect()
    }

    fn description(from: Option<&str>, to: &str) -> Changed {
        let parse = |text: &str| Description::parse(text).expect("a description");
        let turned = Turned { from: from.map(parse), to: parse(to) };
        Changed { description: Some(turned), ..Changed::default() }
    }

    #[test]
    fn a_setting_is_told_from_what_to_what() {
        for (changed, expected) in [
            (description(Some("a"), "b"), "changed the description “a” → “b”"),
            (description(Some(""), "b"), "set the description to “b”"),
            (description(None, "b"), "set the description to “b”"),
            (description(Some("a"), ""), "removed the description “a”"),
            (description(None, ""), "removed the description"),
            (description(Some("a"), "b\nc"), "changed the description “a” → “b c”"),
        ] {
            assert_eq!(settings(&changed), (expected.to_owned(), vec![]));
        }
    }

    #[test]
    fn several_settings_are_told_in_lines() {
        let turned = Turned { from: Some(scopes("a b")), to: scopes("b c d") };
        let changed = Changed { scopes: Some(turned), ..description(Some("a"), "b") };
        let (text, lines) = settings(&changed);
        assert_eq!(text, "changed several things:");
        assert_eq!(lines[1], "added the scopes c, d, removed the scope a");
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(quoted(&"ä".repeat(120)).chars().count(), 122);
        assert!(quoted(&"ä".repeat(121)).ends_with("ä…”"));
    }
}
