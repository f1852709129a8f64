//! System > User Management > OAuth Applications.

use std::time::Duration;

use axum::http::StatusCode;
use commands::{
    Permit,
    applications::{Created, Switch},
    organizations::Change,
};
use domain::{Scope, UserId, application::Changes, authority::Role};

use crate::{grid::names, office::Office, support::KeysAtStart};

const DAY: Duration = Duration::from_hours(24);

/// Five applications of Ada and Max, made on consecutive days.
struct Case {
    office: Office,
    max: UserId,
    created: Vec<Created>,
}

const NAMES: [&str; 5] =
    ["Customs gateway", "Label printing", "Old importer", "Tour planner", "Warehouse sync"];

impl Case {
    /// One application a day; the third is inactive, the last two are used, a day apart.
    async fn new() -> Self {
        let office = Office::new().await;
        let max = office.colleague("max", Role::Manager).await;
        let mut created = vec![];
        for (number, name) in NAMES.into_iter().enumerate() {
            let owner = if number % 2 == 0 { office.ada } else { max };
            created.push(office.register(owner, office.acme, name).await);
            office.clock.advance(DAY);
        }
        let case = Self { office, max, created };
        case.office.switch(&case.created[2], Switch::Deactivate).await;
        case.give_scopes(0, &["orders:read", "orders:write"]).await;
        case.give_scopes(1, &["orders:read"]).await;
        let now = case.office.app().commands.clock.now();
        case.office.app().knowledge.note_uses(&[(case.created[3].id, now)]);
        case.office.clock.advance(DAY + Duration::from_secs(1));
        let now = case.office.app().commands.clock.now();
        case.office.app().knowledge.note_uses(&[(case.created[4].id, now)]);
        case.office.settle().await;
        case
    }

    async fn give_scopes(&self, number: usize, scopes: &[&str]) {
        let scopes = scopes.iter().map(|text| Scope::parse(text).expect("a scope")).collect();
        let changes = Changes { scopes: Some(scopes), ..Changes::default() };
        let scribe = self.office.app().commands.as_operator();
        let permit = Permit::operator();
        let done = scribe.change_settings(&permit, self.created[number].id, changes);
        done.await.expect("scopes");
    }

    /// The day so many days after the first application was made.
    fn day(&self, number: i64) -> String {
        let first = self.office.app().commands.clock.now().as_micros() - 6 * 86_400_000_000;
        let moment = domain::Timestamp::from_micros(first + number * 86_400_000_000);
        moment.to_string()[..10].to_owned()
    }

    /// Asserts which applications an address shows, by the first letters of their names.
    async fn shows(&self, query: &str, expected: &str) {
        let mut browser = self.office.ada().await;
        let page = browser.get(&format!("/applications{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}: {:?}", page.location());
        let letters: String = names(&page).iter().filter_map(|name| name.chars().next()).collect();
        assert_eq!(letters, expected, "{query}");
    }
}

#[tokio::test]
async fn texts_are_compared_in_every_way() {
    let case = Case::new().await;
    case.shows("", "CLOTW").await;
    for (op, value, expected) in [
        ("", "PRINT", "L"),
        ("not_contains", "print", "COTW"),
        ("equals", "tour+PLANNER", "T"),
        ("differs", "tour+planner", "CLOW"),
        ("starts_with", "old", "O"),
        ("ends_with", "sync", "W"),
        ("any_of", "Tour+planner%2CWarehouse+sync", "TW"),
        ("none_of", "Tour+planner%2CWarehouse+sync", "CLO"),
    ] {
        let op = if op.is_empty() { String::new() } else { format!("&name_op={op}") };
        case.shows(&format!("?name={value}{op}"), expected).await;
    }
    case.shows("?name_op=not_empty", "CLOTW").await;
    case.shows("?name_op=empty", "").await;
}

#[tokio::test]
async fn client_ids_are_found_by_a_part_and_by_a_pasted_list() {
    let case = Case::new().await;
    let ids: Vec<_> = case.created.iter().map(|it| it.client_id.to_string()).collect();
    case.shows(&format!("?client_id={}", &ids[1][4..20]), "L").await;
    case.shows(&format!("?client_id={}%2C{}", ids[0], ids[4]), "CW").await;
    case.shows(&format!("?client_id={}%2C{}&client_id_op=none_of", ids[0], ids[4]), "LOT").await;
    case.shows(&format!("?client_id={}&client_id_op=starts_with", &ids[2][..9]), "O").await;
    let mut browser = case.office.ada().await;
    let pasted =
        format!("/applications?client_id_op=contains&client_id={}%0D%0A{}", ids[3], ids[1]);
    let short = browser.get(&pasted).await.location().expect("a shorter address");
    assert_eq!(names(&browser.get(&short).await), ["Label printing", "Tour planner"]);
}

#[tokio::test]
async fn choices_are_any_of_some_or_none_of_them() {
    let case = Case::new().await;
    let (ada, max) = (case.office.ada, case.max);
    case.shows(&format!("?owner={max}"), "LT").await;
    case.shows(&format!("?owner={max}&owner_op=none_of"), "COW").await;
    let mut both = [ada, max];
    both.sort_unstable();
    case.shows(&format!("?owner={}&owner={}", both[0], both[1]), "CLOTW").await;
    case.shows("?owner_name=MAX", "LT").await;
    case.shows("?owner_name=max&owner_name_op=not_contains", "COW").await;
    case.shows("?status=inactive", "O").await;
    case.shows("?status=active&status=inactive", "CLOTW").await;
    case.shows("?status=active&status_op=none_of", "O").await;
    case.shows("?scope=orders%3Awrite", "C").await;
    case.shows("?scope=orders%3Aread", "CL").await;
    case.shows("?scope=orders%3Aread&scope_op=none_of", "OTW").await;
    case.shows("?grant=client_credentials", "CLOTW").await;
    case.shows("?grant=client_credentials&grant_op=none_of", "").await;
    case.shows(&format!("?name=o&owner={max}"), "T").await;
}

#[tokio::test]
async fn days_are_compared_in_every_way() {
    let case = Case::new().await;
    let [first, second, third] = [0, 1, 2].map(|number| case.day(number));
    for (query, expected) in [
        (format!("?created_op=between&created_from={second}&created_to={third}"), "LO"),
        (format!("?created_op=not_between&created_from={second}&created_to={third}"), "CTW"),
        (format!("?created_op=before&created_to={second}"), "C"),
        (format!("?created_op=after&created_from={second}"), "OTW"),
        (format!("?created_op=equals&created_from={first}"), "C"),
        ("?created_op=today".to_owned(), ""),
        ("?created_op=last&created_days=4".to_owned(), "TW"),
        ("?last_used_op=never".to_owned(), "CLO"),
        ("?last_used_op=ever".to_owned(), "TW"),
        ("?last_used_op=today".to_owned(), "W"),
        ("?last_used_op=not_for&last_used_days=1".to_owned(), "CLOT"),
        ("?last_used_op=last&last_used_days=90".to_owned(), "TW"),
        (format!("?last_used_op=before&last_used_to={}", case.day(6)), "T"),
    ] {
        case.shows(&query, expected).await;
    }
}

#[tokio::test]
async fn every_column_sorts() {
    let case = Case::new().await;
    // As far as the column decides; the id decides between equals.
    for (sort, expected) in [
        ("-name", "WTOLC"),
        ("-status", "O"),
        ("created", "CLOTW"),
        ("-created", "WTOLC"),
        ("-last_used", "WT"),
        ("-scopes", "CL"),
    ] {
        let page = case.office.ada().await.get(&format!("/applications?sort={sort}")).await;
        let found: String = names(&page).iter().filter_map(|name| name.chars().next()).collect();
        assert!(found.len() == 5 && found.starts_with(expected), "{sort}: {found}");
        let direction = if sort.starts_with('-') { "descending" } else { "ascending" };
        assert!(page.says(&format!("aria-sort=\"{direction}\"")), "{sort}");
    }
}

#[tokio::test]
async fn what_was_typed_and_cannot_be_understood_is_said_at_the_field() {
    let case = Case::new().await;
    let mut browser = case.office.ada().await;
    let page = browser.get("/applications?created_op=before&created_to=31.12.2026").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.says("Enter the day as year, month and day: 2026-11-25."));
    assert!(page.says("value=\"31.12.2026\"") && page.says("panel-menu\" open"));
    assert_eq!(names(&page).len(), 5, "nothing is filtered by it");
}

#[tokio::test]
async fn filters_are_said_in_words_and_can_be_removed_one_by_one() {
    let case = Case::new().await;
    let mut browser = case.office.ada().await;
    let query = format!(
        "?name=o&owner={}&status=active&status=inactive&last_used_op=not_for&last_used_days=90",
        case.max
    );
    let page = browser.get(&format!("/applications{query}")).await;
    for words in [
        "Application Name contains “o”",
        "Owner is max the tester",
        "Status is any of Active, Inactive",
        "Not used for 90 days",
        "0 of 5",
    ] {
        assert!(page.says(words), "{words}");
    }
    let page =
        browser.get("/applications?name=o&status=inactive").await.text().replace("&#x3D;", "=");
    assert!(page.contains(
        "href=\"/applications?name=o\" aria-label=\"Remove the filter Status is Inactive\""
    ));
    assert!(page.contains("href=\"/applications?view=none\""), "Clear leads to everything");
}

#[tokio::test]
async fn columns_are_chosen_in_the_address() {
    let case = Case::new().await;
    let mut browser = case.office.ada().await;
    let page = browser.get("/applications").await;
    for label in ["Client ID", "Owner", "Status", "Scopes", "Created", "Last Used"] {
        assert!(page.says(&format!("data-label=\"{label}\"")), "{label}");
    }
    assert!(!page.says("data-label=\"Organization\""), "there is one organization only");
    assert!(!page.says("data-label=\"Grant Type\""), "it is the same for all");
    let chosen = browser.get("/applications?columns=name%2Cgrant").await;
    assert!(chosen.says("data-label=\"Grant Type\""));
    let page = browser.get("/applications?columns=name%2Cowner").await;
    assert!(page.says("data-label=\"Owner\"") && !page.says("data-label=\"Status\""));
    let heads = page.text().replace("&#x3D;", "=");
    assert!(heads.contains("?sort=-name&amp;columns=name%2Cowner"), "sorting keeps them");
}

#[tokio::test]
async fn deleted_applications_are_shown_to_those_who_ask_for_them() {
    let case = Case::new().await;
    let scribe = case.office.app().commands.as_operator();
    let deleted = scribe.delete_application(&Permit::operator(), case.created[0].id).await;
    deleted.expect("a deleted application");
    case.office.settle().await;
    case.shows("", "LOTW").await;
    case.shows("?status=inactive", "O").await;
    case.shows("?status=deleted", "C").await;
    case.shows("?status=active&status_op=none_of", "O").await;
    let page = case.office.ada().await.get("/applications?status=deleted").await;
    assert!(page.says("status-deleted\">Deleted<") && page.says("1 of 4"));
    assert!(!page.says("/edit?") && page.says("A manager can restore it"));
}

#[tokio::test]
async fn everybody_sees_what_they_may_see_and_no_more() {
    let case = Case::new().await;
    let office = &case.office;
    let nordwind = office.organization("Nordwind").await;
    let eve = office.person("eve").await;
    office.admit(nordwind, eve, Role::Administrator).await;
    office.register(eve, nordwind, "Foreign").await;
    let bob = office.colleague("bob", Role::Member).await;
    office.register(bob, office.acme, "Bobs").await;
    let nora = office.colleague("nora", Role::Auditor).await;

    let seen = async |user, organization| {
        let mut browser = office.signed_in(user, organization).await;
        names(&browser.get("/applications").await)
    };
    assert_eq!(seen(bob, office.acme).await, ["Bobs"]);
    assert_eq!(seen(eve, nordwind).await, ["Foreign"]);
    for user in [office.ada, case.max, nora] {
        let names = seen(user, office.acme).await;
        assert!(names.len() == 6 && !names.contains(&"Foreign".to_owned()), "{names:?}");
    }
    // An address with somebody else's ids shows no more, and does not tell their names.
    let mut browser = office.signed_in(bob, office.acme).await;
    let page = browser.get(&format!("/applications?organization={nordwind}&owner={eve}")).await;
    assert!(names(&page).is_empty() && !page.says("Nordwind") && !page.says("eve the tester"));
    assert!(page.says("an organization you do not see") && page.says("a person you do not see"));

    office.change(office.acme, Change::GrantGlobalAccess).await;
    assert_eq!(seen(nora, office.acme).await.len(), 7);
    let page = office.ada().await.get("/applications?organization_name=nord").await;
    assert_eq!(names(&page), ["Foreign"]);
    assert!(page.says("data-label=\"Organization\">Nordwind<"));
}

#[tokio::test]
async fn what_may_be_seen_but_not_done_is_disabled_with_the_reason() {
    let case = Case::new().await;
    let nora = case.office.colleague("nora", Role::Auditor).await;
    let mut browser = case.office.signed_in(nora, case.office.acme).await;
    let page = browser.get("/applications").await;
    assert!(page.says("Auditors read everything and change nothing."));
    assert!(page.says("aria-disabled=\"true\">Edit<") && !page.says("/edit?"));
    assert!(!page.says("Create OAuth Application") && page.says("Export CSV"));
    assert!(!page.says("value=\"deactivate\""));
}

#[tokio::test]
async fn without_keys_the_list_says_so_and_works() {
    let office = Office::at(crate::office::PLAIN, KeysAtStart::Missing).await;
    office.register(office.ada, office.acme, "Works").await;
    let page = office.ada().await.get("/applications").await;
    assert!(page.says("OAuth authorization is not available as encryption keys configuration was not complete. Please contact your administrator."));
    assert_eq!(names(&page), ["Works"]);
}

#[tokio::test]
async fn an_empty_list_says_what_it_will_hold_and_offers_to_begin() {
    let office = Office::new().await;
    let page = office.ada().await.get("/applications").await;
    assert!(page.says("There are no oauth applications"));
    assert_eq!(page.text().matches("Create OAuth Application").count(), 1);
}
