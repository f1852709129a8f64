//! Names stay unique however creators interleave, and wherever they die.

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc, task::Poll, time::Duration};

use domain::{
    ApplicationId, Category, Decider, Event, OrganizationId, UserId,
    application::Application,
    application::Settings,
    authority::{Belonging, Role},
    name::{ApplicationName, OrganizationName, UserName},
    user::{DisplayName, Email, Locale},
};
use proptest::prelude::*;
use store::{Actor, Categories, Position};

use crate::{
    Commands, Failure, Origin, Permit,
    applications::{NewApplication, Refusal},
    testing::{Stopped, poll, run, stepwise},
    users::NewUser,
};

struct House {
    clock: Arc<Stopped>,
    commands: Commands,
    belonging: Belonging,
    /// Another member of the organization.
    colleague: UserId,
}

impl House {
    /// One organization with two members, whose applications are at stake.
    fn build() -> Self {
        let (clock, commands) = stepwise();
        let (belonging, colleague) = run(async {
            let scribe = commands.as_operator();
            let permit = Permit::operator();
            let name = OrganizationName::parse("Acme").expect("a name");
            let (organization, _) =
                scribe.register_organization(&permit, name).await.expect("registered");
            let mut members = Vec::new();
            for name in ["ada", "bob"] {
                let new = NewUser {
                    user_name: UserName::parse(name).expect("a name"),
                    display_name: DisplayName::parse(name).expect("a name"),
                    email: Email::parse(&format!("{name}@acme.example")).expect("an address"),
                    locale: Locale::parse("en").expect("a locale"),
                };
                let scribe = commands.as_operator();
                let (user, _) = scribe.register_user(&permit, new).await.expect("registered");
                scribe.admit(&permit, organization, user, Role::Member).await.expect("admitted");
                members.push(user);
            }
            (Belonging { organization, owner: members[0] }, members[1])
        });
        Self { clock, commands, belonging, colleague }
    }

    fn perform(&self, actor: usize, deed: Deed, target: Option<ApplicationId>) -> Work {
        let commands = self.commands.clone();
        let belonging = self.belonging;
        let owners = [belonging.owner, self.colleague];
        Box::pin(async move {
            let command = commands.mint();
            let scribe =
                commands.on_behalf_of(Origin::of(Actor::User { id: belonging.owner }, command));
            let permit = Permit::operator();
            match (deed, target) {
                (Deed::Create(name), _) => {
                    let new = NewApplication {
                        belonging,
                        name: name_of(name),
                        active: true,
                        settings: Settings::default(),
                    };
                    let created = scribe.create_application(&permit, new).await?;
                    Ok(Outcome { actor, created: Some(created.id) })
                }
                (Deed::Rename(name), Some(id)) => {
                    scribe.rename_application(&permit, id, name_of(name)).await?;
                    Ok(Outcome { actor, created: None })
                }
                (Deed::Delete, Some(id)) => {
                    scribe.delete_application(&permit, id).await?;
                    Ok(Outcome { actor, created: None })
                }
                (Deed::Restore(name), Some(id)) => {
                    let (name, within) = (name_of(name), Duration::from_hours(1));
                    scribe.restore_application(&permit, id, name, within).await?;
                    Ok(Outcome { actor, created: None })
                }
                (Deed::Transfer(owner), Some(id)) => {
                    scribe.transfer_application(&permit, id, owners[owner]).await?;
                    Ok(Outcome { actor, created: None })
                }
                (Deed::Rename(_) | Deed::Delete | Deed::Restore(_) | Deed::Transfer(_), None) => {
                    Ok(Outcome { actor, created: None })
                }
            }
        })
    }

    /// The names of living applications by owner, with how many bear each.
    fn living(&self) -> BTreeMap<(UserId, String), usize> {
        let events = run(async {
            let categories = Categories::of(&[Category::Application]);
            let batch =
                self.commands.log.store().read_all(Position::START, &categories, 10_000).await;
            let mut decoded = Vec::new();
            for event in batch.expect("a memory store answers").events {
                decoded.push(self.commands.log.decode(&event).await.expect("a readable event"));
            }
            decoded
        });
        let mut applications: BTreeMap<String, Application> = BTreeMap::new();
        for recorded in events {
            let Event::Application(event) = recorded.event else { continue };
            let state = applications.entry(recorded.stream.to_string()).or_default();
            *state = std::mem::take(state).evolve(event);
        }
        let mut names = BTreeMap::new();
        for state in applications.values() {
            if let Ok(living) = state.living() {
                *names.entry((living.owner, living.name.to_string())).or_default() += 1;
            }
        }
        names
    }
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Create(u8),
    Rename(u8),
    Delete,
    Restore(u8),
    /// To one of the two members.
    Transfer(usize),
}

#[derive(Debug)]
struct Outcome {
    actor: usize,
    created: Option<ApplicationId>,
}

type Work = Pin<Box<dyn Future<Output = Result<Outcome, Failure<Refusal>>> + Send>>;

#[derive(Clone, Copy, Debug)]
enum Turn {
    /// The actor takes some steps.
    Go(usize, u8),
    /// The actor dies in the middle of what it does, and starts its next deed later.
    Die(usize),
    /// Seconds pass, all claims of the past may be taken over.
    Wait(u64),
}

fn name_of(name: u8) -> ApplicationName {
    ApplicationName::parse(&format!("name {name}")).expect("a name")
}

const ACTORS: usize = 2;

/// Each with the actor whose application it is done to.
fn deeds() -> impl Strategy<Value = Vec<(Deed, usize)>> {
    let deed = prop_oneof![
        4 => (0..2_u8).prop_map(Deed::Create),
        4 => (0..2_u8).prop_map(Deed::Rename),
        2 => Just(Deed::Delete),
        2 => (0..2_u8).prop_map(Deed::Restore),
        2 => (0..2_usize).prop_map(Deed::Transfer),
    ];
    prop::collection::vec((deed, 0..ACTORS), 1..8)
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let turn = prop_oneof![
        12 => (0..ACTORS, 1..4_u8).prop_map(|(actor, steps)| Turn::Go(actor, steps)),
        1 => (0..ACTORS).prop_map(Turn::Die),
        2 => (1..12_u64).prop_map(Turn::Wait),
    ];
    prop::collection::vec(turn, 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 768, ..ProptestConfig::default() })]

    #[test]
    fn no_two_living_applications_of_one_owner_share_a_name(
        plans in prop::collection::vec(deeds(), ACTORS),
        turns in turns(),
    ) {
        let house = House::build();
        let mut plans: Vec<_> = plans.into_iter().map(Vec::into_iter).collect();
        let mut own: [Option<ApplicationId>; ACTORS] = [None; ACTORS];
        let mut work: [Option<Work>; ACTORS] = [None, None];
        for turn in turns {
            match turn {
                Turn::Die(actor) => work[actor] = None,
                Turn::Wait(seconds) => house.clock.advance(Duration::from_secs(seconds)),
                Turn::Go(actor, steps) => {
                    for _ in 0..steps {
                        if work[actor].is_none() {
                            let Some((deed, whose)) = plans[actor].next() else { break };
                            work[actor] = Some(house.perform(actor, deed, own[whose]));
                        }
                        let Some(current) = work[actor].as_mut() else { break };
                        if let Poll::Ready(outcome) = poll(current.as_mut()) {
                            work[actor] = None;
                            if let Ok(Outcome { actor, created: Some(id) }) = outcome {
                                own[actor] = Some(id);
                            }
                        }
                        let doubled: Vec<_> =
                            house.living().into_iter().filter(|(_, bearers)| *bearers > 1).collect();
                        prop_assert!(doubled.is_empty(), "doubled: {doubled:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_name_whose_claimant_died_is_free_after_the_grace() {
    let house = House::build();
    let mut dying = house.perform(0, Deed::Create(0), None);
    // Far enough to have claimed the name, not far enough to have used it.
    while claims(&house) == CLAIMS {
        assert!(poll(dying.as_mut()).is_pending());
    }
    drop(dying);
    let refused = run(house.perform(1, Deed::Create(0), None));
    assert!(matches!(refused, Err(Failure::Refused(Refusal::NameTaken))), "{refused:?}");
    house.clock.advance(domain::name_claim::GRACE);
    run(house.perform(1, Deed::Create(0), None)).expect("created");
    assert_eq!(house.living(), BTreeMap::from([((house.belonging.owner, "name 0".to_owned()), 1)]));
}

#[test]
fn a_creator_who_was_slow_finds_the_name_forfeited() {
    let house = House::build();
    let mut slow = house.perform(0, Deed::Create(0), None);
    while claims(&house) == CLAIMS {
        assert!(poll(slow.as_mut()).is_pending());
    }
    house.clock.advance(domain::name_claim::GRACE);
    run(house.perform(1, Deed::Create(0), None)).expect("created");
    let refused = run(slow);
    assert!(matches!(refused, Err(Failure::Refused(Refusal::NameTaken))), "{refused:?}");
}

/// Claims it takes to build the house: an organization and two members.
const CLAIMS: usize = 3;

/// How many claims were ever written.
fn claims(house: &House) -> usize {
    let categories = Categories::of(&[Category::NameClaim]);
    let store = house.commands.log.store();
    let batch = run(store.read_all(Position::START, &categories, 1_000));
    batch.expect("a memory store answers").events.len()
}

#[test]
fn a_deleted_or_former_name_is_free_at_once() {
    let house = House::build();
    let id = run(house.perform(0, Deed::Create(0), None)).expect("created").created;
    run(house.perform(0, Deed::Rename(1), id)).expect("renamed");
    run(house.perform(1, Deed::Create(0), None)).expect("created under the former name");
    run(house.perform(0, Deed::Delete, id)).expect("deleted");
    run(house.perform(1, Deed::Create(1), None)).expect("created under the deleted name");
}

#[test]
fn owners_and_organizations_have_names_of_their_own() {
    let house = House::build();
    let elsewhere = Belonging {
        organization: OrganizationId::new(house.commands.mint()),
        owner: house.belonging.owner,
    };
    let other_owner = Belonging {
        organization: house.belonging.organization,
        owner: UserId::new(house.commands.mint()),
    };
    let claim = |belonging| {
        let scribe = house.commands.as_operator();
        scribe.claim_id(&super::ScopedName::application(belonging, &name_of(0)))
    };
    assert_ne!(claim(house.belonging), claim(elsewhere));
    assert_ne!(claim(house.belonging), claim(other_owner));
}

/// Both to their end, the one taking so many steps before the other begins, and then by turns.
fn interleave(head_start: usize, mut one: Work, mut other: Work) {
    let mut ended = [false, false];
    for _ in 0..head_start {
        ended[0] = ended[0] || poll(one.as_mut()).is_ready();
    }
    while ended != [true, true] {
        ended[1] = ended[1] || poll(other.as_mut()).is_ready();
        ended[0] = ended[0] || poll(one.as_mut()).is_ready();
    }
}

/// Steps that are more than any deed takes.
const STEPS: usize = 40;

#[test]
fn a_restore_and_a_creation_of_the_same_name_never_both_succeed() {
    for head_start in 0..STEPS {
        let house = House::build();
        let id = run(house.perform(0, Deed::Create(0), None)).expect("created").created;
        run(house.perform(0, Deed::Delete, id)).expect("deleted");
        let restore = house.perform(0, Deed::Restore(0), id);
        interleave(head_start, restore, house.perform(1, Deed::Create(0), None));
        assert_eq!(house.living().into_values().collect::<Vec<_>>(), [1], "{head_start}");
    }
}

#[test]
fn a_name_that_was_given_back_while_its_holder_took_it_again_is_still_held() {
    for head_start in 0..STEPS {
        let house = House::build();
        let id = run(house.perform(0, Deed::Create(0), None)).expect("created").created;
        // Far enough to have deleted it, not far enough to have given back its name.
        let mut deleting = house.perform(0, Deed::Delete, id);
        for _ in 0..head_start {
            if poll(deleting.as_mut()).is_ready() {
                return;
            }
        }
        if run(house.perform(1, Deed::Restore(0), id)).is_ok() {
            run(deleting).expect("deleted");
            let refused = run(house.perform(1, Deed::Create(0), None));
            assert!(matches!(refused, Err(Failure::Refused(Refusal::NameTaken))), "{head_start}");
        }
    }
}

#[test]
fn a_transfer_and_a_rename_at_once_leave_no_name_unclaimed() {
    for head_start in 0..STEPS {
        let house = House::build();
        let id = run(house.perform(0, Deed::Create(0), None)).expect("created").created;
        let other = run(house.perform(1, Deed::Create(1), None)).expect("created").created;
        run(house.perform(1, Deed::Transfer(1), other)).expect("transferred");
        let transfer = house.perform(0, Deed::Transfer(1), id);
        interleave(head_start, transfer, house.perform(1, Deed::Rename(1), id));
        assert!(house.living().values().all(|bearers| *bearers == 1), "{head_start}");
    }
}
