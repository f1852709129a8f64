//! Inviting and changing users.

use axum::http::StatusCode;
use commands::users::NewUser;
use domain::{
    OrganizationId, UserId,
    authority::{Deed, Role},
    name::UserName,
    user::{DisplayName, Edit, Email, Locale, User},
};
use projections::directory::read_user;
use store::Position;

use super::{
    super::{
        body::Fields,
        call::{Call, Expected},
        document,
        error::{Error, Errors, Kind},
        memberships::role_of,
        operation::WriteUsers,
        refusals,
        reply::Reply,
        schema::Purpose,
    },
    USERS, resource,
};

pub(super) async fn invite(call: Call<WriteUsers>) -> Result<Reply, Errors> {
    let scribe = call.scribe("invite");
    if call.is_repeatable()
        && let Some((id, position)) = scribe.invited_before().await.map_err(refusals::log)?
    {
        call.app.settled(position).await;
        call.user(id)?;
        return invited(&call, id, position).await;
    }
    let mut fields = Fields::read(&call.body, &USERS, Purpose::Create, None)?;
    for name in ["userName", "displayName", "email"] {
        fields.require(name);
    }
    let user_name = fields.text("userName", UserName::parse);
    let display_name = fields.text("displayName", DisplayName::parse);
    let email = fields.text("email", Email::parse);
    let locale = fields.text("locale", Locale::parse);
    let role = fields.text("role", role_of).unwrap_or(Role::Member);
    let organization: OrganizationId =
        fields.linked("organization", "organizations").unwrap_or(call.caller.organization());
    fields.finish()?;
    let locale = locale.or_else(|| Locale::parse("en").ok());
    let (Some(user_name), Some(display_name), Some(email), Some(locale)) =
        (user_name, display_name, email, locale)
    else {
        return Err(Error::new(Kind::Empty, "The request data should not be empty.").into());
    };
    let permit = call.permit(Deed::Invite { organization, role })?;
    let new = NewUser { user_name, display_name, email, locale };
    let lifetime = call.app.settings.invitation_lifetime;
    let made = scribe.invite_user(&permit, new, (organization, role), lifetime).await;
    let (id, position) =
        made.map_err(|failure| refusals::of(failure, Expected::Any, refusals::user))?;
    invited(&call, id, position).await
}

/// Answers an invitation with the user as they were when it was given.
async fn invited(call: &Call<WriteUsers>, id: UserId, position: Position) -> Result<Reply, Errors> {
    let reply = answer(call, id, Some(position), position, StatusCode::CREATED).await?;
    Ok(reply.location(format!("{}/{}/{id}", call.base(), USERS.name)))
}

pub(super) async fn update(call: Call<WriteUsers>) -> Result<Reply, Errors> {
    let present = call.user(call.id()?)?;
    let id = present.id;
    let scribe = call.scribe("update");
    if let Some(position) = call.sent_before::<User>(&scribe, &id).await? {
        if !present.enabled {
            call.app.state.end_sessions(id, None).await?;
        }
        return answer(&call, id, Some(position), position, StatusCode::OK).await;
    }
    let expected = call.check_revision(present.revision)?;
    let edit = read(&call, id)?;
    let scribe = expected.behind::<User>(scribe, &id);
    let position = if edit.is_empty() {
        call.app.knowledge.position()
    } else {
        // Also for the own account: a secret is known to others than its owner, and an account to all organizations.
        let permit = call.permit(Deed::KeepAccounts)?;
        let disables = edit.enabled == Some(false);
        let done = scribe.edit_user(&permit, id, edit).await;
        let done = done.map_err(|failure| refused(failure, expected))?;
        if disables {
            call.app.state.end_sessions(id, None).await?;
        }
        done.position
    };
    let as_of = scribe.carried_out::<User>(&id).await.map_err(refusals::log)?;
    answer(&call, id, as_of, position, StatusCode::OK).await
}

/// What is to be otherwise.
fn read(call: &Call<WriteUsers>, id: UserId) -> Result<Edit, Errors> {
    let mut fields = Fields::read(&call.body, &USERS, Purpose::Update, Some(&id.to_string()))?;
    let edit = Edit {
        user_name: fields.text("userName", UserName::parse),
        display_name: fields.text("displayName", DisplayName::parse),
        email: fields.text("email", Email::parse),
        locale: fields.text("locale", Locale::parse),
        enabled: fields.flag("enabled"),
    };
    fields.finish()?;
    Ok(edit)
}

fn refused(failure: commands::Failure<commands::users::Refusal>, expected: Expected) -> Error {
    refusals::of(failure, expected, refusals::user)
}

/// Answers with the user as of a position of the log, or as they are where the command had nothing to change.
async fn answer(
    call: &Call<WriteUsers>,
    id: UserId,
    as_of: Option<Position>,
    position: Position,
    status: StatusCode,
) -> Result<Reply, Errors> {
    let found = read_user(&call.app.commands.log, id, as_of).await.map_err(refusals::log)?;
    let found = resource(&found.ok_or_else(Error::not_found)?);
    let document = document::one(&found, &[], &call.base(), &call.query);
    let reply = Reply::document(status, document).revision(found.revision);
    call.written(position, reply).await
}
