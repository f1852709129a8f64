//! Somebody may choose the password of their account.

use domain::{Event, user};

use super::{About, Occasion};
use crate::{
    letter::{
        Block::{Button, Facts, Paragraph},
        Fact, Letter,
    },
    samples,
    told::{NotTold, Particulars},
    tongues::{de, en, es, fr},
    value::{Kind, Value, Variable},
    variables::{ACCOUNT, COMMON},
};

pub(super) static OCCASION: Occasion = Occasion {
    name: "user_invited",
    title: "User invited",
    about: About::Account,
    security: true,
    template: "user_invited",
    tells: |event| matches!(event, Event::User(user::Event::Invited { .. })),
    variables: &[COMMON, ACCOUNT, OWN],
    sample: samples::invitation,
    letters: &[("en", EN), ("de", DE), ("fr", FR), ("es", ES)],
};

const OWN: &[Variable] = &[
    Variable {
        name: "link",
        meaning: "The address at which the password is chosen. Whoever has it can do so, once.",
        kind: Kind::Link,
        value: |told| {
            let Particulars::InvitationLink(link) = &told.particulars else {
                return Err(NotTold("the link of the invitation"));
            };
            Ok(Value::Link(link.clone()))
        },
    },
    Variable {
        name: "until",
        meaning: "Until when the link works.",
        kind: Kind::Moment,
        value: |told| {
            let Event::User(user::Event::Invited { until, .. }) = &told.event else {
                return Err(NotTold("the end of the invitation"));
            };
            Ok(Value::Moment(*until))
        },
    },
];

const EN: Letter = Letter {
    subject: "Choose a password for your Oathbook account",
    blocks: &[
        Paragraph(
            "You can choose a password for your Oathbook account, and sign in with it from then on.",
        ),
        Button { label: "Choose a password", link: "link" },
        Paragraph(
            "This link works once, until {{until}}. Whoever has it can choose the password, so please do not pass it on.",
        ),
        Paragraph(
            "If you do not expect this, you need not do anything, or ask the person named below.",
        ),
        Facts(&[en::USER_NAME, Fact::new("Invited by", "by")]),
    ],
};

const DE: Letter = Letter {
    subject: "Wählen Sie ein Passwort für Ihr Oathbook-Konto",
    blocks: &[
        Paragraph(
            "Sie können ein Passwort für Ihr Oathbook-Konto wählen und sich von da an damit anmelden.",
        ),
        Button { label: "Passwort wählen", link: "link" },
        Paragraph(
            "Dieser Link funktioniert ein einziges Mal, bis zu diesem Zeitpunkt: {{until}}. Wer ihn hat, kann das Passwort wählen; geben Sie ihn deshalb bitte nicht weiter.",
        ),
        Paragraph(
            "Wenn Sie diese Nachricht nicht erwartet haben, brauchen Sie nichts zu tun, oder fragen Sie die unten genannte Person.",
        ),
        Facts(&[de::USER_NAME, Fact::new("Eingeladen von", "by")]),
    ],
};

const FR: Letter = Letter {
    subject: "Choisissez un mot de passe pour votre compte Oathbook",
    blocks: &[
        Paragraph(
            "Vous pouvez choisir un mot de passe pour votre compte Oathbook\u{a0}; il vous servira ensuite à vous connecter.",
        ),
        Button { label: "Choisir un mot de passe", link: "link" },
        Paragraph(
            "Ce lien fonctionne une seule fois, jusqu’au {{until}}. Quiconque le possède peut choisir le mot de passe\u{a0}: merci de ne pas le transmettre.",
        ),
        Paragraph(
            "Si vous n’attendiez pas ce message, vous n’avez rien à faire\u{a0}; vous pouvez aussi interroger la personne nommée ci-dessous.",
        ),
        Facts(&[fr::USER_NAME, Fact::new("Invité par", "by")]),
    ],
};

const ES: Letter = Letter {
    subject: "Elija una contraseña para su cuenta de Oathbook",
    blocks: &[
        Paragraph(
            "Puede elegir una contraseña para su cuenta de Oathbook e iniciar sesión con ella a partir de entonces.",
        ),
        Button { label: "Elegir una contraseña", link: "link" },
        Paragraph(
            "Este enlace funciona una sola vez, hasta el {{until}}. Quien lo tenga puede elegir la contraseña, así que no lo comparta.",
        ),
        Paragraph(
            "Si no esperaba este mensaje, no tiene que hacer nada, o pregunte a la persona indicada abajo.",
        ),
        Facts(&[es::USER_NAME, Fact::new("Invitado por", "by")]),
    ],
};
