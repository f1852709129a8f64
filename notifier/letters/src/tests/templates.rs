//! What may be kept as a template, and what it can reach.

use domain::email_template::Source;
use proptest::{collection, prelude::*, sample};

use super::{created, locale};
use crate::{LARGEST, OCCASIONS, RenderError, check, render, shipped, shipped_locales};

fn source(subject: &str, text: &str, html: &str) -> Source {
    Source { subject: subject.to_owned(), text: text.to_owned(), html: html.to_owned() }
}

fn told(source: &Source) -> Vec<String> {
    let (occasion, _) = created();
    let problems = check(occasion, source).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn every_shipped_template_may_be_kept() {
    for occasion in OCCASIONS {
        for locale in shipped_locales() {
            let source = shipped(occasion, &locale).unwrap();
            assert_eq!(check(occasion, &source), Ok(()), "{} {}", occasion.name, locale.as_str());
        }
    }
}

#[test]
fn oros_own_words_can_be_carried_over() {
    let (occasion, mut told) = created();
    told.application.as_mut().unwrap().scopes.clear();
    let oro = "For {{ entity.user.fullName }}. Grant Type: {{ entity.grants }}. Scopes: {{ entity.scopes }}.";
    let source = source(oro, oro, oro);
    let letter = render(occasion, &locale("en"), &source, &told).unwrap();
    assert_eq!(letter.subject, "For Ada Lovelace. Grant Type: Client Credentials. Scopes: all.");
    assert_eq!(letter.text, letter.subject);
}

#[test]
fn problems_of_all_parts_are_told_with_their_places() {
    let problems =
        told(&source("{{nam}}", "a\n\n  {{#if nam}}{{/if}}", "<p>{{{application}}}</p>"));
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems[0].starts_with(
        "subject, line 1, column 1: there is no variable `nam`; there are recipient, by, at,"
    ));
    assert!(
        problems[1].starts_with("text, line 3, column 3: there is no variable `nam`; there are ")
    );
    assert!(problems[2].starts_with("html, line 1, column 4: `{{{` and `{{&` would put a value"));
}

#[test]
fn a_subject_is_one_line_that_says_something() {
    assert_eq!(told(&source(" ", "a", "a")), ["subject: it is empty"]);
    assert_eq!(told(&source("{{reason}}", "a", "a")), ["subject: it is empty"]);
    assert_eq!(
        told(&source("a\r\nBcc: eve@example.com", "a", "a")),
        ["subject: it has more than one line, or a control character"]
    );
    assert_eq!(
        told(&source(&"a".repeat(1_025), "a", "a")),
        ["subject: it is longer than 1024 bytes"]
    );
    assert_eq!(told(&source("a", "", "\n")), ["text: it is empty", "html: it is empty"]);
}

#[test]
fn a_letter_is_bounded_whatever_its_template_and_its_values_are() {
    let (occasion, mut sample) = created();
    let long = "a".repeat(64 * 1024 + 1);
    assert_eq!(told(&source("a", &long, "a")), ["text: it is longer than 65536 bytes"]);
    let many = source("a", "a", &"{{description}}".repeat(400));
    assert_eq!(check(occasion, &many), Ok(()));
    sample.application.as_mut().unwrap().description = "&".repeat(2_000);
    let outcome = render(occasion, &locale("en"), &many, &sample).unwrap_err();
    assert_eq!(outcome.to_string(), format!("html: it becomes longer than {LARGEST} bytes"));
}

#[test]
fn lines_end_as_lines_of_a_letter_do() {
    let (occasion, told) = created();
    let source = source("a", "a\r\n{{#if reason}}\r\nb\r\n{{/if}}\r\nc", "a");
    let letter = render(occasion, &locale("en"), &source, &told).unwrap();
    assert_eq!(letter.text, "a\nc");
}

#[test]
fn a_template_that_was_kept_by_another_release_is_looked_at_again() {
    let (occasion, told) = created();
    let source = source("{{gone}}", "a", "a");
    let error = render(occasion, &locale("en"), &source, &told).unwrap_err();
    assert!(matches!(error, RenderError::Template(_)), "{error}");
}

#[test]
fn a_fact_that_was_not_gathered_is_named() {
    let (occasion, mut told) = created();
    told.application = None;
    let source = shipped(occasion, &locale("en")).unwrap();
    let error = render(occasion, &locale("en"), &source, &told).unwrap_err();
    assert_eq!(error.to_string(), "the application is not known");
}

/// What templates are made of, and what could be mistaken for it.
const SCRAPS: &[&str] = &[
    "{{",
    "}}",
    "{{#if ",
    "{{/if}}",
    "{{else}}",
    "{{#unless reason}}",
    "{{/unless}}",
    "{{reason}}",
    "application",
    "entity.name",
    "#if",
    "else",
    "~",
    "!",
    "--",
    "--}}",
    "{{!--",
    " ",
    "\n",
    "é",
    "{",
    "}",
    "\\",
    "^",
    "&",
    ">",
    "*",
    "(",
    ")",
    "\"",
    "=",
    ".",
    "/",
    "@",
    "[",
    "]",
    "|",
];

proptest! {
    #[test]
    fn handlebars_takes_whatever_the_grammar_lets_through(
        scraps in collection::vec(sample::select(SCRAPS), 0..12),
    ) {
        let (occasion, told) = created();
        let template = scraps.concat() + ".";
        let source = source("a", &template, &template);
        match render(occasion, &locale("en"), &source, &told) {
            Ok(letter) => prop_assert_eq!(check(occasion, &source), Ok(()), "{}", letter.text),
            Err(RenderError::Template(problem)) => prop_assert!(problem.place.is_some(), "{}", problem),
            Err(error) => prop_assert!(false, "{template}: {error:?}"),
        }
    }
}
