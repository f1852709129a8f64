//! Changing an application: what is named gets another value, all at once or nothing.

use commands::{Permit, applications::Seen};
use domain::{
    UserId,
    application::{Changes, Contact, Description, Edit, Homepage},
    authority::Action,
    name::ApplicationName,
};
use projections::applications::Row;

use super::{
    super::{
        body::Fields,
        call::Call,
        error::{Error, Errors},
        operation::WriteApplications,
        reply::Reply,
        schema::Purpose,
    },
    APPLICATIONS, Begun, Subject, answer, begin, creating, giving, refusals,
};

pub(super) async fn update(call: Call<WriteApplications>) -> Result<Reply, Errors> {
    let Subject { row, expected, permit, scribe } =
        match begin(&call, "update", Action::Change).await? {
            Begun::Now(subject) => subject,
            Begun::Before(scribe, id, position) => {
                return answer(&call, &scribe, id, position).await;
            }
        };
    let edit = read(&call, &row)?;
    let permits: Vec<_> =
        [Some(permit), transfer(&call, &row, edit.owner)?].into_iter().flatten().collect();
    let done = scribe.edit_application(&permits, row.id, edit, Seen::Anything).await;
    let done = done.map_err(|failure| refusals::of(failure, expected))?;
    answer(&call, &scribe, row.id, done.position).await
}

/// The right to give it to that owner. To name the present one asks for none.
fn transfer(
    call: &Call<WriteApplications>,
    row: &Row,
    owner: Option<UserId>,
) -> Result<Option<Permit>, Error> {
    let permit = giving::check_scopes(call, row).and_then(|()| {
        let agent = &call.caller.agent;
        let permit = Permit::for_application(agent, Action::Transfer, row.belonging());
        permit.map_err(|denied| Error::denied(denied.to_string()))
    });
    match permit {
        Err(error) if owner.is_some_and(|owner| owner != row.owner) => Err(error),
        permit => Ok(permit.ok()),
    }
}

/// What is to be otherwise.
fn read(call: &Call<WriteApplications>, row: &Row) -> Result<Edit, Errors> {
    let id = row.id.to_string();
    let mut fields = Fields::read(&call.body, &APPLICATIONS, Purpose::Update, Some(&id))?;
    let edit = Edit {
        name: fields.text("name", ApplicationName::parse),
        settings: Changes {
            description: fields.text("description", Description::parse),
            contact: fields.text("contactEmail", Contact::parse),
            homepage: fields.text("homepageUrl", Homepage::parse),
            scopes: creating::scopes(call, &mut fields, &row.scopes),
        },
        active: fields.flag("active"),
        owner: fields.linked("owner", "users"),
    };
    fields.finish()?;
    Ok(edit)
}
