//! What somebody may do, unless nobody can know: a stream with an event that cannot be applied is parked, and whoever it
//! is about may have lost by that event what the rows before it say.

use std::collections::{BTreeSet, HashSet};

use domain::{
    OrganizationId, SecretId, UserId,
    application::Application,
    authority::{Agent, Member},
    organization::Organization,
    user::User,
};
use store::{Actor, StreamName};

use super::{Client, Facts, Knowledge};
use crate::{credentials, directory};

/// An event of the user or of the organization cannot be applied: neither yes nor no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of the user or of the organization cannot be applied")]
pub struct Unknowable;

/// Of the streams that a token depends on besides its application's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revisions {
    pub owner: u64,
    pub organization: u64,
}

impl Knowledge {
    /// What a token of this secret does: what the owner may, and everybody else may who came to know the secret when it was
    /// made. `None` where that is nothing, as when one of them has left.
    pub fn agent(
        &self,
        client: &credentials::Row,
        secret: SecretId,
    ) -> Result<Option<Agent>, Unknowable> {
        let facts = self.facts.read();
        let Some(owner) = facts.member(client.owner, client.organization)? else {
            return Ok(None);
        };
        let mut makers = Vec::new();
        for maker in facts.makers(client, secret)? {
            if maker == client.owner {
                continue;
            }
            match facts.member_reaching(maker, client.organization)? {
                Some(member) => makers.push(member),
                None => return Ok(None),
            }
        }
        Ok(Agent::of(owner, makers))
    }

    /// What the user may do in the organization; `None` where either is disabled or they do not belong together.
    pub fn member(
        &self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<Option<Member>, Unknowable> {
        self.facts.read().member(user, organization)
    }

    /// What the user may do where they want to work, or else in the first organization, by name, that has them.
    pub fn member_somewhere(
        &self,
        user: UserId,
        wanted: Option<OrganizationId>,
    ) -> Result<Option<Member>, Unknowable> {
        let others = self.organizations_of(user).into_iter().map(|it| it.id);
        let facts = self.facts.read();
        let mut unknowable = None;
        for id in wanted.into_iter().chain(others) {
            match facts.member(user, id) {
                Ok(Some(member)) => return Ok(Some(member)),
                Ok(None) => {}
                // Nobody is moved elsewhere because of what nobody knows.
                Err(error) if wanted == Some(id) => return Err(error),
                Err(error) => unknowable = Some(error),
            }
        }
        unknowable.map_or(Ok(None), Err)
    }
}

impl Facts {
    pub(super) fn known(&self, row: &credentials::Row) -> Client {
        let owner = self.user(row.owner);
        let organization = self.organization(row.organization);
        let as_of = Revisions {
            owner: owner.map_or(0, |it| it.revision),
            organization: organization.map_or(0, |it| it.revision),
        };
        let joined = organization.and_then(|it| it.since.get(&row.owner).copied());
        let disabled = organization.map(|it| it.tokens_void_before);
        let void_before = Revisions {
            owner: owner.map_or(0, |it| it.tokens_void_before),
            organization: joined.max(disabled).unwrap_or_default(),
        };
        Client { standing: self.standing(row), row: row.clone(), as_of, void_before }
    }

    /// Everybody who came to know the secret when it was made. If a program made it, that is whoever knows a secret of the
    /// program, too.
    fn makers(
        &self,
        client: &credentials::Row,
        secret: SecretId,
    ) -> Result<BTreeSet<UserId>, Unknowable> {
        let secret = client.secrets.iter().find(|it| it.id == secret);
        let mut open: Vec<_> = secret.map(|it| it.made_by).into_iter().collect();
        let (mut found, mut seen) = (BTreeSet::new(), HashSet::new());
        while let Some(actor) = open.pop() {
            match actor {
                Actor::Operator | Actor::System => {}
                Actor::User { id } => {
                    found.insert(id);
                }
                Actor::Application { id, owner } => {
                    found.insert(owner);
                    let stream = StreamName::of::<Application>(&id);
                    if self.credentials.parked.contains(&stream) {
                        return Err(Unknowable);
                    }
                    if let Some(row) = self.credentials.rows.get(&stream)
                        && seen.insert(stream)
                    {
                        open.extend(row.secrets.iter().map(|it| it.made_by));
                    }
                }
            }
        }
        Ok(found)
    }

    /// The most that somebody may do in the organization, from there or from one that reaches it.
    fn member_reaching(
        &self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<Option<Member>, Unknowable> {
        let far = self.far_reaching.iter().filter_map(|stream| self.directory.rows.get(stream));
        let far = far.filter_map(|row| match &**row {
            directory::Row::Organization(far) => Some(far.id),
            directory::Row::User(_) => None,
        });
        let mut most: Option<Member> = None;
        for id in far.chain([organization]) {
            let member = self.member(user, id)?;
            if member.map(|it| it.role) > most.map(|it| it.role) {
                most = member;
            }
        }
        Ok(most)
    }

    pub(super) fn member(
        &self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<Option<Member>, Unknowable> {
        self.check_readable(user, organization)?;
        let found = self.user(user).filter(|user| user.enabled);
        let organization = self.organization(organization).filter(|found| found.enabled);
        let (Some(found), Some(organization)) = (found, organization) else {
            return Ok(None);
        };
        Ok(organization.members.get(&found.id).map(|role| Member {
            user,
            organization: organization.id,
            role: *role,
            global_access: organization.global_access,
        }))
    }

    pub(super) fn check_readable(
        &self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<(), Unknowable> {
        let parked = &self.directory.parked;
        let unreadable = parked.contains(&StreamName::of::<User>(&user))
            || parked.contains(&StreamName::of::<Organization>(&organization));
        if unreadable { Err(Unknowable) } else { Ok(()) }
    }
}
