//! What resources look like: one table per type, from which documents, their checks and the `OpenAPI` document are made.

use domain::{EmailTemplateId, notification_rule::MAX_RECIPIENTS};
use serde_json::{Value, json};

use crate::scopes::Own;

const UUID: &str = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";

/// A type of resources.
#[derive(Debug)]
pub(super) struct Type {
    /// Plural and lower-case; also its path.
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) attributes: &'static [Attribute],
    pub(super) relationships: &'static [Relationship],
    pub(super) meta: &'static [Attribute],
    /// Fields that whoever creates a resource is told also without the scope to read: it is of no use without them.
    pub(super) handed_out: &'static [&'static str],
}

#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) access: Access,
    pub(super) about: &'static str,
}

/// A relationship to one resource.
#[derive(Debug)]
pub(super) struct Relationship {
    pub(super) name: &'static str,
    pub(super) to: &'static str,
    pub(super) access: Access,
    pub(super) about: &'static str,
}

/// Who decides about a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    /// Said when the resource is created, never changed later.
    Create,
    /// The same, and it must be said.
    RequiredOnce,
    /// Changed later.
    Update,
    /// Said when the resource is created, and changed later.
    Write,
    /// The same, and it must be said when the resource is created.
    Required,
}

/// The request a body comes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Create,
    Update,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// Of at most so many characters.
    Text(u32),
    /// The same, also with line breaks.
    Lines(u32),
    /// Up to 255 characters, not blank, without control characters.
    Name,
    /// RFC 8265, in the part of it that everybody can type.
    UserName,
    Email,
    Url,
    Locale,
    Flag,
    /// A whole number, not less than zero.
    Count,
    /// The words of letters by language.
    Words,
    Moment,
    Choice(&'static [&'static str]),
    Texts,
    Id,
    /// A whole number, from the first to the second.
    Number(u16, u16),
    /// What a notification rule must be about.
    RuleFilter,
    /// Whom a notification rule tells.
    RuleRecipients,
    Scopes,
    Secrets,
    /// Null where there is nothing.
    Perhaps(&'static Shape),
}

impl Access {
    pub(super) const fn allows(self, purpose: Purpose) -> bool {
        match (self, purpose) {
            (Self::Read, _)
            | (Self::Create | Self::RequiredOnce, Purpose::Update)
            | (Self::Update, Purpose::Create) => false,
            (Self::Create | Self::RequiredOnce, Purpose::Create)
            | (Self::Update, Purpose::Update)
            | (Self::Write | Self::Required, _) => true,
        }
    }

    const fn requires(self, purpose: Purpose) -> bool {
        matches!((self, purpose), (Self::Required | Self::RequiredOnce, Purpose::Create))
    }
}

impl Shape {
    /// A value that people recognize.
    fn example(&self) -> Value {
        match self {
            Self::Text(_) | Self::Lines(_) => json!("Fetches orders every night."),
            Self::Name => json!("Warehouse sync"),
            Self::UserName => json!("grace"),
            Self::Email => json!("grace@acme.example"),
            Self::Url => json!("https://acme.example/sync"),
            Self::Locale => json!("en"),
            Self::Flag => json!(true),
            Self::Count => json!(1),
            Self::Words => json!({ "en": {
                "subject": "About {{application}}",
                "text": "Hello {{recipient}}",
                "html": "<p>Hello {{recipient}}</p>",
            } }),
            Self::Moment => json!("2026-01-31T09:30:00Z"),
            Self::Choice(among) => json!(among.first()),
            Self::Scopes => json!([Own::ApplicationsRead.as_str()]),
            Self::Texts | Self::Secrets => json!([]),
            Self::Id => json!(EmailTemplateId::shipped("oauth_application_created")),
            // Most occasions take no days.
            Self::Perhaps(Self::Number(..)) => Value::Null,
            Self::Number(least, _) => json!(least),
            Self::RuleFilter => json!({ "applicationName": "sync" }),
            Self::RuleRecipients => json!({ "owner": true }),
            Self::Perhaps(shape) => shape.example(),
        }
    }

    /// JSON Schema of draft 2020-12.
    pub(super) fn schema(&self) -> Value {
        match self {
            Self::Text(most) => json!({ "type": "string", "maxLength": most }),
            Self::Lines(most) => json!({
                "type": "string",
                "maxLength": most,
                "pattern": "^[^\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f]*$",
            }),
            Self::Name => json!({
                "type": "string",
                "minLength": 1,
                "maxLength": 255,
                "pattern": "^[^\\u0000-\\u0020\\u007f-\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000][^\\u0000-\\u001f\\u007f-\\u009f]*$",
            }),
            Self::UserName => json!({
                "type": "string",
                "maxLength": 255,
                "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$",
            }),
            Self::Email => json!({
                "type": "string",
                "maxLength": 254,
                "pattern": "^[A-Za-z0-9._%+-]+@[A-Za-z0-9]+([.-][A-Za-z0-9]+)*$",
            }),
            Self::Url => json!({
                "type": "string",
                "maxLength": 2048,
                "pattern": "^[hH][tT][tT][pP][sS]?://[A-Za-z0-9.:-]+([/?#][A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*)?$",
            }),
            Self::Locale => json!({
                "type": "string",
                "maxLength": 35,
                "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$",
            }),
            Self::Scopes => json!({
                "type": "array",
                "items": { "$ref": "#/components/schemas/scope" },
            }),
            Self::Flag => json!({ "type": "boolean" }),
            Self::Count => json!({ "type": "integer", "minimum": 0 }),
            Self::Words => words(),
            Self::Moment => json!({ "type": "string", "format": "date-time" }),
            Self::Choice(among) => json!({ "type": "string", "enum": among }),
            Self::Id => json!({ "type": "string", "pattern": format!("^{UUID}$") }),
            Self::Number(least, most) => {
                json!({ "type": "integer", "minimum": least, "maximum": most })
            }
            Self::RuleFilter => rule_filter(),
            Self::RuleRecipients => rule_recipients(),
            Self::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Self::Secrets => json!({
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["id", "hint", "createdAt"],
                    "properties": {
                        "id": { "type": "string", "format": "uuid" },
                        "hint": { "type": "string" },
                        "createdAt": { "type": "string", "format": "date-time" },
                    },
                },
            }),
            Self::Perhaps(shape) => {
                json!({ "anyOf": [shape.schema(), { "type": "null" }] })
            }
        }
    }
}

fn words() -> Value {
    let part = json!({ "type": "string", "minLength": 1 });
    json!({
        "type": "object",
        "minProperties": 1,
        "propertyNames": Shape::Locale.schema(),
        "additionalProperties": { "anyOf": [
            {
                "type": "object",
                "required": ["subject", "text", "html"],
                "properties": { "subject": part, "text": part, "html": part },
                "additionalProperties": false,
            },
            { "type": "null" },
        ] },
    })
}

fn rule_filter() -> Value {
    let id = Shape::Perhaps(&Shape::Id).schema();
    json!({
        "type": "object",
        "properties": {
            "organization": id,
            "owner": id,
            "applicationName": {
                "type": "string",
                "maxLength": 255,
                "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
                "description": "A part of it, in any case; empty for all.",
            },
        },
        "additionalProperties": false,
    })
}

fn rule_recipients() -> Value {
    let several =
        |of: &Shape| json!({ "type": "array", "items": of.schema(), "maxItems": MAX_RECIPIENTS });
    let flag = Shape::Flag.schema();
    json!({
        "type": "object",
        "properties": {
            "owner": flag,
            "creator": flag,
            "roles": several(&Shape::Choice(super::memberships::ROLES)),
            "users": several(&Shape::Id),
            "addresses": several(&Shape::Email),
        },
        "additionalProperties": false,
    })
}

impl Type {
    pub(super) fn has_field(&self, name: &str) -> bool {
        self.fields().any(|field| field == name)
    }

    /// The names of attributes and relationships.
    pub(super) fn fields(&self) -> impl Iterator<Item = &'static str> {
        let attributes = self.attributes.iter().map(|it| it.name);
        attributes.chain(self.relationships.iter().map(|it| it.name))
    }

    /// The schema of a resource as it is read.
    pub(super) fn schema(&self) -> Value {
        let attributes = self.attributes.iter().map(shown).collect::<serde_json::Map<_, _>>();
        let meta = self.meta.iter().map(described).collect::<serde_json::Map<_, _>>();
        let relationships = self
            .relationships
            .iter()
            .map(|it| {
                let mut schema = linked(it.to);
                schema["description"] = it.about.into();
                (it.name.to_owned(), schema)
            })
            .collect::<serde_json::Map<_, _>>();
        json!({
            "type": "object",
            "description": self.about,
            "required": ["type", "id"],
            "properties": {
                "type": { "const": self.name },
                "id": { "type": "string" },
                "attributes": { "type": "object", "properties": attributes },
                "relationships": { "type": "object", "properties": relationships },
                "links": { "$ref": "#/components/schemas/links" },
                "meta": { "type": "object", "properties": meta },
            },
        })
    }

    /// The schema of a resource as it is written.
    pub(super) fn body(&self, purpose: Purpose) -> Value {
        let written = |it: &&Attribute| it.access.allows(purpose);
        let attributes: serde_json::Map<_, _> =
            self.attributes.iter().filter(written).map(said).collect();
        let required: Vec<_> = self
            .attributes
            .iter()
            .filter(|it| it.access.requires(purpose))
            .map(|it| it.name)
            .collect();
        let linked_fields = self.relationships.iter().filter(|it| it.access.allows(purpose));
        let relationships: serde_json::Map<_, _> =
            linked_fields.map(|it| (it.name.to_owned(), linkage(it.to))).collect();
        let linked_required: Vec<_> = self
            .relationships
            .iter()
            .filter(|it| it.access.requires(purpose))
            .map(|it| it.name)
            .collect();
        let mut needed = match purpose {
            Purpose::Create => vec!["type"],
            Purpose::Update => vec!["type", "id"],
        };
        let mut properties = json!({ "type": { "const": self.name } });
        if purpose == Purpose::Update {
            properties["id"] = id(self.name);
        }
        for (name, fields, required) in [
            ("attributes", attributes, required),
            ("relationships", relationships, linked_required),
        ] {
            if fields.is_empty() {
                continue;
            }
            if !required.is_empty() {
                needed.push(name);
            }
            properties[name] = json!({
                "type": "object",
                "properties": fields,
                "required": required,
                "additionalProperties": false,
            });
        }
        json!({
            "type": "object",
            "required": ["data"],
            "properties": {
                "jsonapi": { "type": "object" },
                "data": {
                    "type": "object",
                    "required": needed,
                    "properties": properties,
                    "additionalProperties": false,
                },
            },
            "additionalProperties": false,
        })
    }
}

/// The id of a resource of the type.
pub(super) fn id(of: &str) -> Value {
    let pattern = match of {
        "memberships" => format!("^{UUID}\\.{UUID}$"),
        _ => format!("^{UUID}$"),
    };
    json!({ "type": "string", "pattern": pattern })
}

/// As it is read: what an application has may be none of the catalogue any more.
fn shown(attribute: &Attribute) -> (String, Value) {
    let (name, mut schema) = described(attribute);
    if matches!(attribute.shape, Shape::Scopes) {
        schema["items"] = json!({ "type": "string" });
    }
    (name, schema)
}

/// As it is written: what must be said cannot be null.
fn said(attribute: &Attribute) -> (String, Value) {
    let (name, mut schema) = described(attribute);
    if let (Access::Required, Shape::Perhaps(shape)) = (attribute.access, attribute.shape) {
        schema = shape.schema();
        schema["description"] = attribute.about.into();
        schema["examples"] = json!([shape.example()]);
    }
    (name, schema)
}

fn described(attribute: &Attribute) -> (String, Value) {
    let mut schema = attribute.shape.schema();
    schema["description"] = attribute.about.into();
    schema["examples"] = json!([attribute.shape.example()]);
    (attribute.name.to_owned(), schema)
}

/// A relationship to one resource of a type, as it is written.
pub(super) fn linkage(to: &str) -> Value {
    let mut schema = linked(to);
    schema["properties"]["links"] = json!({ "type": "object" });
    schema["additionalProperties"] = json!(false);
    schema["properties"]["data"]["properties"]["meta"] = json!({ "type": "object" });
    schema["properties"]["data"]["additionalProperties"] = json!(false);
    schema
}

/// A relationship to one resource of a type, as it is read.
pub(super) fn linked(to: &str) -> Value {
    json!({
        "type": "object",
        "required": ["data"],
        "properties": {
            "data": {
                "type": "object",
                "required": ["type", "id"],
                "properties": {
                    "type": { "const": to },
                    "id": { "type": "string", "format": "uuid" },
                },
            },
            "links": { "$ref": "#/components/schemas/links" },
        },
    })
}
