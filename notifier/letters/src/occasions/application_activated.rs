//! An application may have tokens again.

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
    name: "application_activated",
    title: "Application activated",
    about: About::Application,
    security: false,
    template: "oauth_application_activated",
    tells: |event| matches!(event, Event::Application(application::Event::Activated { .. })),
    variables: &[COMMON, APPLICATION, ENTITY],
    sample: || {
        samples::of_application(
            Event::Application(application::Event::Activated {}),
            samples::colleague(),
        )
    },
    letters: &[("en", EN), ("de", DE), ("fr", FR), ("es", ES)],
};

const EN: Letter = Letter {
    subject: "OAuth application \"{{application}}\" was activated",
    blocks: &[
        Paragraph("The OAuth application \"**{{application}}**\" was activated."),
        Paragraph("From now on it gets access tokens, and acts in the name of its owner."),
        Facts(&[
            en::APPLICATION,
            en::ORGANIZATION,
            en::CLIENT_ID,
            en::OWNER,
            Fact::new("Activated by", "by"),
            en::WHEN,
            en::REASON,
        ]),
        en::VIEW_APPLICATION,
    ],
};

const DE: Letter = Letter {
    subject: "Die OAuth-Anwendung „{{application}}“ wurde aktiviert",
    blocks: &[
        Paragraph("Die OAuth-Anwendung „**{{application}}**“ wurde aktiviert."),
        Paragraph("Von jetzt an erhält sie Zugriffstoken und handelt im Namen ihres Eigentümers."),
        Facts(&[
            de::APPLICATION,
            de::ORGANIZATION,
            de::CLIENT_ID,
            de::OWNER,
            Fact::new("Aktiviert von", "by"),
            de::WHEN,
            de::REASON,
        ]),
        de::VIEW_APPLICATION,
    ],
};

const FR: Letter = Letter {
    subject: "L’application OAuth «\u{a0}{{application}}\u{a0}» a été activée",
    blocks: &[
        Paragraph("L’application OAuth «\u{a0}**{{application}}**\u{a0}» a été activée."),
        Paragraph("Désormais, elle obtient des jetons d’accès et agit au nom de son propriétaire."),
        Facts(&[
            fr::APPLICATION,
            fr::ORGANIZATION,
            fr::CLIENT_ID,
            fr::OWNER,
            Fact::new("Activée par", "by"),
            fr::WHEN,
            fr::REASON,
        ]),
        fr::VIEW_APPLICATION,
    ],
};

const ES: Letter = Letter {
    subject: "Se ha activado la aplicación OAuth «{{application}}»",
    blocks: &[
        Paragraph("Se ha activado la aplicación OAuth «**{{application}}**»."),
        Paragraph(
            "A partir de ahora obtiene tokens de acceso y actúa en nombre de su propietario.",
        ),
        Facts(&[
            es::APPLICATION,
            es::ORGANIZATION,
            es::CLIENT_ID,
            es::OWNER,
            Fact::new("Activada por", "by"),
            es::WHEN,
            es::REASON,
        ]),
        es::VIEW_APPLICATION,
    ],
};
