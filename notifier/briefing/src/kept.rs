//! One rule, read from its stream.

use domain::{
    Decider, Event, NotificationRuleId,
    notification_rule::{NotificationRule, Rule},
};
use store::{Direction, Expected, Log, LogError, Position, StreamName, limits};

use crate::shipped_rules;

/// A rule as it was at some place in the log, and where its stream ended there.
#[derive(Clone, Debug)]
pub struct Kept {
    pub id: NotificationRuleId,
    pub rule: Rule,
    /// The rule as shipped, where it is one.
    pub shipped: Option<Rule>,
    pub expected: Expected,
}

impl Kept {
    /// `None` where it was removed, or never was. Without a position: as it is now.
    pub async fn find(
        log: &Log,
        id: NotificationRuleId,
        as_of: Option<Position>,
    ) -> Result<Option<Self>, LogError> {
        let stream = StreamName::of::<NotificationRule>(&id);
        let (mut state, mut expected) = (NotificationRule::default(), Expected::NoStream);
        loop {
            let next = expected.next_revision();
            let page = log.store().read(&stream, next, Direction::Forwards, limits::EVENTS).await?;
            let until = |position| as_of.is_none_or(|as_of| position <= as_of);
            for event in page.iter().take_while(|event| until(event.position)) {
                if let Event::NotificationRule(decided) = log.decode(event).await?.event {
                    state = state.evolve(decided);
                }
                expected = Expected::Exact(event.revision);
            }
            if page.len() < limits::EVENTS || page.last().is_some_and(|it| !until(it.position)) {
                break;
            }
        }
        let shipped = shipped_rules().find(|(known, _)| *known == id).map(|(_, rule)| rule);
        let rule = state.current(shipped.as_ref()).cloned();
        Ok(rule.map(|rule| Self { id, rule, shipped, expected }))
    }
}
