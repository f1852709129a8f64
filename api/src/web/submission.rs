//! A form that somebody sent from a page of ours: the only thing here that can be written with.

use axum::extract::{FromRequest, Request};
use commands::{Origin, Scribe};
use domain::{OrganizationId, Personal, UserId};
use store::Actor;
use uuid::Uuid;

use super::{
    csrf::{self, Audience},
    errors::Problem,
    form::{self, Fields},
    session::SignedIn,
    sign_in::Browser,
    visit::Visit,
};
use crate::app::App;

/// A signed-in person's form.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) caller: SignedIn,
    pub(super) fields: Fields,
}

impl FromRequest<App> for Submission {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        Self::read(request, app, form::LIMIT).await
    }
}

/// The same, with room for a template.
#[derive(Debug)]
pub(super) struct Long(pub(super) Submission);

impl FromRequest<App> for Long {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        Submission::read(request, app, form::LONG).await.map(Self)
    }
}

impl Submission {
    async fn read(request: Request, app: &App, limit: usize) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        csrf::check_site(&app.settings, &parts.headers)?;
        let caller = SignedIn::find(app, Visit::of(app, &parts)).await?;
        let caller = caller.ok_or(Problem::SignedOut)?;
        let fields = Fields::read(&parts.headers, body, limit).await?;
        csrf::verify(app, Audience::Session(caller.id_hash()), fields.text("csrf"))?;
        Ok(Self { caller, fields })
    }
}

/// A form that a browser sent in which nobody needs to be signed in.
pub(super) struct Unsigned {
    pub(super) visit: Visit,
    pub(super) fields: Fields,
}

impl FromRequest<App> for Unsigned {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        csrf::check_site(&app.settings, &parts.headers)?;
        let visit = Visit::of(app, &parts);
        let fields = Fields::read(&parts.headers, body, form::LIMIT).await?;
        let browser = Browser::of(&visit).ok_or(Problem::ForeignForm)?;
        csrf::verify(app, Audience::Browser(browser), fields.text("csrf"))?;
        Ok(Self { visit, fields })
    }
}

impl App {
    /// Writes in the name of whoever sent the form. One scribe is one command: each further one needs its own.
    pub(super) fn scribe_for(&self, submission: &Submission) -> Scribe {
        self.scribe_with(submission, self.commands.mint())
    }

    /// The same with a command id that is known before: sent again it is the same command.
    pub(super) fn scribe_with(&self, submission: &Submission, command: Uuid) -> Scribe {
        let SignedIn { member, visit, .. } = &submission.caller;
        self.scribe(visit, member.user, Some(member.organization), command)
    }

    /// Writes in the name of somebody who proved just now who they are, and has no session yet.
    pub(super) fn scribe_of_visitor(&self, visit: &Visit, user: UserId) -> Scribe {
        self.scribe(visit, user, None, self.commands.mint())
    }

    fn scribe(
        &self,
        visit: &Visit,
        id: UserId,
        organization: Option<OrganizationId>,
        command: Uuid,
    ) -> Scribe {
        self.commands.on_behalf_of(Origin {
            organization,
            correlation: visit.id,
            remote_address: visit.address.map(|address| Personal::new(address.to_string())),
            user_agent: visit.user_agent.as_deref().map(Personal::new),
            ..Origin::of(Actor::User { id }, command)
        })
    }
}
