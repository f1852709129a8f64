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
}

impl House {
    /// One organization with one member, whose applications are at stake.
    fn build() -> Self {
        let (clock, commands) = stepwise();
        let belonging = run(async {
            let scribe = commands.as_operator();
            let permit = Permit::operator();
            let name = OrganizationName::parse("Acme").expect("a name");
            let (organization, _) =
                scribe.register_organization(&permit, name).await.expect("registered");
            let new = NewUser {
                user_name: UserName::parse("ada").expect("a name"),
                display_name: DisplayName::parse("Ada").expect("a name"),
                email: Email::parse("ada@acme.example").expect("an address"),
                locale: Locale::parse("en").expect("a locale"),
            };
            let (owner, _) = scribe.register_user(&permit, new).await.expect("registered");
            scribe.admit(&permit, organization, owner, Role::Member).await.expect("admitted");
            Belonging { organization, owner }
        });
        Self { clock, commands, belonging }
    }

    fn perform(&self, actor: usize, deed: Deed, own: Option<ApplicationId>) -> Work {
        let commands = self.commands.clone();
        let belonging = self.belonging;
        Box::pin(async move {
            let command = commands.mint();
            let scribe =
                commands.on_behalf_of(Origin::of(Actor::User { id: belonging.owner }, command));
            let permit = Permit::operator();
            match (deed, own) {
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
                (Deed::Rename(_) | Deed::Delete, None) => Ok(Outcome { actor, created: None }),
            }
        })
    }

    /// The names of living applications, with how many bear each.
    fn living(&self) -> BTreeMap<String, usize> {
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
                *names.entry(living.name.to_string()).or_default() += 1;
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

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        4 => (0..2_u8).prop_map(Deed::Create),
        4 => (0..2_u8).prop_map(Deed::Rename),
        1 => Just(Deed::Delete),
    ];
    prop::collection::vec(deed, 1..6)
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
    #![proptest_config(ProptestConfig { cases: 384, ..ProptestConfig::default() })]

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
                            let Some(deed) = plans[actor].next() else { break };
                            work[actor] = Some(house.perform(actor, deed, own[actor]));
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
    while claims(&house) == 2 {
        assert!(poll(dying.as_mut()).is_pending());
    }
    drop(dying);
    let refused = run(house.perform(1, Deed::Create(0), None));
    assert!(matches!(refused, Err(Failure::Refused(Refusal::NameTaken))), "{refused:?}");
    house.clock.advance(domain::name_claim::GRACE);
    run(house.perform(1, Deed::Create(0), None)).expect("created");
    assert_eq!(house.living(), BTreeMap::from([("name 0".to_owned(), 1)]));
}

#[test]
fn a_creator_who_was_slow_finds_the_name_forfeited() {
    let house = House::build();
    let mut slow = house.perform(0, Deed::Create(0), None);
    while claims(&house) == 2 {
        assert!(poll(slow.as_mut()).is_pending());
    }
    house.clock.advance(domain::name_claim::GRACE);
    run(house.perform(1, Deed::Create(0), None)).expect("created");
    let refused = run(slow);
    assert!(matches!(refused, Err(Failure::Refused(Refusal::NameTaken))), "{refused:?}");
}

/// How many claims were ever written; building the house takes two.
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
