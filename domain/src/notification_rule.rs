//! Who is told of what: rules that administrators shape.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Aggregate, Category, Decider, EmailTemplateId, NotificationRuleId, OrganizationId, Personal,
    UserId,
    authority::Role,
    name::{self, InvalidName, folded},
};

/// What became of a rule.
///
/// A shipped rule has an id that is derived from its occasion ([`NotificationRuleId::shipped`]) and no events until
/// somebody changes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum NotificationRule {
    /// As shipped, or never heard of: only the id tells.
    #[default]
    Untouched,
    Shaped(Box<Rule>),
    Removed,
}

/// When the occasion arises and the filter lets it through, the template goes to the recipients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    pub name: RuleName,
    /// By its name, such as `application_created`.
    pub occasion: String,
    #[serde(default, skip_serializing_if = "Filter::is_empty")]
    pub filter: Filter,
    pub template: EmailTemplateId,
    pub recipients: Recipients,
    pub active: bool,
    /// For occasions that take time to arise, such as being unused: after how long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u16>,
}

/// What people call a rule, under the rules of application names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleName(String);

impl RuleName {
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        name::plain(text).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the occasion must be about, all of it. Without application the filter lets nothing through that asks for one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// A part of the application's name, in any case.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub application_name: String,
}

impl Filter {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it lets through what is about these; `name` is that of an application.
    pub fn admits(
        &self,
        organization: Option<OrganizationId>,
        owner: Option<UserId>,
        name: Option<&str>,
    ) -> bool {
        let part = folded(&self.application_name);
        self.organization.is_none_or(|wanted| organization == Some(wanted))
            && self.owner.is_none_or(|wanted| owner == Some(wanted))
            && (part.is_empty() || name.is_some_and(|name| folded(name).contains(&part)))
    }
}

/// Whom a rule tells; everybody once, however often they are meant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recipients {
    /// The owner of the application, or the person whose account it is.
    #[serde(skip_serializing_if = "is_false")]
    pub owner: bool,
    /// Who created the application.
    #[serde(skip_serializing_if = "is_false")]
    pub creator: bool,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub users: BTreeSet<UserId>,
    /// In the organization that the occasion is about; where it is about none, in those with global access.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub roles: BTreeSet<Role>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<PlainAddress>,
}

/// An address of somebody without account. Notifications hold its id, so that the address stands in the rule alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlainAddress {
    pub id: Uuid,
    pub address: Personal,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// The most users, and the most addresses, that one rule names.
pub const MAX_RECIPIENTS: usize = 50;

impl Recipients {
    /// The plain address of that id.
    pub fn address(&self, id: Uuid) -> Option<&Personal> {
        self.addresses.iter().find(|plain| plain.id == id).map(|plain| &plain.address)
    }

    pub fn is_empty(&self) -> bool {
        let Self { owner, creator, users, roles, addresses } = self;
        !owner && !creator && users.is_empty() && roles.is_empty() && addresses.is_empty()
    }
}

#[derive(Clone, Debug)]
pub enum Command {
    Create(Box<Rule>),
    /// `shipped` is the rule as shipped, where the id is that of a shipped one.
    Change {
        rule: Box<Rule>,
        shipped: Option<Box<Rule>>,
    },
    /// `shipped`: whether the id is that of a shipped rule.
    Remove {
        shipped: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    #[serde(rename = "notification_rule.created.v1")]
    Created(Rule),
    /// The rule as it is from now on, all of it.
    #[serde(rename = "notification_rule.changed.v1")]
    Changed(Rule),
    #[serde(rename = "notification_rule.removed.v1")]
    Removed {},
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the rule does not exist")]
    Absent,
    #[error("the rule exists")]
    Exists,
    #[error("At least one recipient must be specified.")]
    NoRecipients,
    #[error("A rule names {MAX_RECIPIENTS} users and {MAX_RECIPIENTS} addresses at most.")]
    TooManyRecipients,
    #[error("a shipped rule cannot be removed; it can be switched off")]
    Shipped,
}

impl Aggregate for NotificationRule {
    const CATEGORY: Category = Category::NotificationRule;
    type Id = NotificationRuleId;
}

fn checked(rule: Box<Rule>) -> Result<Rule, Error> {
    let Recipients { users, addresses, .. } = &rule.recipients;
    if rule.recipients.is_empty() {
        return Err(Error::NoRecipients);
    }
    if users.len().max(addresses.len()) > MAX_RECIPIENTS {
        return Err(Error::TooManyRecipients);
    }
    Ok(*rule)
}

impl NotificationRule {
    /// The rule as it is now; `shipped` is what it was before anybody changed it.
    pub fn current<'a>(&'a self, shipped: Option<&'a Rule>) -> Option<&'a Rule> {
        match self {
            Self::Untouched => shipped,
            Self::Shaped(rule) => Some(rule),
            Self::Removed => None,
        }
    }
}

impl Decider for NotificationRule {
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match (self, command) {
            (Self::Removed, _) | (Self::Untouched, Command::Change { shipped: None, .. }) => {
                Err(Error::Absent)
            }
            (Self::Untouched, Command::Create(rule)) => Ok(vec![Event::Created(checked(rule)?)]),
            (Self::Shaped(_), Command::Create(_)) => Err(Error::Exists),
            (Self::Untouched, Command::Change { rule, shipped: Some(shipped) })
                if rule == shipped =>
            {
                Ok(vec![])
            }
            (Self::Shaped(present), Command::Change { rule, .. }) if rule == *present => Ok(vec![]),
            (Self::Untouched | Self::Shaped(_), Command::Change { rule, .. }) => {
                Ok(vec![Event::Changed(checked(rule)?)])
            }
            (Self::Untouched | Self::Shaped(_), Command::Remove { shipped: true }) => {
                Err(Error::Shipped)
            }
            (Self::Untouched, Command::Remove { shipped: false }) => Err(Error::Absent),
            (Self::Shaped(_), Command::Remove { shipped: false }) => Ok(vec![Event::Removed {}]),
        }
    }

    fn evolve(self, event: Event) -> Self {
        match event {
            Event::Created(rule) | Event::Changed(rule) => Self::Shaped(Box::new(rule)),
            Event::Removed {} => Self::Removed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn rule(name: &str) -> Rule {
        Rule {
            name: RuleName::parse(name).expect("a name"),
            occasion: "application_created".to_owned(),
            filter: Filter::default(),
            template: EmailTemplateId::shipped("oauth_application_created"),
            recipients: Recipients { owner: true, ..Recipients::default() },
            active: true,
            days: None,
        }
    }

    fn change(rule: Rule, shipped: Option<Rule>) -> Command {
        Command::Change { rule: Box::new(rule), shipped: shipped.map(Box::new) }
    }

    #[test]
    fn a_rule_is_created_changed_and_removed() {
        let (one, two) = (rule("One"), rule("Two"));
        let created = Event::Created(one.clone());
        given::<NotificationRule>([])
            .when(Command::Create(Box::new(one.clone())))
            .then([created.clone()]);
        given::<NotificationRule>([created.clone()])
            .when(change(two.clone(), None))
            .then([Event::Changed(two)]);
        given::<NotificationRule>([created.clone()]).when(change(one, None)).then([]);
        given::<NotificationRule>([created.clone()])
            .when(Command::Remove { shipped: false })
            .then([Event::Removed {}]);
        let gone = [created, Event::Removed {}];
        for command in [Command::Create(Box::new(rule("One"))), change(rule("One"), None)] {
            given::<NotificationRule>(gone.clone()).when(command).then_refused(Error::Absent);
        }
    }

    #[test]
    fn a_shipped_rule_is_changed_and_stays() {
        let shipped = rule("Shipped");
        let off = Rule { active: false, ..shipped.clone() };
        let unchanged = change(shipped.clone(), Some(shipped.clone()));
        given::<NotificationRule>([]).when(unchanged).then([]);
        given::<NotificationRule>([])
            .when(change(off.clone(), Some(shipped.clone())))
            .then([Event::Changed(off.clone())]);
        for history in [vec![], vec![Event::Changed(off.clone())]] {
            given::<NotificationRule>(history)
                .when(Command::Remove { shipped: true })
                .then_refused(Error::Shipped);
        }
        given::<NotificationRule>([]).when(change(off, None)).then_refused(Error::Absent);
        assert_eq!(NotificationRule::Untouched.current(Some(&shipped)), Some(&shipped));
    }

    #[test]
    fn a_rule_tells_somebody_but_not_everybody() {
        let silent = Rule { recipients: Recipients::default(), ..rule("Silent") };
        given::<NotificationRule>([])
            .when(Command::Create(Box::new(silent)))
            .then_refused(Error::NoRecipients);
        let users = (0..51).map(|number| UserId::new(Uuid::from_u128(number))).collect();
        let loud = Rule { recipients: Recipients { users, ..Recipients::default() }, ..rule("L") };
        given::<NotificationRule>([])
            .when(Command::Create(Box::new(loud)))
            .then_refused(Error::TooManyRecipients);
    }
}
