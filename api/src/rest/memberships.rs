//! `memberships`: who belongs to which organization, in which role. The id is made of both.

mod writing;

use std::str::FromStr;

use axum::http::{Method, StatusCode};
use domain::{
    OrganizationId, UserId,
    authority::{Authority, Deed, Role},
};
use projections::{directory::Organization, roster::Roster};
use serde_json::json;

use super::{
    call::Call,
    document::{self, Resource},
    error::{Error, Errors},
    listing::{Facet, Listed},
    operation::{Body, Gives, Needs, Operation, ReadOrganizations},
    organizations::{self, ORGANIZATIONS},
    query::{Accepts, Filter, Order, Pages},
    reply::Reply,
    schema::{Access, Attribute, Purpose, Relationship, Shape, Type},
    sight,
    users::{self, USERS},
};
use crate::{bearer::Caller, scopes::Own};

pub(super) const ROLES: &[&str] = &["member", "auditor", "manager", "administrator"];

pub(super) static MEMBERSHIPS: Type = Type {
    name: "memberships",
    about: "A user in an organization. The id is that of the organization, a dot, and that of the user.",
    attributes: &[Attribute {
        name: "role",
        shape: Shape::Choice(ROLES),
        access: Access::Required,
        about: "What the user may do in the organization.",
    }],
    relationships: &[
        Relationship {
            name: "organization",
            to: "organizations",
            access: Access::Create,
            about: "Where the user is a member; the token's organization unless another one is named.",
        },
        Relationship {
            name: "user",
            to: "users",
            access: Access::RequiredOnce,
            about: "Who is a member.",
        },
    ],
    meta: &[],
    handed_out: &[],
};

const LIST: Accepts = Accepts {
    filters: &[Filter::id("organization"), Filter::id("user"), Filter::choice("role", ROLES)],
    sort: &["role"],
    include: &["organization", "user"],
    fields: &[&MEMBERSHIPS, &ORGANIZATIONS, &USERS],
    pages: Pages::Yes,
};
const ONE: Accepts = Accepts {
    include: &["organization", "user"],
    fields: &[&MEMBERSHIPS, &ORGANIZATIONS, &USERS],
    ..Accepts::NOTHING
};
const BY_ID: &[Order] = &[];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::GET, "/memberships", "listMemberships", list)
            .summary("List the memberships that the caller may see")
            .accepting(&LIST)
            .giving(Gives::Many(&MEMBERSHIPS)),
        Operation::new(Method::GET, "/memberships/{id}", "getMembership", show)
            .summary("Get a membership")
            .accepting(&ONE)
            .giving(Gives::One(StatusCode::OK, &MEMBERSHIPS)),
        Operation::new(Method::POST, "/memberships", "createMembership", writing::create)
            .summary("Make a user a member of an organization")
            .accepting(&ONE)
            .body(Body::Needed(MEMBERSHIPS.body(Purpose::Create)))
            .giving(Gives::One(StatusCode::CREATED, &MEMBERSHIPS)),
        Operation::new(Method::PATCH, "/memberships/{id}", "updateMembership", writing::update)
            .summary("Give a member another role")
            .accepting(&ONE)
            .body(Body::Needed(MEMBERSHIPS.body(Purpose::Update)))
            .giving(Gives::One(StatusCode::OK, &MEMBERSHIPS)),
        Operation::new(Method::DELETE, "/memberships/{id}", "deleteMembership", writing::end)
            .summary("End a membership; the applications of the user in the organization stop"),
    ]
}

/// One membership.
struct Membership {
    id: Id,
    role: Role,
    /// Of the organization, which its memberships are part of.
    revision: u64,
}

#[derive(Clone, Copy)]
pub(super) struct Id {
    organization: OrganizationId,
    user: UserId,
}

impl FromStr for Id {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (organization, user) = text.split_once('.').ok_or(())?;
        let organization = organization.parse().map_err(drop)?;
        Ok(Self { organization, user: user.parse().map_err(drop)? })
    }
}

async fn list(call: Call<ReadOrganizations>) -> Result<Reply, Errors> {
    call.app.knowledge.ask_roster(|roster| {
        let seen = |it: &Membership| sees(&call.caller, it.id);
        let memberships = call.organizations(roster).flat_map(of).filter(seen);
        let related = |it: &Membership| included(&call, roster, it);
        let page = call.list(memberships, BY_ID, "memberships", resource, related);
        Ok(page?.position(roster.as_of()))
    })
}

async fn show(call: Call<ReadOrganizations>) -> Result<Reply, Errors> {
    let id: Id = call.id()?;
    let organization = call.organization(id.organization)?;
    let found = of(&organization).find(|it| it.id.user == id.user && sees(&call.caller, it.id));
    let found = found.ok_or_else(Error::not_found)?;
    Ok(reply(&call, &found, StatusCode::OK))
}

fn reply<S: Needs>(call: &Call<S>, found: &Membership, status: StatusCode) -> Reply {
    let related = call.app.knowledge.ask_roster(|roster| included(call, roster, found));
    let found = resource(found);
    let document = document::one(&found, &related, &call.base(), &call.query);
    Reply::document(status, document).revision(found.revision)
}

/// The role that is spelt so.
pub(super) fn role_of(text: &str) -> Result<Role, String> {
    let role = Role::ALL.into_iter().find(|role| role.as_str() == text);
    role.ok_or_else(|| format!("This value should be one of: {}.", ROLES.join(", ")))
}

fn of(organization: &Organization) -> impl Iterator<Item = Membership> {
    organization.members.iter().map(|(user, role)| Membership {
        id: Id { organization: organization.id, user: *user },
        role: *role,
        revision: organization.revision,
    })
}

/// Everybody sees their own memberships.
pub(super) fn sees(caller: &Caller, id: Id) -> bool {
    caller.agent.all(|member| {
        let own = || member.may_do(Deed::ViewOrganization(id.organization));
        id.user == member.user && own() || member.may_do(Deed::ViewMembers(id.organization))
    })
}

/// Users are only included where the token may read them.
fn included<S: Needs>(call: &Call<S>, roster: &Roster, membership: &Membership) -> Vec<Resource> {
    let Id { organization, user } = membership.id;
    let mut related = Vec::new();
    if call.query.include.contains(&"organization") {
        let seen = call.caller.agent.may_do(Deed::ViewOrganization(organization));
        let found = roster.organization(organization).filter(|_| seen);
        related.extend(found.map(organizations::resource));
    }
    if call.query.include.contains(&"user") && call.caller.has(Own::UsersRead) {
        let known = sight::is_known(roster, &call.caller, user);
        related.extend(roster.user(user).filter(|_| known).map(users::resource));
    }
    related
}

fn resource(membership: &Membership) -> Resource {
    let Id { organization, user } = membership.id;
    Resource {
        of: &MEMBERSHIPS,
        id: membership.id(),
        revision: membership.revision,
        attributes: json!({ "role": membership.role.as_str() }),
        relationships: vec![
            ("organization", "organizations", organization.to_string()),
            ("user", "users", user.to_string()),
        ],
        meta: json!({}),
    }
}

impl Listed for Membership {
    fn id(&self) -> String {
        format!("{}.{}", self.id.organization, self.id.user)
    }

    fn facet(&self, field: &str) -> Facet<'_> {
        match field {
            "organization" => Facet::Exact(self.id.organization.to_string().into()),
            "user" => Facet::Exact(self.id.user.to_string().into()),
            "role" => Facet::Exact(self.role.as_str().into()),
            _ => Facet::None,
        }
    }
}
