use super::*;
use crate::testing::given;

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
    given::<User>([registered()]).when(Command::Disable).then([Event::Disabled {}]);
    given::<User>([registered(), Event::Disabled {}]).when(Command::Disable).then([]);
}

#[test]
fn a_disabled_user_can_be_enabled_once() {
    let disabled = [registered(), Event::Disabled {}];
    given::<User>(disabled).when(Command::Enable).then([Event::Enabled {}]);
    given::<User>([registered()]).when(Command::Enable).then([]);
}

#[test]
fn nothing_can_be_done_to_a_user_who_does_not_exist() {
    for command in [set_password(), Command::Disable, Command::Enable] {
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
