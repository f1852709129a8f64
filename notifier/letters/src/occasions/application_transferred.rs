//! An application has another owner.

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
    value::{Kind, Value, Variable, Word},
    variables::{APPLICATION, COMMON, ENTITY},
};

pub(super) static OCCASION: Occasion = Occasion {
    name: "application_transferred",
    title: "Application transferred",
    about: About::Application,
    security: false,
    template: "oauth_application_transferred",
    tells: |event| matches!(event, Event::Application(application::Event::Transferred { .. })),
    variables: &[COMMON, APPLICATION, ENTITY, OWN],
    sample: samples::transferred,
    letters: &[("en", EN), ("de", DE), ("fr", FR), ("es", ES)],
};

const OWN: &[Variable] = &[Variable {
    name: "former_owner",
    meaning: "The display name of whoever owned it before, or \"a former user\".",
    kind: Kind::Word,
    value: |told| {
        let Particulars::FormerOwner(name) = &told.particulars else {
            return Err(NotTold("the former owner of the application"));
        };
        Ok(Value::Word(name.clone().map_or(Word::FormerUser, Word::Verbatim)))
    },
}];

const EN: Letter = Letter {
    subject: "OAuth application \"{{application}}\" was transferred to {{owner}}",
    blocks: &[
        Paragraph(
            "The OAuth application \"**{{application}}**\" was transferred to **{{owner}}**.",
        ),
        Paragraph(
            "From now on it acts in the name and with the rights of the new owner. Whoever holds one of its secrets acts so, too.",
        ),
        Facts(&[
            en::APPLICATION,
            en::ORGANIZATION,
            en::CLIENT_ID,
            en::OWNER,
            Fact::new("Former owner", "former_owner"),
            Fact::new("Transferred by", "by"),
            en::WHEN,
            en::REASON,
        ]),
        en::VIEW_APPLICATION,
    ],
};

const DE: Letter = Letter {
    subject: "Die OAuth-Anwendung „{{application}}“ wurde an {{owner}} übertragen",
    blocks: &[
        Paragraph("Die OAuth-Anwendung „**{{application}}**“ wurde an **{{owner}}** übertragen."),
        Paragraph(
            "Von jetzt an handelt sie im Namen und mit den Rechten des neuen Eigentümers. Das gilt auch für alle, die eines ihrer Secrets besitzen.",
        ),
        Facts(&[
            de::APPLICATION,
            de::ORGANIZATION,
            de::CLIENT_ID,
            de::OWNER,
            Fact::new("Früherer Eigentümer", "former_owner"),
            Fact::new("Übertragen von", "by"),
            de::WHEN,
            de::REASON,
        ]),
        de::VIEW_APPLICATION,
    ],
};

const FR: Letter = Letter {
    subject: "L’application OAuth «\u{a0}{{application}}\u{a0}» a été transférée à {{owner}}",
    blocks: &[
        Paragraph(
            "L’application OAuth «\u{a0}**{{application}}**\u{a0}» a été transférée à **{{owner}}**.",
        ),
        Paragraph(
            "Désormais, elle agit au nom et avec les droits du nouveau propriétaire. Il en va de même pour quiconque détient l’un de ses secrets.",
        ),
        Facts(&[
            fr::APPLICATION,
            fr::ORGANIZATION,
            fr::CLIENT_ID,
            fr::OWNER,
            Fact::new("Ancien propriétaire", "former_owner"),
            Fact::new("Transférée par", "by"),
            fr::WHEN,
            fr::REASON,
        ]),
        fr::VIEW_APPLICATION,
    ],
};

const ES: Letter = Letter {
    subject: "La aplicación OAuth «{{application}}» se ha transferido a {{owner}}",
    blocks: &[
        Paragraph("La aplicación OAuth «**{{application}}**» se ha transferido a **{{owner}}**."),
        Paragraph(
            "A partir de ahora actúa en nombre y con los permisos del nuevo propietario. Lo mismo vale para quien posea uno de sus secretos.",
        ),
        Facts(&[
            es::APPLICATION,
            es::ORGANIZATION,
            es::CLIENT_ID,
            es::OWNER,
            Fact::new("Propietario anterior", "former_owner"),
            Fact::new("Transferida por", "by"),
            es::WHEN,
            es::REASON,
        ]),
        es::VIEW_APPLICATION,
    ],
};
