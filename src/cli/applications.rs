//! `oathbook applications`.

mod lifecycle;

use std::io::{BufRead, IsTerminal, Write};

use ::projections::{
    applications::Row,
    register::{Entry, Sort},
};
use clap::{Args, Subcommand};
use commands::{
    Permit, Scribe,
    applications::{NewApplication, Refusal, Switch},
};
use domain::{
    ApplicationId, Reason,
    application::Application,
    application::Settings,
    authority::{Belonging, Reach},
    name::ApplicationName,
};
use serde_json::{Value, json};

use super::{
    lookup,
    outcome::{Exit, Outcome, print_json, print_line, print_table},
    projections::catch_up,
};
use crate::{compose::House, config::Config};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Register an application. Its secret is shown once.
    Create(Create),
    /// List applications.
    List(List),
    /// Show one application; never its secret.
    Show(Show),
    /// Give an application another name.
    Rename(Rename),
    /// Change what is said about an application: name, description, contact address, homepage, scopes.
    Edit(lifecycle::Edit),
    /// Give an application to another member of its organization. It acts in that person's name from then on.
    Transfer(lifecycle::Transfer),
    /// Let an application have tokens.
    Activate(Switched),
    /// Refuse tokens to an application from now on. Tokens already issued work at other services until they expire.
    Deactivate(Switched),
    /// Delete an application. Its credentials do not work from then on; it can be restored for some time.
    Delete(Delete),
    /// Bring back a deleted application: inactive, with its client id and secrets as they were.
    Restore(lifecycle::Restore),
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// In whose name the application works (id or name).
    #[arg(long)]
    owner: String,
    /// Inside which organization (id or name).
    #[arg(long)]
    organization: String,
    /// A name that no other application of the owner in the organization has.
    #[arg(long)]
    name: String,
    /// A scope the application may ask for; as often as needed.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// What the application is for.
    #[arg(long)]
    description: Option<String>,
    /// An e-mail address of those who look after it.
    #[arg(long)]
    contact: Option<String>,
    /// Where to read about it.
    #[arg(long)]
    homepage: Option<String>,
    /// Register it without letting it have tokens yet.
    #[arg(long)]
    inactive: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// Only those of this owner (id or name).
    #[arg(long)]
    owner: Option<String>,
    /// Only those of this organization (id or name).
    #[arg(long)]
    organization: Option<String>,
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Show {
    #[arg(value_parser = lookup::application)]
    id: ApplicationId,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Rename {
    #[arg(value_parser = lookup::application)]
    id: ApplicationId,
    name: String,
}

#[derive(Args, Debug)]
pub(super) struct Switched {
    #[arg(value_parser = lookup::application)]
    id: ApplicationId,
    /// Kept in the log for ever.
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct Delete {
    #[arg(value_parser = lookup::application)]
    id: ApplicationId,
    /// Kept in the log for ever.
    #[arg(long)]
    reason: Option<String>,
    /// Do not ask, even at a terminal.
    #[arg(long, short)]
    yes: bool,
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    match command {
        Command::Create(arguments) => create(config, arguments).await,
        Command::List(arguments) => list(&House::open(config).await?, &arguments).await,
        Command::Show(arguments) => show(&House::open(config).await?, config, &arguments).await,
        Command::Rename(Rename { id, name }) => {
            let name = parse_name(&name)?;
            let scribe = House::open(config).await?.commands.as_operator();
            scribe.rename_application(&Permit::operator(), id, name).await.map_err(exit)?;
            Ok(())
        }
        Command::Activate(arguments) => switch(config, arguments, Switch::Activate).await,
        Command::Deactivate(arguments) => switch(config, arguments, Switch::Deactivate).await,
        Command::Edit(arguments) => lifecycle::edit(config, arguments).await,
        Command::Transfer(arguments) => lifecycle::transfer(config, arguments).await,
        Command::Delete(arguments) => delete(config, arguments).await,
        Command::Restore(arguments) => lifecycle::restore(config, arguments).await,
    }
}

fn parse_name(text: &str) -> Outcome<ApplicationName> {
    ApplicationName::parse(text).map_err(|rule| Exit::argument("NAME", rule))
}

fn exit(failure: commands::Failure<Refusal>) -> Exit {
    match failure {
        commands::Failure::Refused(Refusal::NotFound) => {
            Exit::not_found("there is no such application; `oathbook applications list` shows all")
        }
        failure => failure.into(),
    }
}

async fn create(config: &Config, arguments: Create) -> Outcome {
    let name = parse_name(&arguments.name)?;
    let said = lifecycle::changes(
        arguments.description.as_deref(),
        arguments.contact.as_deref(),
        arguments.homepage.as_deref(),
    )?;
    let settings = Settings {
        description: said.description.unwrap_or_default(),
        contact: said.contact.unwrap_or_default(),
        homepage: said.homepage.unwrap_or_default(),
        scopes: lifecycle::scopes(&arguments.scopes)?,
    };
    config
        .scopes
        .check(&settings.scopes, &[])
        .map_err(|unknown| Exit::argument("--scope", unknown))?;
    let house = House::open(config).await?;
    let scribe = house.commands.as_operator();
    let belonging = Belonging {
        organization: lookup::organization(&scribe, &arguments.organization).await?,
        owner: lookup::user(&scribe, &arguments.owner).await?,
    };
    let new = NewApplication { belonging, name, active: !arguments.inactive, settings };
    let created = scribe.create_application(&Permit::operator(), new).await.map_err(exit)?;
    if arguments.json {
        return print_json(&json!({
            "id": created.id,
            "client_id": created.client_id,
            "client_secret": created.secret.expose(),
        }));
    }
    print_line(&format!("Application    {}", created.id))?;
    print_line(&format!("Client ID      {}", created.client_id))?;
    print_line(&format!("Client Secret  {}", created.secret.expose()))?;
    print_line("The secret is shown this once. Keep it somewhere safe.")
}

fn with_reason(scribe: Scribe, reason: Option<String>) -> Outcome<Scribe> {
    let reason = Reason::parse(reason.as_deref().unwrap_or_default());
    Ok(scribe.because(reason.map_err(|rule| Exit::argument("--reason", rule))?))
}

async fn switch(config: &Config, arguments: Switched, switch: Switch) -> Outcome {
    let house = House::open(config).await?;
    let scribe = with_reason(house.commands.as_operator(), arguments.reason)?;
    scribe.switch_application(&Permit::operator(), arguments.id, switch).await.map_err(exit)?;
    Ok(())
}

async fn delete(config: &Config, arguments: Delete) -> Outcome {
    let house = House::open(config).await?;
    let scribe = with_reason(house.commands.as_operator(), arguments.reason)?;
    let state = scribe.log().history::<Application>(&arguments.id).await?.state;
    if let Ok(living) = state.living()
        && !arguments.yes
        && !confirm(&format!(
            "Delete {:?}? Requests with its credentials will be refused from now on.",
            living.name.as_str()
        ))?
    {
        return Err(Exit::refused("nothing was deleted"));
    }
    scribe.delete_application(&Permit::operator(), arguments.id).await.map_err(exit)?;
    Ok(())
}

/// Asks at a terminal. A script that calls this command means it.
fn confirm(question: &str) -> Outcome<bool> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(true);
    }
    eprint!("{question} [y/N] ");
    std::io::stderr().flush().map_err(|error| Exit::failed(&error))?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(|error| Exit::failed(&error))?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

async fn list(house: &House, arguments: &List) -> Outcome {
    let scribe = house.commands.as_operator();
    let owner = match &arguments.owner {
        Some(owner) => Some(lookup::user(&scribe, owner).await?),
        None => None,
    };
    let organization = match &arguments.organization {
        Some(organization) => Some(lookup::organization(&scribe, organization).await?),
        None => None,
    };
    catch_up(house).await?;
    let reach = Reach { organization, owner };
    let export = house.knowledge().await?.export(reach, &[], Sort::BY_NAME);
    let entries: Vec<_> = export.flatten().collect();
    if arguments.json {
        return print_json(&entries.iter().map(|entry| document(&entry.row)).collect::<Vec<_>>());
    }
    let cells: Vec<_> = entries
        .iter()
        .map(|Entry { row, .. }| {
            vec![
                row.id.to_string(),
                row.name.to_string(),
                row.client_id.to_string(),
                status(row).to_owned(),
                row.created_at.to_string(),
            ]
        })
        .collect();
    print_table(&["ID", "NAME", "CLIENT ID", "STATUS", "CREATED"], &cells)
}

async fn show(house: &House, config: &Config, arguments: &Show) -> Outcome {
    catch_up(house).await?;
    let knowledge = house.knowledge().await?;
    let found = knowledge.application(arguments.id);
    let Some(Entry { row, last_used_at: last_used, .. }) = found else {
        return Err(exit(commands::Failure::Refused(Refusal::NotFound)));
    };
    let restorable_for = config.applications.restorable_for;
    let until = row.deleted.as_ref().map(|deletion| deletion.at.plus(restorable_for));
    if arguments.json {
        let mut document = document(&row);
        document["last_used_at"] = json!(last_used);
        document["restorable_until"] = json!(until);
        return print_json(&document);
    }
    let owner = knowledge.user(row.owner);
    let owner = owner.as_ref().and_then(|owner| owner.user_name.as_open());
    let organization = knowledge.organization(row.organization);
    let organization = organization.map(|organization| organization.name.to_string());
    let scopes: Vec<_> = row.scopes.iter().map(ToString::to_string).collect();
    for (label, value) in [
        ("Application", row.id.to_string()),
        ("Name", row.name.to_string()),
        ("Client ID", row.client_id.to_string()),
        ("Status", status(&row).to_owned()),
        ("Because", row.status_reason.clone().unwrap_or_else(|| "-".to_owned())),
        ("Owner", owner.unwrap_or("(erased)").to_owned()),
        ("Organization", organization.unwrap_or_default()),
        ("Description", row.description.to_string()),
        ("Contact", row.contact.to_string()),
        ("Homepage", row.homepage.to_string()),
        ("Scopes", if scopes.is_empty() { "none".to_owned() } else { scopes.join(" ") }),
        ("Created", row.created_at.to_string()),
        ("Last used", last_used.map_or_else(|| "never".to_owned(), |at| at.to_string())),
    ] {
        if !value.is_empty() {
            print_line(&format!("{label:13} {value}"))?;
        }
    }
    if let Some(until) = until {
        print_line(&format!("{:13} {until}", "Restorable"))?;
    }
    for secret in &row.secrets {
        print_line(&format!("{:13} …{} since {}", "Secret", secret.hint, secret.created_at))?;
    }
    Ok(())
}

const fn status(row: &Row) -> &'static str {
    match (&row.deleted, row.active) {
        (Some(_), _) => "deleted",
        (None, true) => "active",
        (None, false) => "inactive",
    }
}

fn document(row: &Row) -> Value {
    json!({
        "id": row.id,
        "client_id": row.client_id,
        "name": row.name,
        "owner": row.owner,
        "organization": row.organization,
        "active": row.active,
        "status_reason": row.status_reason,
        "deleted_at": row.deleted.as_ref().map(|deletion| deletion.at),
        "description": row.description,
        "contact": row.contact,
        "homepage": row.homepage,
        "grants": row.grants,
        "scopes": row.scopes,
        "secrets": row.secrets.iter().map(|secret| json!({
            "id": secret.id, "hint": secret.hint, "created_at": secret.created_at,
        })).collect::<Vec<_>>(),
        "created_at": row.created_at,
    })
}
