//! Beginning, changing and ending memberships.

use axum::http::StatusCode;
use commands::{Permit, Scribe};
use domain::{
    OrganizationId, UserId,
    authority::{Deed, Role},
    organization::Organization,
};
use projections::directory::read_organization;
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
        fields.linked("organization", "organizations").unwrap_or(call.caller.organization());
    fields.require_linked("user");
    let user: Option<UserId> = fields.linked("user", "users");
    fields.finish()?;
    let (Some(role), Some(user)) = (role, user) else {
        return Err(Error::new(Kind::Empty, "The request data should not be empty.").into());
    };
    let present = call
        .organization(organization)
        .map_err(|error| error.at("/data/relationships/organization"))?;
    let id = Id { organization, user };
    let scribe = call.scribe("admit");
    let admitting = scribe.admitting(user);
    if let Some(position) = call.sent_before::<Organization>(&admitting, &organization).await? {
        return if sees(&call.caller, id) {
            began(&call, id, position).await
        } else {
            Err(Error::not_found().into())
        };
    }
    if let Some(from) = present.members.get(&user) {
        permit(&call, organization, Some(*from), Some(role))?;
        let text = "The user is a member of the organization already.";
        return Err(Error::new(Kind::Conflict, text).at("/data/relationships/user").into());
    }
    let permit = permit(&call, organization, None, Some(role))?;
    let done = scribe.admit(&permit, organization, user, role).await;
    let done = done.map_err(|it| refusals::of(it, Expected::Any, refusals::organization))?;
    began(&call, id, done.position).await
}

/// Answers with a membership as it began.
async fn began(
    call: &Call<WriteOrganizations>,
    id: Id,
    position: Position,
) -> Result<Reply, Errors> {
    let reply = answer(call, id, Some(position), position, StatusCode::CREATED).await?;
    let Id { organization, user } = id;
    let address = format!("{}/{}/{organization}.{user}", call.base(), MEMBERSHIPS.name);
    Ok(reply.location(address))
}

pub(super) async fn update(call: Call<WriteOrganizations>) -> Result<Reply, Errors> {
    let id: Id = call.id()?;
    let Id { organization, user } = id;
    let scribe = call.scribe("admit");
    let admitting = scribe.admitting(user);
    if let Some(position) = sent_before(&call, &admitting, id).await? {
        return answer(&call, id, Some(position), position, StatusCode::OK).await;
    }
    let present = find(&call)?;
    let expected = call.check_revision(present.revision)?;
    let mut fields = Fields::read(&call.body, &MEMBERSHIPS, Purpose::Update, Some(&present.id()))?;
    let role = fields.text("role", role_of);
    fields.finish()?;
    let role = role.unwrap_or(present.role);
    let permit = permit(&call, organization, Some(present.role), Some(role))?;
    let scribe = expected.behind::<Organization>(scribe, &organization);
    let done = scribe.admit(&permit, organization, user, role).await;
    let done = done.map_err(|it| refusals::of(it, expected, refusals::organization))?;
    let as_of = admitting.carried_out::<Organization>(&organization).await;
    let as_of = as_of.map_err(refusals::log)?;
    answer(&call, id, as_of, done.position, StatusCode::OK).await
}

pub(super) async fn end(call: Call<WriteOrganizations>) -> Result<Reply, Errors> {
    let id: Id = call.id()?;
    let Id { organization, user } = id;
    let scribe = call.scribe("dismiss");
    if let Some(position) = sent_before(&call, &scribe.dismissing(user), id).await? {
        return call.written(position, Reply::nothing()).await;
    }
    let present = find(&call)?;
    let expected = call.check_revision(present.revision)?;
    let permit = permit(&call, organization, Some(present.role), None)?;
    let scribe = expected.behind::<Organization>(scribe, &organization);
    let done = scribe.dismiss(&permit, organization, user).await;
    let done = done.map_err(|it| refusals::of(it, expected, refusals::organization))?;
    call.written(done.position, Reply::nothing()).await
}

/// Where the events stand that this very request wrote when it was sent before, if the caller may see such a membership.
async fn sent_before(
    call: &Call<WriteOrganizations>,
    scribe: &Scribe,
    id: Id,
) -> Result<Option<Position>, Error> {
    call.organization(id.organization)?;
    if !sees(&call.caller, id) {
        return Err(Error::not_found());
    }
    call.sent_before::<Organization>(scribe, &id.organization).await
}

fn find(call: &Call<WriteOrganizations>) -> Result<Membership, Error> {
    let id: Id = call.id()?;
    let organization = call.organization(id.organization)?;
    let found = of(&organization).find(|it| it.id.user == id.user && sees(&call.caller, it.id));
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

/// Answers with the membership as of a position of the log, or as it is where the command had nothing to change.
async fn answer(
    call: &Call<WriteOrganizations>,
    id: Id,
    as_of: Option<Position>,
    position: Position,
    status: StatusCode,
) -> Result<Reply, Errors> {
    let organization = read_organization(&call.app.commands.log, id.organization, as_of).await;
    let organization = organization.map_err(refusals::log)?.ok_or_else(Error::not_found)?;
    let found = of(&organization).find(|it| it.id.user == id.user);
    let reply = reply(call, &found.ok_or_else(Error::not_found)?, status);
    call.written(position, reply).await
}
