//! An application gets no tokens for now.

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
    name: "application_deactivated",
    title: "Application deactivated",
    about: About::Application,
    security: false,
    template: "oauth_application_deactivated",
    tells: |event| matches!(event, Event::Application(application::Event::Deactivated { .. })),
    variables: &[COMMON, APPLICATION, ENTITY],
    sample: || {
        samples::off(samples::of_application(
            Event::Application(application::Event::Deactivated {}),
            samples::colleague(),
        ))
    },
    letters: &[("en", EN), ("de", DE), ("fr", FR), ("es", ES)],
};

const EN: Letter = Letter {
    subject: "OAuth application \"{{application}}\" was deactivated",
    blocks: &[
        Paragraph("The OAuth application \"**{{application}}**\" was deactivated."),
        Paragraph("Until it is activated again, it gets no access tokens."),
        Facts(&[
            en::APPLICATION,
            en::ORGANIZATION,
            en::CLIENT_ID,
            en::OWNER,
            Fact::new("Deactivated by", "by"),
            en::WHEN,
            en::REASON,
        ]),
        en::VIEW_APPLICATION,
    ],
};

const DE: Letter = Letter {
    subject: "Die OAuth-Anwendung „{{application}}“ wurde deaktiviert",
    blocks: &[
        Paragraph("Die OAuth-Anwendung „**{{application}}**“ wurde deaktiviert."),
        Paragraph("Bis sie wieder aktiviert wird, erhält sie keine Zugriffstoken."),
        Facts(&[
            de::APPLICATION,
            de::ORGANIZATION,
            de::CLIENT_ID,
            de::OWNER,
            Fact::new("Deaktiviert von", "by"),
            de::WHEN,
            de::REASON,
        ]),
        de::VIEW_APPLICATION,
    ],
};

const FR: Letter = Letter {
    subject: "L’application OAuth «\u{a0}{{application}}\u{a0}» a été désactivée",
    blocks: &[
        Paragraph("L’application OAuth «\u{a0}**{{application}}**\u{a0}» a été désactivée."),
        Paragraph("Tant qu’elle n’est pas réactivée, elle n’obtient aucun jeton d’accès."),
        Facts(&[
            fr::APPLICATION,
            fr::ORGANIZATION,
            fr::CLIENT_ID,
            fr::OWNER,
            Fact::new("Désactivée par", "by"),
            fr::WHEN,
            fr::REASON,
        ]),
        fr::VIEW_APPLICATION,
    ],
};

const ES: Letter = Letter {
    subject: "Se ha desactivado la aplicación OAuth «{{application}}»",
    blocks: &[
        Paragraph("Se ha desactivado la aplicación OAuth «**{{application}}**»."),
        Paragraph("Mientras no se vuelva a activar, no obtiene tokens de acceso."),
        Facts(&[
            es::APPLICATION,
            es::ORGANIZATION,
            es::CLIENT_ID,
            es::OWNER,
            Fact::new("Desactivada por", "by"),
            es::WHEN,
            es::REASON,
        ]),
        es::VIEW_APPLICATION,
    ],
};
