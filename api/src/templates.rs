//! What pages and the web API read of templates of letters alike.

use domain::{
    email_template::{InvalidSource, Source},
    user::{InvalidLocale, Locale},
};

/// A locale as letters look for it, with its subtags written as is usual.
pub(crate) fn locale(tag: &str) -> Result<Locale, InvalidLocale> {
    let locale = Locale::parse(tag)?;
    Ok(letters::fallback(&locale).into_iter().next().unwrap_or(locale))
}

/// The words of a template, or every rule that they break, each behind the part that breaks it.
pub(crate) fn source(subject: &str, text: &str, html: &str) -> Result<Source, Vec<String>> {
    let told = |rule: InvalidSource| format!("{}: {rule}", rule.part().as_str());
    Source::parse(subject, text, html).map_err(|broken| broken.into_iter().map(told).collect())
}
