//! A person may do more, or less, in an organization than before.

use domain::{Event, authority::Role, organization};

use super::{About, Occasion};
use crate::{
    letter::{
        Block::{Facts, Note, Paragraph},
        Fact, Letter,
    },
    samples,
    told::{NotTold, Particulars, Told},
    tongues::{de, en, es, fr},
    value::{Kind, Value, Variable, Word},
    variables::{ACCOUNT, COMMON},
};

pub(super) static OCCASION: Occasion = Occasion {
    name: "role_changed",
    title: "Role changed",
    about: About::Account,
    security: true,
    template: "role_changed",
    tells: |event| role(event).is_some(),
    variables: &[COMMON, ACCOUNT, OWN],
    sample: samples::role_changed,
    letters: &[("en", EN), ("de", DE), ("fr", FR), ("es", ES)],
};

const OWN: &[Variable] = &[
    Variable {
        name: "organization",
        meaning: "The organization in which the role was changed.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(membership(told)?.0)),
    },
    Variable {
        name: "role",
        meaning: "The role from now on.",
        kind: Kind::Word,
        value: |told| {
            let role = role(&told.event).ok_or(NotTold("the role"))?;
            Ok(Value::Word(Word::Role(role)))
        },
    },
    Variable {
        name: "former_role",
        meaning: "The role before, or \"unknown\".",
        kind: Kind::Word,
        value: |told| Ok(Value::Word(membership(told)?.1.map_or(Word::Unknown, Word::Role))),
    },
];

fn role(event: &Event) -> Option<Role> {
    let Event::Organization(organization::Event::MemberRoleChanged { role, .. }) = event else {
        return None;
    };
    Some(*role)
}

fn membership(told: &Told) -> Result<(&str, Option<Role>), NotTold> {
    let Particulars::Membership { organization, former_role } = &told.particulars else {
        return Err(NotTold("the organization"));
    };
    Ok((organization, *former_role))
}

const EN: Letter = Letter {
    subject: "Your role in \"{{organization}}\" is now {{role}}",
    blocks: &[
        Paragraph(
            "Your role in the organization \"**{{organization}}**\" was changed from {{former_role}} to **{{role}}**.",
        ),
        Note("Please contact the administrator if you did not expect this."),
        Facts(&[
            en::USER_NAME,
            en::ORGANIZATION,
            Fact::new("Former role", "former_role"),
            Fact::new("Role", "role"),
            Fact::new("Changed by", "by"),
            en::WHEN,
            en::REASON,
        ]),
        en::VIEW_ACCOUNT,
    ],
};

const DE: Letter = Letter {
    subject: "Ihre Rolle in „{{organization}}“ ist jetzt {{role}}",
    blocks: &[
        Paragraph(
            "Ihre Rolle in der Organisation „**{{organization}}**“ wurde von {{former_role}} zu **{{role}}** geändert.",
        ),
        Note("Bitte wenden Sie sich an die Administration, wenn Sie das nicht erwartet haben."),
        Facts(&[
            de::USER_NAME,
            de::ORGANIZATION,
            Fact::new("Frühere Rolle", "former_role"),
            Fact::new("Rolle", "role"),
            Fact::new("Geändert von", "by"),
            de::WHEN,
            de::REASON,
        ]),
        de::VIEW_ACCOUNT,
    ],
};

const FR: Letter = Letter {
    subject: "Votre rôle dans «\u{a0}{{organization}}\u{a0}» est désormais {{role}}",
    blocks: &[
        Paragraph(
            "Dans l’organisation «\u{a0}**{{organization}}**\u{a0}», votre rôle est passé de {{former_role}} à **{{role}}**.",
        ),
        Note("Si vous ne vous y attendiez pas, veuillez contacter l’administrateur."),
        Facts(&[
            fr::USER_NAME,
            fr::ORGANIZATION,
            Fact::new("Ancien rôle", "former_role"),
            Fact::new("Rôle", "role"),
            Fact::new("Modifié par", "by"),
            fr::WHEN,
            fr::REASON,
        ]),
        fr::VIEW_ACCOUNT,
    ],
};

const ES: Letter = Letter {
    subject: "Su rol en «{{organization}}» es ahora {{role}}",
    blocks: &[
        Paragraph(
            "Su rol en la organización «**{{organization}}**» ha cambiado de {{former_role}} a **{{role}}**.",
        ),
        Note("Si no lo esperaba, póngase en contacto con el administrador."),
        Facts(&[
            es::USER_NAME,
            es::ORGANIZATION,
            Fact::new("Rol anterior", "former_role"),
            Fact::new("Rol", "role"),
            Fact::new("Cambiado por", "by"),
            es::WHEN,
            es::REASON,
        ]),
        es::VIEW_ACCOUNT,
    ],
};
