use std::sync::Arc;

use domain::{
    authority::Role,
    name::{OrganizationName, UserName},
    user::{DisplayName, Edit, Email, Locale},
};
use proptest::prelude::*;

use super::*;
use crate::testing::{Stopped, run, stepwise};

const PERMIT: Permit = Permit::operator();
const WEEK: Duration = Duration::from_hours(7 * 24);

struct House {
    clock: Arc<Stopped>,
    commands: Commands,
    bob: UserId,
}

impl House {
    /// Bob has been invited into Acme.
    fn build() -> Self {
        let (clock, commands) = stepwise();
        let bob = run(async {
            let scribe = commands.as_operator();
            let name = OrganizationName::parse("Acme").expect("a name");
            let (acme, _) = scribe.register_organization(&PERMIT, name).await.expect("registered");
            let invited = scribe.invite_user(&PERMIT, bob(), (acme, Role::Member), WEEK).await;
            invited.expect("invited").0
        });
        Self { clock, commands, bob }
    }

    fn account(&self) -> Account {
        run(self.commands.as_operator().user(self.bob)).expect("a log").expect("a user")
    }

    /// As the letter about the latest invitation has it.
    fn token(&self) -> String {
        let invitation = self.account().invitation.expect("an invitation");
        self.commands.invitation_token(self.bob, invitation.id, invitation.until)
    }

    fn accept(&self, token: &str) -> Result<(), Refusal> {
        let invited = self.commands.read_invitation(token).expect("a token of ours");
        let hash = Personal::new("$argon2id$");
        let outcome = run(self.commands.as_operator().accept_invitation(&invited, hash));
        outcome.map(|_| ()).map_err(|failure| match failure {
            Failure::Refused(refusal) => refusal,
            failure => panic!("{failure}"),
        })
    }
}

fn bob() -> NewUser {
    NewUser {
        user_name: UserName::parse("bob").expect("a name"),
        display_name: DisplayName::parse("Bob").expect("a name"),
        email: Email::parse("bob@acme.example").expect("an address"),
        locale: Locale::parse("en").expect("a locale"),
    }
}

#[test]
fn who_is_invited_is_a_member_without_a_password_until_they_choose_one_once() {
    let house = House::build();
    assert_eq!(house.account().password, None);
    let token = house.token();
    assert_eq!(house.accept(&token), Ok(()));
    assert!(house.account().password.is_some());
    assert_eq!(house.accept(&token), Err(Refusal::InvitationUsed));
}

#[test]
fn an_invitation_ends_when_it_says() {
    let house = House::build();
    house.clock.advance(WEEK);
    assert_eq!(house.accept(&house.token()), Err(Refusal::InvitationExpired));
}

#[test]
fn a_second_invitation_voids_the_first() {
    let house = House::build();
    let first = house.token();
    run(house.commands.as_operator().invite_again(&PERMIT, house.bob, WEEK)).expect("invited");
    assert_eq!(house.accept(&first), Err(Refusal::InvitationVoid));
    assert_eq!(house.accept(&house.token()), Ok(()));
}

#[test]
fn whose_account_was_disabled_is_not_let_in_by_an_invitation_from_before() {
    let house = House::build();
    let token = house.token();
    run(house.commands.as_operator().disable_user(&PERMIT, house.bob)).expect("disabled");
    assert_eq!(house.accept(&token), Err(Refusal::InvitationVoid));
    run(house.commands.as_operator().enable_user(&PERMIT, house.bob)).expect("enabled");
    assert_eq!(house.accept(&token), Err(Refusal::InvitationVoid));
}

#[test]
fn a_link_that_went_to_a_former_address_lets_nobody_in() {
    let house = House::build();
    let token = house.token();
    let email = Email::parse("bob@elsewhere.example").expect("an address");
    let edit = Edit { email: Some(email), ..Edit::default() };
    run(house.commands.as_operator().edit_user(&PERMIT, house.bob, edit)).expect("changed");
    assert_eq!(house.accept(&token), Err(Refusal::InvitationVoid));
    run(house.commands.as_operator().invite_again(&PERMIT, house.bob, WEEK)).expect("invited");
    assert_eq!(house.accept(&house.token()), Ok(()));
}

#[test]
fn another_installation_does_not_read_the_token() {
    let house = House::build();
    let key = Arc::new(store::InstallationKey::new([9; 32]));
    let elsewhere = Commands { key, ..house.commands.clone() };
    assert_eq!(elsewhere.read_invitation(&house.token()), None);
}

#[test]
fn a_token_cut_short_or_lengthened_says_nothing() {
    let house = House::build();
    let token = house.token();
    assert_eq!(token.len(), 96);
    for length in 0..token.len() {
        assert_eq!(house.commands.read_invitation(&token[..length]), None, "{length}");
        assert_eq!(house.commands.read_invitation(&token[length + 1..]), None, "{length}");
    }
    for longer in [format!("{token}A"), format!("A{token}"), format!("{token}="), token.repeat(2)] {
        assert_eq!(house.commands.read_invitation(&longer), None, "{longer}");
    }
}

#[test]
fn a_token_with_one_letter_changed_says_nothing() {
    let house = House::build();
    let token = house.token();
    for place in 0..token.len() {
        let mut altered = token.clone().into_bytes();
        altered[place] = if altered[place] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).expect("ASCII");
        assert_eq!(house.commands.read_invitation(&altered), None, "{place}");
    }
}

proptest! {
    #[test]
    fn no_text_is_a_token_by_chance(text in "\\PC{0,120}") {
        let (_, commands) = stepwise();
        prop_assert_eq!(commands.read_invitation(&text), None);
    }
}
