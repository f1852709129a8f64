//! Scopes on forms: those of the catalogue, and those that the application has already.

use domain::Scope;
use serde::Serialize;

use crate::{app::App, web::form::Fields};

/// Sent by forms that offer scopes, so that a form without any takes none away.
const MARK: &str = "scopes";

/// One check box.
#[derive(Serialize)]
pub(super) struct Offered {
    /// The name of its field.
    field: String,
    name: String,
    description: String,
    chosen: bool,
}

/// Check boxes for all that may be chosen.
pub(super) fn offer(app: &App, present: &[Scope], chosen: &[Scope]) -> Vec<Offered> {
    let offered = |(scope, description): (&Scope, &str)| Offered {
        field: field(scope),
        name: scope.to_string(),
        description: description.to_owned(),
        chosen: chosen.contains(scope),
    };
    let kept = kept(app, present).map(|scope| (scope, "Not in the catalogue any more"));
    app.settings.scopes.iter().chain(kept).map(offered).collect()
}

/// What was chosen: first what the application has and keeps, in its order. `None` from a form that offers no scopes.
pub(super) fn read(app: &App, fields: &Fields, present: &[Scope]) -> Option<Vec<Scope>> {
    fields.given(MARK)?;
    let chosen = |scope: &&Scope| fields.given(&field(scope)).is_some();
    let added = app.settings.scopes.iter().map(|(scope, _)| scope);
    let added = added.filter(|scope| !present.contains(scope));
    Some(present.iter().chain(added).filter(chosen).cloned().collect())
}

/// What the application has although nobody could give it any more.
fn kept<'a>(app: &'a App, present: &'a [Scope]) -> impl Iterator<Item = &'a Scope> {
    present.iter().filter(|scope| !app.settings.scopes.contains(scope))
}

fn field(scope: &Scope) -> String {
    format!("scope {scope}")
}

#[cfg(test)]
pub(super) fn sample() -> Offered {
    use super::samples::text;
    Offered { field: text(), name: text(), description: text(), chosen: true }
}
