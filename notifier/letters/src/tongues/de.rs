//! German, in the polite form. Whoever did something stands behind "von", in the dative.

use domain::{application::Grant, authority::Role};

use super::Tongue;
use crate::{
    letter::{Block, Fact},
    told::By,
    value::Word,
};

pub(crate) const TONGUE: Tongue = Tongue {
    locale: "de",
    greeting: "Guten Tag, {{recipient}},",
    or_open: "Oder öffnen Sie diese Adresse:",
    site: "Oathbook unter {{site}}",
    colon: ":",
    never: "nie",
    several: |count| format!("{count} Mitteilungen von Oathbook"),
    word,
};

pub(crate) const APPLICATION: Fact = Fact::new("Anwendung", "application");
pub(crate) const ORGANIZATION: Fact = Fact::new("Organisation", "organization");
pub(crate) const CLIENT_ID: Fact = Fact::code("Client-ID", "client_id");
pub(crate) const OWNER: Fact = Fact::new("Eigentümer", "owner");
pub(crate) const USER_NAME: Fact = Fact::new("Benutzername", "user_name");
pub(crate) const WHEN: Fact = Fact::new("Zeitpunkt", "at");
pub(crate) const REASON: Fact = Fact::optional("Grund", "reason");
pub(crate) const VIEW_APPLICATION: Block =
    Block::Button { label: "Anwendung ansehen", link: "page" };
pub(crate) const VIEW_ACCOUNT: Block = Block::Button { label: "Konto ansehen", link: "page" };

fn word(word: &Word) -> String {
    match word {
        Word::By(By::You) => "Ihnen".to_owned(),
        Word::By(By::Person(Some(name))) | Word::Verbatim(name) => name.clone(),
        Word::By(By::Person(None)) => "einem früheren Benutzer".to_owned(),
        Word::FormerUser => "ein früherer Benutzer".to_owned(),
        Word::By(By::Application(Some(name))) => format!("der Anwendung „{name}“"),
        Word::By(By::Application(None)) => "einer früheren Anwendung".to_owned(),
        Word::By(By::Operator) => "einem Betreiber, auf der Kommandozeile".to_owned(),
        Word::By(By::System) => "Oathbook".to_owned(),
        Word::Active => "aktiv".to_owned(),
        Word::Inactive => "inaktiv".to_owned(),
        Word::Yes => "ja".to_owned(),
        Word::No => "nein".to_owned(),
        Word::None => "keine".to_owned(),
        Word::All => "alle".to_owned(),
        Word::Unknown => "unbekannt".to_owned(),
        Word::Grant(Grant::ClientCredentials) => "Client Credentials".to_owned(),
        Word::Role(Role::Member) => "Mitglied".to_owned(),
        Word::Role(Role::Auditor) => "Prüfer".to_owned(),
        Word::Role(Role::Manager) => "Verwalter".to_owned(),
        Word::Role(Role::Administrator) => "Administrator".to_owned(),
    }
}
