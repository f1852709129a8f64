//! Style, script and pictures: part of the binary, named by their content, so that browsers keep them for ever.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    body::Bytes,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{errors::Problem, local};
use crate::{app::Settings, gzip::File};

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const FOR_A_DAY: &str = "public, max-age=86400";

struct Asset {
    /// With the first digits of its SHA-256 before the ending.
    name: String,
    etag: HeaderValue,
    /// Of the compressed file, which is another representation (RFC 9110, section 8.8.3.3).
    etag_compressed: HeaderValue,
    media_type: &'static str,
    content: File,
}

struct Assets {
    css: Asset,
    js: Asset,
    grid: Asset,
    reference: Asset,
    icons: Asset,
    favicon: Asset,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    css: Asset::new("oathbook", "css", include_bytes!("../../static/oathbook.css")),
    js: Asset::new("oathbook", "js", include_bytes!("../../static/oathbook.js")),
    grid: Asset::new("grid", "js", include_bytes!("../../static/grid.js")),
    reference: Asset::new("reference", "js", include_bytes!("../../static/reference.js")),
    icons: Asset::new("icons", "svg", include_bytes!("../../static/icons.svg")),
    favicon: Asset::new("favicon", "svg", include_bytes!("../../static/favicon.svg")),
});

impl Asset {
    fn new(stem: &str, ending: &str, content: &'static [u8]) -> Self {
        let hash = digest(&SHA256, content);
        let mut first = [0; 8];
        first.copy_from_slice(&hash.as_ref()[..8]);
        let hash = format!("{:016x}", u64::from_be_bytes(first));
        let media_type = match ending {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
        let etag =
            |tag: String| HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""));
        Self {
            name: format!("{stem}.{hash}.{ending}"),
            etag: etag(format!("\"{hash}\"")),
            etag_compressed: etag(format!("\"{hash}-gzip\"")),
            media_type,
            content: File::new(Bytes::from_static(content)),
        }
    }

    /// The file, or that the browser has it already (RFC 9110, section 13.1.2).
    fn answer(&self, request: &HeaderMap, cache: &'static str) -> Response {
        let (mut varying, content) = self.content.answer(request);
        let is_compressed = varying.contains_key(header::CONTENT_ENCODING);
        let tag = if is_compressed { &self.etag_compressed } else { &self.etag };
        let etag = tag.to_str().unwrap_or_default();
        let known = request
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|value| value.trim().trim_start_matches("W/"))
            .any(|value| value == "*" || value == etag);
        let headers =
            [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, HeaderValue::from_static(cache))];
        if known {
            varying.remove(header::CONTENT_ENCODING);
            return (StatusCode::NOT_MODIFIED, headers, varying).into_response();
        }
        (headers, [(header::CONTENT_TYPE, self.media_type)], varying, content).into_response()
    }
}

/// Where pages find the files.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Addresses {
    css: String,
    js: String,
    grid: String,
    reference: String,
    icons: String,
    favicon: String,
}

impl Addresses {
    pub(super) fn of(settings: &Settings) -> Self {
        let address = |asset: &Asset| local::of(settings, &format!("/static/{}", asset.name));
        Self {
            css: address(&ASSETS.css),
            js: address(&ASSETS.js),
            grid: address(&ASSETS.grid),
            reference: address(&ASSETS.reference),
            icons: address(&ASSETS.icons),
            favicon: address(&ASSETS.favicon),
        }
    }
}

#[cfg(test)]
impl Addresses {
    pub(super) fn sample() -> Self {
        let text = String::new;
        Self {
            css: text(),
            js: text(),
            grid: text(),
            reference: text(),
            icons: text(),
            favicon: text(),
        }
    }
}

pub(super) async fn file(
    name: Result<Path<String>, axum::extract::rejection::PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path(name) = name.map_err(|_| Problem::NotFound)?;
    let Assets { css, js, grid, reference, icons, favicon } = &*ASSETS;
    let asset =
        [css, js, grid, reference, icons, favicon].into_iter().find(|asset| asset.name == name);
    asset.map(|asset| asset.answer(&headers, FOR_EVER)).ok_or(Problem::NotFound)
}

/// Browsers ask for it by this name where there is no page to name another.
pub(super) async fn favicon(headers: HeaderMap) -> Response {
    ASSETS.favicon.answer(&headers, FOR_A_DAY)
}
