//! Whom a rule would have told, had it been there before.

use domain::{
    Timestamp, notification::Recipient, notification_preference::Pace, notification_rule::Rule,
};
use letters::{About, Occasion};
use store::{Actor, Log, LogError, Recorded};
use tokio::time::{Instant, timeout_at};

use crate::{INVITATION, Past, Reach, Rules, Subject, audience, reading::if_readable};

/// One event that a rule lets through.
#[derive(Clone, Debug)]
pub struct Telling {
    pub recorded: Recorded,
    pub subject: Subject,
    /// Everybody whom the rule tells of it, and how fast they want to be told now.
    pub audience: Vec<(Recipient, Pace)>,
}

/// What a rule would have told of the past.
#[derive(Clone, Debug)]
pub struct Foresight {
    /// The latest first.
    pub tellings: Vec<Telling>,
    /// How often the occasion arose, whether or not the rule lets it through.
    pub arose: usize,
    /// Since when everything is here: what was asked for, or later where the reach ended. `None` where it ended before
    /// anything was looked at.
    pub since: Option<Timestamp>,
    /// Whether it goes back as far as was asked for.
    pub complete: bool,
}

impl Foresight {
    /// Looks at the past with the rule as it is given, active or not, for as long as the reach allows and until `most`
    /// events are told. `rules` say how fast people want to be told.
    pub async fn of(
        log: &Log,
        rule: &Rule,
        rules: &Rules,
        since: Timestamp,
        reach: Reach,
        most: usize,
    ) -> Result<Self, LogError> {
        let end = Instant::now() + reach.time;
        let mut foresight = Self { tellings: vec![], arose: 0, since: None, complete: false };
        let Some(occasion) = letters::occasion(&rule.occasion) else {
            return Ok(foresight);
        };
        let Past { mut events, complete, since } = Past::of(log, occasion, since, reach).await?;
        events.retain(|recorded| !is_quiet(occasion, recorded.metadata.actor));
        foresight.arose = events.len();
        let telling = foresight.tell(log, (rule, occasion), rules, events, most);
        // Out of time, what was found until then stays.
        let all = timeout_at(end, telling).await.unwrap_or(Ok(false))?;
        (foresight.complete, foresight.since) = match (all, foresight.tellings.last()) {
            (true, _) => (complete, since),
            (false, last) => (false, last.map(|last| last.recorded.metadata.occurred_at)),
        };
        Ok(foresight)
    }

    /// Answers whether all events were looked at.
    async fn tell(
        &mut self,
        log: &Log,
        (rule, occasion): (&Rule, &Occasion),
        rules: &Rules,
        events: Vec<Recorded>,
        most: usize,
    ) -> Result<bool, LogError> {
        for recorded in events {
            let subject = if_readable(&recorded.stream, Subject::of(log, &recorded).await)?;
            let Some(subject) = subject.filter(|subject| subject.concerns(rule)) else {
                continue;
            };
            if self.tellings.len() == most {
                return Ok(false);
            }
            let recipients = audience(log, rule, &subject).await;
            let Some(recipients) = if_readable(&recorded.stream, recipients)? else {
                continue;
            };
            let told = recipients.into_iter().map(|it| (it, pace(rules, occasion, it)));
            let audience = told.collect();
            self.tellings.push(Telling { recorded, subject, audience });
        }
        Ok(true)
    }
}

/// How fast the recipient is told of the occasion: of what is about security at once, and so is who has no account.
pub fn pace(rules: &Rules, occasion: &Occasion, recipient: Recipient) -> Pace {
    let chooses = recipient.user().filter(|_| !occasion.security);
    chooses.map(|user| rules.pace(user)).unwrap_or_default()
}

/// Accounts that are made on the command line are nobody's news. Invitations are asked for, whoever does.
pub fn is_quiet(occasion: &Occasion, actor: Actor) -> bool {
    actor == Actor::Operator && occasion.about == About::Account && occasion.name != INVITATION
}
