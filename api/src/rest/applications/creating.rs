//! Creating an application.

use commands::{
    Permit,
    applications::{NewApplication, Once},
};
use domain::{
    ApplicationId, OrganizationId, Scope, UserId,
    application::{Contact, Description, Homepage, Settings},
    authority::{Action, Belonging},
    name::ApplicationName,
};
use serde_json::{Value, json};
use store::Position;

use super::{
    super::{
        body::Fields,
        call::{Call, Expected},
        document,
        error::{Error, Errors, Kind},
        operation::{Needs, WriteApplications},
        reply::Reply,
        schema::Purpose,
    },
    APPLICATIONS, answer, refusals,
};
use crate::scopes::Own;

pub(super) async fn create(call: Call<WriteApplications>) -> Result<Reply, Errors> {
    let mut fields = Fields::read(&call.body, &APPLICATIONS, Purpose::Create, None)?;
    fields.require("name");
    let name = fields.text("name", ApplicationName::parse);
    let active = fields.flag("active").unwrap_or(true);
    let settings = Settings {
        description: fields.text("description", Description::parse).unwrap_or_default(),
        contact: fields.text("contactEmail", Contact::parse).unwrap_or_default(),
        homepage: fields.text("homepageUrl", Homepage::parse).unwrap_or_default(),
        scopes: scopes(&call, &mut fields, &[]).unwrap_or_default(),
    };
    let member = &call.caller.member;
    let owner: UserId = fields.linked("owner", "users").unwrap_or(member.user);
    let organization: OrganizationId =
        fields.linked("organization", "organizations").unwrap_or(member.organization);
    fields.finish()?;
    let Some(name) = name else {
        return Err(Error::new(Kind::Empty, "The request data should not be empty.").into());
    };
    let belonging = Belonging { organization, owner };
    let permit = Permit::for_application(member, Action::Create, belonging)
        .map_err(|denied| Error::denied(denied.to_string()))?;
    let new = NewApplication { belonging, name, active, settings };
    let created = call.scribe("create").create_application_once(&permit, new).await;
    match created.map_err(|failure| refusals::of(failure, Expected::Any))? {
        Once::Now(created) => {
            let secret = Some(created.secret.expose());
            reply(&call, created.id, created.position, secret).await
        }
        Once::Before { id, position } => reply(&call, id, position, None).await,
    }
}

/// The scopes that were named, if the application may be given them: known ones, and of Oathbook's own those that the
/// token has. What it has already, it keeps.
pub(super) fn scopes<S: Needs>(
    call: &Call<S>,
    fields: &mut Fields,
    present: &[Scope],
) -> Option<Vec<Scope>> {
    let catalogue = &call.app.settings.scopes;
    let mut scopes: Vec<Scope> = fields.texts("scopes", |text| {
        let scope = Scope::parse(text).map_err(|rule| (Kind::Invalid, rule.to_string()))?;
        catalogue
            .check(std::slice::from_ref(&scope), present)
            .map_err(|_| (Kind::Invalid, format!("The scope \"{scope}\" is not known.")))?;
        let own = Own::parse(scope.as_str()).filter(|_| !present.contains(&scope));
        match own.filter(|own| !call.caller.has(*own)) {
            Some(own) => {
                let rule = format!("The token does not have the scope \"{own}\" itself.");
                Err((Kind::Denied, rule))
            }
            None => Ok(scope),
        }
    })?;
    let mut seen = std::collections::HashSet::new();
    scopes.retain(|scope| seen.insert(scope.clone()));
    Some(scopes)
}

/// The answer with the secret, to be kept without it.
async fn reply(
    call: &Call<WriteApplications>,
    id: ApplicationId,
    position: Position,
    secret: Option<&str>,
) -> Result<Reply, Errors> {
    let reply = answer(call, id, position).await?;
    let (mut shown, mut again) = (reply.body().clone(), reply.body().clone());
    let created = created_at(call, id).await?;
    let without = |document: &mut Value| {
        document["data"]["attributes"]["clientSecret"] = Value::Null;
        document["data"]["meta"]["secretShownAt"] = created.clone();
    };
    without(&mut again);
    match secret {
        Some(secret) => shown["data"]["attributes"]["clientSecret"] = json!(secret),
        None => without(&mut shown),
    }
    let address = format!("{}/{}/{id}", document::base(&call.app.settings), APPLICATIONS.name);
    Ok(reply.created(shown, again).location(address))
}

async fn created_at(call: &Call<WriteApplications>, id: ApplicationId) -> Result<Value, Errors> {
    let row = projections::applications::read(&call.app.commands.log, id).await;
    let row = row.map_err(super::super::refusals::log)?;
    Ok(json!(row.map(|row| row.created_at)))
}
