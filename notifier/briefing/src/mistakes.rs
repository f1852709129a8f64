//! What is wrong about a rule, as far as one must know the occasions and the templates to say so.

use domain::{
    Category,
    notification_rule::{self, MAX_RECIPIENTS, Rule},
};
use letters::{About, Occasion};

use crate::{INVITATION, Templates};

/// The most days that an occasion may be waited for.
pub const MAX_DAYS: u16 = 3650;

/// One thing that is wrong. The texts are those that people read beside the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    #[error("There is no such occasion.")]
    NoSuchOccasion,
    #[error("A shipped rule keeps its occasion.")]
    ShippedOccasion,
    #[error("This occasion is not about an organization, so the rule would tell nobody.")]
    FilteredByOrganization,
    #[error("This occasion is not about an application, so the rule would tell nobody.")]
    FilteredByApplication,
    #[error("This occasion is about nobody in particular, so the rule would tell nobody.")]
    FilteredByOwner,
    #[error("There is no such template.")]
    NoSuchTemplate,
    #[error("This template is for another occasion.")]
    ForeignTemplate,
    #[error(transparent)]
    Recipients(notification_rule::Error),
    #[error("This occasion is about nobody in particular: it has no owner.")]
    NoOwner,
    #[error("This occasion is not about an application: nobody created one.")]
    NoCreator,
    #[error("This value should be a number of days from 1 to {MAX_DAYS}.")]
    Days,
    #[error("This occasion does not take time to arise: there are no days to say.")]
    NeedlessDays,
}

/// Where a rule says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Occasion,
    FilterOrganization,
    FilterApplicationName,
    FilterOwner,
    Template,
    Recipients,
    Days,
}

impl Mistake {
    pub const fn place(self) -> Place {
        match self {
            Self::NoSuchOccasion | Self::ShippedOccasion => Place::Occasion,
            Self::FilteredByOrganization => Place::FilterOrganization,
            Self::FilteredByApplication => Place::FilterApplicationName,
            Self::FilteredByOwner => Place::FilterOwner,
            Self::NoSuchTemplate | Self::ForeignTemplate => Place::Template,
            Self::Recipients(_) | Self::NoOwner | Self::NoCreator => Place::Recipients,
            Self::Days | Self::NeedlessDays => Place::Days,
        }
    }
}

/// Whether a rule says after how long the occasion arises.
pub fn takes_days(occasion: &Occasion) -> bool {
    occasion.name == "application_unused"
}

/// Everything that is wrong about a rule which is to name so many addresses. `shipped` is the rule as shipped, where it
/// is one.
pub fn mistakes(
    rule: &Rule,
    addresses: usize,
    templates: &Templates,
    shipped: Option<&Rule>,
) -> Vec<Mistake> {
    let known = letters::occasion(&rule.occasion).filter(|occasion| occasion.name != INVITATION);
    let mut found = Vec::new();
    match known {
        None => found.push(Mistake::NoSuchOccasion),
        Some(_) if shipped.is_some_and(|shipped| shipped.occasion != rule.occasion) => {
            found.push(Mistake::ShippedOccasion);
        }
        Some(occasion) => found.extend(of_occasion(rule, occasion, templates)),
    }
    let recipients = &rule.recipients;
    if recipients.is_empty() && addresses == 0 {
        found.push(Mistake::Recipients(notification_rule::Error::NoRecipients));
    }
    if recipients.users.len().max(addresses) > MAX_RECIPIENTS {
        found.push(Mistake::Recipients(notification_rule::Error::TooManyRecipients));
    }
    found
}

fn of_occasion<'a>(
    rule: &'a Rule,
    occasion: &'static Occasion,
    templates: &Templates,
) -> impl Iterator<Item = Mistake> + use<'a> {
    let is_about_application = occasion.about == About::Application;
    let is_about_somebody = occasion.about != About::Installation;
    let has_organization = is_about_application || occasion.category() == Category::Organization;
    let (filter, recipients) = (&rule.filter, &rule.recipients);
    let template = match templates.get(rule.template) {
        None => Some(Mistake::NoSuchTemplate),
        Some((of, _)) => (of.name != occasion.name).then_some(Mistake::ForeignTemplate),
    };
    let days = match (takes_days(occasion), rule.days) {
        (true, Some(1..=MAX_DAYS)) | (false, None) => None,
        (true, _) => Some(Mistake::Days),
        (false, Some(_)) => Some(Mistake::NeedlessDays),
    };
    let unmet = [
        (filter.organization.is_some() && !has_organization, Mistake::FilteredByOrganization),
        (
            !filter.application_name.is_empty() && !is_about_application,
            Mistake::FilteredByApplication,
        ),
        (filter.owner.is_some() && !is_about_somebody, Mistake::FilteredByOwner),
        (recipients.owner && !is_about_somebody, Mistake::NoOwner),
        (recipients.creator && !is_about_application, Mistake::NoCreator),
    ];
    let unmet = unmet.into_iter().filter_map(|(unmet, mistake)| unmet.then_some(mistake));
    template.into_iter().chain(unmet).chain(days)
}

#[cfg(test)]
mod tests {
    use domain::{
        EmailTemplateId, OrganizationId, UserId, authority::Role, notification_rule::Recipients,
    };
    use uuid::Uuid;

    use super::*;
    use crate::shipped_rules;

    fn shipped(occasion: &str) -> Rule {
        let mut all = shipped_rules();
        all.find(|(_, rule)| rule.occasion == occasion).map(|(_, rule)| rule).unwrap()
    }

    fn found(rule: &Rule) -> Vec<Mistake> {
        mistakes(rule, 0, &Templates::default(), None)
    }

    #[test]
    fn nothing_is_wrong_about_shipped_rules() {
        for (_, rule) in shipped_rules() {
            assert_eq!(mistakes(&rule, 0, &Templates::default(), Some(&rule)), [], "{rule:?}");
        }
    }

    #[test]
    fn a_rule_is_about_an_occasion_that_others_may_hear_of() {
        for occasion in ["doomsday", INVITATION] {
            let rule = Rule { occasion: occasion.to_owned(), ..shipped("application_created") };
            assert_eq!(found(&rule), [Mistake::NoSuchOccasion]);
        }
        let (one, other) = (shipped("application_created"), shipped("application_deleted"));
        let moved = mistakes(&other, 0, &Templates::default(), Some(&one));
        assert_eq!(moved, [Mistake::ShippedOccasion]);
    }

    #[test]
    fn a_template_is_one_of_the_occasion() {
        let of = |name| Rule {
            template: EmailTemplateId::shipped(name),
            ..shipped("application_created")
        };
        assert_eq!(found(&of("oauth_application_deleted")), [Mistake::ForeignTemplate]);
        assert_eq!(found(&of("nothing")), [Mistake::NoSuchTemplate]);
    }

    #[test]
    fn what_could_never_tell_anybody_is_a_mistake() {
        let mut rule = shipped("private_key_unsafe");
        rule.filter.owner = Some(UserId::new(Uuid::nil()));
        rule.filter.organization = Some(OrganizationId::new(Uuid::nil()));
        rule.filter.application_name = "sync".to_owned();
        rule.recipients = Recipients { owner: true, creator: true, ..Recipients::default() };
        let all = [
            Mistake::FilteredByOrganization,
            Mistake::FilteredByApplication,
            Mistake::FilteredByOwner,
            Mistake::NoOwner,
            Mistake::NoCreator,
        ];
        assert_eq!(found(&rule), all);
        let mut rule = shipped("role_changed");
        rule.filter.organization = Some(OrganizationId::new(Uuid::nil()));
        rule.filter.owner = Some(UserId::new(Uuid::nil()));
        rule.recipients.roles = [Role::Manager].into();
        assert_eq!(found(&rule), []);
    }

    #[test]
    fn days_are_said_where_it_takes_time_and_nowhere_else() {
        for (occasion, days, wrong) in [
            ("application_unused", None, Some(Mistake::Days)),
            ("application_unused", Some(0), Some(Mistake::Days)),
            ("application_unused", Some(MAX_DAYS + 1), Some(Mistake::Days)),
            ("application_unused", Some(MAX_DAYS), None),
            ("application_created", Some(1), Some(Mistake::NeedlessDays)),
        ] {
            let rule = Rule { days, ..shipped(occasion) };
            assert_eq!(found(&rule), wrong.into_iter().collect::<Vec<_>>(), "{days:?}");
        }
    }

    #[test]
    fn a_rule_tells_somebody_and_not_everybody() {
        let rule = Rule { recipients: Recipients::default(), ..shipped("application_created") };
        let recipients = |addresses| mistakes(&rule, addresses, &Templates::default(), None);
        let of = |error| vec![Mistake::Recipients(error)];
        assert_eq!(recipients(0), of(notification_rule::Error::NoRecipients));
        assert_eq!(recipients(1), []);
        assert_eq!(recipients(51), of(notification_rule::Error::TooManyRecipients));
    }
}
