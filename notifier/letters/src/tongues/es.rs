//! Spanish, in the polite form. Whoever did something stands behind "por".

use domain::{application::Grant, authority::Role};

use super::Tongue;
use crate::{
    letter::{Block, Fact},
    told::By,
    value::Word,
};

pub(crate) const TONGUE: Tongue = Tongue {
    locale: "es",
    greeting: "Hola, {{recipient}}:",
    or_open: "O abra esta dirección:",
    site: "Oathbook en {{site}}",
    colon: ":",
    never: "nunca",
    several: |count| format!("{count} avisos de Oathbook"),
    word,
};

pub(crate) const APPLICATION: Fact = Fact::new("Aplicación", "application");
pub(crate) const ORGANIZATION: Fact = Fact::new("Organización", "organization");
pub(crate) const CLIENT_ID: Fact = Fact::code("Client ID", "client_id");
pub(crate) const OWNER: Fact = Fact::new("Propietario", "owner");
pub(crate) const USER_NAME: Fact = Fact::new("Nombre de usuario", "user_name");
pub(crate) const WHEN: Fact = Fact::new("Fecha", "at");
pub(crate) const REASON: Fact = Fact::optional("Motivo", "reason");
pub(crate) const VIEW_APPLICATION: Block =
    Block::Button { label: "Ver la aplicación", link: "page" };
pub(crate) const VIEW_ACCOUNT: Block = Block::Button { label: "Ver la cuenta", link: "page" };

fn word(word: &Word) -> String {
    match word {
        Word::By(By::You) => "usted".to_owned(),
        Word::By(By::Person(Some(name))) | Word::Verbatim(name) => name.clone(),
        Word::By(By::Person(None)) | Word::FormerUser => "un usuario anterior".to_owned(),
        Word::By(By::Application(Some(name))) => format!("la aplicación «{name}»"),
        Word::By(By::Application(None)) => "una aplicación anterior".to_owned(),
        Word::By(By::Operator) => "un operador, desde la línea de comandos".to_owned(),
        Word::By(By::System) => "Oathbook".to_owned(),
        Word::Active => "activa".to_owned(),
        Word::Inactive => "inactiva".to_owned(),
        Word::Yes => "sí".to_owned(),
        Word::No => "no".to_owned(),
        Word::None => "ninguno".to_owned(),
        Word::All => "todos".to_owned(),
        Word::Unknown => "desconocido".to_owned(),
        Word::Grant(Grant::ClientCredentials) => "Client Credentials".to_owned(),
        Word::Role(Role::Member) => "miembro".to_owned(),
        Word::Role(Role::Auditor) => "auditor".to_owned(),
        Word::Role(Role::Manager) => "gestor".to_owned(),
        Word::Role(Role::Administrator) => "administrador".to_owned(),
    }
}
