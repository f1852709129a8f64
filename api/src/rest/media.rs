//! Content negotiation of JSON:API 1.1: one media type, and of its parameters `ext` and `profile` alone.

use axum::http::{HeaderMap, HeaderValue, header};

use super::error::{Error, Kind};

pub(super) const NAME: &str = "application/vnd.api+json";
pub(super) const JSON_API: HeaderValue = HeaderValue::from_static(NAME);

/// Whether a body of this type can be read.
pub(super) fn check_content_type(headers: &HeaderMap) -> Result<(), Error> {
    let unsupported = |detail: &str| {
        Err(Error::new(Kind::UnsupportedMediaType, detail.to_owned()).header("Content-Type"))
    };
    let mut values = headers.get_all(header::CONTENT_TYPE).into_iter();
    let value = values.next().and_then(|value| value.to_str().ok()).and_then(MediaType::parse);
    let Some(given) = value.filter(|given| given.is_json_api() && values.next().is_none()) else {
        return unsupported("The body must be of the type application/vnd.api+json.");
    };
    if given.has_parameters_besides(&["ext", "profile"]) {
        return unsupported("The media type may have the parameters ext and profile alone.");
    }
    if given.has_extensions() {
        return unsupported("No extensions of JSON:API are supported.");
    }
    Ok(())
}

/// Whether the client takes what we give.
pub(super) fn check_accept(headers: &HeaderMap) -> Result<(), Error> {
    let not_acceptable =
        |detail: &str| Err(Error::new(Kind::NotAcceptable, detail.to_owned()).header("Accept"));
    let mut accepted = Vec::new();
    for value in headers.get_all(header::ACCEPT) {
        let Ok(text) = value.to_str() else {
            return not_acceptable("The header cannot be read.");
        };
        accepted.extend(split(text, ',').filter_map(MediaType::parse));
    }
    if accepted.is_empty() {
        return Ok(());
    }
    let ours: Vec<_> = accepted.iter().filter(|given| given.is_json_api()).collect();
    let usable = |given: &&MediaType<'_>| {
        // In `Accept`, `q` is a weight and no parameter of the media type.
        !given.has_parameters_besides(&["ext", "profile", "q"])
            && !given.has_extensions()
            && !given.is_refused()
    };
    let wild = |given: &MediaType<'_>| {
        matches!(given.name.as_str(), "*/*" | "application/*") && !given.is_refused()
    };
    match (ours.is_empty(), ours.iter().any(usable)) {
        (_, true) => Ok(()),
        (true, false) if accepted.iter().any(wild) => Ok(()),
        (true, false) => not_acceptable("Answers are of the type application/vnd.api+json."),
        (false, false) => not_acceptable(
            "The media type may have the parameters ext and profile alone, and no extensions of JSON:API are supported.",
        ),
    }
}

/// A media type with its parameters (RFC 9110, section 8.3.1).
struct MediaType<'a> {
    name: String,
    parameters: Vec<(String, &'a str)>,
}

impl<'a> MediaType<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = split(text, ';');
        let name = parts.next()?.to_ascii_lowercase();
        if name.is_empty() {
            return None;
        }
        let parameters = parts
            .filter(|part| !part.is_empty())
            .map(|part| {
                let (name, value) = part.split_once('=').unwrap_or((part, ""));
                (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"'))
            })
            .collect();
        Some(Self { name, parameters })
    }

    fn is_json_api(&self) -> bool {
        self.name == NAME
    }

    fn has_parameters_besides(&self, known: &[&str]) -> bool {
        self.parameters.iter().any(|(name, _)| !known.contains(&name.as_str()))
    }

    fn has_extensions(&self) -> bool {
        self.parameters.iter().any(|(name, value)| name == "ext" && !value.trim().is_empty())
    }

    /// `q=0` is a way to say no.
    fn is_refused(&self) -> bool {
        self.parameters
            .iter()
            .any(|(name, value)| name == "q" && value.parse::<f32>().is_ok_and(|q| q <= 0.0))
    }
}

/// The parts between separators that stand outside of quotes, trimmed.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
    .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_body_is_json_api_with_at_most_a_profile() {
        for right in [
            "application/vnd.api+json",
            "APPLICATION/vnd.api+json",
            "application/vnd.api+json; profile=\"https://a.example/b https://a.example/c;d\"",
            "application/vnd.api+json;ext=\"\"",
        ] {
            assert!(check_content_type(&headers(header::CONTENT_TYPE, right)).is_ok(), "{right}");
        }
        for wrong in [
            "application/json",
            "application/vnd.api+json; charset=utf-8",
            "application/vnd.api+json; ext=\"https://jsonapi.org/ext/atomic\"",
            "",
        ] {
            let checked = check_content_type(&headers(header::CONTENT_TYPE, wrong));
            assert_eq!(checked.map_err(|it| it.kind), Err(Kind::UnsupportedMediaType), "{wrong}");
        }
        assert!(check_content_type(&HeaderMap::new()).is_err());
    }

    #[test]
    fn an_answer_is_refused_where_every_mention_of_json_api_has_foreign_parameters() {
        for right in [
            "*/*",
            "application/*;q=0.5",
            "text/html, application/vnd.api+json;q=0.8",
            "application/vnd.api+json;charset=utf-8, application/vnd.api+json",
            "application/vnd.api+json; profile=\"https://a.example/b\"",
        ] {
            assert!(check_accept(&headers(header::ACCEPT, right)).is_ok(), "{right}");
        }
        for wrong in [
            "text/html",
            "application/json",
            "application/vnd.api+json;charset=utf-8",
            "application/vnd.api+json;charset=utf-8, */*",
            "application/vnd.api+json;ext=\"https://jsonapi.org/ext/atomic\"",
            "application/vnd.api+json;q=0",
        ] {
            let checked = check_accept(&headers(header::ACCEPT, wrong));
            assert_eq!(checked.map_err(|it| it.kind), Err(Kind::NotAcceptable), "{wrong}");
        }
        assert!(check_accept(&HeaderMap::new()).is_ok());
    }
}
