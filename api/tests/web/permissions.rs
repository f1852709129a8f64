//! Role × action × whose application, through the pages.

use axum::http::StatusCode;
use commands::{Permit, organizations::Change};
use domain::{
    ApplicationId, OrganizationId, UserId,
    authority::{Action, Role},
};

use crate::{browser::Browser, office::Office};

/// Whose application it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Own,
    Colleagues,
    /// Of another organization, which the person does not belong to.
    Foreign,
}

impl Whose {
    const ALL: [Self; 3] = [Self::Own, Self::Colleagues, Self::Foreign];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Local,
    Global,
}

/// What the design says, written down once more.
fn expected(role: Role, reach: Reach, whose: Whose, action: Action) -> StatusCode {
    let within_reach = whose != Whose::Foreign || reach == Reach::Global;
    let visible = within_reach && (whose == Whose::Own || role != Role::Member);
    match (visible, role, action) {
        (false, ..) => StatusCode::NOT_FOUND,
        (true, Role::Auditor, Action::View) => StatusCode::OK,
        (true, Role::Auditor, _) | (true, Role::Member, Action::Restore | Action::Transfer) => {
            StatusCode::FORBIDDEN
        }
        (true, ..) => StatusCode::OK,
    }
}

struct Case {
    office: Office,
    bob: UserId,
    nordwind: OrganizationId,
}

impl Case {
    async fn new(role: Role, reach: Reach) -> Self {
        let office = Office::new().await;
        let bob = office.colleague("bob", role).await;
        let nordwind = office.organization("Nordwind").await;
        if reach == Reach::Global {
            office.change(office.acme, Change::GrantGlobalAccess).await;
        }
        Self { office, bob, nordwind }
    }

    async fn application(&self, whose: Whose, name: &str) -> ApplicationId {
        let office = &self.office;
        let (owner, organization) = match whose {
            Whose::Own => (self.bob, office.acme),
            Whose::Colleagues => (office.ada, office.acme),
            Whose::Foreign => {
                let eve = office
                    .app()
                    .knowledge
                    .users()
                    .into_iter()
                    .find(|user| user.user_name.as_open() == Some("eve"));
                let eve = match eve {
                    Some(eve) => eve.id,
                    None => office.person("eve").await,
                };
                office.admit(self.nordwind, eve, Role::Member).await;
                (eve, self.nordwind)
            }
        };
        office.register(owner, organization, name).await.id
    }
}

/// A page's or form's answer, where a form that was accepted counts as a page that is shown.
async fn outcome(browser: &mut Browser<'_>, form: &str, id: ApplicationId) -> StatusCode {
    let fields = [("name", "Renamed"), ("active", "true"), ("revision", "2")];
    let answer = browser.post(&format!("/applications/{id}/{form}"), &fields).await;
    if answer.status == StatusCode::SEE_OTHER { StatusCode::OK } else { answer.status }
}

async fn check(role: Role, reach: Reach) {
    let case = Case::new(role, reach).await;
    let mut browser = case.office.signed_in(case.bob, case.office.acme).await;
    for whose in Whose::ALL {
        let id = case.application(whose, "Target").await;
        let view = expected(role, reach, whose, Action::View);
        let change = expected(role, reach, whose, Action::Change);
        let delete = expected(role, reach, whose, Action::Delete);
        let head = case.office.head().await;
        let what = format!("{role:?} {reach:?} {whose:?}");

        let page = browser.get(&format!("/applications/{id}")).await;
        assert_eq!(page.status, view, "{what} views");
        if view == StatusCode::OK {
            assert_eq!(page.says(">Edit</a>"), change == StatusCode::OK, "{what} is offered Edit");
            let transfer = expected(role, reach, whose, Action::Transfer) == StatusCode::OK;
            assert_eq!(page.says("Transfer</a>"), transfer, "{what} is offered Transfer");
            let may_all = change == StatusCode::OK && transfer;
            assert_eq!(page.says("Only managers and administrators may"), role == Role::Member);
            assert_eq!(page.says("class=\"menu-disabled\""), !may_all, "{what} is told why not");
            assert_eq!(
                page.says("Delete</a>"),
                delete == StatusCode::OK,
                "{what} is offered Delete"
            );
        }
        for (form, expected) in [("edit", change), ("deactivate", change), ("delete", delete)] {
            let shown = browser.get(&format!("/applications/{id}/{form}")).await;
            assert_eq!(shown.status, expected, "{what} opens {form}");
        }
        for (form, expected) in
            [("edit", change), ("deactivate", change), ("activate", change), ("delete", delete)]
        {
            assert_eq!(outcome(&mut browser, form, id).await, expected, "{what} sends {form}");
        }
        let restore = expected(role, reach, whose, Action::Restore);
        let deleted = delete == StatusCode::OK;
        let expected =
            if deleted || view == StatusCode::NOT_FOUND { restore } else { StatusCode::NOT_FOUND };
        let shown = browser.get(&format!("/applications/{id}/restore")).await;
        assert_eq!(shown.status, expected, "{what} opens restore");
        let gone = case.office.row(id).is_none();
        assert_eq!(gone, delete == StatusCode::OK, "{what}");
        if change != StatusCode::OK {
            assert_eq!(case.office.head().await, head, "{what} writes nothing");
        }
    }
    let may_create = role != Role::Auditor;
    let expected = if may_create { StatusCode::OK } else { StatusCode::FORBIDDEN };
    let head = case.office.head().await;
    assert_eq!(browser.get("/me").await.says("Add Application"), may_create, "{role:?}");
    assert_eq!(browser.get("/applications/new").await.status, expected, "{role:?}");
    let answer = browser.post("/applications", &[("name", "New")]).await;
    assert_eq!(answer.status, expected, "{role:?}");
    assert_eq!(case.office.head().await > head, may_create, "{role:?}");
}

#[tokio::test]
async fn a_member_works_with_own_applications() {
    check(Role::Member, Reach::Local).await;
    check(Role::Member, Reach::Global).await;
}

#[tokio::test]
async fn an_auditor_sees_all_and_changes_nothing() {
    check(Role::Auditor, Reach::Local).await;
    check(Role::Auditor, Reach::Global).await;
}

#[tokio::test]
async fn a_manager_works_with_all_applications() {
    check(Role::Manager, Reach::Local).await;
    check(Role::Manager, Reach::Global).await;
}

#[tokio::test]
async fn an_administrator_works_with_all_applications() {
    check(Role::Administrator, Reach::Local).await;
    check(Role::Administrator, Reach::Global).await;
}

#[tokio::test]
async fn a_right_that_was_taken_away_is_gone_at_the_next_request() {
    let case = Case::new(Role::Manager, Reach::Local).await;
    let id = case.application(Whose::Colleagues, "Target").await;
    let mut browser = case.office.signed_in(case.bob, case.office.acme).await;
    assert_eq!(browser.get(&format!("/applications/{id}/edit")).await.status, StatusCode::OK);
    case.office.admit(case.office.acme, case.bob, Role::Member).await;
    assert_eq!(outcome(&mut browser, "edit", id).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nobody_signed_in_sees_or_changes_anything() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Target").await.id;
    let head = office.head().await;
    let mut browser = office.browser();
    for page in ["/me".to_owned(), "/applications/new".to_owned(), format!("/applications/{id}")] {
        let answer = browser.get(&page).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{page}");
        assert!(answer.location().is_some_and(|to| to.starts_with("/sign-in")), "{page}");
    }
    for form in ["edit", "deactivate", "activate", "delete"] {
        let answer = browser.post(&format!("/applications/{id}/{form}"), &[("name", "X")]).await;
        assert_eq!(answer.location().as_deref(), Some("/sign-in"), "{form}");
    }
    assert_eq!(office.head().await, head);
}

#[tokio::test]
async fn in_a_disabled_organization_nobody_creates_anything() {
    let office = Office::new().await;
    office.change(office.acme, Change::GrantGlobalAccess).await;
    let nordwind = office.organization("Nordwind").await;
    office.admit(nordwind, office.ada, Role::Member).await;
    let mut browser = office.ada().await;
    office.change(nordwind, Change::Disable).await;
    let head = office.head().await;
    let wanted = nordwind.to_string();
    let fields = [("name", "New"), ("organization", wanted.as_str())];
    let answer = browser.post("/applications", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(office.head().await, head);
    let scribe = office.app().commands.as_operator();
    scribe.dismiss(&Permit::operator(), nordwind, office.ada).await.expect("a former member");
}
