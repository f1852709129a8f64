use uuid::Uuid;

use super::*;
use crate::testing::given;

const ADA: UserId = UserId::new(Uuid::from_u128(1));
const BOB: UserId = UserId::new(Uuid::from_u128(2));

fn name() -> OrganizationName {
    OrganizationName::parse("Acme GmbH").expect("a name")
}

fn registered() -> Event {
    Event::Registered { name: name() }
}

fn forfeited() -> Event {
    Event::NameForfeited { claim: "claim".to_owned() }
}

fn forfeit(name: &str) -> Command {
    Command::ForfeitName { claim: "claim".to_owned(), name: name.to_owned() }
}

fn joined(user: UserId, role: Role) -> Event {
    Event::MemberJoined { user, role }
}

fn admit(user: UserId, role: Role) -> Command {
    Command::Admit { user, role }
}

#[test]
fn an_organization_is_registered_once() {
    given::<Organization>([]).when(Command::Register { name: name() }).then([registered()]);
    given::<Organization>([registered()])
        .when(Command::Register { name: name() })
        .then_refused(Error::Exists);
    given::<Organization>([forfeited()])
        .when(Command::Register { name: name() })
        .then_refused(Error::Forfeited);
}

#[test]
fn nothing_can_be_done_to_an_organization_that_does_not_exist() {
    for command in [
        Command::GrantGlobalAccess,
        Command::WithdrawGlobalAccess,
        Command::Disable,
        Command::Enable,
        admit(ADA, Role::Member),
        Command::Dismiss { user: ADA },
    ] {
        given::<Organization>([]).when(command.clone()).then_refused(Error::Absent);
        given::<Organization>([forfeited()]).when(command).then_refused(Error::Forfeited);
    }
}

#[test]
fn switches_are_written_when_they_change_something() {
    for (on, off, turned_on, turned_off) in [
        (
            Command::GrantGlobalAccess,
            Command::WithdrawGlobalAccess,
            Event::GlobalAccessGranted {},
            Event::GlobalAccessWithdrawn {},
        ),
        (Command::Disable, Command::Enable, Event::Disabled {}, Event::Enabled {}),
    ] {
        let before = [registered()];
        let after = [registered(), turned_on.clone()];
        given::<Organization>(before.clone()).when(on.clone()).then([turned_on]);
        given::<Organization>(before).when(off.clone()).then([]);
        given::<Organization>(after.clone()).when(on).then([]);
        given::<Organization>(after).when(off).then([turned_off]);
    }
}

#[test]
fn a_user_joins_changes_role_and_leaves() {
    let history = [registered(), joined(ADA, Role::Member)];
    given::<Organization>([registered()])
        .when(admit(ADA, Role::Member))
        .then([joined(ADA, Role::Member)]);
    given::<Organization>(history.clone()).when(admit(ADA, Role::Member)).then([]);
    given::<Organization>(history.clone())
        .when(admit(ADA, Role::Manager))
        .then([Event::MemberRoleChanged { user: ADA, role: Role::Manager }]);
    given::<Organization>(history)
        .when(Command::Dismiss { user: ADA })
        .then([Event::MemberLeft { user: ADA }]);
}

#[test]
fn who_is_no_member_cannot_leave() {
    given::<Organization>([registered()])
        .when(Command::Dismiss { user: ADA })
        .then_refused(Error::NotAMember);
}

#[test]
fn the_last_administrator_is_neither_demoted_nor_dismissed() {
    let one = [registered(), joined(ADA, Role::Administrator), joined(BOB, Role::Manager)];
    given::<Organization>(one.clone())
        .when(admit(ADA, Role::Member))
        .then_refused(Error::LastAdministrator);
    given::<Organization>(one)
        .when(Command::Dismiss { user: ADA })
        .then_refused(Error::LastAdministrator);
}

#[test]
fn one_of_two_administrators_may_go() {
    let two = [registered(), joined(ADA, Role::Administrator), joined(BOB, Role::Administrator)];
    given::<Organization>(two.clone())
        .when(admit(ADA, Role::Member))
        .then([Event::MemberRoleChanged { user: ADA, role: Role::Member }]);
    given::<Organization>(two)
        .when(Command::Dismiss { user: BOB })
        .then([Event::MemberLeft { user: BOB }]);
}

#[test]
fn only_a_name_that_is_not_held_can_be_forfeited() {
    given::<Organization>([]).when(forfeit("acme gmbh")).then([forfeited()]);
    given::<Organization>([forfeited()]).when(forfeit("acme gmbh")).then([]);
    given::<Organization>([registered()]).when(forfeit("other")).then([forfeited()]);
    given::<Organization>([registered()]).when(forfeit("acme gmbh")).then_refused(Error::NameHeld);
}
