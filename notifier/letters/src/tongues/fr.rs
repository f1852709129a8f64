//! French, in the polite form. Whoever did something stands behind "par".

use domain::{application::Grant, authority::Role};

use super::Tongue;
use crate::{
    letter::{Block, Fact},
    told::By,
    value::Word,
};

pub(crate) const TONGUE: Tongue = Tongue {
    locale: "fr",
    greeting: "Bonjour {{recipient}},",
    or_open: "Ou ouvrez cette adresse\u{a0}:",
    site: "Oathbook à l’adresse {{site}}",
    colon: "\u{a0}:",
    never: "jamais",
    several: |count| format!("{count} notifications d’Oathbook"),
    word,
};

pub(crate) const APPLICATION: Fact = Fact::new("Application", "application");
pub(crate) const ORGANIZATION: Fact = Fact::new("Organisation", "organization");
pub(crate) const CLIENT_ID: Fact = Fact::code("Client ID", "client_id");
pub(crate) const OWNER: Fact = Fact::new("Propriétaire", "owner");
pub(crate) const USER_NAME: Fact = Fact::new("Nom d’utilisateur", "user_name");
pub(crate) const WHEN: Fact = Fact::new("Date", "at");
pub(crate) const REASON: Fact = Fact::optional("Motif", "reason");
pub(crate) const VIEW_APPLICATION: Block =
    Block::Button { label: "Voir l’application", link: "page" };
pub(crate) const VIEW_ACCOUNT: Block = Block::Button { label: "Voir le compte", link: "page" };

fn word(word: &Word) -> String {
    match word {
        Word::By(By::You) => "vous".to_owned(),
        Word::By(By::Person(Some(name))) | Word::Verbatim(name) => name.clone(),
        Word::By(By::Person(None)) | Word::FormerUser => "un ancien utilisateur".to_owned(),
        Word::By(By::Application(Some(name))) => format!("l’application «\u{a0}{name}\u{a0}»"),
        Word::By(By::Application(None)) => "une ancienne application".to_owned(),
        Word::By(By::Operator) => "un opérateur, en ligne de commande".to_owned(),
        Word::By(By::System) => "Oathbook".to_owned(),
        Word::Active => "active".to_owned(),
        Word::Inactive => "inactive".to_owned(),
        Word::Yes => "oui".to_owned(),
        Word::No => "non".to_owned(),
        Word::None => "aucun".to_owned(),
        Word::All => "tous".to_owned(),
        Word::Unknown => "inconnu".to_owned(),
        Word::Grant(Grant::ClientCredentials) => "Client Credentials".to_owned(),
        Word::Role(Role::Member) => "membre".to_owned(),
        Word::Role(Role::Auditor) => "auditeur".to_owned(),
        Word::Role(Role::Manager) => "gestionnaire".to_owned(),
        Word::Role(Role::Administrator) => "administrateur".to_owned(),
    }
}
