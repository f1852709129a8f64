//! Paths of our own to go to next. Whoever writes a link to us must not decide that it ends elsewhere.

use url::Url;

use crate::app::Settings;

/// Longer paths are not ours.
const MAX_LENGTH: usize = 2048;

/// The path, query and fragment in the form of a `Location`, unless the text could lead to another host.
pub(super) fn parse(text: &str) -> Option<String> {
    let suspicious = |c: char| c == '\\' || c.is_control();
    if text.len() > MAX_LENGTH || !text.starts_with('/') || text.contains(suspicious) {
        return None;
    }
    let here = Url::parse("http://local.invalid/").ok()?;
    let there = here.join(text).ok()?;
    let local = there.as_str().strip_prefix("http://local.invalid")?;
    // Dots may have hidden two slashes: `/.//elsewhere.example`.
    let is_local = there.origin() == here.origin() && !local.starts_with("//");
    is_local.then(|| local.to_owned())
}

/// Where people go who wanted nothing in particular.
pub(super) fn home(settings: &Settings) -> String {
    of(settings, "/me")
}

/// A page of ours as browsers call it, below the path of `public_url`.
pub(super) fn of(settings: &Settings, page: &str) -> String {
    format!("{}{page}", settings.path())
}

/// One value inside a query.
pub(super) fn encoded(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_path_stays_as_it_is() {
        for path in ["/", "/me", "/me?name=sync&page=2#applications", "/applications/new"] {
            assert_eq!(parse(path).as_deref(), Some(path));
        }
    }

    #[test]
    fn a_path_with_other_letters_becomes_a_header() {
        assert_eq!(parse("/me?name=ä b").as_deref(), Some("/me?name=%C3%A4%20b"));
    }

    #[test]
    fn nothing_leads_to_another_host() {
        for foreign in [
            "",
            "me",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/.//evil.example",
            "/x/..//evil.example",
            "/%2e//evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/me\r\nSet-Cookie: a=b",
            "/\u{0}",
        ] {
            assert_eq!(parse(foreign), None, "{foreign:?}");
        }
        assert_eq!(parse(&format!("/{}", "a".repeat(MAX_LENGTH))), None);
    }
}
