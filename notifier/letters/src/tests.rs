mod documents;
mod letters;
mod snapshots;
mod templates;
mod variables;

use domain::user::Locale;

use crate::{Occasion, Rendered, Told, occasion, render, shipped};

fn locale(tag: &str) -> Locale {
    Locale::parse(tag).unwrap()
}

/// The shipped letter of an occasion in one language.
fn letter(occasion: &Occasion, tag: &str, told: &Told) -> Rendered {
    let locale = locale(tag);
    render(occasion, &locale, &shipped(occasion, &locale).unwrap(), told).unwrap()
}

fn created() -> (&'static Occasion, Told) {
    let occasion = occasion("application_created").unwrap();
    (occasion, (occasion.sample)())
}
