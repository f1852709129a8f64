//! The variables that several occasions share.

use crate::{
    links,
    told::{AccountFacts, By, NotTold, Told},
    value::{Kind, Value, Variable, Word},
};

/// What every letter can say.
pub(crate) const COMMON: &[Variable] = &[
    Variable {
        name: "recipient",
        meaning: "The display name of whoever gets the letter.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(&told.recipient.display_name)),
    },
    Variable {
        name: "by",
        meaning: "Who did it: \"you\", a person, an application, an operator, or Oathbook.",
        kind: Kind::Word,
        value: |told| Ok(Value::Word(Word::By(told.by.clone()))),
    },
    Variable {
        name: "at",
        meaning: "When it happened.",
        kind: Kind::Moment,
        value: |told| Ok(Value::Moment(told.at)),
    },
    Variable {
        name: "reason",
        meaning: "Why, in the words of whoever did it. Empty when they gave no reason.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(told.reason.as_deref().unwrap_or_default())),
    },
    Variable {
        name: "site",
        meaning: "The address of this Oathbook.",
        kind: Kind::Link,
        value: |told| Ok(Value::Link(told.public_url.clone())),
    },
    Variable {
        name: "system.appURL",
        meaning: "The same as `site`, under the name that Oro gives it.",
        kind: Kind::Link,
        value: |told| Ok(Value::Link(told.public_url.clone())),
    },
    Variable {
        name: "system.userFullName",
        meaning: "The display name of the person who did it, as in Oro. Empty when it was no person.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(acting_person(told))),
    },
];

/// What every letter about an application can say: as it is after the event.
pub(crate) const APPLICATION: &[Variable] = &[
    Variable {
        name: "application",
        meaning: "The name of the application.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(&told.application()?.name)),
    },
    Variable {
        name: "client_id",
        meaning: "Its client ID.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(told.application()?.client_id.as_str())),
    },
    Variable {
        name: "organization",
        meaning: "The organization that it works in.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(&told.application()?.organization)),
    },
    Variable {
        name: "owner",
        meaning: "The display name of its owner.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(&told.application()?.owner.display_name)),
    },
    Variable {
        name: "owner_user_name",
        meaning: "The user name of its owner.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(&told.application()?.owner.user_name)),
    },
    Variable {
        name: "status",
        meaning: "Whether it is active or inactive.",
        kind: Kind::Word,
        value: |told| {
            let active = told.application()?.active;
            Ok(Value::Word(if active { Word::Active } else { Word::Inactive }))
        },
    },
    Variable { name: "grants", meaning: "Its grant types.", kind: Kind::Words, value: grants },
    Variable {
        name: "scopes",
        meaning: "The scopes that it may have, or \"none\".",
        kind: Kind::Words,
        value: |told| Ok(Value::Words(scopes(told)?)),
    },
    Variable {
        name: "description",
        meaning: "What it is for. Empty when nobody said so.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(&told.application()?.description)),
    },
    Variable {
        name: "contact",
        meaning: "The mail address of those who look after it. Empty when nobody said so.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(&told.application()?.contact)),
    },
    Variable {
        name: "homepage",
        meaning: "Where to read about it: an address that somebody entered. Empty when nobody did.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(&told.application()?.homepage)),
    },
    Variable {
        name: "page",
        meaning: "The address of the application's page.",
        kind: Kind::Link,
        value: |told| {
            let id = told.application()?.id;
            Ok(Value::Link(links::application_page(&told.public_url, id)))
        },
    },
];

/// An application under the names that Oro's templates use, so that they can be carried over.
pub(crate) const ENTITY: &[Variable] = &[
    Variable {
        name: "entity.id",
        meaning: "Oro's name for the id of the application.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(told.application()?.id.to_string())),
    },
    Variable {
        name: "entity.name",
        meaning: "Oro's name for `application`.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(&told.application()?.name)),
    },
    Variable {
        name: "entity.identifier",
        meaning: "Oro's name for `client_id`.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(told.application()?.client_id.as_str())),
    },
    Variable {
        name: "entity.active",
        meaning: "\"yes\" or \"no\".",
        kind: Kind::Word,
        value: |told| {
            Ok(Value::Word(if told.application()?.active { Word::Yes } else { Word::No }))
        },
    },
    Variable {
        name: "entity.grants",
        meaning: "Oro's name for `grants`.",
        kind: Kind::Words,
        value: grants,
    },
    Variable {
        name: "entity.scopes",
        meaning: "The scopes that it may have. As in Oro \"all\" when none is named; `scopes` says \"none\".",
        kind: Kind::Words,
        value: |told| {
            let named = scopes(told)?;
            Ok(Value::Words(if named.is_empty() { vec![Word::All] } else { named }))
        },
    },
    Variable {
        name: "entity.organization",
        meaning: "Oro's name for `organization`.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(&told.application()?.organization)),
    },
    Variable {
        name: "entity.user.fullName",
        meaning: "Oro's name for `owner`.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(&told.application()?.owner.display_name)),
    },
    Variable {
        name: "entity.user.username",
        meaning: "Oro's name for `owner_user_name`.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(&told.application()?.owner.user_name)),
    },
];

/// What every letter about an account can say.
pub(crate) const ACCOUNT: &[Variable] = &[
    Variable {
        name: "user",
        meaning: "The display name of the person whose account it is.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(&told.account()?.display_name)),
    },
    Variable {
        name: "user_name",
        meaning: "The user name of the account.",
        kind: Kind::Text,
        value: |told| Ok(Value::text(&told.account()?.user_name)),
    },
    Variable {
        name: "page",
        meaning: "The address of the account's page: their own for the person themselves.",
        kind: Kind::Link,
        value: |told| {
            let AccountFacts { id, .. } = told.account()?;
            let reader = told.recipient.user;
            Ok(Value::Link(links::account_page(&told.public_url, *id, reader)))
        },
    },
];

fn grants(told: &Told) -> Result<Value, NotTold> {
    Ok(Value::Words(told.application()?.grants.iter().map(|grant| Word::Grant(*grant)).collect()))
}

fn scopes(told: &Told) -> Result<Vec<Word>, NotTold> {
    let scopes = &told.application()?.scopes;
    Ok(scopes.iter().map(|scope| Word::Verbatim(scope.to_string())).collect())
}

fn acting_person(told: &Told) -> &str {
    match &told.by {
        By::You => &told.recipient.display_name,
        By::Person(Some(name)) => name,
        By::Person(None) | By::Application(_) | By::Operator | By::System => "",
    }
}
