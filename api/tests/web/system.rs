//! What belongs to the installation, through the pages: for its administrators, and absent for everybody else.

use axum::http::StatusCode;
use commands::organizations::Change;
use domain::authority::Role;
use projections::views::{Pace, Progress, Work};

use crate::office::Office;

/// Addresses that show something.
const PAGES: [&str; 2] = ["/system/views", "/system/views/applications/rollback"];
/// Addresses that ask for something.
const FORMS: [&str; 2] =
    ["/system/views/applications/rebuild", "/system/views/applications/rollback"];

/// Whether anything was asked for, served or not.
async fn anything_asked(office: &Office) -> bool {
    let latest = office.app().projections.views().latest_rebuilds().await;
    !latest.expect("views answer").is_empty()
}

#[tokio::test]
async fn only_administrators_with_global_access_see_and_do_anything() {
    for role in Role::ALL {
        for global in [false, true] {
            let office = Office::new().await;
            let bob = office.colleague("bob", role).await;
            if global {
                office.change(office.acme, Change::GrantGlobalAccess).await;
            }
            let mut browser = office.signed_in(bob, office.acme).await;
            let may = global && role == Role::Administrator;
            let expected = if may { StatusCode::OK } else { StatusCode::NOT_FOUND };
            for page in PAGES {
                assert_eq!(browser.get(page).await.status, expected, "{role:?} {global} {page}");
            }
            let offered = browser.get("/me").await.says("href=\"/system/views\"");
            assert_eq!(offered, may, "{role:?} {global}");
            let expected = if may { StatusCode::SEE_OTHER } else { StatusCode::NOT_FOUND };
            for form in FORMS {
                let answer = browser.post(form, &[]).await;
                assert_eq!(answer.status, expected, "{role:?} {global} {form}");
            }
            assert_eq!(anything_asked(&office).await, may);
        }
    }
}

#[tokio::test]
async fn nobody_signed_in_sees_or_asks_for_anything() {
    let office = Office::new().await;
    let mut browser = office.browser();
    for page in PAGES {
        let answer = browser.get(page).await;
        assert!(answer.location().is_some_and(|to| to.starts_with("/sign-in")), "{page}");
    }
    for form in FORMS {
        assert_eq!(browser.post(form, &[]).await.location().as_deref(), Some("/sign-in"), "{form}");
    }
    assert!(!anything_asked(&office).await);
}

#[tokio::test]
async fn a_rebuild_is_asked_for_and_followed_on_the_page() {
    let office = Office::new().await;
    office.change(office.acme, Change::GrantGlobalAccess).await;
    let mut browser = office.ada().await;
    assert!(browser.get("/system/views").await.says("never"));
    let page = browser.post_and_follow("/system/views/directory/rebuild", &[]).await;
    assert!(page.says("The rebuild has been asked for"), "{}", page.text());

    let views = office.app().projections.views().clone();
    let work = Work::Rebuild(Pace::Half);
    let id = views.begin_rebuild("applications", work).await.expect("it is noted");
    let running = Progress::Running { events: 500, of: 2000 };
    views.report_rebuild(id, running).await.expect("it is noted");
    let page = browser.get("/system/views").await;
    assert!(page.says("500 of 2000 events") && page.says("value=\"25\""), "{}", page.text());
    let done = Progress::Done { rows: 7, differing: 2 };
    views.report_rebuild(id, done).await.expect("it is noted");
    let page = browser.get("/system/views").await;
    assert!(page.says("7 rows, 2 of them other than before"), "{}", page.text());
    let failed = Progress::Failed { reason: "the <log> cannot be reached".to_owned() };
    views.report_rebuild(id, failed).await.expect("it is noted");
    let page = browser.get("/system/views").await;
    assert!(page.says("Failed: the &lt;log&gt; cannot be reached"), "{}", page.text());
}

#[tokio::test]
async fn a_view_that_nobody_knows_is_not_there() {
    let office = Office::new().await;
    office.change(office.acme, Change::GrantGlobalAccess).await;
    let mut browser = office.ada().await;
    for form in ["rebuild", "rollback"] {
        let answer = browser.post(&format!("/system/views/unheard_of/{form}"), &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    assert!(!anything_asked(&office).await);
}
