//! Handlebars, in strict mode, over strings alone, into a bounded space.

use std::{io, sync::LazyLock};

use domain::{
    email_template::{Part, Source},
    user::Locale,
};
use handlebars::{Context, Handlebars, Output, RenderContext, Renderable, Template, no_escape};
use serde_json::{Map, Value as Json};

use crate::{
    RenderError, Rendered,
    compiled::{Compiled, compiled},
    grammar,
    occasions::Occasion,
    source::TemplateError,
    told::Told,
};

/// The greatest length of any part of a letter, in bytes.
pub const LARGEST: usize = 100 * 1024;

/// Subjects and texts: what is written is what is read.
static PLAIN: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut engine = strict();
    engine.register_escape_fn(no_escape);
    engine
});

/// HTML: every variable is escaped, also inside attributes.
static HTML: LazyLock<Handlebars<'static>> = LazyLock::new(strict);

/// What is wrong with the parts of a source, whatever the values are.
pub(crate) fn problems(occasion: &Occasion, source: &Source) -> Vec<TemplateError> {
    let names: Vec<&str> = occasion.variables().map(|variable| variable.name).collect();
    let of_part = |part: Part| {
        let source = source.part(part);
        if source.len() > part.limit() {
            let problem = format!("it is longer than {} bytes", part.limit());
            return vec![TemplateError::whole(part, problem)];
        }
        if source.trim().is_empty() {
            return vec![TemplateError::whole(part, "it is empty")];
        }
        grammar::problems(part, source, &names)
    };
    Part::ALL.into_iter().flat_map(of_part).collect()
}

/// Fills a source with the values of one letter.
pub(crate) fn render(
    occasion: &Occasion,
    locale: &Locale,
    source: &Source,
    told: &Told,
) -> Result<Rendered, RenderError> {
    let compiled = compiled(occasion, source)?;
    let Compiled { subject, text, html } = &*compiled;
    let context = context(occasion, locale, told)?;
    let subject = fill(Part::Subject, subject, &context)?.trim().to_owned();
    if subject.is_empty() {
        return Err(TemplateError::whole(Part::Subject, "it is empty").into());
    }
    if subject.contains(char::is_control) {
        let problem = "it has more than one line, or a control character";
        return Err(TemplateError::whole(Part::Subject, problem).into());
    }
    Ok(Rendered {
        subject,
        text: fill(Part::Text, text, &context)?,
        html: fill(Part::Html, html, &context)?,
    })
}

fn strict() -> Handlebars<'static> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine
}

/// Names with dots become objects in objects; what they hold is strings.
fn context(occasion: &Occasion, locale: &Locale, told: &Told) -> Result<Context, RenderError> {
    let mut root = Map::new();
    for (variable, words) in occasion.words(locale, told)? {
        put(&mut root, variable.name, words);
    }
    Context::wraps(root).map_err(|error| RenderError::Engine(Box::new(error)))
}

fn put(object: &mut Map<String, Json>, name: &str, words: String) {
    match name.split_once('.') {
        None => {
            object.insert(name.to_owned(), words.into());
        }
        Some((outer, inner)) => {
            let nested = object.entry(outer).or_insert_with(|| Map::new().into());
            if let Json::Object(nested) = nested {
                put(nested, inner, words);
            }
        }
    }
}

fn fill(part: Part, template: &Template, context: &Context) -> Result<String, RenderError> {
    let engine = match part {
        Part::Subject | Part::Text => &PLAIN,
        Part::Html => &HTML,
    };
    let mut written = Bounded(String::new());
    match template.render(engine, context, &mut RenderContext::new(None), &mut written) {
        Ok(()) => Ok(written.0),
        Err(_) if written.0.len() > LARGEST => {
            Err(TemplateError::whole(part, format!("it becomes longer than {LARGEST} bytes"))
                .into())
        }
        Err(error) => Err(RenderError::Engine(Box::new(error))),
    }
}

/// Takes no more than fits.
struct Bounded(String);

impl Output for Bounded {
    fn write(&mut self, segment: &str) -> io::Result<()> {
        self.0.push_str(segment);
        if self.0.len() > LARGEST {
            return Err(io::Error::other("the letter is too long"));
        }
        Ok(())
    }
}
