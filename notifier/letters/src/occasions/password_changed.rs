//! An account has another password. Whoever did not do that should act at once.

use domain::{Event, user};

use super::{About, Occasion};
use crate::{
    letter::{
        Block::{Facts, Note, Paragraph},
        Fact, Letter,
    },
    samples,
    tongues::{de, en, es, fr},
    variables::{ACCOUNT, COMMON},
};

pub(super) static OCCASION: Occasion = Occasion {
    name: "password_changed",
    title: "Password changed",
    about: About::Account,
    security: true,
    template: "password_changed",
    tells: |event| matches!(event, Event::User(user::Event::PasswordSet { .. })),
    variables: &[COMMON, ACCOUNT],
    sample: samples::password_changed,
    letters: &[("en", EN), ("de", DE), ("fr", FR), ("es", ES)],
};

const EN: Letter = Letter {
    subject: "The password of your Oathbook account was changed",
    blocks: &[
        Paragraph(
            "A password was set for your Oathbook account. From now on you can sign in with this one alone.",
        ),
        Note(
            "If you did not expect this, contact the administrator at once: somebody else may have access to your account.",
        ),
        Facts(&[en::USER_NAME, Fact::new("Changed by", "by"), en::WHEN, en::REASON]),
        en::VIEW_ACCOUNT,
    ],
};

const DE: Letter = Letter {
    subject: "Das Passwort Ihres Oathbook-Kontos wurde geändert",
    blocks: &[
        Paragraph(
            "Für Ihr Oathbook-Konto wurde ein Passwort gesetzt. Von jetzt an können Sie sich nur noch mit diesem anmelden.",
        ),
        Note(
            "Wenn Sie das nicht erwartet haben, wenden Sie sich bitte sofort an die Administration: Möglicherweise hat jemand anderes Zugang zu Ihrem Konto.",
        ),
        Facts(&[de::USER_NAME, Fact::new("Geändert von", "by"), de::WHEN, de::REASON]),
        de::VIEW_ACCOUNT,
    ],
};

const FR: Letter = Letter {
    subject: "Le mot de passe de votre compte Oathbook a été modifié",
    blocks: &[
        Paragraph(
            "Un mot de passe a été défini pour votre compte Oathbook. Désormais, vous ne pouvez vous connecter qu’avec celui-ci.",
        ),
        Note(
            "Si vous ne vous y attendiez pas, contactez immédiatement l’administrateur\u{a0}: quelqu’un d’autre a peut-être accès à votre compte.",
        ),
        Facts(&[fr::USER_NAME, Fact::new("Modifié par", "by"), fr::WHEN, fr::REASON]),
        fr::VIEW_ACCOUNT,
    ],
};

const ES: Letter = Letter {
    subject: "Se ha cambiado la contraseña de su cuenta de Oathbook",
    blocks: &[
        Paragraph(
            "Se ha establecido una contraseña para su cuenta de Oathbook. A partir de ahora solo puede iniciar sesión con ella.",
        ),
        Note(
            "Si no lo esperaba, póngase en contacto con el administrador de inmediato: es posible que otra persona tenga acceso a su cuenta.",
        ),
        Facts(&[es::USER_NAME, Fact::new("Cambiada por", "by"), es::WHEN, es::REASON]),
        es::VIEW_ACCOUNT,
    ],
};
