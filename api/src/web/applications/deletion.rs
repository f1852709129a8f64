//! That an application was deleted, and until when that can be undone.

use domain::{Timestamp, authority::Action};
use projections::applications::Row;
use serde::Serialize;

use super::{SignedIn, Time, actions::why_not, describe::actor};
use crate::app::App;

const TOO_LATE: &str = "It was deleted too long ago to be restored.";
const NEVER: &str = "Deleted applications cannot be restored here.";

/// The template's `deletion`.
#[derive(Serialize)]
pub(super) struct Deletion {
    at: Time,
    by: String,
    reason: Option<String>,
    /// `None` when it is too late, or never possible.
    restorable_until: Option<Time>,
}

impl Deletion {
    /// `None` for a living application.
    pub(super) fn of(app: &App, row: &Row, now: Timestamp) -> Option<Self> {
        let deletion = row.deleted.as_ref()?;
        let until = until(app, deletion.at).filter(|until| *until >= now);
        Some(Self {
            at: Time::of(deletion.at, now),
            by: actor(app, deletion.by),
            reason: deletion.reason.clone(),
            restorable_until: until.map(|until| Time::of(until, now)),
        })
    }
}

/// Until when what is deleted at that moment can be restored.
pub(super) fn until(app: &App, deleted_at: Timestamp) -> Option<Timestamp> {
    let time = app.settings.restorable_for;
    (!time.is_zero()).then(|| deleted_at.plus(time))
}

/// Why this person cannot restore the deleted application, if they cannot.
pub(super) fn why_not_restored(
    app: &App,
    caller: &SignedIn,
    row: &Row,
    now: Timestamp,
) -> Option<String> {
    let deletion = row.deleted.as_ref()?;
    match until(app, deletion.at) {
        None => Some(NEVER.to_owned()),
        Some(until) if until < now => Some(TOO_LATE.to_owned()),
        Some(_) => why_not(caller, Action::Restore, row.belonging()),
    }
}

#[cfg(test)]
pub(super) fn sample() -> Deletion {
    use super::samples::{text, time};
    Deletion { at: time(), by: text(), reason: Some(text()), restorable_until: Some(time()) }
}
