//! A secret lends nobody a right that they do not have now: a token does what its owner may, and whoever came to know its
//! secret may as well.

use commands::{Origin, Permit, applications::NewApplication, organizations::Change};
use domain::{
    UserId,
    application::Settings,
    authority::{Action, Belonging, Member, Role},
    name::ApplicationName,
};
use serde_json::json;
use store::Actor;

use crate::desk::{ALL_SCOPES, APPLICATIONS, Desk, Program, address, change, code, names};

/// A program of the owner's in Acme that somebody else registered, as pages let them.
async fn made_by(desk: &Desk, maker: UserId, role: Role, owner: UserId) -> Program<'_> {
    let belonging = Belonging { organization: desk.acme, owner };
    let member = Member { user: maker, organization: desk.acme, role, global_access: false };
    let permit = Permit::for_application(&member, Action::Create, belonging).expect("a permit");
    let scopes = ALL_SCOPES.iter().map(|it| domain::Scope::parse(it).expect("a scope")).collect();
    let new = NewApplication {
        belonging,
        name: ApplicationName::parse("Lent").expect("a name"),
        active: true,
        settings: Settings { scopes, ..Settings::default() },
    };
    let origin = Origin::of(Actor::User { id: maker }, desk.app.commands.mint());
    let scribe = desk.app.commands.on_behalf_of(origin);
    let created = scribe.create_application(&permit, new).await.expect("an application");
    desk.settle().await;
    let token = desk.token(&created).await;
    Program { desk, created, token }
}

async fn renames_acme(program: &Program<'_>) -> u16 {
    let id = program.desk.acme.to_string();
    let name = program.desk.app.commands.mint().to_string();
    let body = json!({ "data": {
        "type": "organizations", "id": id, "attributes": { "name": name },
    } });
    program.patch(&format!("/api/organizations/{id}"), &body).await.status.as_u16()
}

#[tokio::test]
async fn an_owner_who_rises_does_not_lift_whoever_made_the_secret() {
    let desk = Desk::new().await;
    let mel = desk.colleague("mel", Role::Manager).await;
    let bob = desk.colleague("bob", Role::Manager).await;
    let program = made_by(&desk, mel, Role::Manager, bob).await;
    desk.admit(desk.acme, bob, Role::Administrator).await;
    assert_eq!(renames_acme(&program).await, 403);
    desk.admit(desk.acme, mel, Role::Administrator).await;
    assert_eq!(renames_acme(&program).await, 200);
    desk.admit(desk.acme, mel, Role::Manager).await;
    assert_eq!(renames_acme(&program).await, 403);
}

#[tokio::test]
async fn a_transfer_to_somebody_with_more_rights_lends_them_to_nobody() {
    let desk = Desk::new().await;
    let mel = desk.colleague("mel", Role::Manager).await;
    let program = made_by(&desk, mel, Role::Manager, mel).await;
    let scribe = desk.app.commands.as_operator();
    let given =
        scribe.transfer_application(&Permit::operator(), program.created.id, desk.ada).await;
    given.expect("a transfer");
    desk.settle().await;
    let token = desk.token(&program.created).await;
    let program = Program { desk: &desk, created: program.created, token };
    assert_eq!(renames_acme(&program).await, 403);
    assert_eq!(program.get(APPLICATIONS).await.status, 200);
}

#[tokio::test]
async fn what_both_may_see_is_all_there_is() {
    let desk = Desk::new().await;
    let mel = desk.colleague("mel", Role::Manager).await;
    let bob = desk.colleague("bob", Role::Manager).await;
    let program = made_by(&desk, mel, Role::Manager, bob).await;
    let of = |owner| Belonging { organization: desk.acme, owner };
    let mels = desk.register(of(mel), "Of Mel", &[]).await.id.to_string();
    desk.register(of(desk.ada), "Of Ada", &[]).await;
    let all = ["Lent", "Of Ada", "Of Mel"];
    assert_eq!(names(&program.get(&format!("{APPLICATIONS}?sort=name")).await), all);
    desk.admit(desk.acme, mel, Role::Member).await;
    assert_eq!(names(&program.get(APPLICATIONS).await), ["Of Mel"]);
    let body = change(&mels, json!({ "description": "changed" }));
    assert_eq!(program.patch(&address(&mels), &body).await.status, 200);
    assert_eq!(program.get(&address(&program.id())).await.status, 404);
    // Mel sees Mel alone.
    for (path, id) in
        [("/api/users", mel.to_string()), ("/api/memberships", format!("{}.{mel}", desk.acme))]
    {
        let listed = program.get(path).await.json();
        let ids: Vec<_> = listed["data"].as_array().expect("a list").iter().collect();
        assert_eq!(ids.iter().map(|it| &it["id"]).collect::<Vec<_>>(), [&json!(id)], "{path}");
    }
    desk.admit(desk.acme, mel, Role::Auditor).await;
    assert_eq!(names(&program.get(&format!("{APPLICATIONS}?sort=name")).await), all);
    assert_eq!(program.patch(&address(&mels), &body).await.status, 403);
}

#[tokio::test]
async fn a_secret_of_somebody_who_left_or_was_disabled_lends_nothing_until_they_are_back() {
    let desk = Desk::new().await;
    let mel = desk.colleague("mel", Role::Manager).await;
    let bob = desk.colleague("bob", Role::Manager).await;
    let program = made_by(&desk, mel, Role::Manager, bob).await;
    let (permit, scribe) = (Permit::operator(), || desk.app.commands.as_operator());
    let denied = (403, "access_denied".to_owned());
    scribe().disable_user(&permit, mel).await.expect("disabled");
    desk.settle().await;
    assert_eq!(code(&program.get(APPLICATIONS).await), denied);
    scribe().enable_user(&permit, mel).await.expect("enabled");
    desk.settle().await;
    assert_eq!(program.get(APPLICATIONS).await.status, 200);
    scribe().dismiss(&permit, desk.acme, mel).await.expect("dismissed");
    desk.settle().await;
    assert_eq!(code(&program.get(APPLICATIONS).await), denied);
    // Tokens for others are given all the same: they say what the owner is, not what Oathbook lets them do.
    desk.token(&program.created).await;
    // Whoever reaches the organization from elsewhere has the rights they have there.
    let head_office = desk.organization("Head office").await;
    desk.admit(head_office, mel, Role::Manager).await;
    assert_eq!(code(&program.get(APPLICATIONS).await), denied);
    desk.change(head_office, Change::GrantGlobalAccess).await;
    assert_eq!(program.get(APPLICATIONS).await.status, 200);
    desk.change(head_office, Change::WithdrawGlobalAccess).await;
    assert_eq!(code(&program.get(APPLICATIONS).await), denied);
}

#[tokio::test]
async fn what_a_program_makes_is_bounded_as_the_program_is() {
    let desk = Desk::new().await;
    let mel = desk.colleague("mel", Role::Manager).await;
    let bob = desk.colleague("bob", Role::Manager).await;
    let program = made_by(&desk, mel, Role::Manager, bob).await;
    let body = json!({ "data": {
        "type": "oauthapplications",
        "attributes": { "name": "Made by a program", "scopes": ["organizations:write"] },
    } });
    let made = program.post(APPLICATIONS, &body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = &made.json()["data"]["attributes"];
    let text = |name: &str| made[name].as_str().expect("text").to_owned();
    let (id, secret) = (text("clientId"), text("clientSecret"));
    desk.admit(desk.acme, bob, Role::Administrator).await;
    desk.settle().await;
    let request = crate::support::Style::BasicForm.request(&id, &secret, &[]);
    let token = desk.send(request).await.token();
    let descendant = Program { desk: &desk, created: program.created, token };
    assert_eq!(renames_acme(&descendant).await, 403, "Mel knows its secret, too");
    desk.admit(desk.acme, mel, Role::Administrator).await;
    assert_eq!(renames_acme(&descendant).await, 200);
}

#[tokio::test]
async fn a_maker_of_whom_an_event_cannot_be_read_is_neither_yes_nor_no() {
    let desk = Desk::new().await;
    let mel = desk.colleague("mel", Role::Manager).await;
    let bob = desk.colleague("bob", Role::Manager).await;
    let program = made_by(&desk, mel, Role::Manager, bob).await;
    desk.append_unreadable(domain::Category::User, mel.as_uuid()).await;
    assert_eq!(code(&program.get(APPLICATIONS).await), (503, "unavailable".to_owned()));
}
