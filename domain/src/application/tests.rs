use uuid::Uuid;

use super::*;
use crate::testing::given;

fn name(text: &str) -> ApplicationName {
    ApplicationName::parse(text).expect("a name")
}

fn secret() -> Secret {
    Secret {
        id: SecretId::new(Uuid::nil()),
        hash: SecretHash::new("$argon2id$".to_owned()),
        hint: "b27Q".to_owned(),
    }
}

fn create() -> Command {
    Command::Create(Creation {
        client_id: ClientId::parse(&"c".repeat(32)).expect("a client id"),
        organization: OrganizationId::new(Uuid::nil()),
        owner: UserId::new(Uuid::nil()),
        name: name("Sync"),
        active: true,
        settings: Settings::default(),
        secret: secret(),
    })
}

fn created() -> Event {
    Event::Created {
        client_id: ClientId::parse(&"c".repeat(32)).expect("a client id"),
        organization: OrganizationId::new(Uuid::nil()),
        owner: UserId::new(Uuid::nil()),
        name: name("Sync"),
        active: true,
        grants: vec![Grant::ClientCredentials],
        scopes: vec![],
    }
}

fn forfeited() -> Event {
    Event::NameForfeited { claim: "claim".to_owned() }
}

fn forfeit(text: &str) -> Command {
    let nil = Uuid::nil();
    let belonging = Belonging { organization: OrganizationId::new(nil), owner: UserId::new(nil) };
    Command::ForfeitName { claim: "claim".to_owned(), belonging, name: name(text) }
}

fn living() -> Vec<Event> {
    vec![created(), Event::SecretAdded(secret())]
}

fn inactive() -> Vec<Event> {
    [living(), vec![Event::Deactivated {}]].concat()
}

fn deleted() -> Vec<Event> {
    [living(), vec![Event::Deleted {}]].concat()
}

fn rename(text: &str) -> Command {
    Command::Rename { name: name(text) }
}

#[test]
fn an_application_is_created_with_its_first_secret() {
    given::<Application>([]).when(create()).then(living());
}

#[test]
fn an_application_cannot_be_created_twice() {
    given::<Application>(living()).when(create()).then_refused(Error::Exists);
    given::<Application>(inactive()).when(create()).then_refused(Error::Exists);
    given::<Application>(deleted()).when(create()).then_refused(Error::Exists);
}

#[test]
fn an_application_whose_name_was_forfeited_cannot_be_created() {
    given::<Application>([forfeited()]).when(create()).then_refused(Error::Forfeited);
}

#[test]
fn an_application_can_be_renamed_whether_active_or_not() {
    let renamed = Event::Renamed { name: name("Warehouse sync") };
    given::<Application>(living()).when(rename("Warehouse sync")).then([renamed.clone()]);
    given::<Application>(inactive()).when(rename("Warehouse sync")).then([renamed]);
}

#[test]
fn renaming_to_the_present_name_changes_nothing() {
    given::<Application>(living()).when(rename("Sync")).then([]);
}

#[test]
fn only_a_living_application_can_be_renamed() {
    given::<Application>([]).when(rename("X")).then_refused(Error::Absent);
    given::<Application>([forfeited()]).when(rename("X")).then_refused(Error::Forfeited);
    given::<Application>(deleted()).when(rename("X")).then_refused(Error::Deleted);
}

#[test]
fn an_active_application_can_be_deactivated() {
    given::<Application>(living()).when(Command::Deactivate).then([Event::Deactivated {}]);
}

#[test]
fn deactivating_an_inactive_application_changes_nothing() {
    given::<Application>(inactive()).when(Command::Deactivate).then([]);
}

#[test]
fn an_inactive_application_can_be_activated() {
    given::<Application>(inactive()).when(Command::Activate).then([Event::Activated {}]);
}

#[test]
fn activating_an_active_application_changes_nothing() {
    given::<Application>(living()).when(Command::Activate).then([]);
}

#[test]
fn only_a_living_application_can_be_switched() {
    for command in [Command::Activate, Command::Deactivate] {
        given::<Application>([]).when(command.clone()).then_refused(Error::Absent);
        given::<Application>([forfeited()]).when(command.clone()).then_refused(Error::Forfeited);
        given::<Application>(deleted()).when(command).then_refused(Error::Deleted);
    }
}

#[test]
fn an_application_can_be_deleted_whether_active_or_not() {
    given::<Application>(living()).when(Command::Delete).then([Event::Deleted {}]);
    given::<Application>(inactive()).when(Command::Delete).then([Event::Deleted {}]);
}

#[test]
fn deleting_a_deleted_application_changes_nothing() {
    given::<Application>(deleted()).when(Command::Delete).then([]);
}

#[test]
fn what_never_was_cannot_be_deleted() {
    given::<Application>([]).when(Command::Delete).then_refused(Error::Absent);
    given::<Application>([forfeited()]).when(Command::Delete).then_refused(Error::Forfeited);
}

#[test]
fn a_name_that_is_not_held_can_be_forfeited_before_and_after_creation() {
    given::<Application>([]).when(forfeit("Other")).then([forfeited()]);
    given::<Application>(living()).when(forfeit("Other")).then([forfeited()]);
    given::<Application>(inactive()).when(forfeit("Other")).then([forfeited()]);
    given::<Application>(deleted()).when(forfeit("Sync")).then([forfeited()]);
}

#[test]
fn forfeiting_before_creation_once_more_changes_nothing() {
    given::<Application>([forfeited()]).when(forfeit("Other")).then([]);
}

#[test]
fn a_name_that_is_held_is_not_forfeited() {
    given::<Application>(living()).when(forfeit("Sync")).then_refused(Error::NameHeld);
}

#[test]
fn a_deleted_application_keeps_its_secrets_for_the_record() {
    let Application::Deleted(record) =
        deleted().into_iter().fold(Application::default(), Application::evolve)
    else {
        panic!("not deleted")
    };
    assert_eq!(record.secrets, [secret()]);
}

fn another_owner() -> UserId {
    UserId::new(Uuid::from_u128(7))
}

fn described() -> Changes {
    Changes { description: Some(Description::parse("Orders").expect("text")), ..Changes::default() }
}

#[test]
fn settings_change_to_what_they_are_not() {
    given::<Application>(living())
        .when(Command::ChangeSettings(described()))
        .then([Event::SettingsChanged(described())]);
    given::<Application>([living(), vec![Event::SettingsChanged(described())]].concat())
        .when(Command::ChangeSettings(described()))
        .then([]);
    given::<Application>(deleted())
        .when(Command::ChangeSettings(described()))
        .then_refused(Error::Deleted);
}

#[test]
fn an_application_is_created_with_what_is_said_about_it() {
    let Command::Create(mut creation) = create() else { unreachable!() };
    creation.settings.apply(described());
    given::<Application>([]).when(Command::Create(creation)).then([
        created(),
        Event::SecretAdded(secret()),
        Event::SettingsChanged(described()),
    ]);
}

#[test]
fn an_application_goes_to_another_owner() {
    let owner = another_owner();
    given::<Application>(living())
        .when(Command::Transfer { owner })
        .then([Event::Transferred { owner }]);
    given::<Application>([living(), vec![Event::Transferred { owner }]].concat())
        .when(Command::Transfer { owner })
        .then([]);
    given::<Application>(deleted()).when(Command::Transfer { owner }).then_refused(Error::Deleted);
}

#[test]
fn a_name_is_given_up_that_is_held_for_another_owner_only() {
    let transferred = [living(), vec![Event::Transferred { owner: another_owner() }]].concat();
    given::<Application>(transferred).when(forfeit("Sync")).then([forfeited()]);
}

#[test]
fn a_deleted_application_is_restored() {
    let restored = Event::Restored { name: name("Sync again") };
    given::<Application>(deleted())
        .when(Command::Restore { name: name("Sync again") })
        .then([restored]);
    given::<Application>(living())
        .when(Command::Restore { name: name("Sync") })
        .then_refused(Error::NotDeleted);
    given::<Application>([])
        .when(Command::Restore { name: name("Sync") })
        .then_refused(Error::Absent);
}

#[test]
fn a_restored_application_is_inactive_and_otherwise_as_it_was() {
    let before = living().into_iter().fold(Application::default(), Application::evolve);
    let after = [deleted(), vec![Event::Restored { name: name("Sync again") }]].concat();
    let after = after.into_iter().fold(Application::default(), Application::evolve);
    let (Ok(before), Ok(after)) = (before.living(), after.living()) else { panic!("they live") };
    assert_eq!(*after, Living { name: name("Sync again"), active: false, ..before.clone() });
}

#[test]
fn an_edit_is_everything_that_differs_and_nothing_else() {
    let edit = |text: &str, active| {
        let (name, settings) = (Some(name(text)), described());
        Command::Edit(Edit { name, settings, active: Some(active), owner: None })
    };
    let edited = [
        Event::Renamed { name: name("Warehouse sync") },
        Event::SettingsChanged(described()),
        Event::Deactivated {},
    ];
    given::<Application>(living()).when(edit("Warehouse sync", false)).then(edited.clone());
    given::<Application>([living(), edited.into()].concat())
        .when(edit("Warehouse sync", false))
        .then([]);
    given::<Application>(living()).when(Command::Edit(Edit::default())).then([]);
    let owner = UserId::new(Uuid::from_u128(77));
    let give = Command::Edit(Edit { owner: Some(owner), ..Edit::default() });
    let given_away = Event::Transferred { owner };
    given::<Application>(living()).when(give.clone()).then([given_away.clone()]);
    given::<Application>([living(), vec![given_away]].concat()).when(give).then([]);
    given::<Application>(deleted()).when(edit("Sync", true)).then_refused(Error::Deleted);
}
