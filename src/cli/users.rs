//! `oathbook users`.

use std::io::{BufRead, IsTerminal};

use clap::{Args, Subcommand, ValueEnum};
use commands::{
    Permit, Scribe,
    password::{Password, Passwords},
    users::NewUser,
};
use domain::{
    UserId,
    authority::Role,
    name::UserName,
    user::{DisplayName, Edit, Email, Locale},
};
use serde_json::json;

use super::{
    lookup,
    outcome::{Exit, Outcome, print_json, print_line, print_table},
};
use crate::{compose::House, config::Config};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an account. The password is generated and shown once, unless it comes from standard input.
    Create(Create),
    /// Make an account and a membership, and send a letter with a link by which the password is chosen.
    Invite(Invite),
    /// Send somebody who has an account a link by which the password is chosen. Links sent before are void.
    InviteAgain(One),
    /// List all users.
    List(List),
    /// Give a user another user name, another display name, or both.
    Rename(Rename),
    /// Change where a user's letters go.
    ChangeEmail(ChangeEmail),
    /// Set a user's password: a generated one that is shown once, or one from standard input.
    SetPassword(SetPassword),
    /// Refuse sign-in, and tokens for the user's applications.
    Disable(One),
    /// Allow sign-in and tokens again.
    Enable(One),
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// The name to sign in with: no spaces, whatever its case.
    name: String,
    /// Where letters go.
    #[arg(long)]
    email: String,
    /// The name people see; the user name by default.
    #[arg(long)]
    display_name: Option<String>,
    /// The language of letters, such as en or de-CH.
    #[arg(long, default_value = "en")]
    locale: String,
    /// Make the user a member of this organization (id or name).
    #[arg(long)]
    organization: Option<String>,
    /// The member's role.
    #[arg(long, value_enum, default_value_t = RoleName::Member, requires = "organization")]
    role: RoleName,
    /// Read the password from the first line of standard input.
    #[arg(long)]
    password_stdin: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Invite {
    /// The name to sign in with: no spaces, whatever its case.
    name: String,
    /// Where letters go, the one with the link first.
    #[arg(long)]
    email: String,
    /// Make the user a member of this organization (id or name).
    #[arg(long)]
    organization: String,
    /// The member's role.
    #[arg(long, value_enum, default_value_t = RoleName::Member)]
    role: RoleName,
    /// The name people see; the user name by default.
    #[arg(long)]
    display_name: Option<String>,
    /// The language of letters, such as en or de-CH.
    #[arg(long, default_value = "en")]
    locale: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Rename {
    /// Id or name.
    user: String,
    /// The name to sign in with from now on.
    #[arg(long, required_unless_present = "display_name")]
    user_name: Option<String>,
    /// The name people see from now on.
    #[arg(long)]
    display_name: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct ChangeEmail {
    /// Id or name.
    user: String,
    /// Where letters go from now on.
    email: String,
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct SetPassword {
    /// Id or name.
    user: String,
    /// Read the password from the first line of standard input.
    #[arg(long)]
    password_stdin: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct One {
    /// Id or name.
    user: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum RoleName {
    /// Works with own applications.
    Member,
    /// Reads everything of the organization, changes nothing.
    Auditor,
    /// Works with all applications of the organization.
    Manager,
    /// Works with everything of the organization.
    Administrator,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Member => Self::Member,
            RoleName::Auditor => Self::Auditor,
            RoleName::Manager => Self::Manager,
            RoleName::Administrator => Self::Administrator,
        }
    }
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    match command {
        Command::Create(arguments) => create(config, &arguments).await,
        Command::Invite(arguments) => invite(config, &arguments).await,
        Command::InviteAgain(One { user }) => invite_again(config, &user).await,
        Command::Rename(arguments) => rename(config, &arguments).await,
        Command::ChangeEmail(arguments) => change_email(config, &arguments).await,
        Command::List(arguments) => list(&House::open(config).await?, &arguments).await,
        Command::SetPassword(arguments) => set_password(config, &arguments).await,
        Command::Disable(One { user }) => {
            let house = House::open(config).await?;
            let scribe = house.commands.as_operator();
            let id = lookup::user(&scribe, &user).await?;
            scribe.disable_user(&Permit::operator(), id).await?;
            end_sessions(&house, id).await
        }
        Command::Enable(One { user }) => {
            let scribe = House::open(config).await?.commands.as_operator();
            let id = lookup::user(&scribe, &user).await?;
            scribe.enable_user(&Permit::operator(), id).await?;
            Ok(())
        }
    }
}

fn new_user(name: &str, display_name: Option<&str>, email: &str, locale: &str) -> Outcome<NewUser> {
    Ok(NewUser {
        user_name: UserName::parse(name).map_err(|rule| Exit::argument("NAME", rule))?,
        display_name: DisplayName::parse(display_name.unwrap_or(name))
            .map_err(|rule| Exit::argument("--display-name", rule))?,
        email: Email::parse(email).map_err(|rule| Exit::argument("--email", rule))?,
        locale: Locale::parse(locale).map_err(|rule| Exit::argument("--locale", rule))?,
    })
}

async fn invite(config: &Config, arguments: &Invite) -> Outcome {
    let Invite { name, email, organization, role, display_name, locale, json } = arguments;
    let new = new_user(name, display_name.as_deref(), email, locale)?;
    let house = House::open(config).await?;
    let scribe = house.commands.as_operator();
    let membership = (lookup::organization(&scribe, organization).await?, Role::from(*role));
    let lifetime = config.invitations.lifetime;
    let (id, _) = scribe.invite_user(&Permit::operator(), new, membership, lifetime).await?;
    if *json {
        return print_json(&json!({ "id": id }));
    }
    print_line(&id.to_string())?;
    print_line(ON_ITS_WAY)
}

const ON_ITS_WAY: &str = "A letter with a link to choose a password is on its way.";

async fn invite_again(config: &Config, user: &str) -> Outcome {
    let scribe = House::open(config).await?.commands.as_operator();
    let id = lookup::user(&scribe, user).await?;
    scribe.invite_again(&Permit::operator(), id, config.invitations.lifetime).await?;
    print_line(ON_ITS_WAY)
}

async fn rename(config: &Config, arguments: &Rename) -> Outcome {
    let wanted_user_name = arguments.user_name.as_deref().map(UserName::parse).transpose();
    let wanted_user_name = wanted_user_name.map_err(|rule| Exit::argument("--user-name", rule))?;
    let wanted_display_name = arguments.display_name.as_deref().map(DisplayName::parse).transpose();
    let wanted_display_name =
        wanted_display_name.map_err(|rule| Exit::argument("--display-name", rule))?;
    let (scribe, permit) = (House::open(config).await?.commands.as_operator(), Permit::operator());
    let id = lookup::user(&scribe, &arguments.user).await?;
    let edit =
        Edit { user_name: wanted_user_name, display_name: wanted_display_name, ..Edit::default() };
    scribe.edit_user(&permit, id, edit).await?;
    Ok(())
}

async fn change_email(config: &Config, arguments: &ChangeEmail) -> Outcome {
    let email = Email::parse(&arguments.email).map_err(|rule| Exit::argument("EMAIL", rule))?;
    let scribe = House::open(config).await?.commands.as_operator();
    let id = lookup::user(&scribe, &arguments.user).await?;
    let edit = Edit { email: Some(email), ..Edit::default() };
    scribe.edit_user(&Permit::operator(), id, edit).await?;
    Ok(())
}

async fn end_sessions(house: &House, user: UserId) -> Outcome {
    let ended = house.state.end_sessions(user, None).await;
    ended.map(|_| ()).map_err(|error| Exit::unavailable(&error))
}

async fn create(config: &Config, arguments: &Create) -> Outcome {
    // Everything is checked before anything is written.
    let Create { name, display_name, email, locale, .. } = arguments;
    let new = new_user(name, display_name.as_deref(), email, locale)?;
    let given = if arguments.password_stdin { Some(read_password()?) } else { None };
    let house = House::open(config).await?;
    let (scribe, permit) = (house.commands.as_operator(), Permit::operator());
    let organization = match &arguments.organization {
        Some(organization) => Some(lookup::organization(&scribe, organization).await?),
        None => None,
    };
    let (id, _) = scribe.register_user(&permit, new).await?;
    if let Some(organization) = organization {
        scribe.admit(&permit, organization, id, Role::from(arguments.role)).await?;
    }
    let shown = change_password(&house, id, given).await?;
    if arguments.json {
        return print_json(&json!({ "id": id, "password": shown }));
    }
    print_line(&id.to_string())?;
    print_password(shown)
}

async fn set_password(config: &Config, arguments: &SetPassword) -> Outcome {
    let given = if arguments.password_stdin { Some(read_password()?) } else { None };
    let house = House::open(config).await?;
    let id = lookup::user(&house.commands.as_operator(), &arguments.user).await?;
    let shown = change_password(&house, id, given).await?;
    if arguments.json {
        return print_json(&json!({ "id": id, "password": shown }));
    }
    print_password(shown)
}

/// Sets the given password, or a generated one, which is answered.
pub(super) async fn change_password(
    house: &House,
    id: UserId,
    given: Option<Password>,
) -> Outcome<Option<String>> {
    let entropy = &*house.commands.entropy;
    let generated = given.is_none();
    let password = given.unwrap_or_else(|| Password::generate(entropy));
    let shown = generated.then(|| password.expose().to_owned());
    let hash =
        Passwords::default().hash(password, entropy).await.map_err(|error| Exit::failed(&error))?;
    let scribe: Scribe = house.commands.as_operator();
    scribe.set_password(&Permit::operator(), id, hash).await?;
    end_sessions(house, id).await?;
    Ok(shown)
}

fn print_password(shown: Option<String>) -> Outcome {
    match shown {
        Some(password) => print_line(&format!("Password (shown once): {password}")),
        None => Ok(()),
    }
}

fn read_password() -> Outcome<Password> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        eprintln!("Type the password and press Enter. It is shown while you type.");
    }
    let mut line = String::new();
    // One character more than any password may have, and the line's end.
    let mut limited = std::io::Read::take(stdin.lock(), 1_027);
    limited.read_line(&mut line).map_err(|error| Exit::failed(&error))?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Password::parse(line).map_err(|rule| Exit::argument("the password on standard input", rule))
}

async fn list(house: &House, arguments: &List) -> Outcome {
    let users = house.knowledge().await?.users();
    let open = |field: &domain::Personal| field.as_open().unwrap_or("(erased)").to_owned();
    if arguments.json {
        let documents: Vec<_> = users
            .iter()
            .map(|user| {
                json!({
                    "id": user.id,
                    "user_name": user.user_name.as_open(),
                    "display_name": user.display_name.as_open(),
                    "email": user.email.as_open(),
                    "locale": user.locale,
                    "enabled": user.enabled,
                    "created_at": user.created_at,
                })
            })
            .collect();
        return print_json(&documents);
    }
    let rows: Vec<_> = users
        .iter()
        .map(|user| {
            vec![
                user.id.to_string(),
                open(&user.user_name),
                open(&user.display_name),
                open(&user.email),
                if user.enabled { "yes" } else { "no" }.to_owned(),
            ]
        })
        .collect();
    print_table(&["ID", "USER", "NAME", "EMAIL", "ENABLED"], &rows)
}
