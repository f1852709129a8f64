//! Examples of what is told: templates are checked with them.

use std::time::Duration;

use domain::{
    ApplicationId, ClientId, Event, InvitationId, OrganizationId, Personal, Scope, Timestamp,
    UserId,
    application::{self, Changes, Description, Grant},
    authority::Role,
    name::ApplicationName,
    observation::{self, Observation},
    organization, user,
};
use url::Url;
use uuid::Uuid;

use crate::{
    links,
    told::{AccountFacts, ApplicationFacts, By, Particulars, Recipient, Told},
};

/// 3 November 2026, 09:05:00.
pub(crate) const MORNING: Timestamp = Timestamp::from_micros(1_793_696_700_000_000);

const OWNER: UserId = UserId::new(Uuid::from_u128(0x0192_f0c1_2d3e_7a4b_8c5d_6e7f_8091_0001));
const APPLICATION: ApplicationId =
    ApplicationId::new(Uuid::from_u128(0x0192_f0c1_2d3e_7a4b_8c5d_6e7f_8091_a2b3));
const DESCRIPTION: &str = "Fetches the orders of the day.";
const ORGANIZATION: OrganizationId =
    OrganizationId::new(Uuid::from_u128(0x0192_f0c1_2d3e_7a4b_8c5d_6e7f_8091_0002));

/// Another person than the recipient.
pub(crate) fn colleague() -> By {
    By::Person(Some("Max Muster".to_owned()))
}

pub(crate) fn created() -> Event {
    Event::Application(application::Event::Created {
        client_id: client_id(),
        organization: ORGANIZATION,
        owner: OWNER,
        name: application_name("Warehouse sync"),
        active: true,
        grants: vec![Grant::ClientCredentials],
        scopes: scopes(),
    })
}

pub(crate) fn restored() -> Event {
    Event::Application(application::Event::Restored { name: application_name("Warehouse sync") })
}

pub(crate) fn renamed() -> Told {
    let name = application_name("Warehouse sync");
    let event = Event::Application(application::Event::Renamed { name });
    let told = of_application(event, colleague());
    Told { particulars: Particulars::FormerName("Stock sync".to_owned()), ..told }
}

pub(crate) fn changed() -> Told {
    let description = Description::parse(DESCRIPTION).expect("a description");
    let changes = Changes { description: Some(description), ..Changes::default() };
    of_application(Event::Application(application::Event::SettingsChanged(changes)), colleague())
}

pub(crate) fn transferred() -> Told {
    let event = Event::Application(application::Event::Transferred { owner: OWNER });
    let told = of_application(event, colleague());
    Told { particulars: Particulars::FormerOwner(Some("Grace Hopper".to_owned())), ..told }
}

/// With an application that is inactive now, and a reason for it.
pub(crate) fn off(mut told: Told) -> Told {
    if let Some(application) = &mut told.application {
        application.active = false;
    }
    Told { reason: Some("Asked for by the team".to_owned()), ..told }
}

/// An event of an application, told to its owner.
pub(crate) fn of_application(event: Event, by: By) -> Told {
    let application = ApplicationFacts {
        id: APPLICATION,
        name: "Warehouse sync".to_owned(),
        client_id: client_id(),
        active: true,
        grants: vec![Grant::ClientCredentials],
        scopes: scopes(),
        description: DESCRIPTION.to_owned(),
        contact: "warehouse@acme.example".to_owned(),
        homepage: "https://acme.example/warehouse".to_owned(),
        organization: "Acme GmbH".to_owned(),
        owner: account(),
    };
    Told { application: Some(application), ..told(event, by) }
}

/// An event of an account, told to the person whose it is.
fn of_account(event: Event, by: By) -> Told {
    Told { account: Some(account()), ..told(event, by) }
}

pub(crate) fn invitation() -> Told {
    let invitation = InvitationId::new(Uuid::from_u128(0x0192_f0c1_2d3e_7a4b_8c5d_6e7f_8091_0003));
    let event = Event::User(user::Event::Invited { invitation, until: MORNING });
    let told = of_account(event, colleague());
    let link = links::invitation_page(&told.public_url, "AZjC9H0eejuc");
    Told { particulars: Particulars::InvitationLink(link), ..told }
}

pub(crate) fn password_changed() -> Told {
    let event = Event::User(user::Event::PasswordSet { hash: Personal::ERASED });
    of_account(event, By::You)
}

pub(crate) fn role_changed() -> Told {
    let (user, role) = (OWNER, Role::Manager);
    let event = Event::Organization(organization::Event::MemberRoleChanged { user, role });
    let told = of_account(event, colleague());
    let organization = "Acme GmbH".to_owned();
    let former_role = Some(Role::Member);
    Told { particulars: Particulars::Membership { organization, former_role }, ..told }
}

pub(crate) fn unused() -> Told {
    let days = 90;
    let last_used_at = Some(MORNING.minus(Duration::from_hours(24 * u64::from(days))));
    let application = APPLICATION;
    let noted = Observation::ApplicationUnused { application, days, last_used_at };
    of_application(Event::Observation(observation::Event::Noted(noted)), By::System)
}

pub(crate) fn signed_in() -> Told {
    let network = "9f2c4e1b".to_owned();
    let noted = Observation::SignedInFromNetwork { user: OWNER, network };
    let told = of_account(Event::Observation(observation::Event::Noted(noted)), By::You);
    let address = Some("203.0.113.7".to_owned());
    let user_agent =
        Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned());
    Told { particulars: Particulars::SignIn { address, user_agent }, ..told }
}

pub(crate) fn key_unsafe() -> Told {
    let (file, mode, week) = ("oauth_private.key".to_owned(), 0o644, 20_758);
    let noted = Observation::PrivateKeyUnsafe { file, mode, week };
    told(Event::Observation(observation::Event::Noted(noted)), By::System)
}

fn application_name(name: &str) -> ApplicationName {
    ApplicationName::parse(name).expect("a name of an application")
}

fn told(event: Event, by: By) -> Told {
    Told {
        event,
        at: MORNING,
        by,
        reason: None,
        public_url: Url::parse("https://oathbook.example").expect("a URL"),
        recipient: Recipient { user: Some(OWNER), display_name: "Ada Lovelace".to_owned() },
        application: None,
        account: None,
        particulars: Particulars::None,
    }
}

fn account() -> AccountFacts {
    AccountFacts { id: OWNER, display_name: "Ada Lovelace".to_owned(), user_name: "ada".to_owned() }
}

fn client_id() -> ClientId {
    ClientId::parse("k3V9m2Qx7LwA0pRt5YhZ8nBc4JdFb27Q").expect("a client id")
}

fn scopes() -> Vec<Scope> {
    vec![Scope::parse("orders:read").expect("a scope")]
}
