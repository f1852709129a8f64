//! Who may do what with whose application: role × action × own, a colleague's, a foreign one.

use commands::organizations::Change;
use domain::authority::{Action, Belonging, Member, Role};
use serde_json::json;

use crate::desk::{Desk, Program, address, change};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Own,
    Colleagues,
    Foreign,
}

const ALL: [Whose; 3] = [Whose::Own, Whose::Colleagues, Whose::Foreign];

/// Asks for the action; the status is all that counts.
async fn act(program: &Program<'_>, action: Action, id: &str, owner: domain::UserId) -> u16 {
    let answer = match action {
        Action::View => program.get(&address(id)).await,
        Action::Create => {
            let body = json!({ "data": {
                "type": "oauthapplications",
                "attributes": { "name": "Made" },
                "relationships": { "owner": { "data": { "type": "users", "id": owner } } },
            } });
            program.post(crate::desk::APPLICATIONS, &body).await
        }
        Action::Change => {
            program.patch(&address(id), &change(id, json!({ "description": "changed" }))).await
        }
        Action::Delete => program.delete(&address(id)).await,
        Action::Restore => {
            program.send("POST", &format!("{}/restore", address(id)), &[], None).await
        }
        Action::Transfer => {
            let body = json!({ "data": { "type": "users", "id": program.owner() } });
            program.patch(&format!("{}/relationships/owner", address(id)), &body).await
        }
    };
    answer.status.as_u16()
}

async fn check(role: Role, global_access: bool) {
    let desk = Desk::new().await;
    let bob = desk.colleague("bob", role).await;
    let mia = desk.colleague("mia", Role::Member).await;
    let nordwind = desk.organization("Nordwind").await;
    let eve = desk.person("eve").await;
    desk.admit(nordwind, eve, Role::Member).await;
    if global_access {
        desk.change(desk.acme, Change::GrantGlobalAccess).await;
    }
    let member = Member { user: bob, organization: desk.acme, role, global_access };
    let scopes = ["applications:read", "applications:write"];
    let program = desk.program_of(bob, desk.acme, &scopes).await;
    let mut number = 0;
    for whose in ALL {
        let belonging = match whose {
            Whose::Own => Belonging { organization: desk.acme, owner: bob },
            Whose::Colleagues => Belonging { organization: desk.acme, owner: mia },
            Whose::Foreign => Belonging { organization: nordwind, owner: eve },
        };
        for action in Action::ALL {
            number += 1;
            let created = desk.register(belonging, &format!("Subject {number}"), &[]).await;
            if action == Action::Restore {
                desk.bring_about(crate::support::State::Deleted, &created).await;
            }
            let head = desk.head().await;
            let status = act(&program, action, &created.id.to_string(), belonging.owner).await;
            let what = format!("{role:?} global={global_access} {action:?} {whose:?}: {status}");
            let belongs_here = Belonging { organization: desk.acme, owner: belonging.owner };
            let (sees, may) = match action {
                Action::Create => (true, member.may(action, belongs_here)),
                action => (member.may(Action::View, belonging), member.may(action, belonging)),
            };
            match (sees, may) {
                (false, _) => assert_eq!(status, 404, "{what}"),
                (true, false) => assert_eq!(status, 403, "{what}"),
                // A rule may still say no: an owner who is no member here, or a name that is taken.
                (true, true) => assert!(matches!(status, 200 | 201 | 204 | 404), "{what}"),
            }
            if !may {
                assert_eq!(desk.head().await, head, "{what} wrote something");
            }
        }
    }
}

#[tokio::test]
async fn members_work_with_their_own() {
    check(Role::Member, false).await;
}

#[tokio::test]
async fn auditors_look_and_do_not_touch() {
    check(Role::Auditor, false).await;
}

#[tokio::test]
async fn managers_work_with_all_of_their_organization() {
    check(Role::Manager, false).await;
}

#[tokio::test]
async fn administrators_work_with_all_of_their_organization() {
    check(Role::Administrator, false).await;
}

#[tokio::test]
async fn global_access_carries_a_role_everywhere() {
    for role in Role::ALL {
        check(role, true).await;
    }
}
