use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use crate::office::Office;

#[tokio::test]
async fn every_file_a_page_names_is_there_and_kept_for_ever() {
    let office = Office::new().await;
    let page = office.browser().get("/sign-in").await;
    for (before, media_type) in [
        ("<link rel=\"stylesheet\" href=\"", "text/css; charset=utf-8"),
        ("<script src=\"", "text/javascript; charset=utf-8"),
        ("<link rel=\"icon\" href=\"", "image/svg+xml"),
        ("<use href=\"", "image/svg+xml"),
    ] {
        let address = page.between(before, "\"").expect("an address");
        let address = address.split('#').next().expect("a path").to_owned();
        assert!(address.starts_with("/static/"), "{address}");
        let file = office.get(&address).await;
        assert_eq!(file.status, StatusCode::OK, "{address}");
        assert_eq!(file.header("content-type"), Some(media_type));
        assert_eq!(file.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
        assert!(!file.body.is_empty());
        let etag = file.header("etag").expect("a tag").to_owned();
        for known in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".to_owned()] {
            let request = Request::get(&address).header(header::IF_NONE_MATCH, known);
            let answer = office.send(request.body(Body::empty()).expect("a request")).await;
            assert_eq!((answer.status, answer.body.len()), (StatusCode::NOT_MODIFIED, 0));
            assert_eq!(answer.header("etag"), Some(etag.as_str()));
        }
        let request = Request::get(&address).header(header::IF_NONE_MATCH, "\"other\"");
        let answer = office.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_file_that_is_not_ours_is_not_there() {
    let office = Office::new().await;
    for path in [
        "/static/oathbook.css",
        "/static/oathbook.0000000000000000.css",
        "/static/..%2f..%2fCargo.toml",
        "/static/%2fetc%2fpasswd",
        "/static/%FF",
        "/static/icons.LICENSE",
    ] {
        assert_eq!(office.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn browsers_that_ask_for_a_favicon_get_one() {
    let office = Office::new().await;
    let icon = office.get("/favicon.ico").await;
    assert_eq!((icon.status, icon.header("content-type")), (StatusCode::OK, Some("image/svg+xml")));
    assert_eq!(icon.header("cache-control"), Some("public, max-age=86400"));
}

#[tokio::test]
async fn a_file_is_compressed_for_those_who_take_it_and_is_another_representation() {
    let office = Office::new().await;
    let page = office.browser().get("/sign-in").await;
    let address = page.between("<link rel=\"stylesheet\" href=\"", "\"").expect("an address");
    let whole = office.get(&address).await;
    assert_eq!(whole.header("content-encoding"), None);
    let ask = |tag: &str| {
        let request = Request::get(&address).header(header::ACCEPT_ENCODING, "br, gzip");
        request.header(header::IF_NONE_MATCH, tag).body(Body::empty()).expect("a request")
    };
    let compressed = office.send(ask("\"other\"")).await;
    assert_eq!(compressed.header("content-encoding"), Some("gzip"));
    assert_eq!(compressed.header("vary"), Some("Accept-Encoding"));
    assert_eq!(compressed.header("content-type"), whole.header("content-type"));
    assert!(compressed.body.len() * 3 < whole.body.len());
    let tag = compressed.header("etag").expect("a tag").to_owned();
    assert_ne!(Some(tag.as_str()), whole.header("etag"));
    let answer = office.send(ask(&tag)).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(
        (answer.header("content-encoding"), answer.header("vary")),
        (None, Some("Accept-Encoding"))
    );
}

/// What another site makes a browser ask for must not tell by its length what is in it.
#[tokio::test]
async fn a_page_is_compressed_only_when_a_page_of_ours_led_to_it() {
    let office = Office::new().await;
    for (site, expected) in [
        (Some("same-origin"), Some("gzip")),
        (Some("same-site"), None),
        (Some("cross-site"), None),
        (Some("none"), None),
        (None, None),
    ] {
        let request = Request::get("/sign-in?next=/me").header(header::ACCEPT_ENCODING, "gzip");
        let request = site.into_iter().fold(request, |it, site| it.header("sec-fetch-site", site));
        let answer = office.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-encoding"), expected, "{site:?}");
        assert!(answer.header("content-security-policy").is_some());
    }
    let form = Request::post("/sign-in").header("sec-fetch-site", "same-origin");
    let form = form.header(header::ACCEPT_ENCODING, "gzip").body(Body::empty());
    let answer = office.send(form.expect("a request")).await;
    assert_eq!(answer.header("content-encoding"), None);
}
