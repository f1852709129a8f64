//! The `OpenAPI` document and its page.

use std::collections::BTreeSet;

use axum::{body::Body, http::Request};
use serde_json::Value;

use crate::{
    desk::{ALL_SCOPES, Desk},
    matrix::Operation,
};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

async fn document(desk: &Desk) -> Value {
    let answer = desk.get("/api/openapi.json").await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.json()
}

/// Every operation of the document.
pub(crate) async fn operations(desk: &Desk) -> Vec<Operation> {
    let document = document(desk).await;
    let paths = document["paths"].as_object().expect("paths").clone();
    let of_path = |(path, operations): (String, Value)| {
        let found = METHODS.into_iter().filter_map(|method| {
            let name = operations.get(method)?["operationId"].as_str().expect("an id").to_owned();
            Some(Operation { name, method: method.to_uppercase(), path: path.clone() })
        });
        found.collect::<Vec<_>>()
    };
    paths.into_iter().flat_map(of_path).collect()
}

#[tokio::test]
async fn the_document_and_the_routes_are_the_same() {
    let desk = Desk::new().await;
    let document = document(&desk).await;
    assert_eq!(document["openapi"], "3.1.0");
    for (path, operations) in document["paths"].as_object().expect("paths") {
        let address = format!("/api{}", path.replace("{id}", "0"));
        let request = Request::builder().method("OPTIONS").uri(&address).body(Body::empty());
        let answer = desk.send(request.expect("a request")).await;
        let allowed = answer.header("allow").unwrap_or_else(|| panic!("no route: {path}"));
        let allowed: BTreeSet<_> = allowed
            .split(", ")
            .filter(|method| !matches!(*method, "HEAD" | "OPTIONS"))
            .map(str::to_lowercase)
            .collect();
        let documented: BTreeSet<_> =
            operations.as_object().expect("operations").keys().cloned().collect();
        assert_eq!(documented, allowed, "{path}");
    }
}

#[tokio::test]
async fn no_operation_can_be_called_without_a_token() {
    let desk = Desk::new().await;
    for (path, operations) in document(&desk).await["paths"].as_object().expect("paths") {
        for method in METHODS.iter().filter(|method| operations.get(**method).is_some()) {
            let address = format!("/api{}", path.replace("{id}", "0"));
            let request = Request::builder()
                .method(method.to_uppercase().as_str())
                .uri(&address)
                .body(Body::empty());
            let answer = desk.send(request.expect("a request")).await;
            assert_eq!(answer.status, 401, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn no_operation_can_be_called_without_its_scope() {
    let desk = Desk::new().await;
    for (path, operations) in document(&desk).await["paths"].as_object().expect("paths") {
        for method in METHODS.iter().filter(|method| operations.get(**method).is_some()) {
            let needed = operations[method]["security"][0]["bearer"][0].as_str().expect("a scope");
            let others: Vec<_> = ALL_SCOPES.into_iter().filter(|scope| *scope != needed).collect();
            let name = format!("{method} {path}");
            let created = desk.register(desk.belonging(), &name, &others).await;
            let token = desk.token(&created).await;
            let program = crate::desk::Program { desk: &desk, created, token };
            let address = format!("/api{}", path.replace("{id}", &program.id()));
            let answer = program.send(&method.to_uppercase(), &address, &[], None).await;
            assert_eq!(answer.status, 403, "{name}");
            let challenge = answer.header("www-authenticate").expect("a challenge");
            assert!(challenge.contains(&format!("scope=\"{needed}\"")), "{name}: {challenge}");
        }
    }
}

#[tokio::test]
async fn every_reference_of_the_document_leads_somewhere() {
    let desk = Desk::new().await;
    let document = document(&desk).await;
    let text = document.to_string();
    let references = text.split("\"$ref\":\"#").skip(1);
    let references: BTreeSet<_> =
        references.map(|rest| rest.split('"').next().expect("a pointer")).collect();
    assert!(references.len() > 10);
    for pointer in references {
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[tokio::test]
async fn the_page_shows_every_operation_and_needs_nothing_from_elsewhere() {
    let desk = Desk::new().await;
    let answer = desk.get("/api/doc").await;
    let page = String::from_utf8(answer.body.to_vec()).expect("a page");
    let document = document(&desk).await;
    let methods = document["paths"].as_object().into_iter().flatten();
    let operations = methods.flat_map(|(_, methods)| methods.as_object().into_iter().flatten());
    let names: Vec<_> = operations.filter_map(|(_, it)| it["operationId"].as_str()).collect();
    assert!(names.len() > 20);
    for name in names {
        assert!(page.contains(&format!("id=\"{name}\"")), "{name}");
    }
    for attribute in ["src=\"", "href=\""] {
        for link in page.split(attribute).skip(1) {
            let path = link.split('"').next().expect("a path");
            assert!(path.starts_with(['/', '#']), "{path}");
        }
    }
}

#[tokio::test]
async fn examples_are_what_their_operations_take() {
    let desk = Desk::new().await;
    let page = String::from_utf8(desk.get("/api/doc").await.body.to_vec()).expect("a page");
    let example = |name: &str| -> Value {
        let area = page.split_once(&format!("id=\"{name}-body\"")).expect("a text area").1;
        let text = area.split(['<', '>']).nth(1).expect("a text").replace("&quot;", "\"");
        serde_json::from_str(&text).expect("JSON")
    };
    let program = desk.program(&ALL_SCOPES).await;
    for (name, path) in
        [("createApplication", "/api/oauthapplications"), ("inviteUser", "/api/users")]
    {
        let answer = program.post(path, &example(name)).await;
        assert_eq!(answer.status, 201, "{name}: {}", answer.json());
    }
}
