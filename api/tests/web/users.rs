use axum::http::StatusCode;
use commands::organizations::Change;
use domain::authority::Role;

use crate::{
    browser::Browser,
    office::{Office, PASSWORD},
};

/// Ada administers an organization with global access.
async fn office() -> Office {
    let office = Office::new().await;
    office.change(office.acme, Change::GrantGlobalAccess).await;
    office
}

const ZOE: [(&str, &str); 5] = [
    ("user_name", "zoe"),
    ("display_name", "Zoe <Zimmer>"),
    ("email", "zoe@acme.test"),
    ("locale", "de-CH"),
    ("role", "manager"),
];

/// The events about people and organizations that were written since.
async fn tags_since(office: &Office, head: store::Position) -> Vec<String> {
    let written = office.written_since(head).await.into_iter();
    written.filter(|it| it.stream.category() != "name_claim").map(|event| event.tag).collect()
}

#[tokio::test]
async fn an_administrator_invites_somebody_who_is_then_a_member_without_a_password() {
    let office = office().await;
    let mut browser = office.ada().await;
    assert!(browser.get("/users/invite").await.says("It works once, for 7 days."));
    let head = office.head().await;
    let page =
        browser.post_and_follow("/users", &[&ZOE[..], &[("return_to", "/users")]].concat()).await;
    assert!(page.says("A letter with a link to choose a password is on its way."));
    assert!(page.says("Zoe &lt;Zimmer&gt;") && page.says(">Invited<") && page.says("Manager"));
    let expected = ["user.registered.v1", "organization.member_joined.v1", "user.invited.v1"];
    assert_eq!(tags_since(&office, head).await, expected);
    let zoe = office.user("zoe");
    assert!(!zoe.has_password && zoe.invited_until.is_some());
}

#[tokio::test]
async fn what_is_wrong_about_an_invitation_is_said_at_the_field_and_writes_nothing() {
    let office = office().await;
    office.person("zoe").await;
    let mut browser = office.ada().await;
    browser.get("/users/invite").await;
    let head = office.head().await;
    for (field, value, said) in [
        ("user_name", "", "This value should not be blank."),
        ("user_name", "zoe", "The user with the given name already exists."),
        ("user_name", "z o e", "This value is not a valid user name"),
        ("display_name", " ", "This value should not be blank."),
        ("email", "nowhere", "This value is not a valid email address."),
        ("locale", "Swiss German", "This value is not a valid locale"),
        ("role", "king", "Choose one of the roles."),
        ("organization", "none", "Nobody can be invited there."),
    ] {
        let mut fields = ZOE.to_vec();
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        if field != "user_name" {
            fields.retain(|(name, _)| *name != "user_name");
            fields.push(("user_name", "other"));
        }
        let page = browser.post("/users", &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
        assert!(page.says(said), "{field} {value}: {}", page.text());
    }
    let about_people = tags_since(&office, head).await;
    assert_eq!(about_people, Vec::<String>::new());
}

#[tokio::test]
async fn without_global_access_an_administrator_invites_into_the_own_organization_only() {
    let office = Office::new().await;
    let nordwind = office.organization("Nordwind").await.to_string();
    let mut browser = office.ada().await;
    assert!(!browser.get("/users/invite").await.says("name=\"organization\""));
    let fields = [&ZOE[..], &[("organization", nordwind.as_str())]].concat();
    let refused = browser.post("/users", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.post("/users", &ZOE).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn people_are_filtered_sorted_and_counted() {
    let office = office().await;
    let nordwind = office.organization("Nordwind").await;
    let bob = office.colleague("bob", Role::Manager).await;
    let eve = office.person("eve").await;
    office.admit(nordwind, eve, Role::Member).await;
    let mut browser = office.ada().await;
    let shown = async |browser: &mut Browser<'_>, query: &str| {
        let page = browser.get(&format!("/users{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        let text = page.text();
        let rows: Vec<_> = ["ada", "bob the tester", "eve the tester"]
            .into_iter()
            .filter(|name| text.contains(&format!("\">{name}</a></th>")))
            .map(|name| name.split(' ').next().unwrap_or_default().to_owned())
            .collect();
        (rows, page.between("data-summary>", "<").unwrap_or_default())
    };
    assert_eq!(
        shown(&mut browser, "").await,
        (names(&["ada", "bob", "eve"]), "3 users".to_owned())
    );
    for (query, expected) in [
        ("?text=BOB", vec!["bob"]),
        ("?text=eve%40acme", vec!["eve"]),
        ("?role=manager", vec!["bob"]),
        ("?role=member", vec!["eve"]),
        (&*format!("?organization={nordwind}"), vec!["eve"]),
        (&*format!("?organization={nordwind}&role=manager"), vec![]),
        ("?status=enabled", vec!["ada", "bob", "eve"]),
        ("?status=disabled", vec![]),
    ] {
        assert_eq!(shown(&mut browser, query).await.0, names(&expected), "{query}");
    }
    let sorted = browser.get("/users?sort=-user_name").await.text();
    assert!(sorted.find("eve the tester") < sorted.find("bob the tester"));
    let _ = bob;
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn within_one_organization_people_elsewhere_are_not_there() {
    let office = Office::new().await;
    let nordwind = office.organization("Nordwind").await;
    let bob = office.colleague("bob", Role::Auditor).await;
    office.admit(nordwind, bob, Role::Administrator).await;
    let eve = office.person("eve").await;
    office.admit(nordwind, eve, Role::Member).await;
    let mut browser = office.signed_in(bob, office.acme).await;
    let page = browser.get("/users").await;
    assert!(page.says("ada@acme.test") && !page.says("eve@acme.test"));
    assert!(!page.says("Nordwind</li>") && !page.says("Nordwind <span"), "nor what they are there");
    assert_eq!(browser.get(&format!("/users/{eve}")).await.status, StatusCode::NOT_FOUND);
    let filtered = browser.get(&format!("/users?organization={nordwind}")).await;
    assert!(filtered.says("No Results Found"));
}

#[tokio::test]
async fn what_one_may_not_do_is_shown_with_the_reason() {
    let office = Office::new().await;
    let bob = office.colleague("bob", Role::Manager).await;
    let mut browser = office.signed_in(bob, office.acme).await;
    let page = browser.get(&format!("/users/{}", office.ada)).await;
    assert!(page.says("aria-disabled=\"true\" title=\"Only an administrator in an organization with global access may change accounts.\""));
    assert!(!page.says(&format!("/users/{}/edit", office.ada)));
    let users = browser.get("/users").await;
    assert!(users.says("Only an administrator may invite people."));
}

#[tokio::test]
async fn a_users_page_carries_their_applications() {
    let office = Office::new().await;
    let bob = office.colleague("bob", Role::Member).await;
    office.register(bob, office.acme, "Of Bob").await;
    office.register(office.ada, office.acme, "Of Ada").await;
    let mut browser = office.ada().await;
    let page = browser.get(&format!("/users/{bob}")).await;
    assert!(page.says(">Of Bob</a>") && !page.says(">Of Ada</a>"));
    assert!(page.says("1 application") && !page.says("Add Application"));
    let filtered = browser.get(&format!("/users/{bob}?name=nothing")).await;
    assert!(filtered.says(&format!("href=\"/users/{bob}#applications\" data-clear>Clear</a>")));
}

#[tokio::test]
async fn an_account_is_edited_and_its_former_name_is_free() {
    let office = office().await;
    let bob = office.colleague("bob", Role::Member).await;
    let mut browser = office.ada().await;
    let edit = format!("/users/{bob}/edit");
    assert!(browser.get(&edit).await.says("value=\"bob@acme.test\""));
    let fields = [
        ("user_name", "Robert"),
        ("display_name", "Robert"),
        ("email", "robert@acme.test"),
        ("locale", "de"),
        ("return_to", "/users"),
    ];
    let head = office.head().await;
    assert!(browser.post_and_follow(&edit, &fields).await.says("Saved successfully"));
    let expected = ["user.renamed.v1", "user.email_changed.v1", "user.locale_changed.v1"];
    assert_eq!(tags_since(&office, head).await, expected);
    let head = office.head().await;
    browser.post(&edit, &fields).await;
    assert_eq!(tags_since(&office, head).await, Vec::<String>::new(), "nothing changed");
    assert_eq!(office.user("robert").id, bob);
    office.person("bob").await;
    let fields = [("user_name", "bob"), ("display_name", "B"), ("email", "b@b"), ("locale", "en")];
    let refused = browser.post(&edit, &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("The user with the given name already exists."));
}

#[tokio::test]
async fn whoever_is_disabled_is_out_everywhere_and_back_when_enabled() {
    let office = office().await;
    let bob = office.colleague("bob", Role::Administrator).await;
    office.set_password(bob, PASSWORD).await;
    office.register(bob, office.acme, "Sync").await;
    let session = office.session(bob, office.acme).await;
    let mut browser = office.ada().await;
    let page = format!("/users/{bob}");
    let question = browser.get(&format!("{page}/disable")).await;
    assert!(question.says("1 active application stops getting tokens at once."));
    let head = office.head().await;
    let shown = browser.post_and_follow(&format!("{page}/disable"), &[("return_to", &page)]).await;
    assert!(shown.says("The account has been disabled.") && shown.says(">Disabled<"));
    let expected = ["organization.member_suspended.v1", "user.disabled.v1"];
    assert_eq!(tags_since(&office, head).await, expected);
    assert_eq!(office.kept_session(&session).await, None);
    let refused = office.browser().sign_in("bob", PASSWORD).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let head = office.head().await;
    let shown = browser.post_and_follow(&format!("{page}/enable"), &[("return_to", &page)]).await;
    assert!(shown.says("The account has been enabled.") && shown.says(">Enabled<"));
    let expected = ["user.enabled.v1", "organization.member_reinstated.v1"];
    assert_eq!(tags_since(&office, head).await, expected);
    assert_eq!(office.browser().sign_in("bob", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_last_administrator_cannot_be_disabled() {
    let office = office().await;
    let mut browser = office.ada().await;
    browser.get("/users").await;
    let head = office.head().await;
    let page = browser.post(&format!("/users/{}/disable", office.ada), &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("The last administrator of an organization stays."));
    assert_eq!(office.head().await, head);
}
