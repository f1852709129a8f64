//! What may be done to an application, by whom, when, and how often.

use std::{sync::Arc, time::Duration};

use domain::{
    ApplicationId, OrganizationId, UserId,
    application::{Application, Changes, Description, Edit, Living, Settings},
    authority::{Action, Belonging, Member, Role},
    name::{ApplicationName, OrganizationName, UserName},
    user::{DisplayName, Email, Locale},
};
use store::{Actor, InstallationKey, Log, MemoryPersonKeys, MemoryStore, Position, Vault};
use uuid::Uuid;

use super::{Created, NewApplication, Refusal, Seen, Switch};
use crate::{
    Commands, Done, Failure, Origin, Permit, Scribe,
    testing::{Scripted, Stopped},
    users::NewUser,
};

const MONTH: Duration = Duration::from_hours(30 * 24);

/// An organization with a member, a manager and an administrator.
struct House {
    clock: Arc<Stopped>,
    commands: Commands,
    organization: OrganizationId,
    member: UserId,
    manager: UserId,
    administrator: UserId,
}

impl House {
    async fn new() -> Self {
        let clock = Arc::new(Stopped::default());
        let entropy = Arc::new(Scripted::default());
        let key = Arc::new(InstallationKey::new([3; 32]));
        let keys = Arc::new(MemoryPersonKeys::default());
        let vault = Arc::new(Vault::new(&key, keys, entropy.clone()));
        let log = Log::new(Arc::new(MemoryStore::new(clock.clone())), vault);
        let commands = Commands { log, key, clock: clock.clone(), entropy };
        let name = OrganizationName::parse("Acme").expect("a name");
        let made = commands.as_operator().register_organization(&Permit::operator(), name).await;
        let (organization, _) = made.expect("an organization");
        let member = person(&commands, organization, "ada", Role::Member).await;
        let manager = person(&commands, organization, "max", Role::Manager).await;
        let administrator = person(&commands, organization, "root", Role::Administrator).await;
        Self { clock, commands, organization, member, manager, administrator }
    }

    async fn create(&self, owner: UserId, name: &str) -> Created {
        let belonging = Belonging { organization: self.organization, owner };
        let settings = Settings::default();
        let new = NewApplication { belonging, name: named(name), active: true, settings };
        let scribe = self.commands.as_operator();
        scribe.create_application(&Permit::operator(), new).await.expect("an application")
    }

    async fn deleted(&self, owner: UserId, name: &str) -> ApplicationId {
        let id = self.create(owner, name).await.id;
        let scribe = self.commands.as_operator();
        scribe.delete_application(&Permit::operator(), id).await.expect("deleted");
        id
    }

    async fn restore(&self, id: ApplicationId, name: &str) -> Result<Done, Failure<Refusal>> {
        let scribe = self.commands.as_operator();
        scribe.restore_application(&Permit::operator(), id, named(name), MONTH).await
    }

    async fn transfer(
        &self,
        permit: &Permit,
        id: ApplicationId,
        owner: UserId,
    ) -> Result<Done, Failure<Refusal>> {
        self.commands.as_operator().transfer_application(permit, id, owner).await
    }

    /// What the manager may do to an application of the member.
    fn managers(&self, action: Action) -> Permit {
        let member = Member {
            user: self.manager,
            organization: self.organization,
            role: Role::Manager,
            global_access: false,
        };
        let belonging = Belonging { organization: self.organization, owner: self.member };
        Permit::for_application(&member, action, belonging).expect("a permit")
    }

    async fn application(&self, id: ApplicationId) -> Application {
        self.commands.log.history(&id).await.expect("a log").state
    }

    async fn living(&self, id: ApplicationId) -> Living {
        self.application(id).await.living().expect("a living application").clone()
    }

    /// How many events the application's stream has.
    async fn events(&self, id: ApplicationId) -> u64 {
        let history = self.commands.log.history::<Application>(&id).await.expect("a log");
        history.expected.next_revision()
    }
}

async fn person(
    commands: &Commands,
    organization: OrganizationId,
    name: &str,
    role: Role,
) -> UserId {
    let new = NewUser {
        user_name: UserName::parse(name).expect("a name"),
        display_name: DisplayName::parse(name).expect("a name"),
        email: Email::parse(&format!("{name}@acme.example")).expect("an address"),
        locale: Locale::parse("en").expect("a locale"),
    };
    let permit = Permit::operator();
    let (user, _) = commands.as_operator().register_user(&permit, new).await.expect("a person");
    commands.as_operator().admit(&permit, organization, user, role).await.expect("a member");
    user
}

fn named(name: &str) -> ApplicationName {
    ApplicationName::parse(name).expect("a name")
}

fn described(text: &str) -> Changes {
    let description = Some(Description::parse(text).expect("a description"));
    Changes { description, ..Changes::default() }
}

/// A scribe of one command, which can be sent again.
fn sent(house: &House, command: Uuid) -> Scribe {
    house.commands.on_behalf_of(Origin::of(Actor::Operator, command))
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T, Failure<Refusal>>) -> Refusal {
    match outcome {
        Err(Failure::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_restored_application_is_inactive_with_its_client_id_and_secrets() {
    let house = House::new().await;
    let id = house.create(house.member, "Sync").await.id;
    let before = house.living(id).await;
    let scribe = house.commands.as_operator();
    scribe.delete_application(&Permit::operator(), id).await.expect("deleted");
    house.clock.advance(MONTH);
    house.restore(id, "Sync").await.expect("restored");
    assert_eq!(house.living(id).await, Living { active: false, ..before });
}

#[tokio::test]
async fn an_application_deleted_too_long_ago_stays_deleted() {
    let house = House::new().await;
    let id = house.deleted(house.member, "Sync").await;
    house.clock.advance(MONTH + Duration::from_micros(1));
    assert_eq!(refusal(house.restore(id, "Sync").await), Refusal::TooLate);
    let scribe = house.commands.as_operator();
    let permit = Permit::operator();
    let never = scribe.restore_application(&permit, id, named("Sync"), Duration::ZERO).await;
    assert_eq!(refusal(never), Refusal::TooLate);
    assert!(matches!(house.application(id).await, Application::Deleted(_)));
}

#[tokio::test]
async fn the_time_to_restore_begins_with_the_last_deletion() {
    let house = House::new().await;
    let id = house.deleted(house.member, "Sync").await;
    house.clock.advance(MONTH);
    house.restore(id, "Sync").await.expect("restored");
    // More events than are read at once, looking for the deletion.
    for number in 0..25 {
        let scribe = house.commands.as_operator();
        let changes = described(&number.to_string());
        scribe.change_settings(&Permit::operator(), id, changes).await.expect("changed");
    }
    let scribe = house.commands.as_operator();
    scribe.delete_application(&Permit::operator(), id).await.expect("deleted");
    house.clock.advance(MONTH);
    house.restore(id, "Sync").await.expect("restored again");
}

#[tokio::test]
async fn a_taken_name_keeps_an_application_deleted_until_it_takes_another() {
    let house = House::new().await;
    let id = house.deleted(house.member, "Sync").await;
    house.create(house.member, "Sync").await;
    assert_eq!(refusal(house.restore(id, "Sync").await), Refusal::NameTaken);
    house.restore(id, "Sync of old").await.expect("restored");
    assert_eq!(house.living(id).await.name, named("Sync of old"));
    let deleted = house.deleted(house.member, "Once").await;
    assert_eq!(refusal(house.restore(deleted, "Sync of old").await), Refusal::NameTaken);
}

#[tokio::test]
async fn only_what_is_deleted_can_be_restored() {
    let house = House::new().await;
    let id = house.create(house.member, "Sync").await.id;
    assert_eq!(refusal(house.restore(id, "Sync").await), Refusal::NotDeleted);
    let nothing = ApplicationId::new(house.commands.mint());
    assert_eq!(refusal(house.restore(nothing, "Sync").await), Refusal::NotFound);
}

#[tokio::test]
async fn an_application_of_somebody_who_left_can_be_restored_and_given_to_a_member() {
    let house = House::new().await;
    let id = house.deleted(house.member, "Sync").await;
    let scribe = house.commands.as_operator();
    let permit = Permit::operator();
    scribe.dismiss(&permit, house.organization, house.member).await.expect("dismissed");
    house.restore(id, "Sync").await.expect("restored");
    house.transfer(&permit, id, house.manager).await.expect("transferred");
    assert_eq!(house.living(id).await.owner, house.manager);
}

#[tokio::test]
async fn an_application_goes_to_another_member_and_its_former_name_is_free() {
    let house = House::new().await;
    let id = house.create(house.member, "Sync").await.id;
    let permit = house.managers(Action::Transfer);
    house.transfer(&permit, id, house.manager).await.expect("transferred");
    assert_eq!(house.living(id).await.owner, house.manager);
    house.create(house.member, "Sync").await;
}

#[tokio::test]
async fn nobody_is_given_an_application_who_may_not_have_it() {
    let house = House::new().await;
    let id = house.create(house.member, "Sync").await.id;
    let before = house.events(id).await;
    let permit = house.managers(Action::Transfer);
    let stranger = UserId::new(house.commands.mint());
    let outcome = house.transfer(&permit, id, stranger).await;
    assert_eq!(refusal(outcome), Refusal::NotAMember);
    let outcome = house.transfer(&permit, id, house.administrator).await;
    assert_eq!(refusal(outcome), Refusal::OwnerOutranks);
    house.create(house.manager, "Sync").await;
    let outcome = house.transfer(&permit, id, house.manager).await;
    assert_eq!(refusal(outcome), Refusal::NameTaken);
    let outcome = house.transfer(&house.managers(Action::Change), id, house.manager).await;
    assert!(matches!(refusal(outcome), Refusal::Denied(_)));
    let scribe = house.commands.as_operator();
    let disabled = scribe.disable_user(&Permit::operator(), house.manager).await;
    disabled.expect("disabled");
    let outcome = house.transfer(&permit, id, house.manager).await;
    assert_eq!(refusal(outcome), Refusal::OwnerUnavailable);
    assert_eq!(house.events(id).await, before);
}

#[tokio::test]
async fn a_transfer_to_its_owner_changes_nothing() {
    let house = House::new().await;
    let id = house.create(house.member, "Sync").await.id;
    let before = house.commands.log.store().head().await.expect("a head");
    house.transfer(&Permit::operator(), id, house.member).await.expect("done");
    assert_eq!(house.commands.log.store().head().await.expect("a head"), before);
}

#[tokio::test]
async fn an_edit_changes_all_of_it_at_once_or_nothing() {
    let house = House::new().await;
    let id = house.create(house.member, "Sync").await.id;
    house.create(house.member, "Other").await;
    let edit = |name: &str| Edit {
        name: Some(named(name)),
        settings: described("Fetches orders."),
        active: Some(false),
        owner: Some(house.manager),
    };
    let before = house.events(id).await;
    let permit = Permit::operator();
    for (name, owner, reason) in [
        ("Other", house.member, Refusal::NameTaken),
        ("Warehouse", UserId::new(house.commands.mint()), Refusal::NotAMember),
    ] {
        let edit = Edit { owner: Some(owner), ..edit(name) };
        let scribe = house.commands.as_operator();
        let outcome = scribe.edit_application(&[permit], id, edit, Seen::Anything).await;
        assert_eq!(refusal(outcome), reason);
    }
    let change = [house.managers(Action::Change)];
    let scribe = house.commands.as_operator();
    let outcome = scribe.edit_application(&change, id, edit("Warehouse"), Seen::Anything).await;
    assert!(matches!(refusal(outcome), Refusal::Denied(_)), "to give it away is another right");
    assert_eq!(house.events(id).await, before);
    let scribe = house.commands.as_operator();
    let seen = Seen::Revision(before - 1);
    let permits = [Action::Change, Action::Transfer].map(|action| house.managers(action));
    scribe.edit_application(&permits, id, edit("Warehouse"), seen).await.expect("edited");
    assert_eq!(house.events(id).await, before + 4);
    let living = house.living(id).await;
    assert_eq!((living.name, living.active), (named("Warehouse"), false));
    assert_eq!(living.owner, house.manager);
    house.create(house.member, "Sync").await;
}

#[tokio::test]
async fn nobody_overwrites_a_revision_they_have_not_seen() {
    let house = House::new().await;
    let id = house.create(house.member, "Sync").await.id;
    let seen = Seen::Revision(house.events(id).await - 1);
    let permit = Permit::operator();
    let scribe = house.commands.as_operator();
    scribe.switch_application(&permit, id, Switch::Deactivate).await.expect("deactivated");
    let edit = Edit { name: Some(named("Warehouse")), ..Edit::default() };
    let outcome = house.commands.as_operator().edit_application(&[permit], id, edit, seen).await;
    assert_eq!(refusal(outcome), Refusal::Overtaken);
    assert_eq!(house.living(id).await.name, named("Sync"));
}

#[tokio::test]
async fn one_command_may_change_name_settings_and_status() {
    let house = House::new().await;
    let id = house.create(house.member, "Sync").await.id;
    let before = house.events(id).await;
    let (scribe, permit) = (sent(&house, house.commands.mint()), Permit::operator());
    for _ in 0..2 {
        scribe.rename_application(&permit, id, named("Warehouse")).await.expect("renamed");
        scribe.change_settings(&permit, id, described("New")).await.expect("changed");
        scribe.switch_application(&permit, id, Switch::Deactivate).await.expect("switched");
        assert_eq!(house.events(id).await, before + 3, "a command sent again is not repeated");
    }
}

#[tokio::test]
async fn a_command_sent_again_is_answered_with_its_position_whatever_came_after() {
    let house = House::new().await;
    let id = house.create(house.member, "Sync").await.id;
    let permit = Permit::operator();
    let rename = sent(&house, house.commands.mint());
    let transfer = sent(&house, house.commands.mint());
    let delete = sent(&house, house.commands.mint());
    let restore = sent(&house, house.commands.mint());
    let mut first: Vec<Position> = Vec::new();
    for _ in 0..2 {
        let again = [
            rename.rename_application(&permit, id, named("Second")).await,
            transfer.transfer_application(&permit, id, house.manager).await,
            delete.delete_application(&permit, id).await,
            restore.restore_application(&permit, id, named("Third"), MONTH).await,
        ];
        let positions: Vec<_> = again.map(|done| done.expect("done").position).into();
        if first.is_empty() {
            first = positions;
        } else {
            assert_eq!(first, positions);
        }
        // What came after: the names that were held before are those of others now.
        if house.living(id).await.owner == house.manager && first.len() == 4 {
            let scribe = house.commands.as_operator();
            scribe.rename_application(&permit, id, named("Fourth")).await.expect("renamed");
        }
    }
    assert_eq!(house.living(id).await.name, named("Fourth"));
    let new = NewApplication {
        belonging: Belonging { organization: house.organization, owner: house.manager },
        name: named("Fourth"),
        active: true,
        settings: Settings::default(),
    };
    let taken = house.commands.as_operator().create_application(&permit, new).await;
    assert_eq!(refusal(taken), Refusal::NameTaken, "its name is still its own");
}

#[tokio::test]
async fn nothing_is_done_to_a_deleted_application_but_to_restore_it() {
    let house = House::new().await;
    let id = house.deleted(house.member, "Sync").await;
    let permit = Permit::operator();
    let head = house.commands.log.store().head().await.expect("a head");
    let scribe = || house.commands.as_operator();
    for outcome in [
        scribe().rename_application(&permit, id, named("X")).await,
        scribe().change_settings(&permit, id, described("X")).await,
        scribe().switch_application(&permit, id, Switch::Activate).await,
        scribe().transfer_application(&permit, id, house.manager).await,
        scribe().delete_application(&permit, id).await,
    ] {
        assert_eq!(refusal(outcome), Refusal::NotFound);
    }
    assert_eq!(house.commands.log.store().head().await.expect("a head"), head);
}
