//! Who is told of what, through the pages: for administrators of the installation.

use commands::organizations::Change;

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
    let rows = page.split("class=\"cell-name\">").skip(1);
    rows.map(|row| row.split('<').next().unwrap_or_default().to_owned()).collect()
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
    assert_eq!((all.len(), all[0].as_str()), (12, "Application created"), "{all:?}");
    assert_eq!(listed(&mut browser, "?state=on").await, ["Application created"]);
    assert_eq!(listed(&mut browser, "?text=PASSWORD").await, ["Password changed"]);
    assert_eq!(listed(&mut browser, "?occasion=role_changed").await, ["Role changed"]);
    assert!(listed(&mut browser, "?text=nothing").await.is_empty());
    let page = browser.get("/emails/rules?text=nothing").await;
    assert!(page.says("No rules were found to match your search."), "{}", page.text());
}
