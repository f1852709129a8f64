//! Registering and changing organizations.

use axum::http::StatusCode;
use commands::{Permit, organizations::Change};
use domain::{OrganizationId, authority::Deed, name::OrganizationName, organization::Organization};
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
    let mut fields = Fields::read(&call.body, &ORGANIZATIONS, Purpose::Create, None)?;
    fields.require("name");
    let name = fields.text("name", OrganizationName::parse);
    let changes = changes(&mut fields, true, false);
    fields.finish()?;
    let permit = call.permit(Deed::KeepOrganizations)?;
    let Some(name) = name else {
        return Err(Error::new(Kind::Empty, "The request data should not be empty.").into());
    };
    let made = call.scribe("register").register_organization(&permit, name).await;
    let (id, mut position) =
        made.map_err(|failure| refusals::of(failure, Expected::Any, refusals::organization))?;
    for change in changes {
        position = position.max(turn(&call, &permit, id, change, Expected::Any).await?);
    }
    let reply = answer(&call, id, position, StatusCode::CREATED).await?;
    Ok(reply.location(format!("{}/{}/{id}", call.base(), ORGANIZATIONS.name)))
}

pub(super) async fn update(call: Call<WriteOrganizations>) -> Result<Reply, Errors> {
    let present = call.organization(call.id()?)?;
    let mut expected = call.check_revision(present.revision)?;
    let id = present.id;
    let mut fields =
        Fields::read(&call.body, &ORGANIZATIONS, Purpose::Update, Some(&id.to_string()))?;
    let name = fields.text("name", OrganizationName::parse).filter(|name| *name != present.name);
    let changes = changes(&mut fields, present.enabled, present.global_access);
    fields.finish()?;
    let rename =
        name.map(|name| Ok::<_, Error>((name, call.permit(Deed::RenameOrganization(id))?)));
    let rename = rename.transpose()?;
    let keep = (!changes.is_empty()).then(|| call.permit(Deed::KeepOrganizations)).transpose()?;
    let mut position = call.app.knowledge.position();
    if let Some((name, permit)) = rename {
        let mut scribe = call.scribe("rename");
        if let Expected::Exactly(revision) = expected {
            scribe = scribe.only_behind::<Organization>(&id, revision);
        }
        let done = scribe.rename_organization(&permit, id, name).await;
        let done =
            done.map_err(|failure| refusals::of(failure, expected, refusals::organization))?;
        position = position.max(done.position);
        expected = Expected::Any;
    }
    if let Some(permit) = keep {
        for change in changes {
            position = position.max(turn(&call, &permit, id, change, expected).await?);
            expected = Expected::Any;
        }
    }
    answer(&call, id, position, StatusCode::OK).await
}

/// The switches to turn.
fn changes(fields: &mut Fields, enabled: bool, global_access: bool) -> Vec<Change> {
    let turned = |wanted: Option<bool>, present: bool, on: Change, off: Change| {
        let wanted = wanted.filter(|wanted| *wanted != present)?;
        Some(if wanted { on } else { off })
    };
    [
        turned(fields.flag("enabled"), enabled, Change::Enable, Change::Disable),
        turned(
            fields.flag("globalAccess"),
            global_access,
            Change::GrantGlobalAccess,
            Change::WithdrawGlobalAccess,
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

async fn turn(
    call: &Call<WriteOrganizations>,
    permit: &Permit,
    id: OrganizationId,
    change: Change,
    expected: Expected,
) -> Result<Position, Error> {
    let mut scribe = call.scribe("switch");
    if let Expected::Exactly(revision) = expected {
        scribe = scribe.only_behind::<Organization>(&id, revision);
    }
    let done = scribe.change_organization(permit, id, change).await;
    let done = done.map_err(|failure| refusals::of(failure, expected, refusals::organization))?;
    Ok(done.position)
}

async fn answer(
    call: &Call<WriteOrganizations>,
    id: OrganizationId,
    position: Position,
    status: StatusCode,
) -> Result<Reply, Errors> {
    call.settled(position).await?;
    let found = call.app.knowledge.organization(id).ok_or_else(Error::not_found)?;
    let found = resource(&found);
    let document = document::one(&found, &[], &call.base(), &call.query);
    Ok(Reply::document(status, document).revision(found.revision).position(position))
}
