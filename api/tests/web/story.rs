use std::time::Duration;

use axum::http::StatusCode;
use store::Actor;

use crate::{
    browser::Browser,
    office::Office,
    support::{ADDRESS, Answer, KeysAtStart, Style},
};

/// What somebody copied from the page that says it once.
struct Copied {
    id: String,
    client_id: String,
    secret: String,
}

impl Copied {
    fn page(&self, form: &str) -> String {
        format!("/applications/{}{form}", self.id)
    }

    /// Asks for a token, as the application would.
    async fn ask_for_token(&self, office: &Office) -> Answer {
        office.send(Style::BasicForm.request(&self.client_id, &self.secret, &[])).await
    }
}

#[tokio::test]
async fn an_application_is_added_used_edited_deactivated_activated_and_deleted() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    let copied = add(&office, &mut browser).await;
    look(&mut browser, &copied).await;
    put_to_use(&office, &mut browser, &copied).await;
    edit(&mut browser, &copied).await;
    deactivate(&office, &mut browser, &copied).await;
    activate(&office, &mut browser, &copied).await;
    delete(&office, &mut browser, &copied).await;
}

async fn add(office: &Office, browser: &mut Browser<'_>) -> Copied {
    let empty = browser.get("/me").await;
    assert!(empty.says("There are no oauth applications") && empty.says("Add Application"));
    let head = office.head().await;
    let form = browser.get("/applications/new?return_to=%2Fme").await;
    for text in ["Create OAuth Application", "Application Name", "Active", "Cancel", " checked"] {
        assert!(form.says(text), "{text}");
    }
    assert!(!form.says("<select"), "there is one organization only");
    let fields = [("name", " Warehouse sync "), ("active", "true"), ("return_to", "/me")];
    let created = browser.post("/applications", &fields).await;
    assert_eq!(created.status, StatusCode::OK);
    assert_eq!(created.header("cache-control"), Some("no-store"));
    for text in [
        "OAuth application has been created.",
        "For security reasons, we cannot show it to you again.",
        "Warehouse sync in Acme",
        "Temporary access token (the token will expire in 60 minutes):",
    ] {
        assert!(created.says(text), "{text}");
    }
    let tags = office.tags_since(head).await;
    assert_eq!(tags, ["application.created.v1", "application.secret_added.v1"]);
    let value =
        |id: &str, more: &str| created.between(&format!("<code id=\"created-{id}\"{more}>"), "<");
    let client_id = value("client-id", "").expect("a client id");
    let secret = value("client-secret", " data-holds-secret").expect("a secret");
    let curl = value("curl", " data-holds-secret").expect("a command");
    assert_eq!(
        curl.replace("&#x3D;", "="),
        format!(
            "curl http://oathbook.test/oauth2-token -d grant_type=client_credentials -d client_id={client_id} -d client_secret={secret}"
        )
    );
    let token = value("access-token", " class=\"clipped\"").expect("a token");
    assert_eq!(token.split('.').count(), 3);
    let id = browser.get("/me").await.between("id=\"client-id-", "\"").expect("an id");
    Copied { id, client_id, secret }
}

/// Pages show the application, but never its secret.
async fn look(browser: &mut Browser<'_>, copied: &Copied) {
    let me = browser.get("/me").await;
    assert!(me.says("Warehouse sync") && me.says(&copied.client_id) && me.says("1 application"));
    let show = browser.get(&copied.page("")).await;
    let hint = &copied.secret[copied.secret.len() - 4..];
    assert!(show.says("Warehouse sync") && show.says(&format!("…{hint}")));
    assert!(show.says("by ada"), "{}", show.text());
    for page in ["/me".to_owned(), copied.page(""), copied.page("/edit")] {
        assert!(!browser.get(&page).await.says(&copied.secret), "{page}");
    }
}

async fn put_to_use(office: &Office, browser: &mut Browser<'_>, copied: &Copied) {
    copied.ask_for_token(office).await.token();
    let vault = office.app().commands.log.vault().clone();
    office.app().usage.flush(&*office.app().state, &vault, &office.app().knowledge).await;
    let show = browser.get(&copied.page("")).await;
    assert!(show.says(&format!("from {ADDRESS}")), "{}", show.text());
    assert!(browser.get("/me").await.says(">just now</time>"));
}

async fn edit(browser: &mut Browser<'_>, copied: &Copied) {
    let form = copied.page("/edit?return_to=%2Fme%3Fstatus%3Dactive");
    let form = browser.get(&form).await;
    assert!(form.says("Edit OAuth Application") && form.says("value=\"Warehouse sync\""));
    let fields = [("name", "Warehouse"), ("active", "true"), ("return_to", "/me?status=active")];
    let answer = browser.edit(&copied.page("/edit"), &fields).await;
    let location = answer.location();
    assert_eq!((answer.status.as_u16(), location.as_deref()), (303, Some("/me?status=active")));
    let me = browser.get("/me?status=active").await;
    assert!(me.says("Saved successfully"));
    assert!(me.says("Warehouse") && !me.says("Warehouse sync"));
    assert!(!browser.get("/me").await.says("Saved successfully"), "it is said once");
}

async fn deactivate(office: &Office, browser: &mut Browser<'_>, copied: &Copied) {
    let ask = browser.get(&copied.page("/deactivate")).await;
    for text in [
        "Deactivate Confirmation",
        "Are you sure you want to deactivate the application?",
        "Yes, do it",
        "Tokens already issued work at other services until",
    ] {
        assert!(ask.says(text), "{text}");
    }
    let head = office.head().await;
    office.wait(Duration::from_mins(3)).await;
    let fields = [("reason", "Suspicious traffic")];
    let me = browser.post_and_follow(&copied.page("/deactivate"), &fields).await;
    assert!(me.says("Deactivated successfully") && me.says("Inactive"));
    let written = office.written_since(head).await;
    let metadata = office.app().commands.log.decode(&written[0]).await.expect("an event").metadata;
    assert_eq!(metadata.reason.as_deref(), Some("Suspicious traffic"));
    let refused = copied.ask_for_token(office).await;
    assert_eq!(refused.refusal(), (401, "invalid_client".to_owned()));
    let page = browser.get(&copied.page("")).await;
    assert!(page.says("Deactivated <time") && page.says("Suspicious traffic"));
}

async fn activate(office: &Office, browser: &mut Browser<'_>, copied: &Copied) {
    let me = browser.post_and_follow(&copied.page("/activate"), &[]).await;
    assert!(me.says("Activated successfully") && !me.says("Inactive</span>"));
    copied.ask_for_token(office).await.token();
}

async fn delete(office: &Office, browser: &mut Browser<'_>, copied: &Copied) {
    let ask = browser.get(&copied.page("/delete")).await;
    assert!(ask.says("Delete Confirmation"));
    assert!(ask.says("Are you sure you want to delete the application?"));
    let own_page = copied.page("");
    assert!(ask.says("It was used 2 times today, last"), "{}", ask.text());
    assert!(ask.says("A manager can restore it until"));
    let fields = [("return_to", own_page.as_str()), ("name", "Warehouse")];
    let page = browser.post_and_follow(&copied.page("/delete"), &fields).await;
    assert!(page.says("Deleted successfully") && page.says("It can be restored until"));
    assert!(browser.get("/me").await.says("There are no oauth applications"));
    let refused = copied.ask_for_token(office).await;
    assert_eq!(refused.refusal(), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn who_did_it_from_where_is_written_beside_every_event() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    browser.headers.push(("user-agent", "Tester/1.0 ".to_owned() + &"x".repeat(2000)));
    let head = office.head().await;
    let answer = browser.post("/applications", &[("name", "New")]).await;
    let request = answer.header("x-request-id").expect("an id").to_owned();
    let written = office.written_since(head).await;
    assert!(written.len() >= 2);
    for event in written {
        let metadata = office.app().commands.log.decode(&event).await.expect("an event").metadata;
        assert_eq!(metadata.actor, Actor::User { id: office.ada });
        assert_eq!(metadata.organization, Some(office.acme));
        assert_eq!(metadata.correlation.to_string(), request);
        let address = metadata.remote_address.expect("an address");
        assert_eq!(address.as_open(), Some(ADDRESS));
        let agent = metadata.user_agent.expect("a user agent");
        assert!(agent.as_open().is_some_and(|it| it.starts_with("Tester") && it.len() == 512));
    }
}

#[tokio::test]
async fn without_keys_the_pages_warn_and_everything_but_the_token_works() {
    let office = Office::at("http://oathbook.test", KeysAtStart::Missing).await;
    let mut browser = office.ada().await;
    let me = browser.get("/me").await;
    assert!(me.says(api::signing::UNAVAILABLE));
    let created = browser.post("/applications", &[("name", "New"), ("active", "true")]).await;
    assert_eq!(created.status, StatusCode::OK);
    assert!(created.says(api::signing::UNAVAILABLE));
    assert!(created.says("created-client-secret") && !created.says("created-access-token"));
    office.bring_keys();
    office.look_at_keys().await;
    assert!(!browser.get("/me").await.says(api::signing::UNAVAILABLE));
}

#[tokio::test]
async fn an_application_created_inactive_has_no_token_and_was_never_deactivated() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    let created = browser.post("/applications", &[("name", "New")]).await;
    assert!(created.says("created-client-secret") && !created.says("created-access-token"));
    let me = browser.get("/me").await;
    assert!(me.says("Inactive") && !me.says("class=\"since\""));
}

#[tokio::test]
async fn what_is_so_already_is_done_without_an_event() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Sync").await.id;
    let mut browser = office.ada().await;
    let head = office.head().await;
    let fields = [("name", "Sync"), ("active", "true")];
    browser.edit(&format!("/applications/{id}/edit"), &fields).await;
    let me = browser.get("/me").await;
    assert!(me.says("Saved successfully"));
    let me = browser.post_and_follow(&format!("/applications/{id}/activate"), &[]).await;
    assert!(me.says("Activated successfully"));
    assert_eq!(office.tags_since(head).await, Vec::<String>::new());
}

#[tokio::test]
async fn editing_switches_as_well() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Sync").await.id;
    let mut browser = office.ada().await;
    let head = office.head().await;
    let fields = [("name", "Sync 2"), ("return_to", "//evil.example")];
    let answer = browser.edit(&format!("/applications/{id}/edit"), &fields).await;
    assert_eq!(answer.location().as_deref(), Some("/me"));
    assert_eq!(
        office.tags_since(head).await,
        ["application.renamed.v1", "application.deactivated.v1"]
    );
}

#[tokio::test]
async fn a_write_that_is_not_to_be_seen_in_time_is_said_to_be_written_all_the_same() {
    let office = Office::at_rest().await;
    let created = office.application("Sync", &[]).await;
    let mut browser = office.ada().await;
    let path = format!("/applications/{}/deactivate", created.id);
    let me = browser.post_and_follow(&path, &[]).await;
    assert!(me.says("Deactivated successfully. It is written, but this page may not show it"));
    assert!(!me.says("Inactive</span>"), "nobody has projected it");
    office.settle().await;
    assert!(browser.get("/me").await.says("Inactive</span>"));
}
