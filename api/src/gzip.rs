//! Answers are compressed where their length tells nobody anything: files that are the same for all, and pages that a page
//! of ours led to. `docs/security.md` says why.

use std::{io::Write, sync::OnceLock};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use flate2::{Compression, write::GzEncoder};

const GZIP: HeaderValue = HeaderValue::from_static("gzip");
const VARY: HeaderValue = HeaderValue::from_static("Accept-Encoding");
/// Shorter answers are not worth it.
const SHORT: usize = 1024;
/// A file is compressed once, a page each time.
const OF_FILES: Compression = Compression::best();
const OF_PAGES: Compression = Compression::new(5);

/// Of a page that is the same for everybody, whoever made the browser ask for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Public;

/// What is the same for everybody, compressed when somebody first asks for it.
#[derive(Debug)]
pub(crate) struct File {
    whole: Bytes,
    compressed: OnceLock<Option<Bytes>>,
}

impl File {
    pub(crate) const fn new(whole: Bytes) -> Self {
        Self { whole, compressed: OnceLock::new() }
    }

    /// The file as this client takes it, and the headers that say so.
    pub(crate) fn answer(&self, request: &HeaderMap) -> (HeaderMap, Bytes) {
        let compressed = || self.compressed.get_or_init(|| compress(&self.whole, OF_FILES)).clone();
        let compressed = if is_accepted(request) { compressed() } else { None };
        said(compressed.ok_or_else(|| self.whole.clone()))
    }
}

/// `Err` is the content as it is.
fn said(content: Result<Bytes, Bytes>) -> (HeaderMap, Bytes) {
    let mut headers = HeaderMap::from_iter([(header::VARY, VARY)]);
    match content {
        Ok(compressed) => {
            headers.insert(header::CONTENT_ENCODING, GZIP);
            (headers, compressed)
        }
        Err(whole) => (headers, whole),
    }
}

/// Compresses pages that the browser asks for because of a page of ours, and those that are [`Public`]. What another site
/// makes it ask for is sent as it is: such a site could put guesses into the address and measure the answer (BREACH). So
/// are answers to forms, among which is the one that shows a secret.
pub(crate) async fn pages(request: Request, next: Next) -> Response {
    let is_ours = request
        .headers()
        .get("sec-fetch-site")
        .is_some_and(|site| site.as_bytes() == b"same-origin");
    let may_be = request.method() == Method::GET && is_accepted(request.headers());
    let response = next.run(request).await;
    let may_be = may_be && (is_ours || response.extensions().get::<Public>().is_some());
    let media_type = response.headers().get(header::CONTENT_TYPE);
    let is_page = media_type.is_some_and(|it| it.as_bytes().starts_with(b"text/html"));
    if !may_be || !is_page || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // Pages are made whole before they are sent, so nothing is waited for.
    let Ok(whole) = to_bytes(body, usize::MAX).await else {
        parts.status = StatusCode::INTERNAL_SERVER_ERROR;
        return Response::from_parts(parts, Body::empty());
    };
    let compressed = if whole.len() < SHORT { None } else { compress(&whole, OF_PAGES) };
    let (headers, content) = said(compressed.ok_or(whole));
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(headers);
    Response::from_parts(parts, content.into())
}

/// RFC 9110, section 12.5.3. Without the header nothing is compressed.
pub(crate) fn is_accepted(request: &HeaderMap) -> bool {
    let values = request.get_all(header::ACCEPT_ENCODING).iter();
    let codings = values.filter_map(|value| value.to_str().ok()).flat_map(|it| it.split(','));
    let mut any = false;
    for coding in codings {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().to_ascii_lowercase();
        let wanted = weight
            .strip_prefix("q=")
            .is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|q| q > 0.0));
        match name.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => return wanted,
            "*" => any = wanted,
            _ => {}
        }
    }
    any
}

/// Nothing where it would not be shorter.
fn compress(content: &[u8], level: Compression) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(content).ok()?;
    let compressed = encoder.finish().ok()?;
    (compressed.len() < content.len()).then(|| compressed.into())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    fn asking(accepted: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted))])
    }

    #[test]
    fn a_client_gets_only_what_it_takes() {
        for accepted in ["gzip", "br, gzip;q=0.5", "GZIP", "*", "identity;q=0, *;q=0.1", "x-gzip"] {
            assert!(is_accepted(&asking(accepted)), "{accepted}");
        }
        for refused in ["", "br", "identity", "gzip;q=0", "gzip;q=0.000, *", "*;q=0", "gzip;q=x"] {
            assert!(!is_accepted(&asking(refused)), "{refused}");
        }
        assert!(!is_accepted(&HeaderMap::new()));
    }

    #[test]
    fn what_was_compressed_is_the_same_again() {
        static TEXT: &[u8] = &[b'a'; 4096];
        let (headers, content) = File::new(Bytes::from_static(TEXT)).answer(&asking("gzip"));
        assert_eq!(headers.get(header::CONTENT_ENCODING), Some(&GZIP));
        let mut whole = vec![];
        GzDecoder::new(&content[..]).read_to_end(&mut whole).expect("gzip");
        assert_eq!(whole, TEXT);
        assert!(content.len() < 100);
    }

    #[test]
    fn what_would_grow_is_sent_as_it_is() {
        let (headers, content) = File::new(Bytes::from_static(b"short")).answer(&asking("gzip"));
        assert_eq!((headers.get(header::CONTENT_ENCODING), &content[..]), (None, &b"short"[..]));
        assert_eq!(headers.get(header::VARY), Some(&VARY));
    }
}
