//! Which languages a letter is looked for in.

use domain::user::Locale;

/// The language that every occasion has, and the last one looked at.
pub const LAST_RESORT: &str = "en";

/// The locales to look for a template in, best first: each one with its subtags taken off one by one (RFC 4647, section
/// 3.4), and English at last. Each is written as RFC 5646, section 2.1.1, recommends.
pub fn fallback(wanted: &Locale) -> Vec<Locale> {
    let tag = recommended(wanted.as_str());
    let mut subtags: Vec<&str> = tag.split('-').collect();
    let mut found = Vec::new();
    while !subtags.is_empty() {
        found.extend(Locale::parse(&subtags.join("-")));
        subtags.pop();
        // A single letter opens what was just taken off.
        while subtags.len() > 1 && subtags.last().is_some_and(|subtag| subtag.len() == 1) {
            subtags.pop();
        }
    }
    found.extend(Locale::parse(LAST_RESORT));
    found.dedup();
    found
}

/// How dates and numbers are written in a letter: as in the recipient's region, where the letter is in their language,
/// else as where the letter's language is at home.
pub fn regional<'a>(wanted: &'a Locale, letter: &'a Locale) -> &'a Locale {
    let same = language(wanted).eq_ignore_ascii_case(language(letter));
    if same { wanted } else { letter }
}

pub(crate) fn language(locale: &Locale) -> &str {
    locale.as_str().split('-').next().unwrap_or_default()
}

/// Languages small, scripts with a capital, regions in capitals.
fn recommended(tag: &str) -> String {
    let mut behind_singleton = false;
    let subtags = tag.split('-').enumerate().map(|(place, subtag)| {
        let subtag = subtag.to_ascii_lowercase();
        let plain = place == 0 || behind_singleton;
        behind_singleton |= subtag.len() == 1;
        match subtag.len() {
            2 if !plain => subtag.to_ascii_uppercase(),
            4 if !plain && !subtag.starts_with(|c: char| c.is_ascii_digit()) => {
                subtag[..1].to_ascii_uppercase() + &subtag[1..]
            }
            _ => subtag,
        }
    });
    subtags.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(tag: &str) -> Vec<String> {
        let wanted = Locale::parse(tag).unwrap();
        fallback(&wanted).iter().map(|locale| locale.as_str().to_owned()).collect()
    }

    #[test]
    fn a_locale_falls_back_to_its_parents_and_to_english() {
        assert_eq!(chain("de-AT"), ["de-AT", "de", "en"]);
        assert_eq!(chain("DE-at"), ["de-AT", "de", "en"]);
        assert_eq!(chain("en-GB"), ["en-GB", "en"]);
        assert_eq!(chain("en"), ["en"]);
        assert_eq!(
            chain("zh-hant-cn-x-private1-private2"),
            [
                "zh-Hant-CN-x-private1-private2",
                "zh-Hant-CN-x-private1",
                "zh-Hant-CN",
                "zh-Hant",
                "zh",
                "en"
            ]
        );
        assert_eq!(chain("de-1996-a-x-b"), ["de-1996-a-x-b", "de-1996", "de", "en"]);
    }

    #[test]
    fn dates_are_those_of_the_region_where_the_language_is_the_recipients() {
        let [austrian, german, english] =
            ["de-AT", "de", "en"].map(|tag| Locale::parse(tag).unwrap());
        assert_eq!(regional(&austrian, &german), &austrian);
        assert_eq!(regional(&austrian, &english), &english);
    }
}
