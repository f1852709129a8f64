//! What carries the name of an application says other things: description, contact address, homepage, scopes.

use domain::{Event, application};

use super::{About, Occasion};
use crate::{
    letter::{
        Block::{Facts, Paragraph},
        Fact, Letter,
    },
    samples,
    tongues::{de, en, es, fr},
    variables::{APPLICATION, COMMON, ENTITY},
};

pub(super) static OCCASION: Occasion = Occasion {
    name: "application_changed",
    title: "Application changed",
    about: About::Application,
    security: false,
    template: "oauth_application_changed",
    tells: |event| matches!(event, Event::Application(application::Event::SettingsChanged(_))),
    variables: &[COMMON, APPLICATION, ENTITY],
    sample: samples::changed,
    letters: &[("en", EN), ("de", DE), ("fr", FR), ("es", ES)],
};

const EN: Letter = Letter {
    subject: "OAuth application \"{{application}}\" was changed",
    blocks: &[
        Paragraph("The settings of the OAuth application \"**{{application}}**\" were changed."),
        Paragraph(
            "Its description, contact address, homepage and scopes are now those below. What is not listed is empty.",
        ),
        Facts(&[
            en::APPLICATION,
            en::ORGANIZATION,
            en::CLIENT_ID,
            en::OWNER,
            Fact::optional("Description", "description"),
            Fact::optional("Contact address", "contact"),
            Fact::optional("Homepage", "homepage"),
            Fact::new("Scopes", "scopes"),
            Fact::new("Changed by", "by"),
            en::WHEN,
            en::REASON,
        ]),
        en::VIEW_APPLICATION,
    ],
};

const DE: Letter = Letter {
    subject: "Die OAuth-Anwendung „{{application}}“ wurde geändert",
    blocks: &[
        Paragraph("Die Einstellungen der OAuth-Anwendung „**{{application}}**“ wurden geändert."),
        Paragraph(
            "Ihre Beschreibung, Kontaktadresse, Homepage und Scopes sind jetzt wie unten angegeben. Was dort nicht steht, ist leer.",
        ),
        Facts(&[
            de::APPLICATION,
            de::ORGANIZATION,
            de::CLIENT_ID,
            de::OWNER,
            Fact::optional("Beschreibung", "description"),
            Fact::optional("Kontaktadresse", "contact"),
            Fact::optional("Homepage", "homepage"),
            Fact::new("Scopes", "scopes"),
            Fact::new("Geändert von", "by"),
            de::WHEN,
            de::REASON,
        ]),
        de::VIEW_APPLICATION,
    ],
};

const FR: Letter = Letter {
    subject: "L’application OAuth «\u{a0}{{application}}\u{a0}» a été modifiée",
    blocks: &[
        Paragraph(
            "Les paramètres de l’application OAuth «\u{a0}**{{application}}**\u{a0}» ont été modifiés.",
        ),
        Paragraph(
            "Sa description, son adresse de contact, sa page d’accueil et ses scopes sont désormais ceux indiqués ci-dessous. Ce qui n’y figure pas est vide.",
        ),
        Facts(&[
            fr::APPLICATION,
            fr::ORGANIZATION,
            fr::CLIENT_ID,
            fr::OWNER,
            Fact::optional("Description", "description"),
            Fact::optional("Adresse de contact", "contact"),
            Fact::optional("Page d’accueil", "homepage"),
            Fact::new("Scopes", "scopes"),
            Fact::new("Modifiée par", "by"),
            fr::WHEN,
            fr::REASON,
        ]),
        fr::VIEW_APPLICATION,
    ],
};

const ES: Letter = Letter {
    subject: "Se ha modificado la aplicación OAuth «{{application}}»",
    blocks: &[
        Paragraph(
            "Se ha modificado la configuración de la aplicación OAuth «**{{application}}**».",
        ),
        Paragraph(
            "Su descripción, dirección de contacto, página web y scopes son ahora los que se indican a continuación. Lo que no figura está vacío.",
        ),
        Facts(&[
            es::APPLICATION,
            es::ORGANIZATION,
            es::CLIENT_ID,
            es::OWNER,
            Fact::optional("Descripción", "description"),
            Fact::optional("Dirección de contacto", "contact"),
            Fact::optional("Página web", "homepage"),
            Fact::new("Scopes", "scopes"),
            Fact::new("Modificada por", "by"),
            es::WHEN,
            es::REASON,
        ]),
        es::VIEW_APPLICATION,
    ],
};
