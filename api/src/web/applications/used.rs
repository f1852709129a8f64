//! What an application was used for lately, in words of consequence.

use domain::ApplicationId;
use projections::state::Day;
use serde::Serialize;

use super::{Problem, Time};
use crate::app::App;

/// The template's `used`: what would stop working.
#[derive(Serialize)]
pub(super) struct Used {
    /// "41 times today"; `None` when it was not used today.
    often: Option<String>,
    last: Option<Time>,
    /// When the last token of the application expires, if one may still be valid.
    tokens_until: Option<Time>,
}

impl Used {
    pub(super) async fn of(app: &App, id: ApplicationId) -> Result<Self, Problem> {
        let now = app.commands.clock.now();
        let last = app.state.usage(&[id]).await?.remove(&id).and_then(|usage| usage.last_used_at);
        let today = app.state.usage_on(id, Day::of(now)).await?.issued;
        let until = last.map(|at| at.plus(app.settings.token_lifetime));
        Ok(Self {
            often: last.and_then(|_| often(today)),
            last: last.map(|at| Time::of(at, now)),
            tokens_until: until.filter(|until| *until > now).map(|until| Time::of(until, now)),
        })
    }
}

fn often(today: u64) -> Option<String> {
    match today {
        0 => None,
        1 => Some("once today".to_owned()),
        number => Some(format!("{number} times today")),
    }
}

#[cfg(test)]
pub(super) fn sample() -> Used {
    use super::samples::{text, time};
    Used { often: Some(text()), last: Some(time()), tokens_until: Some(time()) }
}
