//! What is known of a fact that somebody is told about. Others gather it from the log; nothing here looks anything up.

use domain::{
    ApplicationId, ClientId, Event, Scope, Timestamp, UserId, application::Grant, authority::Role,
};
use url::Url;

/// A fact, and everything that a letter may say of it to one recipient. Names may be anything a person typed.
#[derive(Clone, Debug)]
pub struct Told {
    pub event: Event,
    pub at: Timestamp,
    pub by: By,
    /// Why, in the words of whoever did it.
    pub reason: Option<String>,
    /// As configured; links are never built from anything else.
    pub public_url: Url,
    pub recipient: Recipient,
    /// The application that the event is about, as after the event.
    pub application: Option<ApplicationFacts>,
    /// The account that the event is about, as after the event.
    pub account: Option<AccountFacts>,
    pub particulars: Particulars,
}

/// Who did it, as the recipient should read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The recipient.
    You,
    /// Another person, by display name; `None` when it is not known any more.
    Person(Option<String>),
    /// A program with a token, by its application's name; `None` when it is not known any more.
    Application(Option<String>),
    /// Whoever may run the binary on the machine.
    Operator,
    /// Oathbook itself.
    System,
}

/// To whom the letter goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// `None` for an address without an account.
    pub user: Option<UserId>,
    /// How the recipient is greeted.
    pub display_name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationFacts {
    pub id: ApplicationId,
    pub name: String,
    pub client_id: ClientId,
    pub active: bool,
    pub grants: Vec<Grant>,
    pub scopes: Vec<Scope>,
    pub description: String,
    pub contact: String,
    pub homepage: String,
    pub organization: String,
    pub owner: AccountFacts,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountFacts {
    pub id: UserId,
    pub display_name: String,
    pub user_name: String,
}

/// What one occasion alone needs to know, beyond what its event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Particulars {
    None,
    /// Of an application that was renamed.
    FormerName(String),
    /// Of an application that was transferred, by display name; `None` when it is not known any more.
    FormerOwner(Option<String>),
    /// See [`crate::invitation_page`].
    InvitationLink(Url),
    /// Whence somebody signed in, and with which browser, as far as it is known.
    SignIn {
        address: Option<String>,
        user_agent: Option<String>,
    },
    /// Where a role was changed.
    Membership {
        /// By name.
        organization: String,
        /// `None` when it is not known any more.
        former_role: Option<Role>,
    },
}

/// Something that the occasion's letters speak of was not gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not known")]
pub struct NotTold(pub &'static str);

impl Told {
    pub(crate) fn application(&self) -> Result<&ApplicationFacts, NotTold> {
        self.application.as_ref().ok_or(NotTold("the application"))
    }

    pub(crate) fn account(&self) -> Result<&AccountFacts, NotTold> {
        self.account.as_ref().ok_or(NotTold("the account"))
    }
}
