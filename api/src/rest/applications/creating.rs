//! Creating an application.

use commands::{
    Permit, Scribe,
    applications::{NewApplication, Once},
};
use domain::{
    ApplicationId, OrganizationId, Scope, UserId,
    application::{Contact, Description, Homepage, Settings},
    authority::{Action, Authority, Belonging},
    name::ApplicationName,
};
use projections::applications::{self, Row};
use serde_json::{Value, json};
use store::Position;

use super::{
    super::{
        body::Fields,
        call::{Call, Expected},
        document,
        error::{Error, Errors, Kind},
        operation::{Needs, WriteApplications},
        refusals::log,
        reply::Reply,
        schema::Purpose,
    },
    APPLICATIONS, answer, refusals, written,
};
use crate::scopes::Own;

pub(super) async fn create(call: Call<WriteApplications>) -> Result<Reply, Errors> {
    let scribe = call.scribe("create");
    if call.is_repeatable()
        && let Some((id, position)) = scribe.created_before().await.map_err(log)?
    {
        return again(&call, &scribe, id, position).await;
    }
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
    let owner: UserId = fields.linked("owner", "users").unwrap_or(call.caller.user());
    let organization: OrganizationId =
        fields.linked("organization", "organizations").unwrap_or(call.caller.organization());
    fields.finish()?;
    let Some(name) = name else {
        return Err(Error::new(Kind::Empty, "The request data should not be empty.").into());
    };
    let belonging = Belonging { organization, owner };
    let permit = Permit::for_application(&call.caller.agent, Action::Create, belonging)
        .map_err(|denied| Error::denied(denied.to_string()))?;
    let new = NewApplication { belonging, name, active, settings };
    let created = scribe.create_application_once(&permit, new).await;
    match created.map_err(|failure| refusals::of(failure, Expected::Any))? {
        Once::Now(created) => {
            let secret = Some(created.secret.expose());
            reply(&call, &scribe, created.id, created.position, secret).await
        }
        Once::Before { id, position } => reply(&call, &scribe, id, position, None).await,
    }
}

/// Answers as the first time, but for the secret, whoever may see the application still.
async fn again(
    call: &Call<WriteApplications>,
    scribe: &Scribe,
    id: ApplicationId,
    position: Position,
) -> Result<Reply, Errors> {
    let row = applications::read(&call.app.commands.log, id).await.map_err(log)?;
    let seen = |row: &Row| call.caller.agent.may(Action::View, row.belonging());
    if row.as_ref().is_some_and(seen) {
        reply(call, scribe, id, position, None).await
    } else {
        Err(Error::not_found().into())
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
    scribe: &Scribe,
    id: ApplicationId,
    position: Position,
    secret: Option<&str>,
) -> Result<Reply, Errors> {
    let reply = answer(call, scribe, id, position).await?;
    let (mut shown, mut again) = (reply.body().clone(), reply.body().clone());
    let created_at = json!(written(call, scribe, id).await?.created_at);
    let without = |document: &mut Value| {
        document["data"]["attributes"]["clientSecret"] = Value::Null;
        document["data"]["meta"]["secretShownAt"] = created_at.clone();
    };
    without(&mut again);
    match secret {
        Some(secret) => shown["data"]["attributes"]["clientSecret"] = json!(secret),
        None => without(&mut shown),
    }
    let address = format!("{}/{}/{id}", document::base(&call.app.settings), APPLICATIONS.name);
    Ok(reply.created(shown, again).location(address))
}
