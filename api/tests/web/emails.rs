//! Who is told of what, through the pages: for administrators of the installation.

use std::time::Duration;

use axum::http::StatusCode;
use commands::{Permit, organizations::Change};
use domain::{
    NotificationRuleId, authority::Role, notification_preference::Pace, notification_rule::Rule,
};

use crate::{browser::Browser, office::Office};

/// Ada operates it.
async fn office() -> Office {
    let office = Office::new().await;
    office.change(office.acme, Change::GrantGlobalAccess).await;
    office
}

/// The names of the rules that the list shows.
async fn listed(browser: &mut Browser<'_>, query: &str) -> Vec<String> {
    let page = browser.get(&format!("/emails/rules{query}")).await.text();
    let rows = page.split("class=\"cell-name\"><a href=\"").skip(1);
    let name = |row: &str| row.split(['>', '<']).nth(1).unwrap_or_default().to_owned();
    rows.map(name).collect()
}

#[tokio::test]
async fn the_navigation_leads_to_emails_and_says_where_one_is() {
    let office = office().await;
    let mut browser = office.ada().await;
    let me = browser.get("/me").await;
    assert!(me.says("<a href=\"/emails/rules\">Emails</a>"), "{}", me.text());
    assert!(!me.says("aria-current"), "{}", me.text());
    let rules = browser.get("/emails/rules?state=on").await;
    for name in ["Emails", "Notification Rules"] {
        let current = format!("<a href=\"/emails/rules\" aria-current=\"page\">{name}</a>");
        assert!(rules.says(&current), "{}", rules.text());
    }
    let views = browser.get("/system/views").await;
    assert_eq!(views.text().matches("aria-current").count(), 1, "{}", views.text());
    assert!(views.says("<a href=\"/system/views\" aria-current=\"page\">System</a>"));
}

#[tokio::test]
async fn shipped_rules_are_listed_and_found_by_name_occasion_and_state() {
    let office = office().await;
    let mut browser = office.ada().await;
    let all = listed(&mut browser, "").await;
    assert_eq!((all.len(), all[0].as_str()), (13, "Application created"), "{all:?}");
    assert_eq!(listed(&mut browser, "?state=on").await, ["Application created"]);
    assert_eq!(listed(&mut browser, "?text=PASSWORD").await, ["Password changed"]);
    assert_eq!(listed(&mut browser, "?occasion=role_changed").await, ["Role changed"]);
    assert!(listed(&mut browser, "?text=nothing").await.is_empty());
    let page = browser.get("/emails/rules?text=nothing").await;
    assert!(page.says("No rules were found to match your search."), "{}", page.text());
}

/// A rule that tells Ada and somebody without account of applications that are made.
const TOLD: &[(&str, &str)] = &[
    ("name", "Tell security"),
    ("occasion", "application_created"),
    ("owner", "true"),
    ("addresses", "security@acme.test\n"),
    ("return_to", "/emails/rules"),
    ("active", "true"),
];

/// The same with other fields beside or instead.
fn told_with<'a>(others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let given = |name: &str| others.iter().any(|(other, _)| *other == name);
    let kept = TOLD.iter().copied().filter(|(name, _)| !given(name));
    kept.chain(others.iter().copied()).collect()
}

async fn rule_named(office: &Office, name: &str) -> (NotificationRuleId, Rule) {
    let app = office.app();
    let standing = app.registry.now(&app.commands.log).await.expect("rules");
    let mut all = standing.rules.all();
    let found = all.find(|(_, rule)| rule.name.as_str() == name);
    let (id, rule) = found.unwrap_or_else(|| panic!("no rule {name}"));
    (id, rule.clone())
}

#[tokio::test]
async fn a_rule_is_made_changed_and_deleted() {
    let office = office().await;
    let bob = office.colleague("bob", Role::Member).await;
    let mut browser = office.ada().await;
    browser.get("/emails/rules/new").await;
    let fields = told_with(&[("users", "bob\r\n\r\n"), ("application_name", " sync ")]);
    let page = browser.post_and_follow("/emails/rules/new", &fields).await;
    let (id, rule) = rule_named(&office, "Tell security").await;
    assert!(page.says("s…@acme.test") && !page.says("security@acme.test"), "{}", page.text());
    assert!(page.says("Name contains “sync”"), "{}", page.text());
    assert_eq!((rule.recipients.users, rule.active), ([bob].into(), true));

    let form = browser.get(&format!("/emails/rules/{id}/edit")).await;
    let revision = form.between("name=\"revision\" value=\"", "\"").expect("a revision");
    assert!(form.says(">bob</textarea>") && form.says(">security@acme.test</textarea>"));
    let changed = told_with(&[("name", "Tell Bob"), ("users", "bob"), ("revision", &revision)]);
    browser.post_and_follow(&format!("/emails/rules/{id}/edit"), &changed).await;
    let (same, rule) = rule_named(&office, "Tell Bob").await;
    assert_eq!((same, rule.filter.is_empty()), (id, true));

    let asked = browser.get(&format!("/emails/rules/{id}/delete")).await;
    assert!(asked.says("Are you sure you want to delete this rule?"), "{}", asked.text());
    let page = browser.post_and_follow(&format!("/emails/rules/{id}/delete"), &[]).await;
    assert!(!page.says("Tell Bob"), "{}", page.text());
    let gone = browser.get(&format!("/emails/rules/{id}/edit")).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_nothing_is_written() {
    let office = office().await;
    let mut browser = office.ada().await;
    browser.get("/emails/rules/new").await;
    let head = office.head().await;
    for (wrong, field, text) in [
        (&[("name", "")][..], "rule-name", "This value should not be blank."),
        (&[("occasion", "doomsday")], "rule-occasion", "There is no such occasion."),
        (&[("organization", "x")], "rule-organization", "Choose one of the organizations."),
        (
            &[("occasion", "password_changed"), ("application_name", "sync")],
            "rule-application-name",
            "This occasion is not about an application, so the rule would tell nobody.",
        ),
        (&[("filter_owner", "zoe")], "rule-filter-owner", "There is no user “zoe”."),
        (&[("template", "x")], "rule-template", "There is no such template."),
        (
            &[("owner", ""), ("addresses", "")],
            "recipients",
            "At least one recipient must be specified.",
        ),
        (&[("users", "ada\nzoe")], "rule-users", "There is no user “zoe”."),
        (
            &[("addresses", "\nnobody")],
            "rule-addresses",
            "Line 2: This value is not a valid email address.",
        ),
        (
            &[("occasion", "application_unused"), ("days", "0")],
            "rule-days",
            "This value should be a number of days from 1 to 3650.",
        ),
    ] {
        let fields = told_with(wrong);
        let fields: Vec<_> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let answer = browser.post("/emails/rules/new", &fields).await;
        let said = answer.between(&format!("id=\"{field}-error\">"), "</p>");
        assert_eq!(said.as_deref(), Some(text), "{}", answer.text());
        assert_eq!(answer.text().matches("class=\"field-error\"").count(), 1, "{field}");
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let odd = browser.post("/emails/rules/new", &told_with(&[("owner", "maybe")])).await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST);
    assert_eq!(office.head().await, head);
}

#[tokio::test]
async fn a_rule_is_switched_in_the_list() {
    let office = office().await;
    let mut browser = office.ada().await;
    browser.get("/emails/rules").await;
    let (id, _) = rule_named(&office, "Application deleted").await;
    let back = [("return_to", "/emails/rules?state=on")];
    let page = browser.post_and_follow(&format!("/emails/rules/{id}/on"), &back).await;
    assert!(page.says("The rule is on.") && page.says(">Application deleted</a>"));
    assert!(rule_named(&office, "Application deleted").await.1.active);
    let page = browser.post_and_follow(&format!("/emails/rules/{id}/off"), &back).await;
    assert!(page.says("The rule is off.") && !page.says(">Application deleted</a>"));
}

#[tokio::test]
async fn switching_a_rule_keeps_its_addresses() {
    let office = office().await;
    let mut browser = office.ada().await;
    browser.get("/emails/rules/new").await;
    browser.post_and_follow("/emails/rules/new", TOLD).await;
    let (id, before) = rule_named(&office, "Tell security").await;
    browser.post_and_follow(&format!("/emails/rules/{id}/off"), &[]).await;
    let (_, after) = rule_named(&office, "Tell security").await;
    assert_eq!(after, Rule { active: false, ..before });
}

#[tokio::test]
async fn a_shipped_rule_keeps_its_occasion_and_stays() {
    let office = office().await;
    let mut browser = office.ada().await;
    let (id, _) = rule_named(&office, "Role changed").await;
    let form = browser.get(&format!("/emails/rules/{id}/edit")).await;
    assert!(form.says("value=\"Role changed\" readonly"), "{}", form.text());
    let moved = browser.edit(&format!("/emails/rules/{id}/edit"), TOLD).await;
    assert!(moved.says("A shipped rule keeps its occasion."), "{}", moved.text());
    for answer in [
        browser.get(&format!("/emails/rules/{id}/delete")).await,
        browser.post(&format!("/emails/rules/{id}/delete"), &[]).await,
    ] {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.says("A rule that ships with Oathbook stays."), "{}", answer.text());
    }
    rule_named(&office, "Role changed").await;
}

#[tokio::test]
async fn nobody_overwrites_what_they_have_not_seen() {
    let office = office().await;
    let mut browser = office.ada().await;
    let (id, _) = rule_named(&office, "Application created").await;
    let form = browser.get(&format!("/emails/rules/{id}/edit")).await;
    assert_eq!(form.between("name=\"revision\" value=\"", "\"").as_deref(), Some("0"));
    let first = told_with(&[("name", "First"), ("revision", "0")]);
    browser.post_and_follow(&format!("/emails/rules/{id}/edit"), &first).await;
    for seen in ["0", "", "7", "x"] {
        let second = told_with(&[("name", "Second"), ("revision", seen)]);
        let answer = browser.post(&format!("/emails/rules/{id}/edit"), &second).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.says("Somebody changed this rule") && answer.says("value=\"First\""));
    }
    rule_named(&office, "First").await;
}

#[tokio::test]
async fn the_preview_says_whom_a_rule_would_have_told_and_saves_nothing() {
    let office = office().await;
    let bob = office.colleague("bob", Role::Member).await;
    office.register(office.ada, office.acme, "Old sync").await;
    office.wait(Duration::from_hours(40 * 24)).await;
    office.register(bob, office.acme, "Warehouse <sync>").await;
    office.register(bob, office.acme, "Invoices").await;
    let mut browser = office.ada().await;
    browser.get("/emails/rules/new").await;
    let head = office.head().await;
    let preview = ("preview", "true");
    let shown = async |browser: &mut Browser<'_>, others: &[(&'static str, &'static str)]| {
        let page = browser.post("/emails/rules/new", &told_with(others)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        page.between("id=\"preview\"", "</section>").expect("a preview")
    };
    let text = shown(&mut browser, &[preview, ("application_name", "SYNC")]).await;
    assert!(text.contains("It would have told of this:"), "{text}");
    assert!(text.contains("Warehouse &lt;sync&gt;</a>"), "{text}");
    assert!(text.contains("<li>bob the tester</li><li>s…@acme.test</li>"), "{text}");
    assert!(!text.contains("Invoices") && !text.contains("Old sync"), "{text}");
    let text = shown(&mut browser, &[preview]).await;
    assert!(text.contains("It would have told of these 2:"), "{text}");
    let text = shown(&mut browser, &[preview, ("occasion", "application_deleted")]).await;
    assert!(text.contains("The occasion did not arise."), "{text}");
    let text = shown(&mut browser, &[preview, ("filter_owner", "ada")]).await;
    assert!(text.contains("It would have told nobody."), "{text}");
    let wrong = browser.post("/emails/rules/new", &told_with(&[preview, ("name", "")])).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(office.head().await, head);
}

#[tokio::test]
async fn the_preview_knows_how_fast_people_want_to_be_told() {
    let office = office().await;
    let bob = office.colleague("bob", Role::Member).await;
    office.register(bob, office.acme, "Invoices").await;
    let mut browser = office.ada().await;
    browser.get("/emails/rules/new").await;
    for (pace, words) in [
        (Pace::Daily, "bob the tester, once a day"),
        (Pace::Off, "bob the tester, who wants no letters"),
    ] {
        let scribe = office.app().commands.as_operator();
        scribe.choose_pace(&Permit::operator(), bob, pace).await.expect("a choice");
        let page = browser.post("/emails/rules/new", &told_with(&[("preview", "true")])).await;
        assert!(page.says(words), "{}", page.text());
    }
}

#[tokio::test]
async fn a_preview_that_shows_a_part_says_so() {
    let office = office().await;
    for number in 0..51 {
        office.register(office.ada, office.acme, &format!("Sync {number}")).await;
    }
    let mut browser = office.ada().await;
    browser.get("/emails/rules/new").await;
    let page = browser.post("/emails/rules/new", &told_with(&[("preview", "true")])).await;
    assert!(page.says("It would have told of these 50:"), "{}", page.text());
    assert!(page.says("There is too much to look at all of it: this goes back to"));
    assert!(page.says(">Sync 50</a>") && !page.says(">Sync 0</a>"));
}
