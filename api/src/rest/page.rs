//! `/api/doc`: the `OpenAPI` document as a page on which requests can be tried. Swagger UI comes with the binary, so that
//! nothing is fetched from elsewhere.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{app::App, gzip::File};

/// Swagger UI sets styles of elements and brings its icons as `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The files change with the release: their names have its version.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const SCRIPT: &str = "/doc/swagger-ui-bundle-5.35.0.js";
const STYLE: &str = "/doc/swagger-ui-5.35.0.css";
const START: &str = "/doc/start-1.js";

pub(super) fn router() -> Router<App> {
    static BUNDLE: File = File::new(include_bytes!("../../static/swagger-ui/swagger-ui-bundle.js"));
    static LOOKS: File = File::new(include_bytes!("../../static/swagger-ui/swagger-ui.css"));
    static BEGIN: File = File::new(include_bytes!("../../static/swagger-ui/start.js"));
    let javascript = "text/javascript; charset=utf-8";
    let css = "text/css; charset=utf-8";
    Router::new()
        .route("/doc", get(show))
        .route(SCRIPT, get(async move |request| file(javascript, &BUNDLE, &request)))
        .route(STYLE, get(async move |request| file(css, &LOOKS, &request)))
        .route(START, get(async move |request| file(javascript, &BEGIN, &request)))
}

async fn show(State(app): State<App>) -> Response {
    let base = format!("{}{}", app.settings.path(), super::PATH);
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Oathbook API</title>\n\
         <link rel=\"stylesheet\" href=\"{base}{STYLE}\">\n\
         <script src=\"{base}{SCRIPT}\" defer></script>\n\
         <script src=\"{base}{START}\" defer></script>\n</head>\n<body>\n\
         <main id=\"doc\" data-document=\"{base}/openapi.json\">\n\
         <noscript>This page needs JavaScript. \
         The document it shows is <a href=\"{base}/openapi.json\">openapi.json</a>.</noscript>\n\
         </main>\n</body>\n</html>\n"
    );
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("same-origin"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, page).into_response()
}

fn file(media_type: &'static str, file: &File, request: &HeaderMap) -> Response {
    let content_type = HeaderValue::from_static(media_type);
    let headers = [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, FOR_EVER)];
    (headers, file.answer(request)).into_response()
}
