//! Templates that were found good, ready to be filled.
//!
//! To read a template takes several times as long as to fill it, and most letters say the same as one before, so what was
//! read is kept.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use domain::email_template::Source;
use handlebars::Template;
use parking_lot::Mutex;

use crate::{RenderError, engine, occasions::Occasion};

/// How much text the templates that are kept may have in all, in bytes; beyond it all are forgotten.
const KEPT: usize = 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) subject: Template,
    pub(crate) text: Template,
    pub(crate) html: Template,
}

/// Under the name of the occasion, whose variables they may use.
#[derive(Default)]
struct Shelf {
    occasions: HashMap<&'static str, HashMap<Source, Arc<Compiled>>>,
    bytes: usize,
}

static SHELF: LazyLock<Mutex<Shelf>> = LazyLock::new(Mutex::default);

/// The parts of a source, or the first thing that is wrong with them.
pub(crate) fn compiled(occasion: &Occasion, source: &Source) -> Result<Arc<Compiled>, RenderError> {
    if let Some(kept) = SHELF.lock().find(occasion, source) {
        return Ok(kept);
    }
    if let Some(problem) = engine::problems(occasion, source).into_iter().next() {
        return Err(problem.into());
    }
    let compiled = Arc::new(Compiled {
        subject: part(&source.subject)?,
        text: part(&source.text)?,
        html: part(&source.html)?,
    });
    SHELF.lock().keep(occasion, source, compiled.clone());
    Ok(compiled)
}

fn part(source: &str) -> Result<Template, RenderError> {
    // Forms send lines that end as in mails; the letter is given its ends of line when it is sent.
    let source = source.replace("\r\n", "\n");
    Template::compile(&source).map_err(|error| RenderError::Engine(Box::new(error.into())))
}

impl Shelf {
    fn find(&self, occasion: &Occasion, source: &Source) -> Option<Arc<Compiled>> {
        self.occasions.get(occasion.name)?.get(source).cloned()
    }

    fn keep(&mut self, occasion: &Occasion, source: &Source, compiled: Arc<Compiled>) {
        let Source { subject, text, html } = source;
        self.bytes += subject.len() + text.len() + html.len();
        if self.bytes > KEPT {
            *self = Self::default();
            return;
        }
        self.occasions.entry(occasion.name).or_default().insert(source.clone(), compiled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OCCASIONS;

    fn source(text: String) -> Source {
        Source { subject: "Hello".to_owned(), html: "<p>Hello</p>".to_owned(), text }
    }

    #[test]
    fn what_was_read_is_kept_for_its_occasion() {
        let (occasion, source) = (OCCASIONS[0], source("Hello, all.".to_owned()));
        let first = compiled(occasion, &source).expect("a good source");
        assert!(Arc::ptr_eq(&first, &compiled(occasion, &source).expect("a good source")));
        assert!(SHELF.lock().find(OCCASIONS[1], &source).is_none());
    }

    #[test]
    fn no_more_is_kept_than_fits() {
        let mut shelf = Shelf::default();
        let occasion = OCCASIONS[0];
        let compiled = compiled(occasion, &source("x".to_owned())).expect("a good source");
        let mut most = 0;
        for number in 0..200 {
            let source = source(format!("{number} {}", "x".repeat(16 * 1024)));
            shelf.keep(occasion, &source, compiled.clone());
            most = most.max(shelf.occasions.get(occasion.name).map_or(0, HashMap::len));
        }
        assert!((60..64).contains(&most), "{most}");
    }
}
