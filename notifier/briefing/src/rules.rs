//! The rules, and how fast people want to be told, as they were at a place in the log.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use domain::{
    Category, Decider, EmailTemplateId, Event, NotificationRuleId, UserId,
    authority::Role,
    notification_preference::{Pace, Preference},
    notification_rule::{Filter, NotificationRule, Recipients, Rule, RuleName},
};
use letters::{About, OCCASIONS, Occasion};
use store::{Categories, Log, LogError, Position, Recorded, limits};

use crate::reading::readable;

/// The one rule that ships switched on.
const SWITCHED_ON: &str = "application_created";
/// The occasion that has no rule: an invitation goes to whoever is invited, always, and to nobody else, since its letter
/// holds the link.
pub const INVITATION: &str = "user_invited";
/// After how many days without use a shipped rule tells of it.
const UNUSED_DAYS: u16 = 90;

static SHIPPED: LazyLock<Vec<(NotificationRuleId, Rule)>> = LazyLock::new(|| {
    let shipped = |occasion: &&Occasion| {
        Some((NotificationRuleId::shipped(occasion.name), usual_rule(occasion)?))
    };
    OCCASIONS.iter().filter_map(shipped).collect()
});

/// The rule as it ships, if that is the id of a shipped one.
pub fn shipped_rule(id: NotificationRuleId) -> Option<&'static Rule> {
    SHIPPED.iter().find(|(shipped, _)| *shipped == id).map(|(_, rule)| rule)
}

/// A fold of rules and preferences.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    touched: BTreeMap<NotificationRuleId, NotificationRule>,
    preferences: HashMap<UserId, Preference>,
}

impl Rules {
    pub const CATEGORIES: [Category; 2] =
        [Category::NotificationRule, Category::NotificationPreference];

    /// As they were when the log was as long as `through`.
    pub async fn at(log: &Log, through: Position) -> Result<Self, LogError> {
        let categories = Categories::of(&Self::CATEGORIES);
        let mut rules = Self::default();
        let mut after = Position::START;
        while after < through {
            let batch = log.store().read_all(after, &categories, limits::EVENTS).await?;
            for event in batch.events.iter().take_while(|event| event.position <= through) {
                if let Some(recorded) = readable(log, event).await? {
                    rules.follow(&recorded);
                }
            }
            after = batch.through;
            if batch.at_head {
                break;
            }
        }
        Ok(rules)
    }

    /// Takes in one more event; those of other categories change nothing.
    pub fn follow(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::NotificationRule(event) => {
                if let Ok(id) = recorded.stream.id().parse() {
                    let rule = self.touched.remove(&id).unwrap_or_default();
                    self.touched.insert(id, rule.evolve(event.clone()));
                }
            }
            Event::NotificationPreference(event) => {
                if let Ok(id) = recorded.stream.id().parse() {
                    let preference = self.preferences.remove(&id).unwrap_or_default();
                    self.preferences.insert(id, preference.evolve(event.clone()));
                }
            }
            _ => {}
        }
    }

    /// Those that are switched on for the occasion, shipped ones first.
    pub fn about(&self, occasion: &str) -> impl Iterator<Item = (NotificationRuleId, &Rule)> {
        self.all().filter(move |(_, rule)| rule.active && rule.occasion == occasion)
    }

    /// `None` where it was removed, or never was.
    pub fn get(&self, id: NotificationRuleId) -> Option<&Rule> {
        self.all().find(|(known, _)| *known == id).map(|(_, rule)| rule)
    }

    /// Shipped ones first, in the order of their occasions.
    pub fn all(&self) -> impl Iterator<Item = (NotificationRuleId, &Rule)> {
        let shipped = SHIPPED.iter().filter_map(|(id, rule)| match self.touched.get(id) {
            Some(touched) => Some((*id, touched.current(Some(rule))?)),
            None => Some((*id, rule)),
        });
        let own = self.touched.iter().filter(|(id, _)| shipped_rule(**id).is_none());
        shipped.chain(own.filter_map(|(id, rule)| Some((*id, rule.current(None)?))))
    }

    pub fn pace(&self, user: UserId) -> Pace {
        self.preferences.get(&user).map(|preference| preference.0).unwrap_or_default()
    }
}

/// The rule that ships for an occasion, if any does.
fn usual_rule(occasion: &Occasion) -> Option<Rule> {
    if occasion.name == INVITATION {
        return None;
    }
    let recipients = match occasion.about {
        About::Application | About::Account => Recipients { owner: true, ..Recipients::default() },
        About::Installation => {
            Recipients { roles: [Role::Administrator].into(), ..Recipients::default() }
        }
    };
    Some(Rule {
        name: RuleName::parse(occasion.title).ok()?,
        occasion: occasion.name.to_owned(),
        filter: Filter::default(),
        template: EmailTemplateId::shipped(occasion.template),
        recipients,
        active: occasion.name == SWITCHED_ON,
        days: (occasion.name == "application_unused").then_some(UNUSED_DAYS),
    })
}

/// Every rule that ships, under its id.
pub fn shipped_rules() -> impl Iterator<Item = (NotificationRuleId, Rule)> {
    SHIPPED.iter().cloned()
}
