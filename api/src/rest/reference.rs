//! What `/api/doc` says: the table of operations, for people. It cannot drift from what is served, which the same table
//! makes.

use std::{collections::BTreeSet, sync::LazyLock};

use axum::http::Method;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    media, openapi,
    operation::{Body, Gives, Operation},
    query::{Accepts, Filter, Operator, Pages, Subject},
    schema::{Access, Attribute, Relationship, Shape, Type},
};

/// Everything there is to say.
#[derive(Debug, Serialize)]
pub(crate) struct Reference {
    kinds: Vec<Kind>,
    refusals: Vec<Refusal>,
}

/// A type of resources, what it looks like and what can be done with it.
#[derive(Debug, Serialize)]
struct Kind {
    name: &'static str,
    about: &'static str,
    fields: Vec<Field>,
    operations: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Field {
    name: &'static str,
    value: String,
    access: &'static str,
    about: &'static str,
}

#[derive(Debug, Serialize)]
struct Entry {
    id: &'static str,
    method: String,
    path: String,
    summary: &'static str,
    scope: &'static str,
    /// What the answer leaves out without the scope to read.
    withheld: Option<String>,
    success: String,
    parameters: Vec<Parameter>,
    takes_id: bool,
    query: Option<Input>,
    body: Option<Input>,
    changes: bool,
    destroys: bool,
    /// A line for a shell in which `TOKEN` is an access token, up to the address.
    curl: String,
    /// What the address in that line asks for.
    asked: String,
}

/// Something to send.
#[derive(Debug, Serialize)]
struct Input {
    /// Empty where it may be left out.
    example: String,
}

#[derive(Debug, Serialize)]
struct Parameter {
    name: String,
    about: String,
}

#[derive(Debug, Serialize)]
struct Refusal {
    status: &'static str,
    about: &'static str,
}

impl Reference {
    /// It is made once: there are no other operations while the process runs.
    pub(crate) fn get() -> &'static Self {
        static REFERENCE: LazyLock<Reference> = LazyLock::new(Reference::new);
        &REFERENCE
    }

    fn new() -> Self {
        let operations = super::operations();
        let kinds = openapi::types().map(|of| Kind::of(of, &operations)).collect();
        let refusals = openapi::refusals().map(|(status, about)| Refusal { status, about });
        Self { kinds, refusals: refusals.collect() }
    }
}

impl Kind {
    fn of(of: &'static Type, operations: &[Operation]) -> Self {
        let attributes = of.attributes.iter().map(Field::of);
        let relationships = of.relationships.iter().map(Field::leading);
        let meta = of.meta.iter().map(Field::of);
        let of_this = operations.iter().filter(|operation| operation.tag == of.name);
        Self {
            name: of.name,
            about: of.about,
            fields: attributes.chain(relationships).chain(meta).collect(),
            operations: of_this.map(Entry::of).collect(),
        }
    }
}

impl Field {
    fn of(attribute: &Attribute) -> Self {
        let Attribute { name, shape, access, about } = attribute;
        Self { name, value: shape.words(), access: access.words(), about }
    }

    fn leading(relationship: &Relationship) -> Self {
        let Relationship { name, to, access, about } = relationship;
        Self { name, value: format!("one of {to}"), access: access.words(), about }
    }
}

impl Access {
    const fn words(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "at creation",
            Self::RequiredOnce => "at creation, required",
            Self::Update => "by changes",
            Self::Write => "written",
            Self::Required => "written, required at creation",
        }
    }
}

impl Shape {
    fn words(&self) -> String {
        match self {
            Self::Text(most) => format!("text of up to {most} characters"),
            Self::Lines(most) => format!("lines of up to {most} characters"),
            Self::Name => "text of up to 255 characters".to_owned(),
            Self::UserName => "letters, digits, dots, dashes".to_owned(),
            Self::Email => "e-mail address".to_owned(),
            Self::Url => "http or https URL".to_owned(),
            Self::Locale => "language tag".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Words => "object by language, of subject, text, html or null".to_owned(),
            Self::Count => "a whole number".to_owned(),
            Self::Moment => "RFC 3339 date and time".to_owned(),
            Self::Choice(among) => among.join(", "),
            Self::Texts => "list of texts".to_owned(),
            Self::Id => "UUID".to_owned(),
            Self::Number(least, most) => format!("number from {least} to {most}"),
            Self::RuleFilter => "object of organization, owner, applicationName".to_owned(),
            Self::RuleRecipients => "object of owner, creator, roles, users, addresses".to_owned(),
            Self::Scopes => "list of scopes".to_owned(),
            Self::Secrets => "list of id, hint, createdAt".to_owned(),
            Self::Perhaps(shape) => format!("{}, or null", shape.words()),
        }
    }
}

impl Entry {
    fn of(operation: &Operation) -> Self {
        let body = match &operation.body {
            Body::None => None,
            Body::Needed(schema) => Some(Some(example(schema))),
            Body::Possible(_) => Some(None),
        };
        let query = match operation.accepts.pages {
            Pages::Yes => "page[size]=10",
            Pages::No => "",
        };
        let mark = if query.is_empty() { "" } else { "?" };
        let takes_query = !parameters_of_query(operation.accepts).is_empty();
        Self {
            id: operation.name,
            method: operation.method.to_string(),
            path: operation.path.to_owned(),
            summary: operation.summary,
            scope: operation.scope.as_str(),
            withheld: openapi::withheld(operation),
            success: success(operation),
            parameters: parameters(operation),
            curl: curl(operation, body.as_ref().and_then(Option::as_ref)),
            asked: format!("{}{mark}{query}", operation.path),
            takes_id: operation.path.contains("{id}"),
            query: takes_query.then(|| Input { example: query.to_owned() }),
            body: body.map(Input::of),
            changes: operation.changes(),
            destroys: operation.method == Method::DELETE,
        }
    }
}

fn success(operation: &Operation) -> String {
    let status = operation.gives.status();
    match operation.gives {
        Gives::One(_, of) => format!("{status}, one of {}", of.name),
        Gives::Many(of) => format!("{status}, a page of {}", of.name),
        Gives::Linkage(to) => format!("{status}, type and id of one of {to}"),
        Gives::Nothing => status.to_string(),
    }
}

fn parameters(operation: &Operation) -> Vec<Parameter> {
    let headers = openapi::request_headers(operation);
    let headers = headers.iter().filter_map(|header| {
        Some(Parameter {
            name: format!("{}:", header["name"].as_str()?),
            about: header["description"].as_str()?.to_owned(),
        })
    });
    parameters_of_query(operation.accepts).into_iter().chain(headers).collect()
}

fn parameters_of_query(accepts: &Accepts) -> Vec<Parameter> {
    let mut found: Vec<_> = accepts.filters.iter().map(filter).collect();
    let mut add = |name: &str, about: String| {
        found.push(Parameter { name: name.to_owned(), about });
    };
    for of in accepts.fields {
        let about = "The fields to show, separated by commas; all unless it is given.";
        add(&format!("fields[{}]", of.name), about.to_owned());
    }
    if !accepts.include.is_empty() {
        add(
            "include",
            format!("Related resources, separated by commas: {}.", accepts.include.join(", ")),
        );
    }
    if !accepts.sort.is_empty() {
        let about = "Fields, separated by commas, each descending with a minus before it";
        add("sort", format!("{about}: {}.", accepts.sort.join(", ")));
    }
    if accepts.pages == Pages::Yes {
        add(
            "page[size]",
            format!("Up to {}; {} unless it is given.", super::query::MOST, super::query::SIZE),
        );
        add(
            "page[number]",
            "From 1. Or page[after] or page[before], a cursor as links give it.".to_owned(),
        );
    }
    found
}

fn filter(filter: &Filter) -> Parameter {
    let values = match filter.subject {
        Subject::Text => "Text".to_owned(),
        Subject::Id => "Ids, separated by commas".to_owned(),
        Subject::Reference => "An id".to_owned(),
        Subject::Scope => "Scopes, separated by commas".to_owned(),
        Subject::Flag => "yes or no".to_owned(),
        Subject::Choice(among) => format!("Of {}, separated by commas", among.join(", ")),
        Subject::Moment => "A day, or a moment of RFC 3339".to_owned(),
    };
    let others = filter.subject.operators().iter().filter(|it| **it != Operator::Eq);
    let others: Vec<_> = others.map(|it| format!("[{}]", it.as_str())).collect();
    let about = match others.as_slice() {
        [] => format!("{values}."),
        others => format!("{values}. Also with {}.", others.join(", ")),
    };
    Parameter { name: format!("filter[{}]", filter.field), about }
}

fn curl(operation: &Operation, body: Option<&Value>) -> String {
    let method = match operation.method {
        Method::GET => String::new(),
        ref other => format!(" -X {other}"),
    };
    let body = match body {
        Some(body) => format!(" -H 'Content-Type: {}' -d '{body}'", media::NAME),
        None => String::new(),
    };
    format!("curl -g -H \"Authorization: Bearer $TOKEN\"{method}{body}")
}

impl Input {
    fn of(example: Option<Value>) -> Self {
        Self { example: example.map(|value| format!("{value:#}")).unwrap_or_default() }
    }
}

/// A document that the schema lets through, with everything that may be said about the resource itself.
fn example(schema: &Value) -> Value {
    let given = schema["examples"].get(0).or_else(|| schema.get("const"));
    if let Some(value) = given.or_else(|| schema["enum"].get(0)) {
        return value.clone();
    }
    if let Some(first) = schema["anyOf"].get(0) {
        return example(first);
    }
    match schema["type"].as_str() {
        Some("object") => example_object(schema),
        Some("array") => json!([]),
        Some("boolean") => json!(true),
        _ if schema["format"] == "uuid" => json!(uuid::Uuid::nil()),
        _ => json!("{id}"),
    }
}

fn example_object(schema: &Value) -> Value {
    let required = schema["required"].as_array().into_iter().flatten();
    let required: BTreeSet<_> = required.filter_map(Value::as_str).collect();
    let properties = schema["properties"].as_object().into_iter().flatten();
    // Related resources that need not be named are the caller's own.
    let is_said = |(name, schema): &(&String, &Value)| {
        required.contains(name.as_str()) || schema["type"] != "object" || *name == "attributes"
    };
    let said = properties.filter(is_said).map(|(name, schema)| (name.clone(), example(schema)));
    Value::Object(said.collect::<Map<_, _>>())
}
