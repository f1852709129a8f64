//! What an event is about.

use domain::{
    ApplicationId, Event, OrganizationId, UserId,
    application::{self, Application, Living},
    notification_rule::Rule,
    observation::{self, Observation},
    organization,
    user::User,
};
use store::{Log, LogError, Recorded, StreamName};

/// What an event is about, as after it.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    pub application: Option<(ApplicationId, Living)>,
    /// How the application was before, where the event gives it another name or owner.
    pub before: Option<Living>,
    /// Whose account it is.
    pub account: Option<UserId>,
    pub organization: Option<OrganizationId>,
    /// For how many days the application was not used, if that is what it is about.
    pub days: Option<u16>,
}

impl Subject {
    /// Reads as much of the log as it takes to know. Nothing is known of what is about nobody in particular.
    pub async fn of(log: &Log, recorded: &Recorded) -> Result<Self, LogError> {
        let id = recorded.stream.id();
        match &recorded.event {
            Event::Application(event) => match id.parse() {
                Ok(id) => Self::application(log, id, event, recorded.revision).await,
                Err(_) => Ok(Self::default()),
            },
            Event::User(_) => Ok(Self { account: id.parse().ok(), ..Self::default() }),
            Event::Organization(event) => Ok(Self {
                account: member(event),
                organization: id.parse().ok(),
                ..Self::default()
            }),
            Event::Observation(observation::Event::Noted(noted)) => match noted {
                Observation::ApplicationUnused { application, days, .. } => {
                    let state = log.history::<Application>(application).await?.state;
                    Ok(Self { days: Some(*days), ..Self::about(*application, living(state)) })
                }
                Observation::SignedInFromNetwork { user, .. } => {
                    Ok(Self { account: Some(*user), ..Self::default() })
                }
                Observation::PrivateKeyUnsafe { .. } => Ok(Self::default()),
            },
            Event::EmailTemplate(_)
            | Event::Installation(_)
            | Event::NameClaim(_)
            | Event::Notification(_)
            | Event::NotificationPreference(_)
            | Event::NotificationRule(_)
            | Event::SigningKey(_) => Ok(Self::default()),
        }
    }

    async fn application(
        log: &Log,
        id: ApplicationId,
        event: &application::Event,
        revision: u64,
    ) -> Result<Self, LogError> {
        let after = log.as_of::<Application>(&id, revision).await?.state;
        let takes_away = matches!(
            event,
            application::Event::Renamed { .. }
                | application::Event::Transferred { .. }
                | application::Event::Restored { .. }
        );
        let before = match revision.checked_sub(1).filter(|_| takes_away) {
            Some(revision) => living(log.as_of::<Application>(&id, revision).await?.state),
            None => None,
        };
        Ok(Self { before, ..Self::about(id, living(after)) })
    }

    fn about(id: ApplicationId, living: Option<Living>) -> Self {
        let organization = living.as_ref().map(|living| living.organization);
        Self { application: living.map(|living| (id, living)), organization, ..Self::default() }
    }

    /// The owner of the application, or whose account it is.
    pub fn owner(&self) -> Option<UserId> {
        self.application.as_ref().map(|(_, living)| living.owner).or(self.account)
    }

    /// The stream of the application, or of the account.
    pub fn stream(&self) -> Option<StreamName> {
        let application = self.application.as_ref();
        application
            .map(|(id, _)| StreamName::of::<Application>(id))
            .or_else(|| self.account.map(|id| StreamName::of::<User>(&id)))
    }

    /// Whether the rule is about it: its filter lets it through, and its days are those after which it was noticed.
    pub fn concerns(&self, rule: &Rule) -> bool {
        let name = self.application.as_ref().map(|(_, living)| living.name.as_str());
        rule.filter.admits(self.organization, self.owner(), name)
            && self.days.is_none_or(|days| rule.days == Some(days))
    }
}

fn living(state: Application) -> Option<Living> {
    match state {
        Application::Living(living) | Application::Deleted(living) => Some(living),
        Application::Absent | Application::Forfeited => None,
    }
}

fn member(event: &organization::Event) -> Option<UserId> {
    match event {
        organization::Event::MemberJoined { user, .. }
        | organization::Event::MemberRoleChanged { user, .. }
        | organization::Event::MemberLeft { user, .. } => Some(*user),
        _ => None,
    }
}
