//! English.

use domain::{application::Grant, authority::Role};

use super::Tongue;
use crate::{
    letter::{Block, Fact},
    told::By,
    value::Word,
};

pub(crate) const TONGUE: Tongue = Tongue {
    locale: "en",
    greeting: "Hello, {{recipient}}.",
    or_open: "Or open this address:",
    site: "Oathbook at {{site}}",
    colon: ":",
    never: "never",
    several: |count| format!("{count} notices from Oathbook"),
    word,
};

pub(crate) const APPLICATION: Fact = Fact::new("Application", "application");
pub(crate) const ORGANIZATION: Fact = Fact::new("Organization", "organization");
pub(crate) const CLIENT_ID: Fact = Fact::code("Client ID", "client_id");
pub(crate) const OWNER: Fact = Fact::new("Owner", "owner");
pub(crate) const USER_NAME: Fact = Fact::new("User name", "user_name");
pub(crate) const WHEN: Fact = Fact::new("When", "at");
pub(crate) const REASON: Fact = Fact::optional("Reason", "reason");
pub(crate) const VIEW_APPLICATION: Block =
    Block::Button { label: "View the application", link: "page" };
pub(crate) const VIEW_ACCOUNT: Block = Block::Button { label: "View the account", link: "page" };

fn word(word: &Word) -> String {
    match word {
        Word::By(By::You) => "you".to_owned(),
        Word::By(By::Person(Some(name))) | Word::Verbatim(name) => name.clone(),
        Word::By(By::Person(None)) | Word::FormerUser => "a former user".to_owned(),
        Word::By(By::Application(Some(name))) => format!("the application \"{name}\""),
        Word::By(By::Application(None)) => "a former application".to_owned(),
        Word::By(By::Operator) => "an operator, on the command line".to_owned(),
        Word::By(By::System) => "Oathbook".to_owned(),
        Word::Active => "active".to_owned(),
        Word::Inactive => "inactive".to_owned(),
        Word::Yes => "yes".to_owned(),
        Word::No => "no".to_owned(),
        Word::None => "none".to_owned(),
        Word::All => "all".to_owned(),
        Word::Unknown => "unknown".to_owned(),
        Word::Grant(Grant::ClientCredentials) => "Client Credentials".to_owned(),
        Word::Role(Role::Member) => "member".to_owned(),
        Word::Role(Role::Auditor) => "auditor".to_owned(),
        Word::Role(Role::Manager) => "manager".to_owned(),
        Word::Role(Role::Administrator) => "administrator".to_owned(),
    }
}
