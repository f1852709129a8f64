//! What is known of an event, for a letter about it.

use domain::{
    Event, Personal, UserId,
    application::Application,
    observation::{self, Observation},
    organization::Organization,
    user::User,
};
use letters::{AccountFacts, ApplicationFacts, By, Particulars, Told};
use store::{Actor, Log, LogError, Recorded};
use url::Url;

use crate::Subject;

/// To whom the letter goes.
#[derive(Clone, Debug)]
pub struct Addressee {
    /// `None` for an address without an account.
    pub user: Option<UserId>,
    pub display_name: String,
}

/// Everything that a letter about the event may say. `link` is where who was invited chooses a password.
pub async fn told(
    log: &Log,
    recorded: &Recorded,
    subject: &Subject,
    addressee: Addressee,
    public_url: &Url,
    link: Option<Url>,
) -> Result<Told, LogError> {
    let application = match &subject.application {
        Some((id, living)) => Some(ApplicationFacts {
            id: *id,
            name: living.name.to_string(),
            client_id: living.client_id.clone(),
            active: living.active,
            grants: living.grants.clone(),
            scopes: living.settings.scopes.clone(),
            description: living.settings.description.to_string(),
            contact: living.settings.contact.to_string(),
            homepage: living.settings.homepage.to_string(),
            organization: organization_name(log, living.organization).await?,
            owner: account(log, living.owner).await?,
        }),
        None => None,
    };
    let account = match subject.account {
        Some(id) => Some(account(log, id).await?),
        None => None,
    };
    Ok(Told {
        event: recorded.event.clone(),
        at: recorded.metadata.occurred_at,
        by: by(log, recorded.metadata.actor, addressee.user).await?,
        reason: recorded.metadata.reason.clone(),
        public_url: public_url.clone(),
        particulars: particulars(log, recorded, subject, link).await?,
        recipient: letters::Recipient {
            user: addressee.user,
            display_name: addressee.display_name,
        },
        application,
        account,
    })
}

async fn particulars(
    log: &Log,
    recorded: &Recorded,
    subject: &Subject,
    link: Option<Url>,
) -> Result<Particulars, LogError> {
    use domain::{application, organization, user};
    Ok(match (&recorded.event, &subject.before) {
        (Event::Application(application::Event::Renamed { .. }), Some(before)) => {
            Particulars::FormerName(before.name.to_string())
        }
        (Event::Application(application::Event::Transferred { .. }), Some(before)) => {
            let former = account(log, before.owner).await?.display_name;
            Particulars::FormerOwner((!former.is_empty()).then_some(former))
        }
        (
            Event::Observation(observation::Event::Noted(Observation::SignedInFromNetwork {
                ..
            })),
            _,
        ) => {
            let open = |field: &Option<Personal>| field.as_ref()?.as_open().map(str::to_owned);
            Particulars::SignIn {
                address: open(&recorded.metadata.remote_address),
                user_agent: open(&recorded.metadata.user_agent),
            }
        }
        (Event::User(user::Event::Invited { .. }), _) => match link {
            Some(link) => Particulars::InvitationLink(link),
            None => Particulars::None,
        },
        (Event::Organization(organization::Event::MemberRoleChanged { user, .. }), _) => {
            let (organization, former_role) = membership(log, recorded, *user).await?;
            Particulars::Membership { organization, former_role }
        }
        _ => Particulars::None,
    })
}

async fn membership(
    log: &Log,
    recorded: &Recorded,
    user: UserId,
) -> Result<(String, Option<domain::authority::Role>), LogError> {
    let (Ok(id), Some(before)) = (recorded.stream.id().parse(), recorded.revision.checked_sub(1))
    else {
        return Ok((String::new(), None));
    };
    let state = log.as_of::<Organization>(&id, before).await?.state;
    Ok(match state {
        Organization::Registered(registered) => {
            (registered.name.to_string(), registered.members.get(&user).copied())
        }
        Organization::Absent | Organization::Forfeited => (String::new(), None),
    })
}

async fn organization_name(log: &Log, id: domain::OrganizationId) -> Result<String, LogError> {
    let state = log.history::<Organization>(&id).await?.state;
    Ok(state.registered().map(|it| it.name.to_string()).unwrap_or_default())
}

/// Names of whoever was erased are empty.
async fn account(log: &Log, id: UserId) -> Result<AccountFacts, LogError> {
    let state = log.history::<User>(&id).await?.state;
    let open = |name: Option<&Personal>| {
        name.and_then(Personal::as_open).map(str::to_owned).unwrap_or_default()
    };
    let account = state.account().ok();
    Ok(AccountFacts {
        id,
        display_name: open(account.map(|account| &account.display_name)),
        user_name: open(account.map(|account| &account.user_name)),
    })
}

async fn by(log: &Log, actor: Actor, reader: Option<UserId>) -> Result<By, LogError> {
    Ok(match actor {
        Actor::User { id } if Some(id) == reader => By::You,
        Actor::User { id } => {
            let name = account(log, id).await?.display_name;
            By::Person((!name.is_empty()).then_some(name))
        }
        Actor::Application { id, .. } => {
            let state = log.history::<Application>(&id).await?.state;
            By::Application(state.living().ok().map(|living| living.name.to_string()))
        }
        Actor::Operator => By::Operator,
        Actor::System => By::System,
    })
}
