//! The words of letters, shaped through the pages.

use axum::http::StatusCode;
use commands::organizations::Change;
use domain::{EmailTemplateId, Event, notification};

use crate::{browser::Browser, office::Office, support::Answer};

/// Ada operates it.
async fn office() -> Office {
    let office = Office::new().await;
    office.change(office.acme, Change::GrantGlobalAccess).await;
    office
}

fn page(rest: &str) -> String {
    format!("/emails/templates/{}{rest}", EmailTemplateId::shipped("oauth_application_created"))
}

const SUBJECT: &str = "Neu: {{application}}";
const TEXT: &str = "Servus {{recipient}}";
const HTML: &str = "<p>Servus {{recipient}}</p>";

/// What the editor holds.
fn words<'a>(revision: &'a str, text: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![("revision", revision), ("subject", SUBJECT), ("text", text), ("html", HTML)]
}

async fn saved(browser: &mut Browser<'_>, revision: &str, text: &str) -> Answer {
    browser.post_and_follow(&page("/de"), &words(revision, text)).await
}

/// The states of the list, by name.
async fn state(browser: &mut Browser<'_>, name: &str) -> String {
    let list = browser.get("/emails/templates").await.text();
    let (_, row) = list.split_once(&format!(">{name}</a>")).expect("a row");
    let (_, state) = row.split_once("class=\"status").expect("a state");
    state.split_once('>').expect("a state").1.split('<').next().expect("a state").to_owned()
}

#[tokio::test]
async fn a_shipped_template_is_changed_in_one_language() {
    let office = office().await;
    let mut browser = office.ada().await;
    assert_eq!(state(&mut browser, "oauth_application_created").await, "Shipped");
    let editor = browser.get(&page("/de")).await;
    assert!(editor.says("The words in de are as shipped."), "{}", editor.text());
    assert!(editor.says("name=\"revision\" value=\"0\"") && !editor.says("Use default"));
    let changed = saved(&mut browser, "0", TEXT).await;
    assert!(changed.says("Saved successfully") && changed.says(TEXT), "{}", changed.text());
    assert!(changed.says("The words in de are your own.") && changed.says("Use default"));
    assert_eq!(state(&mut browser, "oauth_application_created").await, "Changed");
    // Whoever reads a language without words of its own gets those of its parent.
    let austrian = browser.get(&page("/DE-at")).await;
    assert!(austrian.says("There are no words in de-AT: who reads it gets those in de."));
    assert!(austrian.says(TEXT) && browser.get(&page("/fr")).await.says("as shipped"));
    let asked = browser.get(&page("?locale=pt-br")).await;
    assert_eq!(asked.location(), Some(page("/pt-BR")));
}

#[tokio::test]
async fn what_somebody_else_wrote_meanwhile_is_not_written_over() {
    let office = office().await;
    let mut browser = office.ada().await;
    saved(&mut browser, "0", TEXT).await;
    let head = office.head().await;
    let stale = browser.post(&page("/de"), &words("0", "Other words")).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.says("Another change to this template came first.") && stale.says(TEXT));
    assert_eq!(office.head().await, head);
    for unknown in ["", "x", "-1"] {
        let stale = browser.post(&page("/de"), &words(unknown, "Other words")).await;
        assert_eq!(stale.status, StatusCode::CONFLICT, "{unknown}");
        // Neither may it be passed off as the present one by choosing another event first.
        let chosen = [&words(unknown, "Other words")[..], &[("choose", "true")]].concat();
        let form = browser.post(&page("/de"), &chosen).await;
        assert!(form.says("name=\"revision\" value=\"\"") && form.says("Other words"));
    }
    assert_eq!(office.head().await, head);
    let seen = stale.between("name=\"revision\" value=\"", "\"").expect("a revision");
    assert!(saved(&mut browser, &seen, "Other words").await.says("Other words"));
}

#[tokio::test]
async fn what_does_not_render_is_said_at_its_place_and_not_saved() {
    let office = office().await;
    let mut browser = office.ada().await;
    let head = office.head().await;
    let broken = browser.post(&page("/de"), &words("0", "Servus\n{{nobody}}, {{#if}}")).await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    let error = broken.between("id=\"template-text-error\">", "</p>").expect("an error");
    assert!(error.starts_with("Line 2, column "), "{error}");
    assert!(broken.says("{{nobody}}") && !broken.says("template-html-error"));
    let blank = browser.post(&page("/de"), &words("0", " ")).await;
    let error = blank.between("id=\"template-text-error\">", "</p>");
    assert_eq!(error.as_deref(), Some("This value should not be blank."));
    assert_eq!(office.head().await, head);
    assert_eq!(state(&mut browser, "oauth_application_created").await, "Shipped");
}

#[tokio::test]
async fn as_much_as_a_template_may_hold_can_be_sent() {
    let office = office().await;
    let mut browser = office.ada().await;
    let long = "ä".repeat(32 * 1024);
    let fields = [("revision", "0"), ("subject", SUBJECT), ("text", &*long), ("html", &*long)];
    assert!(browser.post_and_follow(&page("/de"), &fields).await.says("Saved successfully"));
    let longer = "ä".repeat(32 * 1024 + 1);
    let refused = browser.post(&page("/de"), &words("1", &longer)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_draft_is_shown_for_a_real_event_in_a_document_of_its_own() {
    let office = office().await;
    let mut browser = office.ada().await;
    let editor = browser.get(&page("/de")).await;
    assert!(editor.says("<option value=\"sample\" selected>"), "{}", editor.text());
    office.register(office.ada, office.acme, "Stock <sync>").await;
    let editor = browser.get(&page("/de")).await;
    assert!(editor.says("· Stock &lt;sync&gt;</option>"), "{}", editor.text());
    assert!(editor.says("<dd class=\"variable-value\">Stock &lt;sync&gt;</dd>"));
    let event = editor.between("name=\"event\" value=\"", "\"").expect("an event");

    let mut draft = words("0", TEXT);
    draft.push(("event", &event));
    let head = office.head().await;
    let shown = browser.post(&page("/de/preview"), &draft).await;
    assert!(shown.says("<h1>Neu: Stock &lt;sync&gt;</h1>"), "{}", shown.text());
    assert!(shown.says("srcdoc=\"&lt;p&gt;Servus ada"), "{}", shown.text());
    let policy = shown.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none';") && policy.ends_with("sandbox"), "{policy}");
    assert!(policy.contains("frame-ancestors 'self'") && !policy.contains("script-src"));
    draft.retain(|(name, _)| *name != "event");
    draft.push(("event", "sample"));
    let example = browser.post(&page("/de/preview"), &draft).await;
    assert!(example.says("<h1>Neu: Warehouse sync</h1>"), "{}", example.text());
    let mut broken = words("0", "{{nobody}}");
    broken.push(("event", "sample"));
    let broken = browser.post(&page("/de/preview"), &broken).await;
    assert!(broken.says("text, line 1, column "), "{}", broken.text());
    let present = browser.get(&page(&format!("/de/preview?event={event}"))).await;
    assert!(present.says("What is saved") && present.says("Stock &lt;sync&gt;"));
    assert_eq!(office.head().await, head);

    let mut chosen = draft.clone();
    chosen.push(("choose", "true"));
    let chosen = browser.post(&page("/de"), &chosen).await;
    assert!(chosen.says("<option value=\"sample\" selected>") && chosen.says(TEXT));
    assert!(chosen.says("<dd class=\"variable-value\">Warehouse sync</dd>"));
    assert_eq!(office.head().await, head);
}

/// Whoever is invited chooses a password by the link in their letter, and nobody else does.
#[tokio::test]
async fn a_preview_of_an_invitation_holds_no_link_that_works() {
    let office = office().await;
    let mut browser = office.ada().await;
    let invitee = [
        ("user_name", "zoe"),
        ("display_name", "Zoe"),
        ("email", "zoe@acme.test"),
        ("locale", "en"),
        ("role", "member"),
    ];
    browser.post_and_follow("/users", &invitee).await;
    let template = EmailTemplateId::shipped("user_invited");
    let shown = browser.get(&format!("/emails/templates/{template}/en/preview")).await;
    assert!(shown.says("/invitation/example"), "{}", shown.text());
    assert_eq!(
        shown.text().matches("/invitation/").count(),
        shown.text().matches("/invitation/example").count()
    );
}

#[tokio::test]
async fn versions_tell_what_was_changed_and_come_back() {
    let office = office().await;
    let mut browser = office.ada().await;
    let versions = page("/de/versions");
    assert!(browser.get(&versions).await.says("No versions yet"));
    saved(&mut browser, "0", "One\nTwo\nThree").await;
    saved(&mut browser, "1", "One\n2\nThree").await;
    let list = browser.get(&versions).await;
    let line = |kind: &str, sign: &str, text: &str| {
        format!(
            "<div class=\"line line-{kind}\"><span class=\"sign\">{sign}</span><span>{text}</span></div>"
        )
    };
    assert!(list.says(&line("removed", "-", "Two")) && list.says(&line("added", "+", "2")));
    assert!(list.says(&line("same", "", "Three")) && list.says("Changed by ada"));
    let restore = [("revision", "2"), ("version", "0")];
    let restored = browser.post_and_follow(&page("/de/restore"), &restore).await;
    assert!(restored.says("One\nTwo\nThree</textarea>"), "{}", restored.text());
    let stale = browser.post(&page("/de/restore"), &restore).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    for (revision, version) in [("3", "7"), ("3", "")] {
        let fields = [("revision", revision), ("version", version)];
        let missing = browser.post(&page("/de/restore"), &fields).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
    }
    assert!(browser.get(&page("/de/reset")).await.says("take your own words away"));
    let reset = browser.post_and_follow(&page("/de/reset"), &[]).await;
    assert!(reset.says("The words in de are as shipped."), "{}", reset.text());
    assert!(browser.get(&versions).await.says("Default used again by ada"));
}

#[tokio::test]
async fn a_template_of_ones_own_begins_as_a_copy_and_goes_whole() {
    let office = office().await;
    let mut browser = office.ada().await;
    let wrong = browser.post("/emails/templates/new", &[("name", " ")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.says("template-name-error") && wrong.says("template-occasion-error"));
    let fields = [("name", "Ours"), ("occasion", "application_renamed")];
    let made = browser.post("/emails/templates/new", &fields).await;
    let lead = made.location().expect("its page");
    let first = browser.get(&lead).await.location().expect("a language");
    let editor = browser.get(&first).await;
    assert!(editor.says("<h1>Ours</h1>") && editor.says("{{former_name}}"), "{}", editor.text());
    assert_eq!(state(&mut browser, "Ours").await, "Own");
    for locale in ["de", "fr", "es"] {
        let reset = browser.post(&format!("{lead}/{locale}/reset"), &[]).await;
        assert_eq!(reset.status, StatusCode::SEE_OTHER);
    }
    let last = browser.post(&format!("{lead}/en/reset"), &[]).await;
    assert!(last.says("A template keeps the words of one language at least."), "{}", last.text());
    let gone = browser.post_and_follow(&format!("{lead}/remove"), &[]).await;
    assert!(gone.says("The template has been deleted.") && !gone.says("Ours"));
    assert_eq!(browser.get(&first).await.status, StatusCode::NOT_FOUND);
    let shipped = browser.post(&page("/remove"), &[]).await;
    assert_eq!(shipped.status, StatusCode::NOT_FOUND);
}

/// The letters that were asked for.
async fn requests(office: &Office) -> Vec<notification::Request> {
    let log = &office.app().commands.log;
    let mut found = vec![];
    for event in office.written_since(store::Position::START).await {
        let recorded = log.decode(&event).await.expect("an event");
        if let Event::Notification(notification::Event::Requested { request, .. }) = recorded.event
        {
            found.push(request);
        }
    }
    found
}

#[tokio::test]
async fn a_test_letter_is_asked_for_by_a_fact_and_not_too_often() {
    let office = office().await;
    let mut browser = office.ada().await;
    let sample = [("event", "sample")];
    let asked = browser.post_and_follow(&page("/de/test"), &sample).await;
    assert!(asked.says("A test letter to you is on its way."), "{}", asked.text());
    browser.post_and_follow(&page("/de/test"), &sample).await;
    let other = browser.post_and_follow(&page("/fr/test"), &sample).await;
    assert!(other.says("You asked for a test letter just now."), "{}", other.text());
    let letters = requests(&office).await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0].test.as_ref().map(domain::user::Locale::as_str), Some("de"));
    assert_eq!(letters[0].recipient.user(), Some(office.ada));
    office.wait(std::time::Duration::from_secs(10)).await;
    office.register(office.ada, office.acme, "Sync").await;
    let editor = browser.get(&page("/fr")).await;
    let event = editor.between("name=\"event\" value=\"", "\"").expect("an event");
    browser.post_and_follow(&page("/fr/test"), &[("event", &event)]).await;
    let letters = requests(&office).await;
    assert_eq!(letters.len(), 2, "{letters:?}");
    assert!(letters[1].stream.starts_with("application-"), "{letters:?}");
}
