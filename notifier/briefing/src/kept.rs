//! One rule or template, read from its stream: as it was at some place in the log, and where its stream ended there.

use std::collections::BTreeMap;

use domain::{
    EmailTemplateId, NotificationRuleId,
    email_template::{EmailTemplate, Origin, Source},
    notification_rule::{NotificationRule, Rule},
    user::Locale,
};
use letters::Occasion;
use store::{Expected, Log, LogError, Position};

use crate::{occasion_of, shipped_rule};

#[derive(Clone, Debug)]
pub struct KeptRule {
    pub id: NotificationRuleId,
    pub rule: Rule,
    /// The rule as shipped, where it is one.
    pub shipped: Option<Rule>,
    pub expected: Expected,
}

#[derive(Clone, Debug)]
pub struct KeptTemplate {
    pub id: EmailTemplateId,
    pub occasion: &'static Occasion,
    pub template: EmailTemplate,
    pub expected: Expected,
}

impl KeptRule {
    /// `None` where it was removed, or never was. Without a position: as it is now.
    pub async fn find(
        log: &Log,
        id: NotificationRuleId,
        as_of: Option<Position>,
    ) -> Result<Option<Self>, LogError> {
        let position = as_of.unwrap_or(Position::END);
        let history = log.through::<NotificationRule>(&id, position).await?;
        let shipped = shipped_rule(id);
        let (rule, expected) = (history.state.current(shipped).cloned(), history.expected);
        Ok(rule.map(|rule| Self { id, rule, shipped: shipped.cloned(), expected }))
    }
}

impl KeptTemplate {
    /// `None` where it was removed, or never was. Without a position: as it is now.
    pub async fn find(
        log: &Log,
        id: EmailTemplateId,
        as_of: Option<Position>,
    ) -> Result<Option<Self>, LogError> {
        let position = as_of.unwrap_or(Position::END);
        let history = log.through::<EmailTemplate>(&id, position).await?;
        let (template, expected) = (history.state, history.expected);
        let occasion = occasion_of(id, &template);
        Ok(occasion.map(|occasion| Self { id, occasion, template, expected }))
    }

    pub fn is_shipped(&self) -> bool {
        self.template.origin == Origin::Shipped
    }

    /// The words of every language that has any.
    pub fn words(&self) -> BTreeMap<Locale, Source> {
        let shipped = self.is_shipped().then(|| letters::shipped_words(self.occasion));
        let mut words = shipped.unwrap_or_default();
        words.extend(self.template.customized.clone());
        words
    }
}
