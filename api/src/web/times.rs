//! Moments for people: how long ago, with the exact instant beside it.

use domain::Timestamp;
use serde::Serialize;
use time::{OffsetDateTime, macros::format_description};

/// A moment in the three forms a template needs.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Time {
    iso: String,
    exact: String,
    relative: String,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
/// Until when days are counted; later on the date says more.
const DAYS: i64 = 90;

impl Time {
    /// The exact instant alone, for where there is no room for more.
    pub(super) fn exact(moment: Timestamp) -> String {
        Self::of(moment, moment).exact
    }

    pub(super) fn of(moment: Timestamp, now: Timestamp) -> Self {
        let at = OffsetDateTime::from(moment);
        let day = format_description!("[year]-[month]-[day]");
        let clock = format_description!("[hour]:[minute]:[second]");
        // Formats of numbers alone do not fail.
        let (day, clock) =
            (at.format(day).unwrap_or_default(), at.format(clock).unwrap_or_default());
        Self {
            iso: format!("{day}T{clock}Z"),
            exact: format!("{day} {clock} UTC"),
            relative: relative(at, OffsetDateTime::from(now)),
        }
    }
}

fn relative(at: OffsetDateTime, now: OffsetDateTime) -> String {
    let seconds = (now - at).whole_seconds();
    let days = (now.date() - at.date()).whole_days();
    match seconds {
        ..-50 => ahead(-seconds, at, now),
        -50..50 => "just now".to_owned(),
        50..3_570 => ago((seconds + MINUTE / 2) / MINUTE, "minute"),
        _ if days == 0 => ago((seconds / HOUR).max(1), "hour"),
        _ if days == 1 => "yesterday".to_owned(),
        _ if days < DAYS => ago(days, "day"),
        _ => date(at, now),
    }
}

fn ahead(seconds: i64, at: OffsetDateTime, now: OffsetDateTime) -> String {
    match (seconds + MINUTE / 2) / MINUTE {
        minutes @ ..120 => format!("in {}", count(minutes, "minute")),
        minutes @ 120..2_880 => format!("in {}", count(minutes / 60, "hour")),
        _ => date(at, now),
    }
}

fn ago(number: i64, unit: &str) -> String {
    format!("{} ago", count(number, unit))
}

fn count(number: i64, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

fn date(at: OffsetDateTime, now: OffsetDateTime) -> String {
    let with_year = format_description!("[day padding:none] [month repr:short] [year]");
    let without = format_description!("[day padding:none] [month repr:short]");
    let text = if at.year() == now.year() { at.format(without) } else { at.format(with_year) };
    text.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(moment: &str) -> String {
        let now = "2026-11-03T14:32:10Z".parse().expect("a moment");
        Time::of(moment.parse().expect("a moment"), now).relative
    }

    #[test]
    fn a_moment_is_told_as_people_tell_it() {
        for (moment, expected) in [
            ("2026-11-03T14:32:12Z", "just now"),
            ("2026-11-03T14:31:30Z", "just now"),
            ("2026-11-03T14:31:10Z", "1 minute ago"),
            ("2026-11-03T14:29:41Z", "2 minutes ago"),
            ("2026-11-03T13:33:00Z", "59 minutes ago"),
            ("2026-11-03T13:32:30Z", "1 hour ago"),
            ("2026-11-03T10:02:00Z", "4 hours ago"),
            ("2026-11-02T18:20:09Z", "yesterday"),
            ("2026-10-20T07:11:30Z", "14 days ago"),
            ("2026-09-03T08:00:12Z", "61 days ago"),
            ("2026-05-12T09:14:03Z", "12 May"),
            ("2025-05-12T09:14:03Z", "12 May 2025"),
            ("2026-11-03T15:32:10Z", "in 60 minutes"),
            ("2026-11-03T19:32:10Z", "in 5 hours"),
            ("2026-11-13T19:32:10Z", "13 Nov"),
        ] {
            assert_eq!(said(moment), expected, "{moment}");
        }
    }

    #[test]
    fn a_moment_just_before_midnight_is_minutes_ago_just_after_it() {
        let now = "2026-11-03T00:10:00Z".parse().expect("a moment");
        let moment = "2026-11-02T23:50:00Z".parse().expect("a moment");
        assert_eq!(Time::of(moment, now).relative, "20 minutes ago");
    }

    #[test]
    fn the_exact_instant_is_in_utc() {
        let moment = "2026-05-12T11:14:03.5+02:00".parse().expect("a moment");
        let time = Time::of(moment, moment);
        assert_eq!((&*time.iso, &*time.exact), ("2026-05-12T09:14:03Z", "2026-05-12 09:14:03 UTC"));
    }
}
