use std::time::Duration;

use crate::{browser::encoded, office::Office};

#[tokio::test]
async fn a_client_secret_is_on_one_page_and_nowhere_else() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    let created = browser.post("/applications", &[("name", "New"), ("active", "true")]).await;
    let secret = created.between("data-holds-secret>", "<").expect("a secret");
    assert!(secret.starts_with("oab_"));
    assert!(
        created.headers.values().all(|value| !value.as_bytes().windows(4).any(|it| it == b"oab_"))
    );
    // Sending the form again makes another application, or none.
    let again = browser.post("/applications", &[("name", "New"), ("active", "true")]).await;
    assert!(!again.says(&secret) && again.says("already exists"));
    let me = browser.get("/me").await;
    let id = me.between("id=\"client-id-", "\"").expect("an id");
    for page in ["", "/edit", "/deactivate", "/delete"] {
        assert!(!browser.get(&format!("/applications/{id}{page}")).await.says(&secret), "{page}");
    }
    for event in office.written_since(store::Position::START).await {
        for bytes in [&event.data, &event.metadata] {
            assert!(!String::from_utf8_lossy(bytes).contains(&secret), "{}", event.tag);
        }
    }
}

#[tokio::test]
async fn the_temporary_token_counts_as_a_use() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    browser.post("/applications", &[("name", "New"), ("active", "true")]).await;
    let vault = office.app().commands.log.vault().clone();
    office.app().usage.flush(&*office.app().state, &vault, &office.app().knowledge).await;
    office.wait(Duration::from_mins(3)).await;
    assert!(browser.get("/me").await.says(">3 minutes ago</time>"));
}

#[tokio::test]
async fn credentials_are_not_taken_from_the_query() {
    let office = Office::new().await;
    let mut browser = office.browser();
    browser.get("/sign-in").await;
    let query = encoded(&[("user_name", "ada"), ("password", "in the address")]);
    let page = browser.get(&format!("/sign-in?{query}")).await;
    assert!(page.says("name=\"user_name\" value=\"\"") && !page.says("in the address"));
}
