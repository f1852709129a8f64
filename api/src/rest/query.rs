//! The query of a request: filters with Oro's operators, sparse fields, included resources, order, and pages.
//!
//! What is not known is refused, so that nobody believes to have filtered.

mod filter;
mod paging;

use std::collections::{BTreeMap, HashSet};

use url::form_urlencoded;

pub(super) use self::{
    filter::{Condition, Filter, Operator, Span, Subject, Test},
    paging::{MOST, Paging, SIZE},
};
use super::{
    error::{Error, Errors, Kind},
    schema::Type,
};

/// Bytes of a query that are looked at.
const LIMIT: usize = 16 * 1024;
/// Parameters of one query.
const PARAMETERS: usize = 128;

/// What a query of some operation may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accepts {
    pub(super) filters: &'static [Filter],
    pub(super) sort: &'static [&'static str],
    pub(super) include: &'static [&'static str],
    /// Types whose fields may be chosen.
    pub(super) fields: &'static [&'static Type],
    pub(super) pages: Pages,
}

/// Whether an operation answers with pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pages {
    Yes,
    No,
}

impl Accepts {
    pub(super) const NOTHING: Self =
        Self { filters: &[], sort: &[], include: &[], fields: &[], pages: Pages::No };
}

/// What was asked for.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub(super) conditions: Vec<Condition>,
    pub(super) sort: Vec<Order>,
    pub(super) include: Vec<&'static str>,
    /// By type. Of a type that is not named, all fields are shown.
    pub(super) fields: BTreeMap<&'static str, HashSet<String>>,
    pub(super) paging: Paging,
    /// As it was sent, without the parameters of the page.
    kept: Vec<(String, String)>,
}

/// One field of the order, the most important one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) field: &'static str,
    pub(super) descending: bool,
}

impl Query {
    pub(super) fn parse(text: &str, accepts: &Accepts) -> Result<Self, Errors> {
        if text.len() > LIMIT {
            return Err(Error::new(Kind::BadRequest, "The query is too long.").into());
        }
        let (mut query, mut errors) = (Self::default(), Vec::new());
        let mut seen = HashSet::new();
        for (index, (name, value)) in form_urlencoded::parse(text.as_bytes()).enumerate() {
            if index == PARAMETERS {
                let many = Error::new(Kind::BadRequest, "The query has too many parameters.");
                return Err(many.into());
            }
            if !seen.insert(name.to_string()) {
                let twice = format!("The parameter \"{name}\" is given twice.");
                errors.push(Error::new(Kind::BadRequest, twice).parameter(name));
                continue;
            }
            if let Err(error) = query.read(&name, &value, accepts) {
                errors.push(error);
            }
        }
        if let Err(error) = query.paging.check() {
            errors.push(error);
        }
        if errors.is_empty() { Ok(query) } else { Err(Errors(errors)) }
    }

    fn read(&mut self, name: &str, value: &str, accepts: &Accepts) -> Result<(), Error> {
        let (family, keys) = split(name).ok_or_else(|| unknown(name))?;
        match (family, keys.as_slice()) {
            ("filter", [_] | [_, _]) if !accepts.filters.is_empty() => {
                let condition = Condition::parse(name, &keys, value, accepts.filters)?;
                self.conditions.push(condition);
            }
            ("fields", [of]) => self.choose_fields(name, of, value, accepts)?,
            ("include", []) if !accepts.include.is_empty() => {
                self.include = listed(name, value, accepts.include)?;
            }
            ("sort", []) if !accepts.sort.is_empty() => {
                self.sort = order(name, value, accepts.sort)?;
            }
            ("page", [which]) if accepts.pages == Pages::Yes => {
                self.paging.read(name, which, value)?;
                return Ok(());
            }
            _ => return Err(unknown(name)),
        }
        self.kept.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    fn choose_fields(
        &mut self,
        name: &str,
        of: &str,
        value: &str,
        accepts: &Accepts,
    ) -> Result<(), Error> {
        let of = accepts.fields.iter().find(|known| known.name == of);
        let of = of.ok_or_else(|| unknown(name))?;
        let chosen = value.split(',').filter(|field| !field.is_empty());
        if let Some(other) = chosen.clone().find(|field| !of.has_field(field)) {
            let text = format!("\"{other}\" is not a field of {}.", of.name);
            return Err(Error::new(Kind::UnexpectedValue, text).parameter(name));
        }
        self.fields.insert(of.name, chosen.map(str::to_owned).collect());
        Ok(())
    }

    /// The query without its page, and with these parameters instead.
    pub(super) fn with_page(&self, page: &[(&str, String)]) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(&self.kept);
        text.extend_pairs(page);
        text.finish()
    }
}

/// `filter[name][contains]` is `filter` and `name`, `contains`.
fn split(name: &str) -> Option<(&str, Vec<&str>)> {
    let Some(open) = name.find('[') else {
        return Some((name, vec![]));
    };
    let (family, mut rest) = name.split_at(open);
    let mut keys = Vec::new();
    while !rest.is_empty() {
        let (key, behind) = rest.strip_prefix('[')?.split_once(']')?;
        keys.push(key);
        rest = behind;
    }
    Some((family, keys))
}

pub(super) fn unknown(name: &str) -> Error {
    let (what, name) = (if name.starts_with("filter[") { "Filter" } else { "Parameter" }, name);
    Error::new(Kind::UnknownFilter, format!("{what} \"{name}\" is not supported.")).parameter(name)
}

/// Names of a list that are known, each once.
fn listed(
    name: &str,
    value: &str,
    known: &'static [&'static str],
) -> Result<Vec<&'static str>, Error> {
    let mut found = Vec::new();
    for item in value.split(',').filter(|item| !item.is_empty()) {
        let item = known.iter().find(|known| **known == item).ok_or_else(|| {
            let text = format!("\"{item}\" is not one of: {}.", known.join(", "));
            Error::new(Kind::UnexpectedValue, text).parameter(name)
        })?;
        if !found.contains(item) {
            found.push(*item);
        }
    }
    Ok(found)
}

fn order(name: &str, value: &str, known: &'static [&'static str]) -> Result<Vec<Order>, Error> {
    let mut order: Vec<Order> = Vec::new();
    for item in value.split(',').filter(|item| !item.is_empty()) {
        let (field, descending) = match item.strip_prefix('-') {
            Some(field) => (field, true),
            None => (item, false),
        };
        let [field] = listed(name, field, known)?[..] else {
            return Err(Error::new(Kind::UnexpectedValue, "A field is missing.").parameter(name));
        };
        if !order.iter().any(|earlier| earlier.field == field) {
            order.push(Order { field, descending });
        }
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::schema::{Access, Attribute, Shape};

    static THINGS: Type = Type {
        name: "things",
        about: "",
        attributes: &[Attribute {
            name: "name",
            shape: Shape::Text(10),
            access: Access::Read,
            about: "",
        }],
        relationships: &[],
        meta: &[],
        handed_out: &[],
    };

    const ACCEPTS: Accepts = Accepts {
        filters: &[Filter::text("name"), Filter::moment("createdAt")],
        sort: &["name", "createdAt"],
        include: &["owner"],
        fields: &[&THINGS],
        pages: Pages::Yes,
    };

    fn refusal(query: &str) -> String {
        let errors = Query::parse(query, &ACCEPTS).expect_err(query);
        assert!(errors.0.iter().all(|error| error.kind.status() == 400), "{query}");
        errors.0[0].detail.clone()
    }

    #[test]
    fn a_query_says_what_is_wanted_in_which_order() {
        let text = "filter[name][contains]=a,b&fields[things]=name&include=owner\
                    &sort=-createdAt,name&page[size]=20&page[number]=3";
        let query = Query::parse(text, &ACCEPTS).expect("a query");
        assert_eq!(query.conditions.len(), 1);
        assert_eq!(query.include, ["owner"]);
        assert!(query.fields["things"].contains("name"));
        assert_eq!(query.sort[0], Order { field: "createdAt", descending: true });
        assert_eq!(query.sort[1], Order { field: "name", descending: false });
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        assert_eq!(refusal("filter[unknown]=1"), "Filter \"filter[unknown]\" is not supported.");
        assert_eq!(refusal("limit=10"), "Parameter \"limit\" is not supported.");
        for wrong in ["filter=1", "filter[name=1", "fields[others]=a", "page[limit]=1", "sort=id"] {
            refusal(wrong);
        }
        assert_eq!(refusal("sort=name&sort=name"), "The parameter \"sort\" is given twice.");
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let errors = Query::parse("a=1&sort=b&page[size]=0", &ACCEPTS).expect_err("errors");
        assert_eq!(errors.0.len(), 3);
    }

    #[test]
    fn a_link_to_another_page_keeps_the_rest_of_the_query() {
        let query = Query::parse("filter[name]=a%26b&page[size]=5", &ACCEPTS).expect("a query");
        assert_eq!(
            query.with_page(&[("page[number]", "2".to_owned())]),
            "filter%5Bname%5D=a%26b&page%5Bnumber%5D=2"
        );
    }
}
