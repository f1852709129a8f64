//! What is said about an account changes all at once or not at all, also where it is disabled with it.

use std::{pin::pin, task::Poll};

use domain::{
    OrganizationId, UserId,
    authority::{Deed, Member, Role},
    name::{OrganizationName, UserName},
    user::{Account, DisplayName, Edit, Email, Locale, User},
};

use crate::{
    Commands, Failure, Permit, Scribe,
    testing::{poll, run, stepwise},
    users::{NewUser, Refusal},
};

const PERMIT: Permit = Permit::operator();

struct House {
    commands: Commands,
    acme: OrganizationId,
    /// Administers Acme alone.
    ada: UserId,
    bob: UserId,
}

fn user_name(text: &str) -> UserName {
    UserName::parse(text).expect("a user name")
}

fn display_name(text: &str) -> DisplayName {
    DisplayName::parse(text).expect("a name")
}

async fn register(scribe: &Scribe, name: &str) -> Result<UserId, Failure<Refusal>> {
    let new = NewUser {
        user_name: user_name(name),
        display_name: display_name(name),
        email: Email::parse("somebody@acme.example").expect("an address"),
        locale: Locale::parse("en").expect("a locale"),
    };
    Ok(scribe.register_user(&PERMIT, new).await?.0)
}

/// Everything is otherwise.
fn all() -> Edit {
    Edit {
        user_name: Some(user_name("robert")),
        display_name: Some(display_name("Robert")),
        email: Some(Email::parse("robert@acme.example").expect("an address")),
        locale: Some(Locale::parse("de").expect("a locale")),
        enabled: Some(false),
    }
}

impl House {
    fn build() -> Self {
        let (_, commands) = stepwise();
        run(async {
            let scribe = || commands.as_operator();
            let ada = register(&scribe(), "ada").await.expect("registered");
            let bob = register(&scribe(), "bob").await.expect("registered");
            let acme = OrganizationName::parse("Acme").expect("a name");
            let made = scribe().register_organization(&PERMIT, acme).await;
            let (acme, _) = made.expect("registered");
            let admitted = scribe().admit(&PERMIT, acme, ada, Role::Administrator).await;
            admitted.expect("admitted");
            Self { commands: commands.clone(), acme, ada, bob }
        })
    }

    fn account(&self, id: UserId) -> Account {
        let state = run(self.commands.log.history::<User>(&id)).expect("a log").state;
        state.account().expect("an account").clone()
    }

    fn edit(&self, permit: &Permit, id: UserId, edit: Edit) -> Result<(), Failure<Refusal>> {
        run(self.commands.as_operator().edit_user(permit, id, edit)).map(drop)
    }

    fn head(&self) -> store::Position {
        run(self.commands.log.store().head()).expect("a head")
    }
}

fn refusal(outcome: Result<(), Failure<Refusal>>) -> Refusal {
    match outcome {
        Err(Failure::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn everything_changes_in_one_append_and_the_former_name_is_free() {
    let house = House::build();
    house.edit(&PERMIT, house.bob, all()).expect("edited");
    let account = house.account(house.bob);
    assert_eq!(account.user_name.as_open(), Some("robert"));
    assert_eq!(account.display_name.as_open(), Some("Robert"));
    assert_eq!(account.email.as_open(), Some("robert@acme.example"));
    assert_eq!((account.locale.as_str(), account.enabled), ("de", false));
    run(register(&house.commands.as_operator(), "bob")).expect("the name is free");
}

#[test]
fn a_refusal_changes_nothing() {
    let house = House::build();
    let (before, head) = (house.account(house.bob), house.head());
    let taken = Edit { user_name: Some(user_name("ada")), ..all() };
    assert_eq!(refusal(house.edit(&PERMIT, house.bob, taken)), Refusal::NameTaken);
    assert_eq!(house.account(house.bob), before);
    assert_eq!(house.head(), head);
    assert_eq!(refusal(house.edit(&PERMIT, house.ada, all())), Refusal::LastAdministrator);
    assert_eq!(house.account(house.ada).user_name.as_open(), Some("ada"));
}

#[test]
fn whoever_saw_another_revision_changes_nothing_and_nowhere() {
    let house = House::build();
    let colleague = house.commands.as_operator();
    let admitted = run(colleague.admit(&PERMIT, house.acme, house.bob, Role::Administrator));
    admitted.expect("admitted");
    let head = house.head();
    let scribe = house.commands.as_operator().only_behind::<User>(&house.bob, 7);
    let outcome = run(scribe.edit_user(&PERMIT, house.bob, all()));
    assert!(matches!(outcome, Err(Failure::Contended)), "{outcome:?}");
    assert_eq!(house.head(), head, "no organization was asked to do without them either");
}

#[test]
fn who_keeps_the_own_account_alone_changes_neither_its_name_nor_whether_it_is_enabled() {
    let house = House::build();
    let me = Member {
        user: house.bob,
        organization: house.acme,
        role: Role::Member,
        global_access: false,
    };
    let permit = Permit::for_deed(&me, Deed::KeepOwnAccount(house.bob)).expect("a permit");
    for denied in [Edit { user_name: None, ..all() }, Edit { enabled: None, ..all() }] {
        let outcome = house.edit(&permit, house.bob, denied);
        assert!(matches!(refusal(outcome), Refusal::Denied(_)));
    }
    let allowed = Edit { user_name: None, enabled: None, ..all() };
    house.edit(&permit, house.bob, allowed.clone()).expect("edited");
    assert!(matches!(refusal(house.edit(&permit, house.ada, allowed)), Refusal::Denied(_)));
}

/// Somebody is made the only administrator of an organization while they are disabled: at every step of the one the other
/// one goes on.
#[test]
fn all_of_it_is_taken_back_where_an_organization_needs_them_after_all() {
    let mut taken_back = 0;
    for steps in 0..30 {
        for others in 0..20 {
            let house = House::build();
            let before = house.account(house.bob);
            let nordwind = OrganizationName::parse("Nordwind").expect("a name");
            let made = house.commands.as_operator();
            let (nordwind, _) =
                run(made.register_organization(&PERMIT, nordwind)).expect("registered");
            let (admitting, editing) = (house.commands.as_operator(), house.commands.as_operator());
            let mut admitting =
                pin!(admitting.admit(&PERMIT, nordwind, house.bob, Role::Administrator));
            let mut editing = pin!(editing.edit_user(&PERMIT, house.bob, all()));
            let mut admitted = (0..others).any(|_| poll(admitting.as_mut()).is_ready());
            let mut edited = None;
            for _ in 0..steps {
                if let (None, Poll::Ready(outcome)) = (&edited, poll(editing.as_mut())) {
                    edited = Some(outcome);
                    break;
                }
            }
            while !admitted {
                admitted = poll(admitting.as_mut()).is_ready();
            }
            let edited = edited.unwrap_or_else(|| run(editing));
            let after = house.account(house.bob);
            match edited {
                Ok(_) => assert_eq!(after.user_name.as_open(), Some("robert")),
                Err(failure) => {
                    assert!(
                        matches!(failure, Failure::Refused(Refusal::LastAdministrator)),
                        "{failure:?}"
                    );
                    assert_eq!(after, before, "{steps} {others}");
                    run(register(&house.commands.as_operator(), "robert")).expect("a free name");
                    taken_back += 1;
                }
            }
        }
    }
    assert!(taken_back > 0);
}
