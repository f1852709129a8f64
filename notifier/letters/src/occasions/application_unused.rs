//! An application has had no token for as long as a rule says.

use domain::{
    Event, Timestamp,
    observation::{self, Observation},
};

use super::{About, Occasion};
use crate::{
    letter::{
        Block::{Facts, Paragraph},
        Fact, Letter,
    },
    samples,
    told::NotTold,
    tongues::{de, en, es, fr},
    value::{Kind, Value, Variable},
    variables::{APPLICATION, COMMON, ENTITY},
};

pub(super) static OCCASION: Occasion = Occasion {
    name: "application_unused",
    title: "Application unused",
    about: About::Application,
    security: false,
    template: "oauth_application_unused",
    tells: |event| unused(event).is_ok(),
    variables: &[COMMON, APPLICATION, ENTITY, OWN],
    sample: samples::unused,
    letters: &[("en", EN), ("de", DE), ("fr", FR), ("es", ES)],
};

const OWN: &[Variable] = &[
    Variable {
        name: "days",
        meaning: "For how many days it was not used.",
        kind: Kind::Number,
        value: |told| Ok(Value::Number(unused(&told.event)?.0.into())),
    },
    Variable {
        name: "last_used",
        meaning: "When it was used last, or \"never\".",
        kind: Kind::Moment,
        value: |told| Ok(unused(&told.event)?.1.map_or(Value::Never, Value::Moment)),
    },
];

fn unused(event: &Event) -> Result<(u16, Option<Timestamp>), NotTold> {
    let Event::Observation(observation::Event::Noted(Observation::ApplicationUnused {
        days,
        last_used_at,
        ..
    })) = event
    else {
        return Err(NotTold("since when the application is unused"));
    };
    Ok((*days, *last_used_at))
}

const EN: Letter = Letter {
    subject: "OAuth application \"{{application}}\" is not used",
    blocks: &[
        Paragraph(
            "The OAuth application \"**{{application}}**\" has not got an access token for a long time.",
        ),
        Paragraph(
            "If nobody needs it any more, please deactivate or delete it: what nobody uses can still be misused.",
        ),
        Facts(&[
            en::APPLICATION,
            en::ORGANIZATION,
            en::CLIENT_ID,
            en::OWNER,
            Fact::new("Last used", "last_used"),
            Fact::new("Days unused", "days"),
        ]),
        en::VIEW_APPLICATION,
    ],
};

const DE: Letter = Letter {
    subject: "Die OAuth-Anwendung „{{application}}“ wird nicht benutzt",
    blocks: &[
        Paragraph(
            "Die OAuth-Anwendung „**{{application}}**“ hat seit Langem kein Zugriffstoken mehr erhalten.",
        ),
        Paragraph(
            "Wenn niemand sie mehr braucht, deaktivieren oder löschen Sie sie bitte: Auch was niemand benutzt, kann missbraucht werden.",
        ),
        Facts(&[
            de::APPLICATION,
            de::ORGANIZATION,
            de::CLIENT_ID,
            de::OWNER,
            Fact::new("Zuletzt benutzt", "last_used"),
            Fact::new("Tage unbenutzt", "days"),
        ]),
        de::VIEW_APPLICATION,
    ],
};

const FR: Letter = Letter {
    subject: "L’application OAuth «\u{a0}{{application}}\u{a0}» n’est pas utilisée",
    blocks: &[
        Paragraph(
            "L’application OAuth «\u{a0}**{{application}}**\u{a0}» n’a pas obtenu de jeton d’accès depuis longtemps.",
        ),
        Paragraph(
            "Si plus personne n’en a besoin, veuillez la désactiver ou la supprimer\u{a0}: ce que personne n’utilise peut encore être détourné.",
        ),
        Facts(&[
            fr::APPLICATION,
            fr::ORGANIZATION,
            fr::CLIENT_ID,
            fr::OWNER,
            Fact::new("Dernier usage", "last_used"),
            Fact::new("Jours sans usage", "days"),
        ]),
        fr::VIEW_APPLICATION,
    ],
};

const ES: Letter = Letter {
    subject: "La aplicación OAuth «{{application}}» no se utiliza",
    blocks: &[
        Paragraph(
            "La aplicación OAuth «**{{application}}**» no ha obtenido ningún token de acceso desde hace mucho tiempo.",
        ),
        Paragraph(
            "Si ya nadie la necesita, desactívela o elimínela: también se puede hacer mal uso de lo que nadie utiliza.",
        ),
        Facts(&[
            es::APPLICATION,
            es::ORGANIZATION,
            es::CLIENT_ID,
            es::OWNER,
            Fact::new("Último uso", "last_used"),
            Fact::new("Días sin uso", "days"),
        ]),
        es::VIEW_APPLICATION,
    ],
};
