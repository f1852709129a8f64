//! Inviting and changing users.

use axum::http::StatusCode;
use commands::users::NewUser;
use domain::{
    OrganizationId, UserId,
    authority::{Deed, Role},
    name::UserName,
    user::{DisplayName, Email, Locale, User},
};
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
        fields.linked("organization", "organizations").unwrap_or(call.caller.member.organization);
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
    let invited =
        call.scribe("invite").invite_user(&permit, new, (organization, role), lifetime).await;
    let (id, position) =
        invited.map_err(|failure| refusals::of(failure, Expected::Any, refusals::user))?;
    let reply = answer(&call, id, position, StatusCode::CREATED).await?;
    Ok(reply.location(format!("{}/{}/{id}", call.base(), USERS.name)))
}

/// What is to be otherwise.
struct Wanted {
    user_name: Option<UserName>,
    display_name: Option<DisplayName>,
    email: Option<Email>,
    locale: Option<Locale>,
    enabled: Option<bool>,
}

pub(super) async fn update(call: Call<WriteUsers>) -> Result<Reply, Errors> {
    let present = call.user(call.id()?)?;
    let expected = call.check_revision(present.revision)?;
    let id = present.id;
    let mut fields = Fields::read(&call.body, &USERS, Purpose::Update, Some(&id.to_string()))?;
    let wanted = Wanted {
        user_name: fields
            .text("userName", UserName::parse)
            .filter(|it| present.user_name.as_open() != Some(it.as_str())),
        display_name: fields.text("displayName", DisplayName::parse),
        email: fields.text("email", Email::parse),
        locale: fields.text("locale", Locale::parse),
        enabled: fields.flag("enabled").filter(|enabled| *enabled != present.enabled),
    };
    fields.finish()?;
    let disables = wanted.enabled == Some(false);
    let position = wanted.carry_out(&call, id, &present, expected).await?;
    if disables {
        call.app.state.end_sessions(id, None).await?;
    }
    answer(&call, id, position, StatusCode::OK).await
}

impl Wanted {
    /// The first step fails where the user has another revision than the expected one; then nothing was done.
    async fn carry_out(
        self,
        call: &Call<WriteUsers>,
        id: UserId,
        present: &projections::directory::User,
        mut expected: Expected,
    ) -> Result<Position, Error> {
        let Self { user_name, display_name, email, locale, enabled } = &self;
        let changes = user_name.is_some()
            || display_name.is_some()
            || email.is_some()
            || locale.is_some()
            || enabled.is_some();
        // Also for the own account: a secret is known to others than its owner, and an account to all organizations.
        let keep = changes.then(|| call.permit(Deed::KeepAccounts)).transpose()?;
        let mut position = call.app.knowledge.position();
        let mut scribe = |step: &str| {
            let scribe = call.scribe(step);
            match std::mem::replace(&mut expected, Expected::Any) {
                Expected::Exactly(revision) => {
                    (scribe.only_behind::<User>(&id, revision), Expected::Exactly(revision))
                }
                Expected::Any => (scribe, Expected::Any),
            }
        };
        let mut display_name = self.display_name;
        if let (Some(permit), Some(user_name)) = (keep, self.user_name) {
            let shown = display_name.take().or_else(|| {
                DisplayName::parse(present.display_name.as_open().unwrap_or_default()).ok()
            });
            let shown = shown.ok_or_else(Error::not_found)?;
            let (scribe, expected) = scribe("rename");
            let done = scribe.rename_user(&permit, id, user_name, shown).await;
            position = position.max(done.map_err(|it| refused(it, expected))?.position);
        }
        if let (Some(permit), Some(display_name)) = (keep, display_name) {
            let (scribe, expected) = scribe("display name");
            let done = scribe.change_display_name(&permit, id, display_name).await;
            position = position.max(done.map_err(|it| refused(it, expected))?.position);
        }
        if let (Some(permit), Some(email)) = (keep, self.email) {
            let (scribe, expected) = scribe("email");
            let done = scribe.change_email(&permit, id, email).await;
            position = position.max(done.map_err(|it| refused(it, expected))?.position);
        }
        if let (Some(permit), Some(locale)) = (keep, self.locale) {
            let (scribe, expected) = scribe("locale");
            let done = scribe.change_locale(&permit, id, locale).await;
            position = position.max(done.map_err(|it| refused(it, expected))?.position);
        }
        if let (Some(permit), Some(enabled)) = (keep, self.enabled) {
            let (scribe, expected) = scribe("switch");
            let done = if enabled {
                scribe.enable_user(&permit, id).await
            } else {
                scribe.disable_user(&permit, id).await
            };
            position = position.max(done.map_err(|it| refused(it, expected))?.position);
        }
        Ok(position)
    }
}

fn refused(failure: commands::Failure<commands::users::Refusal>, expected: Expected) -> Error {
    refusals::of(failure, expected, refusals::user)
}

async fn answer(
    call: &Call<WriteUsers>,
    id: UserId,
    position: Position,
    status: StatusCode,
) -> Result<Reply, Errors> {
    call.settled(position).await?;
    let found = call.app.knowledge.user(id).ok_or_else(Error::not_found)?;
    let found = resource(&found);
    let document = document::one(&found, &[], &call.base(), &call.query);
    Ok(Reply::document(status, document).revision(found.revision).position(position))
}
