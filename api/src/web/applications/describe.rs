//! What applications are joined with, in words for people.

use domain::{OrganizationId, UserId, application::Grant};
use projections::applications::Row;
use store::Actor;

use crate::{app::App, web::shell::open};

/// The grant types of the application, by their names for people.
pub(super) fn grants(row: &Row) -> String {
    let name = |grant: &Grant| match grant {
        Grant::ClientCredentials => "Client Credentials",
    };
    row.grants.iter().map(name).collect::<Vec<_>>().join(", ")
}

pub(in crate::web) fn organization(app: &App, id: OrganizationId) -> String {
    app.knowledge.organization(id).map_or_else(|| id.to_string(), |it| it.name.to_string())
}

pub(in crate::web) fn person(app: &App, id: UserId) -> String {
    app.knowledge.user(id).map_or_else(|| id.to_string(), |user| open(&user.display_name))
}

/// Whoever did something, in words that follow "by".
pub(in crate::web) fn actor(app: &App, actor: Actor) -> String {
    match actor {
        Actor::User { id } => person(app, id),
        Actor::Application { owner, .. } => format!("an application of {}", person(app, owner)),
        Actor::Operator => "an operator on the command line".to_owned(),
        Actor::System => "Oathbook".to_owned(),
    }
}

/// Whoever did something, in words that a sentence begins with.
pub(super) fn subject(app: &App, actor: Actor) -> String {
    match actor {
        Actor::User { id } => person(app, id),
        Actor::Application { owner, .. } => format!("An application of {}", person(app, owner)),
        Actor::Operator => "An operator on the command line".to_owned(),
        Actor::System => "Oathbook".to_owned(),
    }
}
