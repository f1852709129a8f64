//! Values in words: what templates see is strings alone.

use domain::{Timestamp, user::Locale};
use icu_datetime::{
    DateTimeFormatter, fieldsets,
    input::{Date, DateTime, Time},
};
use icu_decimal::{DecimalFormatter, input::Decimal, options::DecimalFormatterOptions};
use time::OffsetDateTime;

use crate::{
    locale,
    tongues::tongue,
    value::{Value, Word},
};

/// A value on one line: words in the language of the locale, dates and numbers as in its region.
pub(crate) fn in_words(value: &Value, locale: &Locale) -> String {
    let word = |word: &Word| (tongue(locale).word)(word);
    let words = match value {
        Value::Text(text) => text.clone(),
        Value::Moment(moment) => in_time(*moment, locale),
        Value::Never => tongue(locale).never.to_owned(),
        Value::Number(number) => in_digits(*number, locale),
        Value::Word(it) => word(it),
        Value::Words(all) if all.is_empty() => word(&Word::None),
        Value::Words(all) => all.iter().map(word).collect::<Vec<_>>().join(", "),
        Value::Link(address) => address.as_str().to_owned(),
    };
    one_line(&words)
}

/// Such as `3 November 2026, 09:05:00 UTC`.
fn in_time(moment: Timestamp, region: &Locale) -> String {
    let moment = OffsetDateTime::from(moment);
    // A year that ICU does not reckon with is written as RFC 3339 has it.
    written(moment, region).unwrap_or_else(|| Timestamp::from(moment).to_string())
}

fn written(moment: OffsetDateTime, region: &Locale) -> Option<String> {
    let date = Date::try_new_iso(moment.year(), u8::from(moment.month()), moment.day()).ok()?;
    let time = Time::try_new(moment.hour(), moment.minute(), moment.second(), 0).ok()?;
    let fields = fieldsets::YMD::long();
    // Where no region is named, English is written as the pages write it.
    if region.as_str() == locale::LAST_RESORT {
        let british = icu_locale("en-GB")?;
        let date =
            DateTimeFormatter::try_new((&british).into(), fields).ok()?.format(&date).to_string();
        return Some(format!(
            "{date}, {:02}:{:02}:{:02} UTC",
            moment.hour(),
            moment.minute(),
            moment.second()
        ));
    }
    let formatter =
        DateTimeFormatter::try_new((&nearest(region)?).into(), fields.with_time_hms()).ok()?;
    Some(format!("{} UTC", formatter.format(&DateTime { date, time })))
}

fn in_digits(number: u64, region: &Locale) -> String {
    let formatter = nearest(region).and_then(|region| {
        DecimalFormatter::try_new((&region).into(), DecimalFormatterOptions::default()).ok()
    });
    match formatter {
        Some(formatter) => formatter.format(&Decimal::from(number)).to_string(),
        None => number.to_string(),
    }
}

/// ICU is stricter about what a locale is.
fn nearest(region: &Locale) -> Option<icu_locale_core::Locale> {
    locale::fallback(region).iter().find_map(|locale| icu_locale(locale.as_str()))
}

fn icu_locale(tag: &str) -> Option<icu_locale_core::Locale> {
    tag.parse().ok()
}

/// Whatever could begin a new line becomes a space, so that a name cannot pretend to be a line of the letter.
fn one_line(name: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    name.split(breaks).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 3 November 2026, 09:05:00.
    const MORNING: Timestamp = Timestamp::from_micros(1_793_696_700_000_000);

    fn moment(tag: &str) -> String {
        in_time(MORNING, &Locale::parse(tag).unwrap())
    }

    #[test]
    fn moments_are_written_as_each_locale_writes_them_and_name_utc() {
        for (tag, expected) in [
            ("en", "3 November 2026, 09:05:00 UTC"),
            ("en-US", "November 3, 2026 at 9:05:00\u{202f}AM UTC"),
            ("de", "3. November 2026 um 09:05:00 UTC"),
            ("fr-CA", "3 novembre 2026 à 09 h 05 min 00 s UTC"),
            ("es", "3 de noviembre de 2026 a las 09:05:00 UTC"),
            ("ja", "2026年11月3日 9:05:00 UTC"),
            ("ar-EG", "٣ نوفمبر ٢٠٢٦ في ٩:٠٥:٠٠ ص UTC"),
            // Not a locale to ICU, and one that it does not know.
            ("de-a", "3. November 2026 um 09:05:00 UTC"),
        ] {
            assert_eq!(moment(tag), expected, "{tag}");
        }
    }

    #[test]
    fn every_moment_can_be_written() {
        for micros in [i64::MIN, -1, 0, i64::MAX] {
            for tag in ["en", "de", "ja-u-ca-japanese", "xx-YY"] {
                let written = in_time(Timestamp::from_micros(micros), &Locale::parse(tag).unwrap());
                assert!(!written.is_empty(), "{tag}");
            }
        }
    }

    #[test]
    fn numbers_are_grouped_as_the_locale_groups_them() {
        for (tag, expected) in [
            ("en", "12,345"),
            ("de", "12.345"),
            ("de-CH", "12'345"),
            ("fr", "12\u{202f}345"),
            ("es", "12.345"),
        ] {
            assert_eq!(in_digits(12_345, &Locale::parse(tag).unwrap()), expected, "{tag}");
        }
    }

    #[test]
    fn what_could_begin_a_line_becomes_a_space() {
        assert_eq!(one_line("a\r\n\r\nb\u{2028}c\u{0}d\u{85}"), "a b c d");
    }
}
