//! A rule that becomes another one, a part at a time.

use domain::{
    EmailTemplateId,
    notification_rule::{Filter, Recipients, Rule, RuleName},
};

use crate::takes_days;

/// What is to be otherwise about a rule; what is not said stays.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub name: Option<RuleName>,
    pub occasion: Option<String>,
    pub active: Option<bool>,
    pub filter: Option<Filter>,
    pub template: Option<EmailTemplateId>,
    /// But for addresses.
    pub recipients: Option<Recipients>,
    pub days: Option<Option<u16>>,
}

impl Changes {
    /// The rule with all of it. Another occasion brings its shipped template, unless the rule had one of its own, and takes
    /// days with it that it has no use for.
    pub fn of(self, present: Rule) -> Rule {
        let follows = present.template == usual_template(&present.occasion);
        let occasion = self.occasion.unwrap_or(present.occasion);
        let template = if follows { usual_template(&occasion) } else { present.template };
        let asks = letters::occasion(&occasion).is_some_and(takes_days);
        Rule {
            name: self.name.unwrap_or(present.name),
            filter: self.filter.unwrap_or(present.filter),
            template: self.template.unwrap_or(template),
            recipients: self.recipients.unwrap_or(present.recipients),
            active: self.active.unwrap_or(present.active),
            days: self.days.unwrap_or(present.days.filter(|_| asks)),
            occasion,
        }
    }
}

/// A rule that tells nobody yet.
pub fn blank_rule(name: RuleName, occasion: String) -> Rule {
    Rule {
        name,
        template: usual_template(&occasion),
        occasion,
        filter: Filter::default(),
        recipients: Recipients::default(),
        active: true,
        days: None,
    }
}

/// The template that ships for the occasion; one that is not there for an occasion that nobody knows.
pub fn usual_template(occasion: &str) -> EmailTemplateId {
    let known = letters::occasion(occasion);
    EmailTemplateId::shipped(known.map_or(occasion, |occasion| occasion.template))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn of(occasion: &str) -> Rule {
        blank_rule(RuleName::parse("Mine").unwrap(), occasion.to_owned())
    }

    fn moved_to(occasion: &str) -> Changes {
        Changes { occasion: Some(occasion.to_owned()), ..Changes::default() }
    }

    #[test]
    fn what_is_not_said_stays() {
        let rule = Rule { days: Some(7), ..of("application_unused") };
        assert_eq!(Changes::default().of(rule.clone()), rule);
        let off = Changes { active: Some(false), days: Some(None), ..Changes::default() };
        assert_eq!(off.of(rule.clone()), Rule { active: false, days: None, ..rule });
    }

    #[test]
    fn another_occasion_brings_its_template_and_takes_days_with_it() {
        let unused = Rule { days: Some(7), ..of("application_unused") };
        assert_eq!(moved_to("application_deleted").of(unused), of("application_deleted"));
        let own = EmailTemplateId::new(Uuid::nil());
        let rule = Rule { template: own, ..of("application_created") };
        assert_eq!(moved_to("application_deleted").of(rule).template, own);
    }
}
