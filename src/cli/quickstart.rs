//! `oathbook quickstart`: from an empty directory to a running server.

use api::signing::{self, KeySize, Overwrite};
use clap::Args;
use commands::{Permit, Scribe, organizations::Change, users::NewUser};
use domain::{
    OrganizationId, UserId,
    authority::Role,
    name::{OrganizationName, UserName},
    user::{DisplayName, Email, Locale},
};
use serde::Serialize;

use super::{
    keys,
    outcome::{Exit, Outcome, print_json, print_line},
    users::change_password,
};
use crate::{
    compose::{House, SystemEntropy},
    config::Config,
    server::{Server, Signals},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Listen on this address instead of the configured one; port 0 picks a free port.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Option<String>,
    /// Print one JSON object on the first line of standard output.
    #[arg(long)]
    json: bool,
    /// The name of the organization, if one must be made.
    #[arg(long, default_value = "Main organization")]
    organization: String,
    /// The name of the administrator, if one must be made.
    #[arg(long, default_value = "admin")]
    user: String,
    /// Where letters to the administrator go.
    #[arg(long, default_value = "admin@localhost")]
    email: String,
}

/// What a newcomer needs to begin.
#[derive(Serialize)]
struct Welcome {
    url: String,
    username: String,
    /// Known only to the run that made it.
    password: Option<String>,
    organization_id: OrganizationId,
}

pub(super) async fn run(arguments: &Arguments, config: &Config) -> Outcome {
    let signals = Signals::listen()?;
    make_keys(config)?;
    let house = House::open(config).await?;
    let (organization_id, user) = make_administrator(&house, arguments).await?;
    let scribe = house.commands.as_operator();
    let account = scribe.user(user).await?;
    let password = match account.as_ref().and_then(|account| account.password.as_ref()) {
        Some(_) => None,
        None => change_password(&house, user, None).await?,
    };
    let username = account.as_ref().and_then(|account| account.user_name.as_open());
    let username = username.unwrap_or_default().to_owned();
    let server = Server::bind(house, config).await?;
    let url = server.public_url().to_string();
    let welcome = Welcome { url, username, password, organization_id };
    let said = if arguments.json { print_json(&welcome) } else { greet(&welcome) };
    said?;
    server.run(signals.stop()).await?;
    Ok(())
}

/// Makes a key pair where none is. A pair that is there is never touched.
fn make_keys(config: &Config) -> Outcome {
    let files = keys::files(config);
    match signing::generate(&files, KeySize::Rsa2048, Overwrite::Never, &SystemEntropy) {
        Ok(_) | Err(signing::GenerateError::Exists { .. }) => Ok(()),
        Err(error) => Err(Exit::unavailable(&error)),
    }
}

/// Finds or makes an organization with global access, and an administrator in it.
///
/// Each step looks for what is there, so a run that was ended in the middle is completed by the next one.
async fn make_administrator(
    house: &House,
    arguments: &Arguments,
) -> Outcome<(OrganizationId, UserId)> {
    let name = OrganizationName::parse(&arguments.organization)
        .map_err(|rule| Exit::argument("--organization", rule))?;
    let user_name =
        UserName::parse(&arguments.user).map_err(|rule| Exit::argument("--user", rule))?;
    let email = Email::parse(&arguments.email).map_err(|rule| Exit::argument("--email", rule))?;
    let (scribe, permit) = (house.commands.as_operator(), Permit::operator());
    if let Some(found) = present_administrator(house).await? {
        return Ok(found);
    }
    let organization = match scribe.find_organization(&name).await? {
        Some(organization) => organization,
        None => scribe.register_organization(&permit, name).await?.0,
    };
    scribe.change_organization(&permit, organization, Change::GrantGlobalAccess).await?;
    let user = find_or_register(&scribe, &permit, user_name, email).await?;
    scribe.admit(&permit, organization, user, Role::Administrator).await?;
    Ok((organization, user))
}

/// An administrator of an organization with global access, if there is one already.
async fn present_administrator(house: &House) -> Outcome<Option<(OrganizationId, UserId)>> {
    let knowledge = house.knowledge().await?;
    Ok(knowledge
        .organizations()
        .into_iter()
        .filter(|organization| organization.enabled && organization.global_access)
        .find_map(|organization| {
            let administrator = organization.members.iter().find(|(user, role)| {
                **role == Role::Administrator
                    && knowledge.user(**user).is_some_and(|user| user.enabled)
            });
            administrator.map(|(user, _)| (organization.id, *user))
        }))
}

async fn find_or_register(
    scribe: &Scribe,
    permit: &Permit,
    user_name: UserName,
    email: Email,
) -> Outcome<UserId> {
    if let Some(user) = scribe.find_user(&user_name).await? {
        return Ok(user);
    }
    let display_name = DisplayName::parse("Administrator");
    let new = NewUser {
        user_name,
        display_name: display_name.map_err(|rule| Exit::argument("the display name", rule))?,
        email,
        locale: Locale::parse("en").map_err(|rule| Exit::argument("the locale", rule))?,
    };
    Ok(scribe.register_user(permit, new).await?.0)
}

fn greet(welcome: &Welcome) -> Outcome {
    let Welcome { url, username, password, .. } = welcome;
    let password = match password {
        Some(password) => format!("{password}   (shown this once)"),
        None => format!("as before   (forgotten? oathbook users set-password {username})"),
    };
    for line in [
        format!("Oathbook is running at {url}"),
        String::new(),
        format!("  User      {username}"),
        format!("  Password  {password}"),
        String::new(),
        "Sign in, open My User and choose Add Application. Then, with its credentials:".to_owned(),
        String::new(),
        format!(
            "  curl -u CLIENT_ID:CLIENT_SECRET -d grant_type=client_credentials {url}/oauth2-token"
        ),
        String::new(),
        "Press Ctrl-C to stop.".to_owned(),
    ] {
        print_line(&line)?;
    }
    Ok(())
}
