//! Registering and changing organizations.

use axum::http::StatusCode;
use domain::{
    OrganizationId,
    authority::Deed,
    name::OrganizationName,
    organization::{Edit, Organization, Registration},
};
use projections::directory::read_organization;
use store::Position;

use super::{
    super::{
        body::Fields,
        call::{Call, Expected},
        document,
        error::{Error, Errors, Kind},
        operation::WriteOrganizations,
        refusals,
        reply::Reply,
        schema::Purpose,
    },
    ORGANIZATIONS, resource,
};

pub(super) async fn create(call: Call<WriteOrganizations>) -> Result<Reply, Errors> {
    let scribe = call.scribe("register");
    if call.is_repeatable() {
        let before = scribe.organization_registered_before().await.map_err(refusals::log)?;
        if let Some((id, position)) = before {
            call.app.settled(position).await;
            call.organization(id)?;
            return registered(&call, id, position).await;
        }
    }
    let mut fields = Fields::read(&call.body, &ORGANIZATIONS, Purpose::Create, None)?;
    fields.require("name");
    let name = fields.text("name", OrganizationName::parse);
    let (enabled, global_access) = (fields.flag("enabled"), fields.flag("globalAccess"));
    fields.finish()?;
    let permit = call.permit(Deed::KeepOrganizations)?;
    let Some(name) = name else {
        return Err(Error::new(Kind::Empty, "The request data should not be empty.").into());
    };
    let usual = Registration::of(name);
    let registration = Registration {
        enabled: enabled.unwrap_or(usual.enabled),
        global_access: global_access.unwrap_or(usual.global_access),
        ..usual
    };
    let made = scribe.register_organization_as(&permit, registration).await;
    let (id, position) =
        made.map_err(|failure| refusals::of(failure, Expected::Any, refusals::organization))?;
    registered(&call, id, position).await
}

/// Answers a registration with the organization as it was then.
async fn registered(
    call: &Call<WriteOrganizations>,
    id: OrganizationId,
    position: Position,
) -> Result<Reply, Errors> {
    let reply = answer(call, id, Some(position), position, StatusCode::CREATED).await?;
    Ok(reply.location(format!("{}/{}/{id}", call.base(), ORGANIZATIONS.name)))
}

pub(super) async fn update(call: Call<WriteOrganizations>) -> Result<Reply, Errors> {
    let present = call.organization(call.id()?)?;
    let id = present.id;
    let scribe = call.scribe("update");
    if let Some(position) = call.sent_before::<Organization>(&scribe, &id).await? {
        return answer(&call, id, Some(position), position, StatusCode::OK).await;
    }
    let expected = call.check_revision(present.revision)?;
    let mut fields =
        Fields::read(&call.body, &ORGANIZATIONS, Purpose::Update, Some(&id.to_string()))?;
    let edit = Edit {
        name: fields.text("name", OrganizationName::parse),
        enabled: fields.flag("enabled"),
        global_access: fields.flag("globalAccess"),
    };
    fields.finish()?;
    // What is there already asks for no right to change it.
    let rights = [Deed::RenameOrganization(id), Deed::KeepOrganizations];
    let permits: Vec<_> = rights.into_iter().filter_map(|deed| call.permit(deed).ok()).collect();
    let scribe = expected.behind::<Organization>(scribe, &id);
    let done = scribe.edit_organization(&permits, id, edit).await;
    let done = done.map_err(|failure| refusals::of(failure, expected, refusals::organization))?;
    let as_of = scribe.carried_out::<Organization>(&id).await.map_err(refusals::log)?;
    answer(&call, id, as_of, done.position, StatusCode::OK).await
}

/// Answers with the organization as of a position of the log, or as it is where the command had nothing to change.
async fn answer(
    call: &Call<WriteOrganizations>,
    id: OrganizationId,
    as_of: Option<Position>,
    position: Position,
    status: StatusCode,
) -> Result<Reply, Errors> {
    let found = read_organization(&call.app.commands.log, id, as_of).await;
    let found = found.map_err(refusals::log)?.ok_or_else(Error::not_found)?;
    let found = resource(&found);
    let document = document::one(&found, &[], &call.base(), &call.query);
    let reply = Reply::document(status, document).revision(found.revision);
    call.written(position, reply).await
}
