//! Documents: resources, the relationships between them, links, and which of their fields are shown.

use serde_json::{Map, Value, json};

use super::{query::Query, schema::Type};
use crate::app::Settings;

/// One resource, with all of its fields.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) of: &'static Type,
    pub(super) id: String,
    /// For `If-Match`; documents of one resource answer with it.
    pub(super) revision: u64,
    pub(super) attributes: Value,
    /// The name of each relationship to one resource, and which one that is.
    pub(super) relationships: Vec<(&'static str, &'static str, String)>,
    pub(super) meta: Value,
}

/// Where the web API is.
pub(super) fn base(settings: &Settings) -> String {
    format!("{}{}", settings.issuer(), super::PATH)
}

impl Resource {
    /// Where it is.
    pub(super) fn address(&self, base: &str) -> String {
        format!("{base}/{}/{}", self.of.name, self.id)
    }

    /// The resource object, with the fields that were asked for.
    pub(super) fn object(&self, base: &str, query: &Query) -> Value {
        let chosen = query.fields.get(self.of.name);
        let shown = |name: &str| chosen.is_none_or(|chosen| chosen.contains(name));
        let address = self.address(base);
        let mut object = json!({
            "type": self.of.name,
            "id": self.id,
            "links": { "self": address },
        });
        if let Value::Object(attributes) = &self.attributes {
            let attributes: Map<_, _> = attributes
                .iter()
                .filter(|(name, _)| shown(name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            if !attributes.is_empty() {
                object["attributes"] = attributes.into();
            }
        }
        let relationships: Map<_, _> = self
            .relationships
            .iter()
            .filter(|(name, ..)| shown(name))
            .map(|(name, to, id)| {
                let linkage = json!({
                    "data": { "type": to, "id": id },
                    "links": { "related": format!("{base}/{to}/{id}") },
                });
                ((*name).to_owned(), linkage)
            })
            .collect();
        if !relationships.is_empty() {
            object["relationships"] = relationships.into();
        }
        if self.meta.as_object().is_some_and(|meta| !meta.is_empty()) {
            object["meta"] = self.meta.clone();
        }
        object
    }
}

/// A document with one resource.
pub(super) fn one(resource: &Resource, included: &[Resource], base: &str, query: &Query) -> Value {
    let mut document = json!({
        "jsonapi": { "version": "1.1" },
        "links": { "self": resource.address(base) },
        "data": resource.object(base, query),
    });
    include(&mut document, included, base, query);
    document
}

/// A document with many.
pub(super) fn many(
    resources: &[Resource],
    included: &[Resource],
    links: Map<String, Value>,
    base: &str,
    query: &Query,
) -> Value {
    let data: Vec<_> = resources.iter().map(|resource| resource.object(base, query)).collect();
    let mut document = json!({
        "jsonapi": { "version": "1.1" },
        "links": links,
        "data": data,
    });
    include(&mut document, included, base, query);
    document
}

/// Each resource once, and only where some were asked for.
fn include(document: &mut Value, included: &[Resource], base: &str, query: &Query) {
    if query.include.is_empty() {
        return;
    }
    let mut seen = std::collections::HashSet::new();
    let once = included.iter().filter(|resource| seen.insert((resource.of.name, &resource.id)));
    document["included"] = once.map(|resource| resource.object(base, query)).collect();
}
