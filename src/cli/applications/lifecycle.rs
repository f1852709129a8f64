//! What becomes of an application after it was created: edited, transferred, restored.

use clap::Args;
use commands::{
    Failure, Permit,
    applications::{Refusal, Seen},
};
use domain::{
    ApplicationId, Scope,
    application::{self, Application, Changes, Contact, Description, Homepage},
};

use super::{exit, parse_name, with_reason};
use crate::{
    cli::{
        lookup,
        outcome::{Exit, Outcome},
    },
    compose::House,
    config::Config,
};

#[derive(Args, Debug)]
pub(in crate::cli) struct Edit {
    #[arg(value_parser = lookup::application)]
    id: ApplicationId,
    /// A name that no other application of its owner in the organization has.
    #[arg(long)]
    name: Option<String>,
    /// What the application is for; empty says nothing.
    #[arg(long)]
    description: Option<String>,
    /// An e-mail address of those who look after it; empty says nothing.
    #[arg(long)]
    contact: Option<String>,
    /// Where to read about it; empty says nothing.
    #[arg(long)]
    homepage: Option<String>,
    /// A scope the application may ask for, as often as needed: these and no others.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Take all scopes from the application.
    #[arg(long, conflicts_with = "scopes")]
    no_scopes: bool,
    /// Kept in the log for ever.
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct Transfer {
    #[arg(value_parser = lookup::application)]
    id: ApplicationId,
    /// In whose name the application works from now on (id or name).
    #[arg(long)]
    owner: String,
    /// Kept in the log for ever.
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct Restore {
    #[arg(value_parser = lookup::application)]
    id: ApplicationId,
    /// Another name, when its own was taken meanwhile.
    #[arg(long)]
    name: Option<String>,
    /// Kept in the log for ever.
    #[arg(long)]
    reason: Option<String>,
}

pub(super) async fn edit(config: &Config, arguments: Edit) -> Outcome {
    let name = arguments.name.as_deref().map(parse_name).transpose()?;
    let said = changes(
        arguments.description.as_deref(),
        arguments.contact.as_deref(),
        arguments.homepage.as_deref(),
    )?;
    let all_scopes = !arguments.scopes.is_empty() || arguments.no_scopes;
    let scopes = all_scopes.then(|| scopes(&arguments.scopes)).transpose()?;
    let settings = Changes { scopes, ..said };
    if name.is_none() && settings.is_empty() {
        return Err(Exit::argument("edit", "say what to change, as in --description TEXT"));
    }
    let house = House::open(config).await?;
    let scribe = with_reason(house.commands.as_operator(), arguments.reason)?;
    if let Some(scopes) = &settings.scopes {
        let state = scribe.log().history::<Application>(&arguments.id).await?.state;
        let present = state.record().map(|record| record.settings.scopes.clone());
        let known = config.scopes.check(scopes, &present.unwrap_or_default());
        known.map_err(|unknown| Exit::argument("--scope", unknown))?;
    }
    let edit = application::Edit { name, settings, ..application::Edit::default() };
    let permits = [Permit::operator()];
    scribe.edit_application(&permits, arguments.id, edit, Seen::Anything).await.map_err(exit)?;
    Ok(())
}

pub(super) async fn transfer(config: &Config, arguments: Transfer) -> Outcome {
    let house = House::open(config).await?;
    let scribe = with_reason(house.commands.as_operator(), arguments.reason)?;
    let owner = lookup::user(&scribe, &arguments.owner).await?;
    let done = scribe.transfer_application(&Permit::operator(), arguments.id, owner).await;
    done.map_err(|failure| match failure {
        Failure::Refused(Refusal::NameTaken) => Exit::refused(
            "the new owner has an application of that name; rename this one first, with `oathbook applications rename`",
        ),
        failure => exit(failure),
    })?;
    Ok(())
}

pub(super) async fn restore(config: &Config, arguments: Restore) -> Outcome {
    let name = arguments.name.as_deref().map(parse_name).transpose()?;
    let house = House::open(config).await?;
    let scribe = with_reason(house.commands.as_operator(), arguments.reason)?;
    let state = scribe.log().history::<Application>(&arguments.id).await?.state;
    let own = state.record().map(|record| record.name.clone());
    let Some(name) = name.or(own) else {
        return Err(exit(Failure::Refused(Refusal::NotFound)));
    };
    let within = config.applications.restorable_for;
    let done = scribe.restore_application(&Permit::operator(), arguments.id, name, within).await;
    done.map_err(|failure| match failure {
        Failure::Refused(Refusal::NameTaken) => {
            Exit::refused("its name was taken meanwhile; give another one, with --name NAME")
        }
        failure => exit(failure),
    })?;
    Ok(())
}

/// What is said of an application beside its name and scopes.
pub(super) fn changes(
    description: Option<&str>,
    contact: Option<&str>,
    homepage: Option<&str>,
) -> Outcome<Changes> {
    let description = description.map(Description::parse).transpose();
    let contact = contact.map(Contact::parse).transpose();
    let homepage = homepage.map(Homepage::parse).transpose();
    Ok(Changes {
        description: description.map_err(|rule| Exit::argument("--description", rule))?,
        contact: contact.map_err(|rule| Exit::argument("--contact", rule))?,
        homepage: homepage.map_err(|rule| Exit::argument("--homepage", rule))?,
        scopes: None,
    })
}

pub(super) fn scopes(texts: &[String]) -> Outcome<Vec<Scope>> {
    let parsed: Result<Vec<_>, _> = texts.iter().map(|scope| Scope::parse(scope)).collect();
    parsed.map_err(|rule| Exit::argument("--scope", rule))
}
