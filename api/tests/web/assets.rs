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
