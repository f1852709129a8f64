//! Bringing a deleted application back.

use std::time::Duration;

use domain::{
    ApplicationId, Timestamp,
    application::{self, Application},
    authority::{Action, Belonging},
    name::ApplicationName,
};
use store::{Direction, Expected, History, LogError, StreamName};
use tracing::info;

use super::Refusal;
use crate::{
    claims::ScopedName,
    handle::{Done, Failure, Scribe},
    permit::Permit,
};

/// Events read at once, looking for the deletion. It is among the last.
const PAGE: usize = 20;

impl Scribe {
    /// Brings a deleted application back under this name, inactive, with its client id and secrets as they were; at
    /// most `within` after it was deleted, and never when that is zero.
    ///
    /// Its owner may have left meanwhile: it has no tokens then until it is given to a member.
    pub async fn restore_application(
        &self,
        permit: &Permit,
        id: ApplicationId,
        name: ApplicationName,
        within: Duration,
    ) -> Result<Done, Failure<Refusal>> {
        let history = self.log().history::<Application>(&id).await?;
        let stream = StreamName::of::<Application>(&id);
        if let Some(position) = history.position_of(&stream, self.origin.command) {
            return Ok(Done { position });
        }
        let belonging = restorable(&history.state, permit).map_err(Failure::Refused)?;
        self.check_organization(belonging.organization).await?;
        let deleted_at = self.deleted_at(id, history.expected).await?;
        if within.is_zero() || deleted_at.is_none_or(|at| self.now().since(at) > within) {
            return Err(Failure::Refused(Refusal::TooLate));
        }
        let wanted = |history: &History<Application>| {
            let belonging = restorable(&history.state, permit)?;
            Ok::<_, Refusal>(Some(ScopedName::application(belonging, &name)))
        };
        let command = application::Command::Restore { name: name.clone() };
        let (position, _) = self.use_name_of(&id, wanted, command).await?;
        info!(application.id = %id, "Restored");
        Ok(Done { position })
    }

    /// When the application was deleted the last time.
    async fn deleted_at(
        &self,
        id: ApplicationId,
        expected: Expected,
    ) -> Result<Option<Timestamp>, LogError> {
        let stream = StreamName::of::<Application>(&id);
        let mut end = expected.next_revision();
        while end > 0 {
            let page =
                self.log().store().read(&stream, end - 1, Direction::Backwards, PAGE).await?;
            for event in &page {
                let recorded = self.log().decode(event).await?;
                if matches!(
                    recorded.event,
                    domain::Event::Application(application::Event::Deleted {})
                ) {
                    return Ok(Some(recorded.metadata.occurred_at));
                }
                end = event.revision;
            }
            if page.is_empty() {
                return Ok(None);
            }
        }
        Ok(None)
    }
}

/// Whose the deleted application is, if the permit covers bringing it back.
fn restorable(state: &Application, permit: &Permit) -> Result<Belonging, Refusal> {
    match state {
        Application::Deleted(record) => {
            permit.covers(Action::Restore, record.belonging())?;
            Ok(record.belonging())
        }
        Application::Living(_) => Err(Refusal::NotDeleted),
        Application::Absent | Application::Forfeited => Err(Refusal::NotFound),
    }
}
