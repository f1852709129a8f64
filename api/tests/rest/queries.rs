//! Filters, order, pages and sparse fields.

use serde_json::{Value, json};

use crate::desk::{APPLICATIONS, Desk, Program, code, names};

const NAMES: [&str; 4] = ["Billing", "Mobile app", "Order sync", "Zebra"];

/// A program, and four applications beside it.
async fn stocked(desk: &Desk) -> Program<'_> {
    let program = desk.program(&["applications:read", "applications:write"]).await;
    for name in NAMES {
        program.make(name).await;
    }
    program
}

async fn found(program: &Program<'_>, query: &str) -> Vec<String> {
    names(&program.get(&format!("{APPLICATIONS}?{query}")).await)
}

#[tokio::test]
async fn every_operator_of_a_text_finds_what_it_says() {
    let desk = Desk::new().await;
    let program = stocked(&desk).await;
    for (query, expected) in [
        ("filter[name]=zebra", &["Zebra"][..]),
        ("filter[name][eq]=Billing,Zebra", &["Billing", "Zebra"]),
        ("filter[name][neq]=Billing,Zebra,Program", &["Mobile app", "Order sync"]),
        ("filter[name][contains]=SYNC", &["Order sync"]),
        ("filter[name][not_contains]=b", &["Order sync", "Program"]),
        ("filter[name][starts_with]=b", &["Billing"]),
        ("filter[name][not_starts_with]=P&filter[name][contains]=r", &["Order sync", "Zebra"]),
        ("filter[name][ends_with]=app", &["Mobile app"]),
        ("filter[name][not_ends_with]=g&filter[name][contains]=i", &["Mobile app"]),
        ("filter[description][empty]=no", &[]),
        ("filter[description][exists]=no&filter[name]=Zebra", &["Zebra"]),
    ] {
        assert_eq!(found(&program, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn applications_are_found_by_status_owner_scope_moment_and_use() {
    let desk = Desk::new().await;
    let program = stocked(&desk).await;
    let (ada, acme) = (desk.ada, desk.acme);
    let app = &desk.app;
    app.usage.flush(&*app.state, app.commands.log.vault(), &app.knowledge).await;
    let id = program.get(APPLICATIONS).await.json()["data"][0]["id"].clone();
    let id = id.as_str().expect("an id");
    let path = format!("{APPLICATIONS}/{id}/deactivate");
    assert_eq!(program.send("POST", &path, &[], None).await.status, 200);
    for (query, expected) in [
        ("filter[status]=inactive".to_owned(), 1),
        ("filter[active]=no".to_owned(), 1),
        ("filter[active]=yes".to_owned(), 4),
        (format!("filter[owner]={ada}"), 5),
        (format!("filter[owner][neq]={ada}"), 0),
        (format!("filter[organization]={acme}"), 5),
        (format!("filter[id]={id}"), 1),
        ("filter[scopes]=applications:read".to_owned(), 1),
        ("filter[grants]=client_credentials".to_owned(), 5),
        ("filter[createdAt]=2026-11-18".to_owned(), 5),
        ("filter[createdAt]=2026-11-01..2026-11-17".to_owned(), 0),
        ("filter[createdAt][gt]=2026-11-18".to_owned(), 0),
        ("filter[createdAt][lte]=2026-11-18".to_owned(), 5),
        ("filter[createdAt][neq]=2026-11-18".to_owned(), 0),
        ("filter[lastUsedAt][exists]=yes".to_owned(), 1),
        ("filter[lastUsedAt][exists]=no".to_owned(), 4),
    ] {
        assert_eq!(found(&program, &query).await.len(), expected, "{query}");
    }
}

#[tokio::test]
async fn a_list_is_in_the_order_that_was_asked_for() {
    let desk = Desk::new().await;
    let program = stocked(&desk).await;
    let by_name = ["Billing", "Mobile app", "Order sync", "Program", "Zebra"];
    assert_eq!(found(&program, "").await, by_name);
    let backwards: Vec<_> = by_name.iter().rev().copied().collect();
    assert_eq!(found(&program, "sort=-name").await, backwards);
    let by_client_id = program.get(&format!("{APPLICATIONS}?sort=clientId")).await.json();
    let ids = by_client_id["data"].as_array().expect("a list").iter();
    assert!(ids.map(|it| it["attributes"]["clientId"].to_string()).is_sorted());
    let answer = program.get(&format!("{APPLICATIONS}?sort=name,createdAt")).await;
    assert_eq!(code(&answer), (400, "unexpected_value".to_owned()));
}

#[tokio::test]
async fn cursors_lead_through_all_pages_and_back_while_rows_change() {
    let desk = Desk::new().await;
    let program = stocked(&desk).await;
    let follow = async |link: &Value| {
        let link = link.as_str().expect("a link");
        program.get(link.strip_prefix("https://oathbook.test").expect("a link here")).await
    };
    let first = program.get(&format!("{APPLICATIONS}?page[size]=2")).await;
    assert_eq!(names(&first), NAMES[..2]);
    assert_eq!(first.json()["links"]["prev"], Value::Null);
    // One in front of the place and one behind it.
    program.make("Accounting").await;
    program.make("Newsletter").await;
    let second = follow(&first.json()["links"]["next"]).await;
    assert_eq!(names(&second), ["Newsletter", "Order sync"]);
    let last = follow(&second.json()["links"]["next"]).await;
    assert_eq!(names(&last), ["Program", "Zebra"]);
    assert_eq!(last.json()["links"]["next"], Value::Null);
    let back = follow(&last.json()["links"]["prev"]).await;
    assert_eq!(names(&back), ["Newsletter", "Order sync"]);
    assert_eq!(names(&follow(&back.json()["links"]["first"]).await), ["Accounting", "Billing"]);
}

#[tokio::test]
async fn pages_have_numbers_for_those_who_count() {
    let desk = Desk::new().await;
    let program = stocked(&desk).await;
    let path = format!("{APPLICATIONS}?page[size]=2&page[number]=3&filter[status]=active");
    let answer = program.send("GET", &path, &[("x-include", "noHateoas; totalCount")], None).await;
    assert_eq!(names(&answer), ["Zebra"]);
    assert_eq!(answer.header("x-include-total-count"), Some("5"));
    let links = &answer.json()["links"];
    assert_eq!(links["next"], Value::Null);
    let previous = links["prev"].as_str().expect("a link");
    assert!(previous.contains("page%5Bnumber%5D=2"), "{previous}");
    assert!(previous.contains("filter%5Bstatus%5D=active"), "{previous}");
    let without = program.get(APPLICATIONS).await;
    assert_eq!(without.header("x-include-total-count"), None);
}

#[tokio::test]
async fn a_cursor_belongs_to_its_list_and_order() {
    let desk = Desk::new().await;
    let program = stocked(&desk).await;
    let first = program.get(&format!("{APPLICATIONS}?page[size]=2")).await.json();
    let next = first["links"]["next"].as_str().expect("a link");
    let (_, cursor) = next.split_once("page%5Bafter%5D=").expect("a cursor");
    let cursor = cursor.split('&').next().expect("a cursor");
    for wrong in [
        format!("sort=-createdAt&page[after]={cursor}"),
        format!("page[after]={}", &cursor[1..]),
        format!("page[before]=x{cursor}"),
        "page[after]=".to_owned(),
    ] {
        let answer = program.get(&format!("{APPLICATIONS}?{wrong}")).await;
        assert_eq!(code(&answer), (404, "not_found".to_owned()), "{wrong}");
    }
}

#[tokio::test]
async fn a_query_that_is_not_understood_is_refused() {
    let desk = Desk::new().await;
    let program = desk.program(&["applications:read"]).await;
    for (query, source) in [
        ("filter[unknown]=1", "filter[unknown]"),
        ("filter[name][like]=1", "filter[name][like]"),
        ("filter[id]=7", "filter[id]"),
        ("filter[createdAt]=yesterday", "filter[createdAt]"),
        ("filter[active]=maybe", "filter[active]"),
        ("page[size]=-1", "page[size]"),
        ("page[size]=101", "page[size]"),
        ("page[number]=0", "page[number]"),
        ("include=secrets", "include"),
        ("fields[oauthapplications]=colour", "fields[oauthapplications]"),
        ("fields[letters]=a", "fields[letters]"),
        ("sort=colour", "sort"),
        ("limit=7", "limit"),
    ] {
        let answer = program.get(&format!("{APPLICATIONS}?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        let error = &answer.json()["errors"][0];
        assert_eq!(error["source"], json!({ "parameter": source }), "{query}");
    }
    let answer = program.get(&format!("{APPLICATIONS}?filter[unknown]=1")).await;
    let error = &answer.json()["errors"][0];
    assert_eq!(error["title"], "filter constraint");
    assert_eq!(error["detail"], "Filter \"filter[unknown]\" is not supported.");
}
