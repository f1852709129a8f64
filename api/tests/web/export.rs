//! The grid as a file.

use axum::http::StatusCode;
use domain::authority::Role;
use serde_json::Value;

use crate::{grid::office, office::Office};

const HEAD: &str = "id,name,client_id,organization_id,organization,owner_id,owner,owner_user_name,status,grant_types,scopes,description,created_at,last_used_at,deleted_at";

#[tokio::test]
async fn the_filtered_rows_are_exported_in_their_order() {
    let office = office().await;
    let mut browser = office.ada().await;
    let page = browser.get("/applications?status=inactive&sort=-name").await;
    let link = page.between("href=\"/applications/export?", "\"").expect("a link");
    let link = link.replace("&#x3D;", "=").replace("&amp;", "&");
    assert_eq!(link, "format=csv&status=inactive&sort=-name");
    assert!(page.says("Export 2 rows"));
    let file = browser.get(&format!("/applications/export?{link}")).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    let name = file.header("content-disposition").expect("a name");
    assert!(name.starts_with("attachment; filename=\"oauth-applications-20"), "{name}");
    let text = file.text();
    let lines: Vec<_> = text.split("\r\n").collect();
    assert_eq!((lines[0], lines.len()), (HEAD, 4));
    assert!(lines[1].contains(",App 14,") && lines[2].contains(",App 13,"));
    assert!(lines[1].contains(",Acme,") && lines[1].contains(",inactive,client_credentials,,"));
}

#[tokio::test]
async fn json_lines_hold_one_application_each() {
    let office = office().await;
    let mut browser = office.ada().await;
    let file = browser.get("/applications/export?format=jsonl&name=App+14").await;
    assert_eq!(file.header("content-type"), Some("application/jsonl; charset=utf-8"));
    let text = file.text();
    let lines: Vec<_> = text.lines().collect();
    let [line] = lines.as_slice() else { panic!("{text}") };
    let row: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(row["name"], "App 14");
    assert_eq!(row["status"], "inactive");
    assert_eq!(row["grant_types"], serde_json::json!(["client_credentials"]));
    assert_eq!((&row["last_used_at"], &row["deleted_at"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn an_export_holds_what_its_reader_may_see_and_no_secret() {
    let office = Office::new().await;
    let created = office.register(office.ada, office.acme, "Adas").await;
    let bob = office.colleague("bob", Role::Member).await;
    office.register(bob, office.acme, "Bobs").await;
    for format in ["csv", "jsonl"] {
        let path = format!("/applications/export?format={format}");
        let all = office.ada().await.get(&path).await.text();
        assert!(all.contains("Adas") && all.contains("Bobs"));
        for secret in [created.secret.expose(), "argon2", "oab_"] {
            assert!(!all.contains(secret), "{format}: {secret}");
        }
        let theirs = office.signed_in(bob, office.acme).await.get(&path).await.text();
        assert!(theirs.contains("Bobs") && !theirs.contains("Adas"), "{theirs}");
        let anybody = office.browser().get(&path).await;
        assert_eq!(anybody.status, StatusCode::SEE_OTHER);
    }
    let unknown = office.ada().await.get("/applications/export?format=xlsx").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn formulas_are_defused_for_spreadsheets_and_kept_for_programs() {
    let office = Office::new().await;
    office.register(office.ada, office.acme, "=HYPERLINK(\"http://evil\",\"x\")").await;
    let mut browser = office.ada().await;
    let csv = browser.get("/applications/export?format=csv").await.text();
    assert!(csv.contains(",\"'=HYPERLINK(\"\"http://evil\"\",\"\"x\"\")\","), "{csv}");
    let json = browser.get("/applications/export?format=jsonl").await.text();
    assert!(json.contains("\"name\":\"=HYPERLINK("), "{json}");
}

#[tokio::test]
async fn selected_rows_are_exported_from_the_list() {
    let office = office().await;
    let mut browser = office.ada().await;
    let page = browser.get("/applications").await;
    let row = page.between("name=\"row.", "\"").expect("a row");
    let row = format!("row.{row}");
    let fields = [("action", "export_csv"), (row.as_str(), "true")];
    let file = browser.post("/applications/bulk", &fields).await;
    assert_eq!(file.text().lines().count(), 2);
    let fields = [("action", "export_jsonl"), ("all", "true"), ("query", "status=active")];
    assert_eq!(browser.post("/applications/bulk", &fields).await.text().lines().count(), 12);
}

#[tokio::test]
async fn a_large_export_comes_in_pieces() {
    let office = Office::new().await;
    for number in 0..300 {
        office.register(office.ada, office.acme, &format!("App {number:03}")).await;
    }
    let text = office.ada().await.get("/applications/export?format=csv").await.text();
    let names: Vec<_> = text.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
    let expected: Vec<_> = (0..300).map(|number| format!("App {number:03}")).collect();
    assert_eq!(names, expected);
}
