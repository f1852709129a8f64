//! Changing an application: what is named gets another value, step by step, the name first.

use commands::{Permit, Scribe, applications::Switch};
use domain::{
    UserId,
    application::{Application, Changes, Contact, Description, Homepage, Settings},
    authority::Action,
    name::ApplicationName,
};
use projections::applications::Row;
use store::Position;

use super::{
    super::{
        body::Fields,
        call::{Call, Expected},
        error::{Error, Errors},
        operation::WriteApplications,
        reply::Reply,
        schema::Purpose,
    },
    APPLICATIONS, answer, creating, find_for, refusals,
};

/// What is to be otherwise.
struct Wanted {
    name: Option<ApplicationName>,
    changes: Changes,
    active: Option<bool>,
    owner: Option<UserId>,
}

pub(super) async fn update(call: Call<WriteApplications>) -> Result<Reply, Errors> {
    let (entry, expected, permit) = find_for(&call, Action::Change)?;
    let row = &entry.row;
    let wanted = Wanted::read(&call, row)?;
    let position = wanted.carry_out(&call, row, expected, &permit).await?;
    answer(&call, row.id, position).await
}

impl Wanted {
    fn read(call: &Call<WriteApplications>, row: &Row) -> Result<Self, Errors> {
        let id = row.id.to_string();
        let mut fields = Fields::read(&call.body, &APPLICATIONS, Purpose::Update, Some(&id))?;
        let name = fields.text("name", ApplicationName::parse);
        let changes = Changes {
            description: fields.text("description", Description::parse),
            contact: fields.text("contactEmail", Contact::parse),
            homepage: fields.text("homepageUrl", Homepage::parse),
            scopes: creating::scopes(call, &mut fields, &row.scopes),
        };
        let active = fields.flag("active");
        let owner = fields.linked("owner", "users");
        fields.finish()?;
        let present = Settings {
            description: row.description.clone(),
            contact: row.contact.clone(),
            homepage: row.homepage.clone(),
            scopes: row.scopes.clone(),
        };
        Ok(Self {
            name: name.filter(|name| *name != row.name),
            changes: present.differing(changes),
            active: active.filter(|active| *active != row.active),
            owner: owner.filter(|owner| *owner != row.owner),
        })
    }

    /// The first step fails where the application has another revision than the expected one; then nothing was done.
    async fn carry_out(
        self,
        call: &Call<WriteApplications>,
        row: &Row,
        expected: Expected,
        permit: &Permit,
    ) -> Result<Position, Errors> {
        let refused = |failure| refusals::of(failure, expected);
        // What may be denied is asked for before anything is done.
        let transfer = match self.owner {
            Some(owner) => {
                let permit =
                    Permit::for_application(&call.caller.member, Action::Transfer, row.belonging());
                super::giving::check_scopes(call, row)?;
                Some((owner, permit.map_err(|denied| Error::denied(denied.to_string()))?))
            }
            None => None,
        };
        let mut steps = Steps { call, row, expected };
        let mut position = Position::START;
        if let Some(name) = self.name {
            let scribe = steps.next("rename");
            let done = scribe.rename_application(permit, row.id, name).await.map_err(refused)?;
            position = position.max(done.position);
        }
        if !self.changes.is_empty() {
            let scribe = steps.next("settings");
            let done =
                scribe.change_settings(permit, row.id, self.changes).await.map_err(refused)?;
            position = position.max(done.position);
        }
        if let Some(active) = self.active {
            let switch = if active { Switch::Activate } else { Switch::Deactivate };
            let scribe = steps.next("switch");
            let done = scribe.switch_application(permit, row.id, switch).await.map_err(refused)?;
            position = position.max(done.position);
        }
        if let Some((owner, permit)) = transfer {
            let scribe = steps.next("transfer");
            let done =
                scribe.transfer_application(&permit, row.id, owner).await.map_err(refused)?;
            position = position.max(done.position);
        }
        if position == Position::START {
            // Nothing is otherwise: as of what this node knows.
            position = call.app.knowledge.position();
        }
        Ok(position)
    }
}

/// One scribe for each step. The first one writes behind the expected revision only, the others behind the first.
struct Steps<'a> {
    call: &'a Call<WriteApplications>,
    row: &'a Row,
    expected: Expected,
}

impl Steps<'_> {
    fn next(&mut self, step: &str) -> Scribe {
        let scribe = self.call.scribe(step);
        match std::mem::replace(&mut self.expected, Expected::Any) {
            Expected::Exactly(revision) => {
                scribe.only_behind::<Application>(&self.row.id, revision)
            }
            Expected::Any => scribe,
        }
    }
}
