//! Oro's only rule for OAuth applications, in Oro's sentences.

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
    name: "application_created",
    title: "Application created",
    about: About::Application,
    security: false,
    template: "oauth_application_created",
    tells: |event| matches!(event, Event::Application(application::Event::Created { .. })),
    variables: &[COMMON, APPLICATION, ENTITY],
    sample: || samples::of_application(samples::created(), samples::colleague()),
    letters: &[("en", EN), ("de", DE), ("fr", FR), ("es", ES)],
};

const EN: Letter = Letter {
    subject: "OAuth application added to your account",
    blocks: &[
        Paragraph(
            "A new OAuth application \"**{{application}}**\" was recently added to your account.",
        ),
        Paragraph("This application is authorized to use Web API."),
        Paragraph(
            "Please contact the administrator if you are not aware of this change to your account.",
        ),
        Facts(&[
            en::APPLICATION,
            en::ORGANIZATION,
            en::CLIENT_ID,
            Fact::new("Added by", "by"),
            en::WHEN,
        ]),
        en::VIEW_APPLICATION,
    ],
};

const DE: Letter = Letter {
    subject: "Ihrem Konto wurde eine OAuth-Anwendung hinzugefügt",
    blocks: &[
        Paragraph(
            "Ihrem Konto wurde vor Kurzem die neue OAuth-Anwendung „**{{application}}**“ hinzugefügt.",
        ),
        Paragraph("Diese Anwendung ist berechtigt, die Web-API zu benutzen."),
        Paragraph(
            "Bitte wenden Sie sich an die Administration, wenn Ihnen diese Änderung an Ihrem Konto nicht bekannt ist.",
        ),
        Facts(&[
            de::APPLICATION,
            de::ORGANIZATION,
            de::CLIENT_ID,
            Fact::new("Hinzugefügt von", "by"),
            de::WHEN,
        ]),
        de::VIEW_APPLICATION,
    ],
};

const FR: Letter = Letter {
    subject: "Application OAuth ajoutée à votre compte",
    blocks: &[
        Paragraph(
            "Une nouvelle application OAuth «\u{a0}**{{application}}**\u{a0}» vient d’être ajoutée à votre compte.",
        ),
        Paragraph("Cette application est autorisée à utiliser l’API Web."),
        Paragraph(
            "Si vous n’êtes pas au courant de cette modification de votre compte, veuillez contacter l’administrateur.",
        ),
        Facts(&[
            fr::APPLICATION,
            fr::ORGANIZATION,
            fr::CLIENT_ID,
            Fact::new("Ajoutée par", "by"),
            fr::WHEN,
        ]),
        fr::VIEW_APPLICATION,
    ],
};

const ES: Letter = Letter {
    subject: "Se ha añadido una aplicación OAuth a su cuenta",
    blocks: &[
        Paragraph(
            "Se ha añadido recientemente a su cuenta la nueva aplicación OAuth «**{{application}}**».",
        ),
        Paragraph("Esta aplicación está autorizada a utilizar la API web."),
        Paragraph(
            "Si no tiene conocimiento de este cambio en su cuenta, póngase en contacto con el administrador.",
        ),
        Facts(&[
            es::APPLICATION,
            es::ORGANIZATION,
            es::CLIENT_ID,
            Fact::new("Añadida por", "by"),
            es::WHEN,
        ]),
        es::VIEW_APPLICATION,
    ],
};
