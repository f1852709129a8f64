//! An application is gone, though it can be brought back for a while.

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
    name: "application_deleted",
    title: "Application deleted",
    about: About::Application,
    security: false,
    template: "oauth_application_deleted",
    tells: |event| matches!(event, Event::Application(application::Event::Deleted { .. })),
    variables: &[COMMON, APPLICATION, ENTITY],
    sample: || {
        samples::off(samples::of_application(
            Event::Application(application::Event::Deleted {}),
            samples::colleague(),
        ))
    },
    letters: &[("en", EN), ("de", DE), ("fr", FR), ("es", ES)],
};

const EN: Letter = Letter {
    subject: "OAuth application \"{{application}}\" was deleted",
    blocks: &[
        Paragraph("The OAuth application \"**{{application}}**\" was deleted."),
        Paragraph(
            "It gets no access tokens any more. On its page it can be restored for some time.",
        ),
        Facts(&[
            en::APPLICATION,
            en::ORGANIZATION,
            en::CLIENT_ID,
            en::OWNER,
            Fact::new("Deleted by", "by"),
            en::WHEN,
            en::REASON,
        ]),
        en::VIEW_APPLICATION,
    ],
};

const DE: Letter = Letter {
    subject: "Die OAuth-Anwendung „{{application}}“ wurde gelöscht",
    blocks: &[
        Paragraph("Die OAuth-Anwendung „**{{application}}**“ wurde gelöscht."),
        Paragraph(
            "Sie erhält keine Zugriffstoken mehr. Auf ihrer Seite kann sie noch einige Zeit wiederhergestellt werden.",
        ),
        Facts(&[
            de::APPLICATION,
            de::ORGANIZATION,
            de::CLIENT_ID,
            de::OWNER,
            Fact::new("Gelöscht von", "by"),
            de::WHEN,
            de::REASON,
        ]),
        de::VIEW_APPLICATION,
    ],
};

const FR: Letter = Letter {
    subject: "L’application OAuth «\u{a0}{{application}}\u{a0}» a été supprimée",
    blocks: &[
        Paragraph("L’application OAuth «\u{a0}**{{application}}**\u{a0}» a été supprimée."),
        Paragraph(
            "Elle n’obtient plus de jetons d’accès. Elle peut encore être restaurée depuis sa page pendant un certain temps.",
        ),
        Facts(&[
            fr::APPLICATION,
            fr::ORGANIZATION,
            fr::CLIENT_ID,
            fr::OWNER,
            Fact::new("Supprimée par", "by"),
            fr::WHEN,
            fr::REASON,
        ]),
        fr::VIEW_APPLICATION,
    ],
};

const ES: Letter = Letter {
    subject: "Se ha eliminado la aplicación OAuth «{{application}}»",
    blocks: &[
        Paragraph("Se ha eliminado la aplicación OAuth «**{{application}}**»."),
        Paragraph(
            "Ya no obtiene tokens de acceso. Desde su página se puede restaurar durante algún tiempo.",
        ),
        Facts(&[
            es::APPLICATION,
            es::ORGANIZATION,
            es::CLIENT_ID,
            es::OWNER,
            Fact::new("Eliminada por", "by"),
            es::WHEN,
            es::REASON,
        ]),
        es::VIEW_APPLICATION,
    ],
};
