//! Rules about who is told of what, and how fast people want to be told.

use domain::{
    NotificationRuleId, Personal, UserId,
    authority::Deed,
    notification_preference::{self, Pace, Preference},
    notification_rule::{self, NotificationRule, PlainAddress, Rule},
    organization::Organization,
    user::{Email, User},
};
use store::{LogError, Position};
use tracing::info;

use super::Refusal;
use crate::{
    handle::{Done, Failure, Scribe},
    permit::Permit,
};

/// A rule as people give it.
#[derive(Clone, Debug)]
pub struct NewRule {
    /// Its addresses are not looked at.
    pub rule: Rule,
    pub addresses: Vec<Email>,
}

impl NewRule {
    /// The rule with the addresses that it has.
    pub fn of(rule: Rule) -> Self {
        let open = rule.recipients.addresses.iter().filter_map(|it| it.address.as_open());
        let addresses = open.filter_map(|address| Email::parse(address).ok()).collect();
        Self { rule, addresses }
    }
}

impl Scribe {
    /// The rule that this very command made before, and where.
    pub async fn rule_created_before(
        &self,
    ) -> Result<Option<(NotificationRuleId, Position)>, LogError> {
        let id = NotificationRuleId::new(self.new_id());
        let position = self.carried_out::<NotificationRule>(&id).await?;
        Ok(position.map(|position| (id, position)))
    }

    pub async fn create_rule(
        &self,
        permit: &Permit,
        new: NewRule,
    ) -> Result<(NotificationRuleId, Position), Failure<Refusal>> {
        permit.covers_one_of(&[Deed::KeepNotifications])?;
        let id = NotificationRuleId::new(self.new_id());
        let rule = self.with_addresses(id, new, &[]).await?;
        let command = notification_rule::Command::Create(Box::new(rule));
        let done = self.shape(&id, command).await?;
        info!(rule.id = %id, "Created a rule");
        Ok((id, done.position))
    }

    /// `shipped` is the rule as shipped, where the id is that of a shipped one.
    pub async fn change_rule(
        &self,
        permit: &Permit,
        id: NotificationRuleId,
        new: NewRule,
        shipped: Option<Rule>,
    ) -> Result<Done, Failure<Refusal>> {
        permit.covers_one_of(&[Deed::KeepNotifications])?;
        let state = self.log().history::<NotificationRule>(&id).await?.state;
        let present = state.current(shipped.as_ref());
        let known = present.map(|rule| &*rule.recipients.addresses).unwrap_or_default();
        let rule = Box::new(self.with_addresses(id, new, known).await?);
        let shipped = shipped.map(Box::new);
        let done = self.shape(&id, notification_rule::Command::Change { rule, shipped }).await?;
        info!(rule.id = %id, "Changed a rule");
        Ok(done)
    }

    /// `shipped`: whether the id is that of a shipped rule.
    pub async fn remove_rule(
        &self,
        permit: &Permit,
        id: NotificationRuleId,
        shipped: bool,
    ) -> Result<Done, Failure<Refusal>> {
        permit.covers_one_of(&[Deed::KeepNotifications])?;
        let done = self.shape(&id, notification_rule::Command::Remove { shipped }).await?;
        info!(rule.id = %id, "Removed a rule");
        Ok(done)
    }

    /// How fast somebody wants to be told.
    pub async fn choose_pace(
        &self,
        permit: &Permit,
        user: UserId,
        pace: Pace,
    ) -> Result<Done, Failure<Refusal>> {
        permit.covers_one_of(&[Deed::KeepOwnAccount(user)])?;
        let command = notification_preference::Command::Choose(pace);
        match self.handle::<Preference>(&user, command).await {
            Ok(done) => Ok(done),
            Err(failure) => Err(failure.refused_as(|error| match error {})),
        }
    }

    async fn shape(
        &self,
        id: &NotificationRuleId,
        command: notification_rule::Command,
    ) -> Result<Done, Failure<Refusal>> {
        let done = self.handle::<NotificationRule>(id, command).await;
        done.map_err(|failure| failure.refused_as(Refusal::from))
    }

    /// The rule with its addresses, each under the id that it has already or gets now, and the key that seals them kept
    /// before. Whoever a rule names must exist.
    async fn with_addresses(
        &self,
        id: NotificationRuleId,
        NewRule { mut rule, addresses }: NewRule,
        known: &[PlainAddress],
    ) -> Result<Rule, Failure<Refusal>> {
        for user in rule.recipients.users.iter().chain(&rule.filter.owner) {
            let state = self.log().history::<User>(user).await?.state;
            state.account().map_err(|_| Failure::Refused(Refusal::UserNotFound))?;
        }
        if let Some(organization) = &rule.filter.organization {
            let state = self.log().history::<Organization>(organization).await?.state;
            state.registered().map_err(|_| Failure::Refused(Refusal::OrganizationNotFound))?;
        }
        if !addresses.is_empty() {
            self.log().vault().mint(UserId::new(id.as_uuid())).await?;
        }
        let mut kept: Vec<PlainAddress> = Vec::new();
        for address in &addresses {
            let same = |other: &&PlainAddress| other.address.as_open() == Some(address.as_str());
            if kept.iter().any(|other| same(&other)) {
                continue;
            }
            kept.push(match known.iter().find(same) {
                Some(known) => known.clone(),
                None => PlainAddress {
                    id: self.derived(format_args!("address {}", address.as_str())).new_id(),
                    address: Personal::new(address.as_str()),
                },
            });
        }
        rule.recipients.addresses = kept;
        Ok(rule)
    }
}
