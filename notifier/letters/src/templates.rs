//! The shipped templates, parsed once.

use std::sync::LazyLock;

use handlebars::{Handlebars, no_escape};
use serde::Serialize;

use crate::Rendered;

/// Why a letter could not be put into words.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("the letter {name} does not render")]
    Template {
        /// Template and part, such as `oauth_application_created/html`.
        name: String,
        #[source]
        source: Box<handlebars::RenderError>,
    },
    #[error("the subject of the letter {0} is not one line of text")]
    Subject(&'static str),
    #[error("a moment cannot be written out")]
    Moment(#[source] time::error::Format),
}

macro_rules! shipped {
    ($($letter:literal),+ $(,)?) => {
        [$(
            (concat!($letter, "/subject"), include_str!(concat!("../templates/", $letter, "/subject.hbs"))),
            (concat!($letter, "/text"), include_str!(concat!("../templates/", $letter, "/text.hbs"))),
            (concat!($letter, "/html"), include_str!(concat!("../templates/", $letter, "/html.hbs"))),
        )+]
    };
}

/// Every part of every shipped letter, with its source.
pub(crate) const SHIPPED: [(&str, &str); 6] = shipped!["oauth_application_created", "user_invited"];

/// Subjects and texts: what is written is what is read.
static PLAIN: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut templates = shipped_templates();
    templates.register_escape_fn(no_escape);
    templates
});

/// HTML: every variable is escaped, also inside attributes.
static HTML: LazyLock<Handlebars<'static>> = LazyLock::new(shipped_templates);

pub(crate) fn render(
    letter: &'static str,
    variables: &impl Serialize,
) -> Result<Rendered, RenderError> {
    let part = |templates: &Handlebars<'_>, part: &str| {
        let name = format!("{letter}/{part}");
        templates
            .render(&name, variables)
            .map_err(|source| RenderError::Template { name, source: Box::new(source) })
    };
    let subject = part(&PLAIN, "subject")?.trim().to_owned();
    if subject.is_empty() || subject.chars().any(char::is_control) {
        return Err(RenderError::Subject(letter));
    }
    Ok(Rendered { subject, text: part(&PLAIN, "text")?, html: part(&HTML, "html")? })
}

/// Strict: a variable that a letter does not have is an error, not a gap.
fn shipped_templates() -> Handlebars<'static> {
    let mut templates = Handlebars::new();
    templates.set_strict_mode(true);
    for (name, source) in SHIPPED {
        templates
            .register_template_string(name, source)
            .expect("the shipped templates parse, as a test shows");
    }
    templates
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_unknown_variable_is_an_error() {
        for templates in [&*PLAIN, &*HTML] {
            assert!(templates.render_template("{{client_secret}}", &json!({"a": 1})).is_err());
            assert!(templates.render_template("{{a.b}}", &json!({"a": {}})).is_err());
        }
    }

    #[test]
    fn a_letter_that_lacks_a_variable_does_not_render() {
        let error = render("oauth_application_created", &json!({"recipient": "Ada"})).unwrap_err();
        assert_eq!(error.to_string(), "the letter oauth_application_created/text does not render");
    }

    #[test]
    fn strict_mode_is_not_undone_by_a_condition_in_a_shipped_letter() {
        // An `#if` over an unknown variable is silently false, so the letters do without.
        for (name, source) in SHIPPED {
            assert!(!source.contains("{{#if") && !source.contains("{{#unless"), "{name}");
            assert!(!source.contains("{{{"), "{name} escapes every variable");
        }
    }
}
