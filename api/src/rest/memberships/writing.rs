//! Beginning, changing and ending memberships.

use axum::http::StatusCode;
use commands::{Permit, Scribe};
use domain::{
    OrganizationId, UserId,
    authority::{Deed, Role},
    organization::Organization,
};
use store::Position;

use super::{
    super::{
        body::Fields,
        call::{Call, Expected},
        error::{Error, Errors, Kind},
        operation::WriteOrganizations,
        refusals,
        reply::Reply,
        schema::Purpose,
    },
    Id, MEMBERSHIPS, Membership, of, reply, role_of, sees,
};
use crate::rest::listing::Listed;

pub(super) async fn create(call: Call<WriteOrganizations>) -> Result<Reply, Errors> {
    let mut fields = Fields::read(&call.body, &MEMBERSHIPS, Purpose::Create, None)?;
    fields.require("role");
    let role = fields.text("role", role_of);
    let organization: OrganizationId =
        fields.linked("organization", "organizations").unwrap_or(call.caller.member.organization);
    fields.require_linked("user");
    let user: Option<UserId> = fields.linked("user", "users");
    fields.finish()?;
    let (Some(role), Some(user)) = (role, user) else {
        return Err(Error::new(Kind::Empty, "The request data should not be empty.").into());
    };
    let present = call
        .organization(organization)
        .map_err(|error| error.at("/data/relationships/organization"))?;
    if let Some(from) = present.members.get(&user) {
        permit(&call, organization, Some(*from), Some(role))?;
        let text = "The user is a member of the organization already.";
        return Err(Error::new(Kind::Conflict, text).at("/data/relationships/user").into());
    }
    let permit = permit(&call, organization, None, Some(role))?;
    let done = call.scribe("admit").admit(&permit, organization, user, role).await;
    let done = done.map_err(|it| refusals::of(it, Expected::Any, refusals::organization))?;
    let id = Id { organization, user };
    let made = answer(&call, id, done.position, StatusCode::CREATED).await?;
    let address = format!("{}/{}/{organization}.{user}", call.base(), MEMBERSHIPS.name);
    Ok(made.location(address))
}

pub(super) async fn update(call: Call<WriteOrganizations>) -> Result<Reply, Errors> {
    let present = find(&call)?;
    let expected = call.check_revision(present.revision)?;
    let Id { organization, user } = present.id;
    let mut fields = Fields::read(&call.body, &MEMBERSHIPS, Purpose::Update, Some(&present.id()))?;
    let role = fields.text("role", role_of);
    fields.finish()?;
    let role = role.unwrap_or(present.role);
    let permit = permit(&call, organization, Some(present.role), Some(role))?;
    let scribe = behind(&call, "admit", organization, expected);
    let done = scribe.admit(&permit, organization, user, role).await;
    let done = done.map_err(|it| refusals::of(it, expected, refusals::organization))?;
    answer(&call, present.id, done.position, StatusCode::OK).await
}

pub(super) async fn end(call: Call<WriteOrganizations>) -> Result<Reply, Errors> {
    let present = find(&call)?;
    let expected = call.check_revision(present.revision)?;
    let Id { organization, user } = present.id;
    let permit = permit(&call, organization, Some(present.role), None)?;
    let scribe = behind(&call, "dismiss", organization, expected);
    let done = scribe.dismiss(&permit, organization, user).await;
    let done = done.map_err(|it| refusals::of(it, expected, refusals::organization))?;
    call.written(done.position, Reply::nothing()).await
}

fn find(call: &Call<WriteOrganizations>) -> Result<Membership, Error> {
    let id: Id = call.id()?;
    let organization = call.organization(id.organization)?;
    let found = of(&organization).find(|it| it.id.user == id.user && sees(call, it.id));
    found.ok_or_else(Error::not_found)
}

fn permit(
    call: &Call<WriteOrganizations>,
    organization: OrganizationId,
    from: Option<Role>,
    to: Option<Role>,
) -> Result<Permit, Error> {
    let deed = Deed::Appoint { organization, from, to };
    call.permit(deed)
}

fn behind(
    call: &Call<WriteOrganizations>,
    step: &str,
    organization: OrganizationId,
    expected: Expected,
) -> Scribe {
    let scribe = call.scribe(step);
    match expected {
        Expected::Exactly(revision) => scribe.only_behind::<Organization>(&organization, revision),
        Expected::Any => scribe,
    }
}

async fn answer(
    call: &Call<WriteOrganizations>,
    id: Id,
    position: Position,
    status: StatusCode,
) -> Result<Reply, Errors> {
    call.settled(position).await?;
    let organization = call.organization(id.organization)?;
    let found = of(&organization).find(|it| it.id.user == id.user);
    let found = found.ok_or_else(Error::not_found)?;
    Ok(reply(call, &found, status).position(position))
}
