//! Cross-origin use of the token endpoint (the Fetch standard's CORS protocol). No other route allows it.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};

use crate::app::{App, Settings};

pub(super) const ALLOW: HeaderValue = HeaderValue::from_static("OPTIONS, POST");
const ORIGIN: HeaderValue = HeaderValue::from_static("Origin");

/// The origin of a request that came from another one than ours.
fn foreign<'a>(settings: &Settings, request: &'a HeaderMap) -> Option<&'a HeaderValue> {
    let ours = settings.public_url.origin().ascii_serialization();
    request.get(header::ORIGIN).filter(|origin| origin.as_bytes() != ours.as_bytes())
}

fn allowed<'a>(settings: &Settings, request: &'a HeaderMap) -> Option<&'a HeaderValue> {
    let origin = foreign(settings, request)?;
    let cors = &settings.cors;
    let fits = |allowed: &String| allowed == "*" || allowed.as_bytes() == origin.as_bytes();
    cors.allow_origins.iter().any(fits).then_some(origin)
}

/// Lets an allowed origin read the answer, whatever it is.
pub(super) fn allow(settings: &Settings, request: &HeaderMap, answer: &mut HeaderMap) {
    if !request.contains_key(header::ORIGIN) {
        return;
    }
    answer.append(header::VARY, ORIGIN);
    if let Some(origin) = allowed(settings, request) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
}

/// `OPTIONS`: a preflight of an allowed origin learns what it may send, everybody else which methods there are.
pub(super) async fn options(State(app): State<App>, request: HeaderMap) -> Response {
    let mut answer = ().into_response();
    let headers = answer.headers_mut();
    let preflight = request.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if preflight && allowed(&app.settings, &request).is_some() {
        permit(&app.settings, headers);
    } else {
        headers.insert(header::ALLOW, ALLOW);
    }
    allow(&app.settings, &request, headers);
    answer
}

fn permit(settings: &Settings, answer: &mut HeaderMap) {
    let cors = &settings.cors;
    let mut names = "Authorization,Content-Type".to_owned();
    for name in &cors.allow_headers {
        names.push(',');
        names.push_str(name);
    }
    let seconds = cors.preflight_max_age.as_secs();
    let texts = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "OPTIONS, POST".to_owned()),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, names),
        (header::ACCESS_CONTROL_MAX_AGE, seconds.to_string()),
        (header::CACHE_CONTROL, format!("max-age={seconds}, public")),
    ];
    // A configured name that is no header value is left out rather than answered with an error.
    answer.extend(
        texts
            .into_iter()
            .filter_map(|(name, text)| Some((name, HeaderValue::try_from(text).ok()?))),
    );
}
