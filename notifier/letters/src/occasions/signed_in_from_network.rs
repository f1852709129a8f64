//! Somebody signed in to an account from where nobody had before.

use domain::{
    Event,
    observation::{self, Observation},
};

use super::{About, Occasion};
use crate::{
    letter::{
        Block::{Button, Facts, Note, Paragraph},
        Fact, Letter,
    },
    links, samples,
    told::{NotTold, Particulars, Told},
    tongues::{de, en, es, fr},
    value::{Kind, Value, Variable},
    variables::{ACCOUNT, COMMON},
};

pub(super) static OCCASION: Occasion = Occasion {
    name: "signed_in_from_network",
    title: "Signed in from a new network",
    about: About::Account,
    security: true,
    template: "signed_in_from_network",
    tells: |event| {
        let Event::Observation(observation::Event::Noted(noted)) = event else { return false };
        matches!(noted, Observation::SignedInFromNetwork { .. })
    },
    variables: &[COMMON, ACCOUNT, OWN],
    sample: samples::signed_in,
    letters: &[("en", EN), ("de", DE), ("fr", FR), ("es", ES)],
};

const OWN: &[Variable] = &[
    Variable {
        name: "address",
        meaning: "The network address that it came from. Empty when it is not known any more.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(sign_in(told)?.0.unwrap_or_default())),
    },
    Variable {
        name: "user_agent",
        meaning: "What the browser says it is. Empty when it says nothing, or when it is not known any more.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(sign_in(told)?.1.unwrap_or_default())),
    },
    Variable {
        name: "sessions_page",
        meaning: "The address at which people see and end their own sessions.",
        kind: Kind::Link,
        value: |told| Ok(Value::Link(links::sessions_page(&told.public_url))),
    },
];

fn sign_in(told: &Told) -> Result<(Option<&str>, Option<&str>), NotTold> {
    let Particulars::SignIn { address, user_agent } = &told.particulars else {
        return Err(NotTold("whence the sign-in came"));
    };
    Ok((address.as_deref(), user_agent.as_deref()))
}

const EN: Letter = Letter {
    subject: "Sign-in to your Oathbook account from a new network",
    blocks: &[
        Paragraph(
            "Somebody signed in to your Oathbook account from a network from which nobody had done so before.",
        ),
        Note(
            "If it was you, you need not do anything. If not, change your password at once, end the sessions that you do not know, and contact the administrator.",
        ),
        Facts(&[
            en::USER_NAME,
            Fact::optional_code("Address", "address"),
            Fact::optional("Browser", "user_agent"),
            en::WHEN,
        ]),
        Button { label: "View your sessions", link: "sessions_page" },
    ],
};

const DE: Letter = Letter {
    subject: "Anmeldung an Ihrem Oathbook-Konto aus einem neuen Netz",
    blocks: &[
        Paragraph(
            "Jemand hat sich an Ihrem Oathbook-Konto aus einem Netz angemeldet, aus dem das zuvor niemand getan hat.",
        ),
        Note(
            "Wenn Sie es waren, brauchen Sie nichts zu tun. Wenn nicht, ändern Sie sofort Ihr Passwort, beenden Sie die Sitzungen, die Sie nicht kennen, und wenden Sie sich an die Administration.",
        ),
        Facts(&[
            de::USER_NAME,
            Fact::optional_code("Adresse", "address"),
            Fact::optional("Browser", "user_agent"),
            de::WHEN,
        ]),
        Button { label: "Ihre Sitzungen ansehen", link: "sessions_page" },
    ],
};

const FR: Letter = Letter {
    subject: "Connexion à votre compte Oathbook depuis un nouveau réseau",
    blocks: &[
        Paragraph(
            "Quelqu’un s’est connecté à votre compte Oathbook depuis un réseau jamais utilisé auparavant.",
        ),
        Note(
            "Si c’était vous, vous n’avez rien à faire. Sinon, changez immédiatement votre mot de passe, fermez les sessions que vous ne reconnaissez pas et contactez l’administrateur.",
        ),
        Facts(&[
            fr::USER_NAME,
            Fact::optional_code("Adresse", "address"),
            Fact::optional("Navigateur", "user_agent"),
            fr::WHEN,
        ]),
        Button { label: "Voir vos sessions", link: "sessions_page" },
    ],
};

const ES: Letter = Letter {
    subject: "Inicio de sesión en su cuenta de Oathbook desde una red nueva",
    blocks: &[
        Paragraph(
            "Alguien ha iniciado sesión en su cuenta de Oathbook desde una red que no se había utilizado antes.",
        ),
        Note(
            "Si ha sido usted, no tiene que hacer nada. Si no, cambie su contraseña de inmediato, cierre las sesiones que no reconozca y póngase en contacto con el administrador.",
        ),
        Facts(&[
            es::USER_NAME,
            Fact::optional_code("Dirección", "address"),
            Fact::optional("Navegador", "user_agent"),
            es::WHEN,
        ]),
        Button { label: "Ver sus sesiones", link: "sessions_page" },
    ],
};
