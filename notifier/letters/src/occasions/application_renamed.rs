//! An application has another name.

use domain::{Event, application};

use super::{About, Occasion};
use crate::{
    letter::{
        Block::{Facts, Paragraph},
        Fact, Letter,
    },
    samples,
    told::{NotTold, Particulars},
    tongues::{de, en, es, fr},
    value::{Kind, Value, Variable},
    variables::{APPLICATION, COMMON, ENTITY},
};

pub(super) static OCCASION: Occasion = Occasion {
    name: "application_renamed",
    title: "Application renamed",
    about: About::Application,
    security: false,
    template: "oauth_application_renamed",
    tells: |event| matches!(event, Event::Application(application::Event::Renamed { .. })),
    variables: &[COMMON, APPLICATION, ENTITY, OWN],
    sample: samples::renamed,
    letters: &[("en", EN), ("de", DE), ("fr", FR), ("es", ES)],
};

const OWN: &[Variable] = &[Variable {
    name: "former_name",
    meaning: "The name that it had before.",
    kind: Kind::Text,
    value: |told| {
        let Particulars::FormerName(name) = &told.particulars else {
            return Err(NotTold("the former name of the application"));
        };
        Ok(Value::text(name))
    },
}];

const EN: Letter = Letter {
    subject: "OAuth application \"{{former_name}}\" is now named \"{{application}}\"",
    blocks: &[
        Paragraph(
            "The OAuth application \"**{{former_name}}**\" is now named \"**{{application}}**\".",
        ),
        Paragraph("Its client ID and its secrets stay as they are."),
        Facts(&[
            en::APPLICATION,
            en::ORGANIZATION,
            en::CLIENT_ID,
            en::OWNER,
            Fact::new("Former name", "former_name"),
            Fact::new("Renamed by", "by"),
            en::WHEN,
            en::REASON,
        ]),
        en::VIEW_APPLICATION,
    ],
};

const DE: Letter = Letter {
    subject: "Die OAuth-Anwendung „{{former_name}}“ heißt jetzt „{{application}}“",
    blocks: &[
        Paragraph("Die OAuth-Anwendung „**{{former_name}}**“ heißt jetzt „**{{application}}**“."),
        Paragraph("Ihre Client-ID und ihre Secrets bleiben, wie sie sind."),
        Facts(&[
            de::APPLICATION,
            de::ORGANIZATION,
            de::CLIENT_ID,
            de::OWNER,
            Fact::new("Früherer Name", "former_name"),
            Fact::new("Umbenannt von", "by"),
            de::WHEN,
            de::REASON,
        ]),
        de::VIEW_APPLICATION,
    ],
};

const FR: Letter = Letter {
    subject: "L’application OAuth «\u{a0}{{former_name}}\u{a0}» s’appelle désormais «\u{a0}{{application}}\u{a0}»",
    blocks: &[
        Paragraph(
            "L’application OAuth «\u{a0}**{{former_name}}**\u{a0}» s’appelle désormais «\u{a0}**{{application}}**\u{a0}».",
        ),
        Paragraph("Son Client ID et ses secrets restent inchangés."),
        Facts(&[
            fr::APPLICATION,
            fr::ORGANIZATION,
            fr::CLIENT_ID,
            fr::OWNER,
            Fact::new("Ancien nom", "former_name"),
            Fact::new("Renommée par", "by"),
            fr::WHEN,
            fr::REASON,
        ]),
        fr::VIEW_APPLICATION,
    ],
};

const ES: Letter = Letter {
    subject: "La aplicación OAuth «{{former_name}}» se llama ahora «{{application}}»",
    blocks: &[
        Paragraph(
            "La aplicación OAuth «**{{former_name}}**» se llama ahora «**{{application}}**».",
        ),
        Paragraph("Su Client ID y sus secretos no cambian."),
        Facts(&[
            es::APPLICATION,
            es::ORGANIZATION,
            es::CLIENT_ID,
            es::OWNER,
            Fact::new("Nombre anterior", "former_name"),
            Fact::new("Renombrada por", "by"),
            es::WHEN,
            es::REASON,
        ]),
        es::VIEW_APPLICATION,
    ],
};
