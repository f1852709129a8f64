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
    user::{DisplayName, Email, Locale},
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
    /// List all users.
    List(List),
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
        Command::List(arguments) => list(&House::open(config).await?, &arguments).await,
        Command::SetPassword(arguments) => set_password(config, &arguments).await,
        Command::Disable(One { user }) => {
            let scribe = House::open(config).await?.commands.as_operator();
            let id = lookup::user(&scribe, &user).await?;
            scribe.disable_user(&Permit::operator(), id).await?;
            Ok(())
        }
        Command::Enable(One { user }) => {
            let scribe = House::open(config).await?.commands.as_operator();
            let id = lookup::user(&scribe, &user).await?;
            scribe.enable_user(&Permit::operator(), id).await?;
            Ok(())
        }
    }
}

async fn create(config: &Config, arguments: &Create) -> Outcome {
    // Everything is checked before anything is written.
    let display_name = arguments.display_name.as_deref().unwrap_or(&arguments.name);
    let new = NewUser {
        user_name: UserName::parse(&arguments.name).map_err(|rule| Exit::argument("NAME", rule))?,
        display_name: DisplayName::parse(display_name)
            .map_err(|rule| Exit::argument("--display-name", rule))?,
        email: Email::parse(&arguments.email).map_err(|rule| Exit::argument("--email", rule))?,
        locale: Locale::parse(&arguments.locale)
            .map_err(|rule| Exit::argument("--locale", rule))?,
    };
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
