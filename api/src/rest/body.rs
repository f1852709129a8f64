//! Bodies: one JSON:API document, read strictly. What is not known or cannot be changed is refused where it stands.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use super::{
    error::{Error, Errors, Kind},
    schema::{Purpose, Type},
};

/// Bytes of a body.
pub(super) const LIMIT: usize = 64 * 1024;

/// The fields of a resource that somebody sent.
#[derive(Debug, Default)]
pub(super) struct Fields {
    attributes: Map<String, Value>,
    relationships: Map<String, Value>,
    /// What is wrong with those that were read so far.
    errors: Vec<Error>,
}

/// A value that may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Perhaps<T> {
    Null,
    Given(T),
}

impl<T> From<Perhaps<T>> for Option<T> {
    fn from(value: Perhaps<T>) -> Self {
        match value {
            Perhaps::Null => None,
            Perhaps::Given(value) => Some(value),
        }
    }
}

/// The document, unless there is none.
pub(super) fn parse(body: &[u8]) -> Result<Map<String, Value>, Error> {
    if body.is_empty() {
        return Err(Error::new(Kind::Empty, "The request data should not be empty."));
    }
    let strict: Strict = serde_json::from_slice(body).map_err(|error| {
        let detail = if error.classify() == serde_json::error::Category::Data {
            format!("Invalid json message received: {error}.")
        } else {
            "Invalid json message received.".to_owned()
        };
        Error::new(Kind::BadRequest, detail)
    })?;
    match strict.0 {
        Value::Object(document) => Ok(document),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(Error::new(Kind::BadRequest, "The document must be an object.").at(""))
        }
    }
}

/// The fields that the resource of a document names, whatever they are.
pub(super) fn named(body: &[u8]) -> BTreeSet<String> {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    let fields = ["attributes", "relationships"].map(|place| document["data"][place].as_object());
    fields.into_iter().flatten().flat_map(Map::keys).cloned().collect()
}

impl Fields {
    /// The resource of a document. With [`Purpose::Update`] it must say which one it is.
    pub(super) fn read(
        body: &[u8],
        of: &Type,
        purpose: Purpose,
        id: Option<&str>,
    ) -> Result<Self, Errors> {
        let mut document = parse(body)?;
        let data = document.remove("data");
        check_members(&document, "", &["jsonapi"])?;
        let Some(Value::Object(mut data)) = data else {
            let error = Error::new(Kind::Empty, "The request data should not be empty.");
            return Err(error.at("/data").into());
        };
        check_identity(&data, of, id)?;
        let attributes = object(data.remove("attributes"), "/data/attributes")?;
        let relationships = object(data.remove("relationships"), "/data/relationships")?;
        check_members(&data, "/data", &["type", "id"])?;
        let fields = Self { attributes, relationships, errors: vec![] };
        fields.check(of, purpose)
    }

    fn check(mut self, of: &Type, purpose: Purpose) -> Result<Self, Errors> {
        let attributes = of.attributes.iter().map(|it| (it.name, it.access));
        let relationships = of.relationships.iter().map(|it| (it.name, it.access));
        let (attributes, relationships): (Vec<_>, Vec<_>) =
            (attributes.collect(), relationships.collect());
        for (given, place, known) in [
            (&self.attributes, "attributes", attributes),
            (&self.relationships, "relationships", relationships),
        ] {
            for name in given.keys() {
                let pointer = format!("/data/{place}/{}", escaped(name));
                let access = known.iter().find(|(known, _)| known == name);
                let detail = match access {
                    Some((_, access)) if access.allows(purpose) => continue,
                    Some(_) => "This value cannot be set.".to_owned(),
                    None => format!("\"{name}\" is not a field of {}.", of.name),
                };
                self.errors.push(Error::new(Kind::UnknownField, detail).at(pointer));
            }
        }
        if self.errors.is_empty() { Ok(self) } else { Err(Errors(self.errors)) }
    }

    /// Notes when a relationship is missing which must be there.
    pub(super) fn require_linked(&mut self, name: &str) {
        if !self.relationships.contains_key(name) {
            let pointer = format!("/data/relationships/{name}");
            let blank = "This value should not be blank.";
            self.errors.push(Error::new(Kind::Blank, blank).at(pointer));
        }
    }

    /// An attribute that is text, read by one of the domain's rules. `null` is empty.
    pub(super) fn text<T, E: fmt::Display>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = match self.attributes.remove(name)? {
            Value::String(text) => text,
            Value::Null => String::new(),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                return self.complain(name, Kind::Invalid, "This value should be text.");
            }
        };
        match read(&text) {
            Ok(value) => Some(value),
            Err(rule) if text.trim().is_empty() => self.complain(name, Kind::Blank, rule),
            Err(rule) => self.complain(name, Kind::Invalid, rule),
        }
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        match self.attributes.remove(name)? {
            Value::Bool(flag) => Some(flag),
            Value::Null
            | Value::String(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => {
                self.complain(name, Kind::Invalid, "This value should be true or false.")
            }
        }
    }

    /// An attribute that is an object.
    pub(super) fn object<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Map<String, Value>) -> Result<T, String>,
    ) -> Option<T> {
        let Value::Object(object) = self.attributes.remove(name)? else {
            return self.complain(name, Kind::Invalid, "This value should be an object.");
        };
        match read(object) {
            Ok(value) => Some(value),
            Err(rule) => self.complain(name, Kind::Invalid, rule),
        }
    }

    /// An attribute that is a number, or null.
    pub(super) fn number(&mut self, name: &'static str) -> Option<Perhaps<u16>> {
        let value = self.attributes.remove(name)?;
        if value.is_null() {
            return Some(Perhaps::Null);
        }
        match value.as_u64().and_then(|number| u16::try_from(number).ok()) {
            Some(number) => Some(Perhaps::Given(number)),
            None => self.complain(name, Kind::Invalid, "This value should be a number, or null."),
        }
    }

    /// An attribute that is an object, replaced as a whole; `null` is empty.
    pub(super) fn structure<V: Default + de::DeserializeOwned, T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(V) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.attributes.remove(name)?;
        let value = match value {
            Value::Null => Ok(V::default()),
            value => serde_json::from_value(value).map_err(|error| error.to_string()),
        };
        match value.and_then(read) {
            Ok(value) => Some(value),
            Err(rule) => self.complain(name, Kind::Invalid, rule),
        }
    }

    /// An attribute that is a list of texts.
    pub(super) fn texts<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&str) -> Result<T, (Kind, String)>,
    ) -> Option<Vec<T>> {
        let Value::Array(items) = self.attributes.remove(name)? else {
            return self.complain(name, Kind::Invalid, "This value should be a list.");
        };
        let mut found = Vec::new();
        for (index, item) in items.iter().enumerate() {
            match item.as_str().map(&read) {
                Some(Ok(item)) => found.push(item),
                Some(Err((kind, rule))) => self.complain_at(name, index, kind, &rule),
                None => self.complain_at(name, index, Kind::Invalid, "This value should be text."),
            }
        }
        Some(found)
    }

    /// The id in a relationship to a resource of that type.
    pub(super) fn linked<T: std::str::FromStr>(
        &mut self,
        name: &'static str,
        to: &str,
    ) -> Option<T> {
        let pointer = format!("/data/relationships/{name}");
        let linkage = self.relationships.remove(name);
        linkage.as_ref()?;
        let found = object(linkage, &pointer).and_then(|linkage| {
            check_members(&linkage, &pointer, &["data", "links", "meta"])?;
            identifier(linkage.get("data"), to, &format!("{pointer}/data"))
        });
        match found {
            Ok(id) => Some(id),
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    /// Notes when an attribute is missing which must be there.
    pub(super) fn require(&mut self, name: &str) {
        if !self.attributes.contains_key(name) {
            let pointer = format!("/data/attributes/{name}");
            let blank = "This value should not be blank.";
            self.errors.push(Error::new(Kind::Blank, blank).at(pointer));
        }
    }

    fn complain<T>(&mut self, attribute: &str, kind: Kind, rule: impl fmt::Display) -> Option<T> {
        let pointer = format!("/data/attributes/{attribute}");
        self.errors.push(Error::new(kind, rule.to_string()).at(pointer));
        None
    }

    fn complain_at(&mut self, attribute: &str, index: usize, kind: Kind, rule: &str) {
        let pointer = format!("/data/attributes/{attribute}/{index}");
        self.errors.push(Error::new(kind, rule).at(pointer));
    }

    /// Everything was read; what was wrong is said at once.
    pub(super) fn finish(self) -> Result<(), Errors> {
        if self.errors.is_empty() { Ok(()) } else { Err(Errors(self.errors)) }
    }
}

/// The id of a resource identifier object of that type.
pub(super) fn identifier<T: std::str::FromStr>(
    data: Option<&Value>,
    to: &str,
    pointer: &str,
) -> Result<T, Error> {
    if let Some(Value::Object(data)) = data {
        check_members(data, pointer, &["type", "id", "meta"])?;
    }
    let member = |name: &str| data.and_then(|data| data.get(name)).and_then(Value::as_str);
    if member("type") != Some(to) {
        let text = format!("This value should be a resource of the type {to}.");
        return Err(Error::new(Kind::Invalid, text).at(pointer));
    }
    member("id").and_then(|id| id.parse().ok()).ok_or_else(|| {
        Error::new(Kind::Invalid, "This value should be the id of a resource.").at(pointer)
    })
}

/// JSON:API 1.1, sections "Creating Resources" and "Updating Resources": the wrong type or id is a conflict, and an id of
/// the client's own choice is not offered.
fn check_identity(data: &Map<String, Value>, of: &Type, id: Option<&str>) -> Result<(), Error> {
    match data.get("type") {
        Some(Value::String(name)) if name == of.name => {}
        Some(Value::String(_)) => {
            let text = format!("The type of this resource is {}.", of.name);
            return Err(Error::new(Kind::Conflict, text).at("/data/type"));
        }
        Some(_) => {
            return Err(Error::new(Kind::BadRequest, "The type must be text.").at("/data/type"));
        }
        None => {
            let blank = "This value should not be blank.";
            return Err(Error::new(Kind::Blank, blank).at("/data/type"));
        }
    }
    match (data.get("id"), id) {
        (None, None) => Ok(()),
        (Some(_), None) => {
            let text = "The id of a new resource is chosen by the server.";
            Err(Error::denied(text).at("/data/id"))
        }
        (Some(Value::String(given)), Some(id)) if given == id => Ok(()),
        (Some(_), Some(_)) => {
            let text = "The id is not that of the address.";
            Err(Error::new(Kind::Conflict, text).at("/data/id"))
        }
        (None, Some(_)) => {
            let blank = "This value should not be blank.";
            Err(Error::new(Kind::Blank, blank).at("/data/id"))
        }
    }
}

/// Refuses members that nobody would heed.
pub(super) fn check_members(
    object: &Map<String, Value>,
    pointer: &str,
    known: &[&str],
) -> Result<(), Error> {
    let Some(unknown) = object.keys().find(|name| !known.contains(&name.as_str())) else {
        return Ok(());
    };
    let detail = match unknown.as_str() {
        "access_token" => "A token is taken from the header Authorization alone.".to_owned(),
        _ => format!("The member \"{unknown}\" is not supported."),
    };
    let pointer = format!("{pointer}/{}", escaped(unknown));
    Err(Error::new(Kind::UnknownField, detail).at(pointer))
}

fn object(value: Option<Value>, pointer: &str) -> Result<Map<String, Value>, Error> {
    match value {
        None => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(Error::new(Kind::BadRequest, "This must be an object.").at(pointer)),
    }
}

/// RFC 6901, section 3.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// JSON in which no object has a member twice: which of the two would count?
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if object.insert(name, value).is_some() {
                return Err(de::Error::custom("a member is given twice"));
            }
        }
        Ok(Value::Object(object))
    }
}
