//! A deleted application is back, inactive.

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
    name: "application_restored",
    title: "Application restored",
    about: About::Application,
    security: false,
    template: "oauth_application_restored",
    tells: |event| matches!(event, Event::Application(application::Event::Restored { .. })),
    variables: &[COMMON, APPLICATION, ENTITY],
    sample: || samples::off(samples::of_application(samples::restored(), samples::colleague())),
    letters: &[("en", EN), ("de", DE), ("fr", FR), ("es", ES)],
};

const EN: Letter = Letter {
    subject: "OAuth application \"{{application}}\" was restored",
    blocks: &[
        Paragraph(
            "The OAuth application \"**{{application}}**\", which had been deleted, was restored.",
        ),
        Paragraph("It is inactive: until it is activated, it gets no access tokens."),
        Facts(&[
            en::APPLICATION,
            en::ORGANIZATION,
            en::CLIENT_ID,
            en::OWNER,
            Fact::new("Restored by", "by"),
            en::WHEN,
            en::REASON,
        ]),
        en::VIEW_APPLICATION,
    ],
};

const DE: Letter = Letter {
    subject: "Die OAuth-Anwendung „{{application}}“ wurde wiederhergestellt",
    blocks: &[
        Paragraph("Die gelöschte OAuth-Anwendung „**{{application}}**“ wurde wiederhergestellt."),
        Paragraph("Sie ist inaktiv: Bis sie aktiviert wird, erhält sie keine Zugriffstoken."),
        Facts(&[
            de::APPLICATION,
            de::ORGANIZATION,
            de::CLIENT_ID,
            de::OWNER,
            Fact::new("Wiederhergestellt von", "by"),
            de::WHEN,
            de::REASON,
        ]),
        de::VIEW_APPLICATION,
    ],
};

const FR: Letter = Letter {
    subject: "L’application OAuth «\u{a0}{{application}}\u{a0}» a été restaurée",
    blocks: &[
        Paragraph(
            "L’application OAuth «\u{a0}**{{application}}**\u{a0}», qui avait été supprimée, a été restaurée.",
        ),
        Paragraph(
            "Elle est inactive\u{a0}: tant qu’elle n’est pas activée, elle n’obtient aucun jeton d’accès.",
        ),
        Facts(&[
            fr::APPLICATION,
            fr::ORGANIZATION,
            fr::CLIENT_ID,
            fr::OWNER,
            Fact::new("Restaurée par", "by"),
            fr::WHEN,
            fr::REASON,
        ]),
        fr::VIEW_APPLICATION,
    ],
};

const ES: Letter = Letter {
    subject: "Se ha restaurado la aplicación OAuth «{{application}}»",
    blocks: &[
        Paragraph(
            "Se ha restaurado la aplicación OAuth «**{{application}}**», que se había eliminado.",
        ),
        Paragraph("Está inactiva: mientras no se active, no obtiene tokens de acceso."),
        Facts(&[
            es::APPLICATION,
            es::ORGANIZATION,
            es::CLIENT_ID,
            es::OWNER,
            Fact::new("Restaurada por", "by"),
            es::WHEN,
            es::REASON,
        ]),
        es::VIEW_APPLICATION,
    ],
};
