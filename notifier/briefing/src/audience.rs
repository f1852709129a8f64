//! Whom a rule tells.

use std::collections::BTreeSet;

use domain::{
    ApplicationId, Category, OrganizationId, UserId,
    application::Application,
    authority::Role,
    notification::Recipient,
    notification_rule::{Recipients, Rule},
    organization::{Organization, Registered},
};
use store::{Actor, Categories, Direction, Log, LogError, Position, StreamName, limits};

use crate::Subject;

/// Everybody whom the rule tells of the subject, once. Whether they have an address shows when the letter is written.
pub async fn audience(
    log: &Log,
    rule: &Rule,
    subject: &Subject,
) -> Result<BTreeSet<Recipient>, LogError> {
    let Recipients { owner, creator, users, roles, addresses } = &rule.recipients;
    let mut found: BTreeSet<_> = users.iter().copied().map(Recipient::User).collect();
    found.extend(addresses.iter().map(|address| Recipient::Address(address.id)));
    if *owner {
        // Whoever loses an application learns of it as well.
        let former = subject.before.as_ref().map(|living| living.owner);
        found.extend(subject.owner().into_iter().chain(former).map(Recipient::User));
    }
    if let Some((id, _)) = subject.application.as_ref().filter(|_| *creator) {
        found.extend(creator_of(log, *id).await?.map(Recipient::User));
    }
    if !roles.is_empty() {
        found.extend(in_roles(log, roles, subject.organization).await?.map(Recipient::User));
    }
    Ok(found)
}

async fn in_roles(
    log: &Log,
    roles: &BTreeSet<Role>,
    organization: Option<OrganizationId>,
) -> Result<impl Iterator<Item = UserId>, LogError> {
    let organizations = match organization {
        Some(id) => vec![id],
        None => organizations(log).await?,
    };
    let mut found = BTreeSet::new();
    for id in organizations {
        let state = log.history::<Organization>(&id).await?.state;
        if let Organization::Registered(registered) = state
            && (organization.is_some() || registered.global_access)
        {
            found.extend(holding(&registered, roles));
        }
    }
    Ok(found.into_iter())
}

fn holding(organization: &Registered, roles: &BTreeSet<Role>) -> impl Iterator<Item = UserId> {
    let members = organization.members.iter();
    members
        .filter(|(user, role)| roles.contains(role) && !organization.suspended.contains(*user))
        .map(|(user, _)| *user)
}

/// Every organization there ever was. Only what is about none of them asks, and that is rare.
async fn organizations(log: &Log) -> Result<Vec<OrganizationId>, LogError> {
    let categories = Categories::of(&[Category::Organization]);
    let mut after = Position::START;
    let mut found = BTreeSet::new();
    loop {
        let batch = log.store().read_all(after, &categories, limits::EVENTS).await?;
        let streams = batch.events.iter().map(|event| &event.stream);
        found.extend(streams.filter_map(|stream| stream.id().parse::<OrganizationId>().ok()));
        after = batch.through;
        if batch.at_head {
            return Ok(found.into_iter().collect());
        }
    }
}

/// Who created the application, if a person did.
async fn creator_of(log: &Log, id: ApplicationId) -> Result<Option<UserId>, LogError> {
    let stream = StreamName::of::<Application>(&id);
    let first = log.store().read(&stream, 0, Direction::Forwards, 1).await?;
    let Some(first) = first.first() else {
        return Ok(None);
    };
    Ok(match log.decode(first).await?.metadata.actor {
        Actor::User { id } => Some(id),
        Actor::Application { .. } | Actor::Operator | Actor::System => None,
    })
}
