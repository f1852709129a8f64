use std::time::Duration;

use uuid::Uuid;

use super::*;
use crate::testing::given;

const NOON: Timestamp = Timestamp::from_micros(43_200_000_000);
const FIRST: InvitationId = InvitationId::new(Uuid::from_u128(1));
const SECOND: InvitationId = InvitationId::new(Uuid::from_u128(2));

fn register() -> Command {
    Command::Register {
        user_name: UserName::parse("Ada").expect("a user name"),
        display_name: DisplayName::parse("Ada Lovelace").expect("a display name"),
        email: Email::parse("ada@acme.example").expect("an address"),
        locale: Locale::parse("en").expect("a locale"),
    }
}

fn registered() -> Event {
    Event::Registered {
        user_name: Personal::new("ada"),
        display_name: Personal::new("Ada Lovelace"),
        email: Personal::new("ada@acme.example"),
        locale: Locale::parse("en").expect("a locale"),
    }
}

fn forfeited() -> Event {
    Event::NameForfeited { claim: "claim".to_owned() }
}

fn set_password() -> Command {
    Command::SetPassword { hash: Personal::new("$argon2id$") }
}

fn forfeit(name: &str) -> Command {
    Command::ForfeitName { claim: "claim".to_owned(), name: name.to_owned() }
}

fn edit() -> Edit {
    Edit::default()
}

fn user_name(text: &str) -> UserName {
    UserName::parse(text).expect("a user name")
}

fn display_name(text: &str) -> DisplayName {
    DisplayName::parse(text).expect("a display name")
}

fn email(text: &str) -> Email {
    Email::parse(text).expect("an address")
}

fn locale(text: &str) -> Locale {
    Locale::parse(text).expect("a locale")
}

fn switch(on: bool) -> Command {
    Command::Edit(Edit { enabled: Some(on), ..edit() })
}

fn rename(to: &str, shown: &str) -> Command {
    let (user_name, display_name) = (Some(user_name(to)), Some(display_name(shown)));
    Command::Edit(Edit { user_name, display_name, ..edit() })
}

fn invited(invitation: InvitationId) -> Event {
    Event::Invited { invitation, until: NOON }
}

fn accept(invitation: InvitationId, at: Timestamp) -> Command {
    Command::AcceptInvitation { invitation, at, hash: Personal::new("$argon2id$") }
}

fn password_set() -> Event {
    Event::PasswordSet { hash: Personal::new("$argon2id$") }
}

const EARLIER: Timestamp = Timestamp::from_micros(NOON.as_micros() - 1);

#[test]
fn another_name_is_written_and_the_same_is_not() {
    let renamed = Event::Renamed {
        user_name: Personal::new("ada"),
        display_name: Personal::new("Countess of Lovelace"),
    };
    given::<User>([registered()]).when(rename("ADA", "Countess of Lovelace")).then([renamed]);
    given::<User>([registered()]).when(rename("Ada", "Ada Lovelace")).then([]);
}

#[test]
fn a_renamed_user_holds_the_name_and_the_former_one_no_more() {
    let renamed =
        Event::Renamed { user_name: Personal::new("countess"), display_name: Personal::new("A") };
    given::<User>([registered(), renamed.clone()])
        .when(forfeit("countess"))
        .then_refused(Error::NameHeld);
    given::<User>([registered(), renamed]).when(forfeit("ada")).then([forfeited()]);
}

#[test]
fn another_display_name_leaves_the_user_name_alone() {
    let change = Command::Edit(Edit { display_name: Some(display_name("Ada King")), ..edit() });
    let renamed =
        Event::Renamed { user_name: Personal::new("ada"), display_name: Personal::new("Ada King") };
    given::<User>([registered()]).when(change.clone()).then([renamed.clone()]);
    given::<User>([registered(), renamed]).when(change).then([]);
}

#[test]
fn another_user_name_leaves_the_display_name_alone() {
    let change = Command::Edit(Edit { user_name: Some(user_name("countess")), ..edit() });
    let user_name = Personal::new("countess");
    let display_name = Personal::new("Ada Lovelace");
    given::<User>([registered()]).when(change).then([Event::Renamed { user_name, display_name }]);
}

#[test]
fn another_address_and_another_locale_are_written_and_the_same_are_not() {
    let email = |text| Command::Edit(Edit { email: Some(email(text)), ..edit() });
    let locale = |text| Command::Edit(Edit { locale: Some(locale(text)), ..edit() });
    let changed = Event::EmailChanged { email: Personal::new("ada@lovelace.example") };
    given::<User>([registered()]).when(email("ada@lovelace.example")).then([changed]);
    given::<User>([registered()]).when(email("ada@acme.example")).then([]);
    let german = Locale::parse("de-CH").expect("a locale");
    given::<User>([registered()])
        .when(locale("de-CH"))
        .then([Event::LocaleChanged { locale: german }]);
    given::<User>([registered()]).when(locale("en")).then([]);
}

#[test]
fn several_changes_are_decided_at_once_and_those_that_change_nothing_left_out() {
    let all = Edit {
        user_name: Some(user_name("countess")),
        display_name: Some(display_name("Ada King")),
        email: Some(email("ada@lovelace.example")),
        locale: Some(locale("en")),
        enabled: Some(false),
    };
    given::<User>([registered()]).when(Command::Edit(all.clone())).then([
        Event::Renamed {
            user_name: Personal::new("countess"),
            display_name: Personal::new("Ada King"),
        },
        Event::EmailChanged { email: Personal::new("ada@lovelace.example") },
        Event::Disabled {},
    ]);
    let back = Edit { enabled: Some(true), ..edit() };
    given::<User>([registered(), Event::Disabled {}])
        .when(Command::Edit(back))
        .then([Event::Enabled {}]);
    given::<User>([registered()]).when(Command::Edit(edit())).then([]);
}

#[test]
fn an_invitation_is_used_up_by_the_password_that_follows_it() {
    given::<User>([registered(), invited(FIRST)])
        .when(accept(FIRST, EARLIER))
        .then([password_set()]);
    given::<User>([registered(), invited(FIRST), password_set()])
        .when(accept(FIRST, EARLIER))
        .then_refused(Error::InvitationUsed);
}

#[test]
fn an_expired_invitation_is_refused() {
    for late in [NOON, NOON.plus(Duration::from_hours(1))] {
        given::<User>([registered(), invited(FIRST)])
            .when(accept(FIRST, late))
            .then_refused(Error::InvitationExpired);
    }
}

#[test]
fn only_the_latest_invitation_counts() {
    let history = [registered(), invited(FIRST), invited(SECOND)];
    given::<User>(history.clone()).when(accept(FIRST, EARLIER)).then_refused(Error::InvitationVoid);
    given::<User>(history).when(accept(SECOND, EARLIER)).then([password_set()]);
    given::<User>([registered()]).when(accept(FIRST, EARLIER)).then_refused(Error::InvitationVoid);
    let used_then_renewed = [registered(), invited(FIRST), password_set(), invited(SECOND)];
    given::<User>(used_then_renewed).when(accept(SECOND, EARLIER)).then([password_set()]);
}

#[test]
fn a_disabled_account_is_not_invited() {
    let invite = Command::Invite { invitation: FIRST, until: NOON };
    given::<User>([registered()]).when(invite.clone()).then([invited(FIRST)]);
    given::<User>([registered(), Event::Disabled {}]).when(invite).then_refused(Error::Disabled);
}

#[test]
fn an_invitation_is_void_once_the_address_changes_or_the_account_is_disabled() {
    let email = Personal::new("ada@lovelace.example");
    for since in [
        vec![Event::EmailChanged { email: email.clone() }],
        vec![Event::Disabled {}],
        vec![Event::Disabled {}, Event::Enabled {}],
    ] {
        let history: Vec<_> = [registered(), invited(FIRST)].into_iter().chain(since).collect();
        given::<User>(history.clone())
            .when(accept(FIRST, EARLIER))
            .then_refused(Error::InvitationVoid);
        let again = history.into_iter().chain([Event::Enabled {}, invited(SECOND)]);
        given::<User>(again.collect::<Vec<_>>())
            .when(accept(SECOND, EARLIER))
            .then([password_set()]);
    }
    let used = [registered(), invited(FIRST), password_set(), Event::EmailChanged { email }];
    given::<User>(used).when(accept(FIRST, EARLIER)).then_refused(Error::InvitationUsed);
}

#[test]
fn who_signs_out_everywhere_does_so_each_time() {
    let out = || Event::SignedOutEverywhere {};
    given::<User>([registered()]).when(Command::SignOutEverywhere).then([out()]);
    given::<User>([registered(), out()]).when(Command::SignOutEverywhere).then([out()]);
}

#[test]
fn a_user_is_registered_under_the_case_mapped_name() {
    given::<User>([]).when(register()).then([registered()]);
}

#[test]
fn a_user_cannot_be_registered_twice_or_after_losing_the_name() {
    given::<User>([registered()]).when(register()).then_refused(Error::Exists);
    given::<User>([forfeited()]).when(register()).then_refused(Error::Forfeited);
}

#[test]
fn a_password_can_be_set_again_and_again() {
    let set = Event::PasswordSet { hash: Personal::new("$argon2id$") };
    given::<User>([registered()]).when(set_password()).then([set.clone()]);
    given::<User>([registered(), set.clone()]).when(set_password()).then([set.clone()]);
    given::<User>([registered(), Event::Disabled {}]).when(set_password()).then([set]);
}

#[test]
fn an_enabled_user_can_be_disabled_once() {
    given::<User>([registered()]).when(switch(false)).then([Event::Disabled {}]);
    given::<User>([registered(), Event::Disabled {}]).when(switch(false)).then([]);
}

#[test]
fn a_disabled_user_can_be_enabled_once() {
    let disabled = [registered(), Event::Disabled {}];
    given::<User>(disabled).when(switch(true)).then([Event::Enabled {}]);
    given::<User>([registered()]).when(switch(true)).then([]);
}

#[test]
fn nothing_can_be_done_to_a_user_who_does_not_exist() {
    for command in [
        rename("bob", "Bob"),
        Command::Edit(edit()),
        set_password(),
        Command::Invite { invitation: FIRST, until: NOON },
        accept(FIRST, NOON),
        Command::SignOutEverywhere,
    ] {
        given::<User>([]).when(command.clone()).then_refused(Error::Absent);
        given::<User>([forfeited()]).when(command).then_refused(Error::Forfeited);
    }
}

#[test]
fn only_a_name_that_is_not_held_can_be_forfeited() {
    given::<User>([]).when(forfeit("ada")).then([forfeited()]);
    given::<User>([forfeited()]).when(forfeit("ada")).then([]);
    given::<User>([registered()]).when(forfeit("bob")).then([forfeited()]);
    given::<User>([registered()]).when(forfeit("ada")).then_refused(Error::NameHeld);
}

#[test]
fn an_address_that_could_break_out_of_a_header_is_refused() {
    for wrong in
        ["", "ada", "@x", "ada@", "a b@x", "a@x\r\nBcc: b@y", "a@b@c", "a@.x", "a@x..y", "<a@x>"]
    {
        assert_eq!(Email::parse(wrong), Err(InvalidEmail), "{wrong:?}");
    }
    assert!(Email::parse("jörg@exämple.de").is_ok());
}

#[test]
fn a_locale_is_a_language_tag() {
    assert!(Locale::parse("de-CH").is_ok());
    for wrong in ["", "d", "de_CH", "de-", "1a", "de-123456789"] {
        assert_eq!(Locale::parse(wrong), Err(InvalidLocale), "{wrong:?}");
    }
}

#[test]
fn nothing_personal_prints() {
    let printed = format!("{:?} {:?}", register(), registered());
    assert!(!printed.contains("Ada") && !printed.contains("ada"), "{printed}");
}
