//! `/api/openapi.json`: the table of operations as an `OpenAPI` 3.1 document.

use std::sync::{Arc, OnceLock};

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{
    applications, media, memberships, notifications,
    operation::{Body, Gives, Operation},
    organizations,
    query::{Accepts, Filter, MOST, Pages, SIZE, Subject},
    rules,
    schema::Type,
    templates, users,
};
use crate::{
    app::{App, Settings},
    gzip,
    oauth::TOKEN_PATH,
    scopes::Own,
};

/// The document of one process, which is the same for as long as it runs.
#[derive(Debug, Default)]
pub(super) struct Document(OnceLock<gzip::File>);

pub(super) async fn document(
    Extension(document): Extension<Arc<Document>>,
    State(app): State<App>,
    request: HeaderMap,
) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    let document =
        document.0.get_or_init(|| gzip::File::new(describe(&app.settings).to_string().into()));
    (headers, document.answer(&request)).into_response()
}

fn describe(settings: &Settings) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in super::operations() {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.as_str().to_ascii_lowercase()] = describe_operation(&operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Oathbook",
            "version": settings.version,
            "description": "OAuth applications, and who works with them. JSON:API 1.1.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": format!("{}{}", settings.path(), super::PATH) }],
        "tags": types().map(|it| json!({ "name": it.name, "description": it.about }))
            .collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas(settings),
            "responses": responses(),
            "headers": headers(),
            "securitySchemes": security(settings),
        },
    })
}

pub(super) fn types() -> impl Iterator<Item = &'static Type> {
    [
        &applications::APPLICATIONS,
        &memberships::MEMBERSHIPS,
        &notifications::NOTIFICATIONS,
        &rules::RULES,
        &templates::TEMPLATES,
        &organizations::ORGANIZATIONS,
        &users::USERS,
    ]
    .into_iter()
}

fn describe_operation(operation: &Operation) -> Value {
    let mut parameters = Vec::new();
    if operation.path.contains("{id}") {
        parameters.push(id(operation));
    }
    parameters.extend(query(operation.accepts));
    parameters.extend(request_headers(operation));
    let mut described = json!({
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "security": [
            { "bearer": [operation.scope.as_str()] },
            { "oauth2": [operation.scope.as_str()] },
        ],
        "parameters": parameters,
        "responses": answers(operation),
    });
    if let Some(withheld) = withheld(operation) {
        described["description"] = withheld.into();
    }
    let body = match &operation.body {
        Body::None => return described,
        Body::Needed(schema) => (true, schema),
        Body::Possible(schema) => (false, schema),
    };
    described["requestBody"] = json!({
        "required": body.0,
        "content": { media::NAME: { "schema": body.1 } },
    });
    described
}

/// What an answer tells without the scope to read, where that is less.
pub(super) fn withheld(operation: &Operation) -> Option<String> {
    let Operation { reading, scope, gives, .. } = operation;
    if reading == scope || gives.status() == StatusCode::NO_CONTENT {
        return None;
    }
    let handed_out = match operation.gives {
        Gives::One(StatusCode::CREATED, of) => of.handed_out,
        Gives::One(..) | Gives::Many(_) | Gives::Linkage(_) | Gives::Nothing => &[],
    };
    let mut told = vec!["the id", "the revision", "what the request itself names"];
    told.extend(handed_out);
    Some(format!("Without the scope {reading} the answer tells only: {}.", told.join(", ")))
}

fn id(operation: &Operation) -> Value {
    json!({
        "name": "id",
        "in": "path",
        "required": true,
        "schema": super::schema::id(operation.tag),
    })
}

fn query(accepts: &Accepts) -> Vec<Value> {
    let mut parameters: Vec<Value> = accepts.filters.iter().flat_map(filters).collect();
    let text = |name: String, about: String, pattern: String| {
        json!({
            "name": name,
            "in": "query",
            "description": about,
            "schema": { "type": "string", "pattern": pattern },
        })
    };
    for of in accepts.fields {
        let name = format!("fields[{}]", of.name);
        let about = "The fields to show, separated by commas.".to_owned();
        parameters.push(text(name, about, several(&of.fields().collect::<Vec<_>>())));
    }
    for (name, known) in [("include", accepts.include), ("sort", accepts.sort)] {
        if !known.is_empty() {
            let about = match name {
                "sort" => {
                    format!("One of: {}; descending with a minus before it.", known.join(", "))
                }
                _ => format!("Related resources, separated by commas: {}.", known.join(", ")),
            };
            let pattern = match name {
                "sort" => format!("^(-?({}))?$", known.join("|")),
                _ => several(known),
            };
            parameters.push(text(name.to_owned(), about, pattern));
        }
    }
    if accepts.pages == Pages::Yes {
        parameters.push(page());
    }
    parameters
}

/// A page has a number or stands at a cursor, not both.
fn page() -> Value {
    let size = json!({ "type": "integer", "minimum": 1, "maximum": MOST, "default": SIZE });
    let place = |name: &str, schema: Value| {
        json!({
            "type": "object",
            "properties": { "size": size, name: schema },
            "additionalProperties": false,
        })
    };
    let cursor = |about: &str| json!({ "type": "string", "minLength": 1, "description": about });
    json!({
        "name": "page",
        "in": "query",
        "style": "deepObject",
        "explode": true,
        "schema": {
            "anyOf": [
                place("number", json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX })),
                place("after", cursor("A cursor, as links give it: the page behind it.")),
                place("before", cursor("A cursor, as links give it: the page in front of it.")),
            ],
        },
    })
}

/// Some of the names, separated by commas.
fn several(names: &[&str]) -> String {
    let one = names.join("|");
    format!("^(({one})(,({one}))*)?$")
}

/// One parameter for each operator; that of equality has a short form.
fn filters(filter: &Filter) -> Vec<Value> {
    let schema = match filter.subject {
        Subject::Text => json!({ "type": "string" }),
        Subject::Scope => json!({
            "type": "string",
            "pattern": "^[\\x21\\x23-\\x2b\\x2d-\\x5b\\x5d-\\x7e]{1,255}$",
        }),
        Subject::Id | Subject::Reference => json!({ "type": "string", "format": "uuid" }),
        Subject::Flag => {
            json!({ "type": "string", "enum": ["yes", "no", "true", "false", "1", "0"] })
        }
        Subject::Choice(among) => json!({ "type": "string", "enum": among }),
        Subject::Moment => json!({
            "type": "string",
            "description": "A day, or a moment of RFC 3339.",
            "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?Z)?$",
        }),
    };
    let flag = json!({ "type": "string", "enum": ["yes", "no", "true", "false", "1", "0"] });
    let field = filter.field;
    let mut parameters = vec![json!({
        "name": format!("filter[{field}]"),
        "in": "query",
        "schema": schema,
    })];
    parameters.extend(filter.subject.operators().iter().map(|operator| {
        let operator = operator.as_str();
        let schema = if matches!(operator, "exists" | "empty") { &flag } else { &schema };
        json!({
            "name": format!("filter[{field}][{operator}]"),
            "in": "query",
            "schema": schema,
        })
    }));
    parameters
}

pub(super) fn request_headers(operation: &Operation) -> Vec<Value> {
    let header = |name: &str, about: &str, schema: Value| json!({ "name": name, "in": "header", "description": about, "schema": schema });
    let text = json!({ "type": "string" });
    let mut parameters = vec![header(
        "Oathbook-Wait-For",
        "A position, as Oathbook-Position gives it: the answer knows what was written there.",
        text.clone(),
    )];
    if operation.accepts.pages == Pages::Yes {
        parameters.push(header("X-Include", "totalCount: how many there are in all.", text));
        return parameters;
    }
    if operation.changes() {
        parameters.push(header(
            "Idempotency-Key",
            "A request that is sent again with the same key is answered, not repeated.",
            json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{1,255}$" }),
        ));
    }
    if operation.changes() && operation.path.contains("{id}") {
        parameters.push(header(
            "If-Match",
            "The ETag of the resource as it was read: where it has another one by now, nothing is changed.",
            json!({ "type": "string", "pattern": "^(\\*|\"[0-9]+\")$" }),
        ));
    }
    parameters
}

fn answers(operation: &Operation) -> Value {
    let mut answers = Map::new();
    let mut headers = json!({
        "Oathbook-Position": { "$ref": "#/components/headers/Oathbook-Position" },
        "RateLimit": { "$ref": "#/components/headers/RateLimit" },
        "RateLimit-Policy": { "$ref": "#/components/headers/RateLimit-Policy" },
    });
    let schema = match operation.gives {
        Gives::One(_, of) => {
            headers["ETag"] = json!({ "$ref": "#/components/headers/ETag" });
            Some(with_data(&json!({ "$ref": format!("#/components/schemas/{}", of.name) })))
        }
        Gives::Many(of) => Some(with_data(&json!({
            "type": "array",
            "items": { "$ref": format!("#/components/schemas/{}", of.name) },
        }))),
        Gives::Linkage(to) => Some(super::schema::linked(to)),
        Gives::Nothing => None,
    };
    let mut success = json!({ "description": operation.summary, "headers": headers });
    if let Some(schema) = schema {
        success["content"] = json!({ media::NAME: { "schema": schema } });
    }
    answers.insert(operation.gives.status().as_str().to_owned(), success);
    let mut refused = vec!["400", "401", "403", "404", "406", "409", "413", "429", "503"];
    if operation.changes() {
        refused.extend(["412", "415", "422"]);
    }
    for status in refused {
        let reference = format!("#/components/responses/{status}");
        answers.insert(status.to_owned(), json!({ "$ref": reference }));
    }
    answers.into()
}

/// A document with this primary data.
fn with_data(data: &Value) -> Value {
    json!({
        "type": "object",
        "required": ["jsonapi", "data"],
        "properties": {
            "jsonapi": { "type": "object" },
            "links": { "$ref": "#/components/schemas/links" },
            "data": data,
            "included": {
                "type": "array",
                "items": { "type": "object", "required": ["type", "id"] },
            },
        },
    })
}

fn schemas(settings: &Settings) -> Value {
    let mut schemas: Map<String, Value> =
        types().map(|it| (it.name.to_owned(), it.schema())).collect();
    let known: Vec<_> = settings.scopes.iter().map(|(scope, _)| scope.as_str()).collect();
    schemas.insert(
        "scope".to_owned(),
        json!({
            "type": "string",
            "enum": known,
            "description": "A scope of the catalogue. An application may have others from before.",
        }),
    );
    schemas.insert(
        "links".to_owned(),
        json!({
            "type": "object",
            "additionalProperties": { "anyOf": [{ "type": "string" }, { "type": "null" }] },
        }),
    );
    schemas.insert(
        "errors".to_owned(),
        json!({
            "type": "object",
            "required": ["errors"],
            "properties": {
                "jsonapi": { "type": "object" },
                "errors": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["status", "code", "title", "detail"],
                        "properties": {
                            "status": { "type": "string" },
                            "code": { "type": "string" },
                            "title": { "type": "string" },
                            "detail": { "type": "string" },
                            "source": {
                                "type": "object",
                                "properties": {
                                    "pointer": { "type": "string" },
                                    "parameter": { "type": "string" },
                                    "header": { "type": "string" },
                                },
                            },
                        },
                    },
                },
            },
        }),
    );
    schemas.into()
}

/// Why something is refused, by status. That of 401 has no body.
const REFUSALS: [(&str, &str); 12] = [
    ("400", "The request cannot be understood."),
    ("401", "There is no token, or none that is valid."),
    ("403", "The token lacks the scope, or its owner the right."),
    ("404", "There is nothing there that the caller may see."),
    ("406", "The client takes no JSON:API."),
    ("409", "The request does not fit what is there, or the node has not reached the position."),
    ("412", "The resource has another revision by now."),
    ("413", "The body is too long."),
    ("415", "The body is no JSON:API."),
    ("422", "What was sent breaks a rule."),
    ("429", "Too many requests."),
    ("503", "This node cannot answer at the moment."),
];

pub(super) fn refusals() -> impl Iterator<Item = (&'static str, &'static str)> {
    REFUSALS.into_iter()
}

fn responses() -> Value {
    let mut responses = Map::new();
    for (status, about) in REFUSALS {
        let schema = json!({ "$ref": "#/components/schemas/errors" });
        let content = json!({ media::NAME: { "schema": schema } });
        let response = json!({ "description": about, "content": content });
        responses.insert(status.to_owned(), response);
    }
    let unauthorized = json!({
        "description": "There is no token, or none that is valid. The answer has no body.",
        "headers": {
            "WWW-Authenticate": { "required": true, "schema": { "type": "string" } },
        },
    });
    responses.insert("401".to_owned(), unauthorized);
    responses.into()
}

fn headers() -> Value {
    let header = |about: &str| json!({ "description": about, "schema": { "type": "string" } });
    json!({
        "ETag": header("The revision of the resource, for If-Match."),
        "Oathbook-Position": header("As of which position of the log the answer is."),
        "RateLimit": header("How many requests are left, and in how many seconds all of them are back."),
        "RateLimit-Policy": header("How many requests are allowed in how many seconds."),
    })
}

fn security(settings: &Settings) -> Value {
    let scopes: Map<String, Value> = Own::ALL
        .into_iter()
        .map(|own| (own.as_str().to_owned(), own.description().into()))
        .collect();
    json!({
        "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
        "oauth2": {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": format!("{}{TOKEN_PATH}", settings.path()),
                    "scopes": scopes,
                },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use axum::http::Method;

    #[test]
    fn every_operation_has_a_name_of_its_own_and_a_summary() {
        let operations = super::super::operations();
        let names: BTreeSet<_> = operations.iter().map(|it| it.name).collect();
        assert_eq!(names.len(), operations.len());
        assert!(operations.iter().all(|it| !it.summary.is_empty()));
        assert!(operations.iter().all(|it| it.changes() || it.method == Method::GET));
    }
}
