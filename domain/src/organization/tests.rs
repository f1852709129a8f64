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
    Command::Admit { user, role, standing: Standing::Enabled }
}

fn register() -> Command {
    Command::Register(Registration::of(name()))
}

fn edit() -> Edit {
    Edit::default()
}

#[test]
fn an_organization_is_registered_once() {
    given::<Organization>([]).when(register()).then([registered()]);
    given::<Organization>([registered()]).when(register()).then_refused(Error::Exists);
    given::<Organization>([forfeited()]).when(register()).then_refused(Error::Forfeited);
}

#[test]
fn an_organization_may_begin_disabled_and_with_global_access() {
    let registration =
        Registration { enabled: false, global_access: true, ..Registration::of(name()) };
    given::<Organization>([]).when(Command::Register(registration)).then([
        registered(),
        Event::Disabled {},
        Event::GlobalAccessGranted {},
    ]);
}

#[test]
fn nothing_can_be_done_to_an_organization_that_does_not_exist() {
    for command in [
        Command::Edit(edit()),
        admit(ADA, Role::Member),
        Command::Dismiss { user: ADA },
        Command::Suspend { user: ADA },
        Command::Reinstate { user: ADA },
    ] {
        given::<Organization>([]).when(command.clone()).then_refused(Error::Absent);
        given::<Organization>([forfeited()]).when(command).then_refused(Error::Forfeited);
    }
}

#[test]
fn switches_are_written_when_they_change_something() {
    let enabled = |on| Command::Edit(Edit { enabled: Some(on), ..edit() });
    let reaches = |on| Command::Edit(Edit { global_access: Some(on), ..edit() });
    for (on, off, turned_on, turned_off) in [
        (
            reaches(true),
            reaches(false),
            Event::GlobalAccessGranted {},
            Event::GlobalAccessWithdrawn {},
        ),
        (enabled(false), enabled(true), Event::Disabled {}, Event::Enabled {}),
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

fn suspended(user: UserId) -> Event {
    Event::MemberSuspended { user }
}

fn two_administrators() -> [Event; 3] {
    [registered(), joined(ADA, Role::Administrator), joined(BOB, Role::Administrator)]
}

#[test]
fn another_name_is_written_and_the_same_is_not() {
    let other = OrganizationName::parse("Acme AG").expect("a name");
    let rename = |to: &OrganizationName| Command::Edit(Edit { name: Some(to.clone()), ..edit() });
    given::<Organization>([registered()])
        .when(rename(&other))
        .then([Event::Renamed { name: other }]);
    given::<Organization>([registered()]).when(rename(&name())).then([]);
}

#[test]
fn several_changes_are_decided_at_once_and_those_that_change_nothing_left_out() {
    let other = OrganizationName::parse("Acme AG").expect("a name");
    let all = Edit { name: Some(other.clone()), enabled: Some(true), global_access: Some(true) };
    given::<Organization>([registered()])
        .when(Command::Edit(all))
        .then([Event::Renamed { name: other }, Event::GlobalAccessGranted {}]);
    given::<Organization>([registered()]).when(Command::Edit(edit())).then([]);
}

#[test]
fn one_of_two_administrators_may_be_suspended_but_not_both() {
    let suspend = |user| Command::Suspend { user };
    given::<Organization>(two_administrators()).when(suspend(ADA)).then([suspended(ADA)]);
    let history = [two_administrators().to_vec(), vec![suspended(ADA)]].concat();
    given::<Organization>(history.clone()).when(suspend(ADA)).then([]);
    given::<Organization>(history).when(suspend(BOB)).then_refused(Error::LastAdministrator);
}

#[test]
fn whoever_is_no_member_is_not_suspended() {
    given::<Organization>([registered()])
        .when(Command::Suspend { user: ADA })
        .then_refused(Error::NotAMember);
}

#[test]
fn a_suspended_administrator_does_not_count() {
    let history = [two_administrators().to_vec(), vec![suspended(ADA)]].concat();
    given::<Organization>(history.clone())
        .when(admit(BOB, Role::Manager))
        .then_refused(Error::LastAdministrator);
    given::<Organization>(history.clone())
        .when(Command::Dismiss { user: BOB })
        .then_refused(Error::LastAdministrator);
    given::<Organization>(history)
        .when(Command::Dismiss { user: ADA })
        .then([Event::MemberLeft { user: ADA }]);
}

#[test]
fn a_reinstated_administrator_counts_again() {
    let reinstated = Event::MemberReinstated { user: ADA };
    let history = [two_administrators().to_vec(), vec![suspended(ADA)]].concat();
    let reinstate = Command::Reinstate { user: ADA };
    given::<Organization>(history.clone()).when(reinstate.clone()).then([reinstated.clone()]);
    given::<Organization>(two_administrators()).when(reinstate).then([]);
    given::<Organization>([history, vec![reinstated]].concat())
        .when(Command::Suspend { user: BOB })
        .then([suspended(BOB)]);
}

#[test]
fn a_disabled_user_who_is_made_administrator_does_not_count_either() {
    let admit = |user, role| Command::Admit { user, role, standing: Standing::Disabled };
    let one = [registered(), joined(ADA, Role::Administrator), joined(BOB, Role::Manager)];
    let promoted = Event::MemberRoleChanged { user: BOB, role: Role::Administrator };
    given::<Organization>(one.clone())
        .when(admit(BOB, Role::Administrator))
        .then([promoted.clone(), suspended(BOB)]);
    given::<Organization>([one.to_vec(), vec![promoted, suspended(BOB)]].concat())
        .when(Command::Dismiss { user: ADA })
        .then_refused(Error::LastAdministrator);
    given::<Organization>([registered()])
        .when(admit(ADA, Role::Member))
        .then([joined(ADA, Role::Member)]);
}

#[test]
fn who_leaves_and_comes_back_counts_again() {
    let history = [suspended(ADA), Event::MemberLeft { user: ADA }];
    let history = [two_administrators().to_vec(), history.to_vec()].concat();
    given::<Organization>([history, vec![joined(ADA, Role::Administrator)]].concat())
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
