//! The configuration file: YAML, flattened to one leaf per key with the line it stands on.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::{NonFiniteFloatPolicy, Spanned, UserMessageFormatter};

use super::value::Value;

pub(super) struct Leaf {
    /// Dotted.
    pub(super) name: String,
    /// `None` for a key with nothing behind it.
    pub(super) value: Option<Value>,
    pub(super) line: u64,
}

/// What is wrong with the file as YAML, without quoting it: it may hold secrets.
pub(super) struct Malformed {
    pub(super) line: Option<u64>,
    pub(super) what: String,
}

/// Any YAML. Scalars stay text, because each key knows best how to read its own.
enum Node {
    Nothing,
    Text(String),
    List(Vec<Spanned<Node>>),
    Section(Vec<(Spanned<String>, Spanned<Node>)>),
}

pub(super) fn leaves(text: &str) -> Result<Vec<Leaf>, Malformed> {
    let options = serde_saphyr::options! {
        with_snippet: false,
        // So that `off` is a level and `012` no octal.
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
    };
    let root = serde_saphyr::from_str_with_options::<Spanned<Node>>(text, options);
    let root = root.map_err(|error| Malformed {
        line: error.location().map(|location| location.line()),
        what: error.render_with_formatter(&UserMessageFormatter),
    })?;
    let mut leaves = Vec::new();
    match root.value {
        Node::Nothing => {}
        Node::Section(entries) => flatten("", entries, &mut leaves)?,
        Node::Text(_) | Node::List(_) => {
            let line = Some(root.referenced.line());
            return Err(Malformed { line, what: "expected `key: value`".to_owned() });
        }
    }
    Ok(leaves)
}

fn flatten(
    prefix: &str,
    entries: Vec<(Spanned<String>, Spanned<Node>)>,
    leaves: &mut Vec<Leaf>,
) -> Result<(), Malformed> {
    for (key, node) in entries {
        let name = format!("{prefix}{}", key.value);
        let line = key.referenced.line();
        let value = match node.value {
            Node::Section(entries) if !entries.is_empty() => {
                flatten(&format!("{name}."), entries, leaves)?;
                continue;
            }
            Node::Nothing | Node::Section(_) => None,
            Node::Text(text) => Some(Value::Text(text)),
            Node::List(items) => Some(Value::List(plain(&name, items)?)),
        };
        leaves.push(Leaf { name, value, line });
    }
    Ok(())
}

fn plain(name: &str, items: Vec<Spanned<Node>>) -> Result<Vec<String>, Malformed> {
    let plain = items.into_iter().map(|item| match item.value {
        Node::Text(text) => Ok(text),
        Node::Nothing | Node::List(_) | Node::Section(_) => Err(Malformed {
            line: Some(item.referenced.line()),
            what: format!("the list `{name}` must hold plain values"),
        }),
    });
    plain.collect()
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyNode)
    }
}

struct AnyNode;

impl<'de> Visitor<'de> for AnyNode {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, a list or a section")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::Nothing)
    }

    fn visit_none<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut section = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            section.push(entry);
        }
        Ok(Node::Section(section))
    }
}
