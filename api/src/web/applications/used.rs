//! What an application was used for lately, in words of consequence.

use domain::{ApplicationId, Timestamp};
use serde::Serialize;

use super::{Problem, Time};
use crate::app::App;

/// The template's `used`: what would stop working.
#[derive(Serialize)]
pub(super) struct Used {
    /// "41 times today"; `None` for what was never used.
    often: Option<String>,
    last: Option<Time>,
    /// When the last token of the application expires, if one may still be valid.
    tokens_until: Option<Time>,
}

impl Used {
    pub(super) async fn of(app: &App, id: ApplicationId) -> Result<Self, Problem> {
        let now = app.commands.clock.now();
        let usage = app.state.usage(&[id]).await?.remove(&id).unwrap_or_default();
        let last = usage.last_used_at;
        let until = last.map(|at| at.plus(app.settings.token_lifetime));
        Ok(Self {
            often: last.map(|_| often(usage.issued)),
            last: last.map(|at| Time::of(at, now)),
            tokens_until: until.filter(|until| *until > now).map(|until| ends(until, now)),
        })
    }
}

fn ends(until: Timestamp, now: Timestamp) -> Time {
    Time::of(until, now)
}

fn often(issued: u64) -> String {
    match issued {
        1 => "once".to_owned(),
        number => format!("{number} times in all"),
    }
}

#[cfg(test)]
pub(super) fn sample() -> Used {
    use super::samples::{text, time};
    Used { often: Some(text()), last: Some(time()), tokens_until: Some(time()) }
}
