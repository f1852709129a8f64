//! Addresses may carry passwords: what people read shows that there is one, and not which.

use url::Url;

/// The text as it may be printed: `smtp://user:secret@host?x=y` as `smtp://user:…@host?…`. What cannot be told apart from
/// a misspelt address with a password is withheld whole.
pub(super) fn withheld(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) if url.has_host() => shown(&url),
        _ if text.contains("://") || (text.contains('@') && text.contains(':')) => "…".to_owned(),
        _ => text.to_owned(),
    }
}

pub(super) fn shown(url: &Url) -> String {
    let user = match (url.username(), url.password()) {
        ("", None) => String::new(),
        (user, None) => format!("{user}@"),
        (user, Some(_)) => format!("{user}:…@"),
    };
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = if url.path() == "/" { "" } else { url.path() };
    let query = if url.query().is_some() { "?…" } else { "" };
    format!("{}://{user}{host}{port}{path}{query}", url.scheme())
}
