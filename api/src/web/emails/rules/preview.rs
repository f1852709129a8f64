//! Whom a rule would have told in the last days.

use briefing::{Foresight, Reach, Standing, Telling};
use commands::notifications::NewRule;
use domain::{
    Personal, Timestamp,
    notification::Recipient,
    notification_preference::Pace,
    notification_rule::{PlainAddress, Rule},
    user::Email,
};
use serde::Serialize;
use uuid::Uuid;

use super::{Problem, masked, occasion};
use crate::{
    app::App,
    web::{
        applications::{self, person},
        times::Time,
        users,
    },
};

const DAYS: i64 = 30;
/// Events that are shown.
const SHOWN: usize = 50;

#[derive(Serialize)]
pub(super) struct Preview {
    pub(super) summary: String,
    /// Whether there is more to look at than can be.
    pub(super) cut: bool,
    /// How far back it goes then, if anywhere.
    pub(super) since: Option<Time>,
    pub(super) rows: Vec<Row>,
}

#[derive(Serialize)]
pub(super) struct Row {
    pub(super) time: Time,
    pub(super) about: String,
    pub(super) url: Option<String>,
    /// Empty where it would have told nobody.
    pub(super) people: Vec<String>,
}

impl Preview {
    pub(super) async fn of(app: &App, new: NewRule, standing: &Standing) -> Result<Self, Problem> {
        let now = app.commands.clock.now();
        let since = Timestamp::from_micros(now.as_micros() - DAYS * 24 * 60 * 60 * 1_000_000);
        let NewRule { rule, addresses } = new;
        let rule = with(rule, &addresses);
        let log = &app.commands.log;
        let foresight =
            Foresight::of(log, &rule, &standing.rules, since, Reach::PAGE, SHOWN).await?;
        let row = |telling: &Telling| Row::of(app, &rule, &addresses, telling, now);
        Ok(Self {
            summary: summary(&foresight),
            cut: !foresight.complete,
            since: foresight.since.filter(|_| !foresight.complete).map(|it| Time::of(it, now)),
            rows: foresight.tellings.iter().map(row).collect(),
        })
    }
}

/// The rule with its addresses, each under its number.
fn with(mut rule: Rule, addresses: &[Email]) -> Rule {
    let address = |(number, address): (u128, &Email)| PlainAddress {
        id: Uuid::from_u128(number),
        address: Personal::new(address.as_str()),
    };
    rule.recipients.addresses = (0..).zip(addresses).map(address).collect();
    rule
}

fn summary(foresight: &Foresight) -> String {
    let Foresight { tellings, arose, .. } = foresight;
    let told = tellings.iter().filter(|it| !it.audience.is_empty()).count();
    match (*arose, told) {
        (0, _) => "The occasion did not arise.".to_owned(),
        (_, 0) => "It would have told nobody.".to_owned(),
        (_, 1) => "It would have told of this:".to_owned(),
        (_, told) => format!("It would have told of these {told}:"),
    }
}

impl Row {
    fn of(app: &App, rule: &Rule, addresses: &[Email], telling: &Telling, now: Timestamp) -> Self {
        let Telling { recorded, subject, audience } = telling;
        let (about, url) = match (&subject.application, subject.account) {
            (Some((id, living)), _) => {
                (living.name.to_string(), Some(applications::address(app, *id, "")))
            }
            (None, Some(user)) => (person(app, user), Some(users::address(app, user, ""))),
            (None, None) => (occasion(&rule.occasion).to_owned(), None),
        };
        let mut people: Vec<_> =
            audience.iter().map(|(who, pace)| name(app, addresses, *who, *pace)).collect();
        people.sort_unstable();
        Self { time: Time::of(recorded.metadata.occurred_at, now), about, url, people }
    }
}

fn name(app: &App, addresses: &[Email], who: Recipient, pace: Pace) -> String {
    let name = match who {
        Recipient::User(id) => person(app, id),
        Recipient::Address(id) => {
            let address = usize::try_from(id.as_u128()).ok().and_then(|it| addresses.get(it));
            address.map(|address| masked(address.as_str())).unwrap_or_default()
        }
    };
    match pace {
        Pace::AtOnce => name,
        Pace::Daily => format!("{name}, once a day"),
        Pace::Off => format!("{name}, who wants no letters"),
    }
}
