//! `oathbook organizations`.

use clap::{Args, Subcommand};
use commands::{Permit, organizations::Change};
use domain::{
    authority::Role,
    name::OrganizationName,
    organization::{Edit, Registration},
};
use serde_json::json;

use super::{
    lookup,
    outcome::{Exit, Outcome, print_json, print_line, print_table},
    users::RoleName,
};
use crate::{compose::House, config::Config};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Register an organization.
    Create(Create),
    /// List all organizations.
    List(List),
    /// Give an organization another name.
    Rename(Rename),
    /// Make a user a member, or change the member's role.
    Admit(Admit),
    /// End a membership; tokens for the member's applications are refused from then on.
    Dismiss(Dismiss),
    /// Refuse sign-in and tokens in the organization.
    Disable(One),
    /// Allow sign-in and tokens again.
    Enable(One),
    /// Let roles in the organization reach every other one.
    GrantGlobalAccess(One),
    /// Confine roles in the organization to it.
    WithdrawGlobalAccess(One),
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// A name no other organization has, whatever its case.
    name: String,
    /// Let roles in the organization reach every other one.
    #[arg(long)]
    global_access: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Rename {
    /// Id or name.
    organization: String,
    /// A name no other organization has, whatever its case.
    name: String,
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Admit {
    /// Id or name.
    organization: String,
    /// Id or name.
    user: String,
    /// What the member may do.
    #[arg(long, value_enum, default_value_t = RoleName::Member)]
    role: RoleName,
}

#[derive(Args, Debug)]
pub(super) struct Dismiss {
    /// Id or name.
    organization: String,
    /// Id or name.
    user: String,
}

#[derive(Args, Debug)]
pub(super) struct One {
    /// Id or name.
    organization: String,
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    let house = House::open(config).await?;
    match command {
        Command::Create(arguments) => create(&house, &arguments).await,
        Command::List(arguments) => list(&house, &arguments).await,
        Command::Rename(Rename { organization, name }) => {
            let name =
                OrganizationName::parse(&name).map_err(|rule| Exit::argument("NAME", rule))?;
            let scribe = house.commands.as_operator();
            let id = lookup::organization(&scribe, &organization).await?;
            let edit = Edit { name: Some(name), ..Edit::default() };
            scribe.edit_organization(&[Permit::operator()], id, edit).await?;
            Ok(())
        }
        Command::Admit(Admit { organization, user, role }) => {
            let (scribe, permit) = (house.commands.as_operator(), Permit::operator());
            let organization = lookup::organization(&scribe, &organization).await?;
            let user = lookup::user(&scribe, &user).await?;
            scribe.admit(&permit, organization, user, Role::from(role)).await?;
            Ok(())
        }
        Command::Dismiss(Dismiss { organization, user }) => {
            let (scribe, permit) = (house.commands.as_operator(), Permit::operator());
            let organization = lookup::organization(&scribe, &organization).await?;
            let user = lookup::user(&scribe, &user).await?;
            scribe.dismiss(&permit, organization, user).await?;
            Ok(())
        }
        Command::Disable(one) => change(&house, &one, Change::Disable).await,
        Command::Enable(one) => change(&house, &one, Change::Enable).await,
        Command::GrantGlobalAccess(one) => change(&house, &one, Change::GrantGlobalAccess).await,
        Command::WithdrawGlobalAccess(one) => {
            change(&house, &one, Change::WithdrawGlobalAccess).await
        }
    }
}

async fn create(house: &House, arguments: &Create) -> Outcome {
    let name =
        OrganizationName::parse(&arguments.name).map_err(|rule| Exit::argument("NAME", rule))?;
    let (scribe, permit) = (house.commands.as_operator(), Permit::operator());
    let registration =
        Registration { global_access: arguments.global_access, ..Registration::of(name) };
    let (id, _) = scribe.register_organization_as(&permit, registration).await?;
    if arguments.json { print_json(&json!({ "id": id })) } else { print_line(&id.to_string()) }
}

async fn change(house: &House, one: &One, change: Change) -> Outcome {
    let scribe = house.commands.as_operator();
    let id = lookup::organization(&scribe, &one.organization).await?;
    scribe.change_organization(&Permit::operator(), id, change).await?;
    Ok(())
}

async fn list(house: &House, arguments: &List) -> Outcome {
    let organizations = house.knowledge().await?.organizations();
    if arguments.json {
        let documents: Vec<_> = organizations
            .iter()
            .map(|organization| {
                json!({
                    "id": organization.id,
                    "name": organization.name,
                    "enabled": organization.enabled,
                    "global_access": organization.global_access,
                    "members": organization.members.len(),
                    "created_at": organization.created_at,
                })
            })
            .collect();
        return print_json(&documents);
    }
    let yes_no = |value: bool| if value { "yes" } else { "no" }.to_owned();
    let rows: Vec<_> = organizations
        .iter()
        .map(|organization| {
            vec![
                organization.id.to_string(),
                organization.name.to_string(),
                yes_no(organization.enabled),
                yes_no(organization.global_access),
                organization.members.len().to_string(),
            ]
        })
        .collect();
    print_table(&["ID", "NAME", "ENABLED", "GLOBAL ACCESS", "MEMBERS"], &rows)
}
