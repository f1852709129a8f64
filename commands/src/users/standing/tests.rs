//! An organization keeps an administrator who can act, however two of them turn on each other, and wherever they die.

use std::{pin::Pin, task::Poll};

use domain::{
    OrganizationId, UserId,
    authority::Role,
    name::{OrganizationName, UserName},
    organization::{self, Organization, Registered},
    user::{DisplayName, Edit, Email, Locale},
};
use proptest::prelude::*;

use crate::{
    Commands, Failure, Permit, Scribe, organizations as organization_commands,
    testing::{poll, run, stepwise},
    users::{NewUser, Refusal},
};

const PERMIT: Permit = Permit::operator();

/// Two organizations with the same two administrators.
struct House {
    commands: Commands,
    organizations: [OrganizationId; 2],
    ada: UserId,
    bob: UserId,
}

async fn register(scribe: &Scribe, name: &str) -> UserId {
    let new = NewUser {
        user_name: UserName::parse(name).expect("a name"),
        display_name: DisplayName::parse(name).expect("a name"),
        email: Email::parse("somebody@acme.example").expect("an address"),
        locale: Locale::parse("en").expect("a locale"),
    };
    scribe.register_user(&PERMIT, new).await.expect("registered").0
}

impl House {
    fn build() -> Self {
        let (_, commands) = stepwise();
        run(async {
            let scribe = || commands.as_operator();
            let (ada, bob) = (register(&scribe(), "ada").await, register(&scribe(), "bob").await);
            let mut organizations = Vec::new();
            for name in ["Acme", "Nordwind"] {
                let name = OrganizationName::parse(name).expect("a name");
                let (id, _) =
                    scribe().register_organization(&PERMIT, name).await.expect("registered");
                for user in [ada, bob] {
                    let admitted = scribe().admit(&PERMIT, id, user, Role::Administrator).await;
                    admitted.expect("admitted");
                }
                organizations.push(id);
            }
            let organizations = [organizations[0], organizations[1]];
            Self { commands: commands.clone(), organizations, ada, bob }
        })
    }

    fn registered(&self, id: OrganizationId) -> Registered {
        let found = run(self.commands.as_operator().organization(id));
        found.expect("a log").expect("an organization")
    }

    fn is_enabled(&self, user: UserId) -> bool {
        let found = run(self.commands.as_operator().user(user));
        found.expect("a log").expect("a user").enabled
    }

    /// Whether in every organization somebody is an administrator, counts as one, and can sign in.
    fn is_looked_after(&self) -> bool {
        self.organizations.iter().all(|id| {
            let registered = self.registered(*id);
            registered.members.iter().any(|(user, role)| {
                *role == Role::Administrator
                    && !registered.suspended.contains(user)
                    && self.is_enabled(*user)
            })
        })
    }

    fn perform(&self, deed: Deed, on: UserId) -> Work {
        let scribe = self.commands.as_operator();
        let organization = self.organizations[0];
        Box::pin(async move {
            match deed {
                Deed::Disable => drop(scribe.disable_user(&PERMIT, on).await),
                Deed::Enable => drop(scribe.enable_user(&PERMIT, on).await),
                Deed::Demote => {
                    drop(scribe.admit(&PERMIT, organization, on, Role::Member).await);
                }
                Deed::Promote => {
                    drop(scribe.admit(&PERMIT, organization, on, Role::Administrator).await);
                }
                Deed::Dismiss => drop(scribe.dismiss(&PERMIT, organization, on).await),
            }
        })
    }
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Disable,
    Enable,
    Demote,
    Promote,
    Dismiss,
}

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

fn disable(house: &House, user: UserId) -> Result<(), Failure<Refusal>> {
    run(house.commands.as_operator().disable_user(&PERMIT, user)).map(|_| ())
}

#[test]
fn the_last_administrator_is_not_disabled_and_counts_as_before() {
    let house = House::build();
    disable(&house, house.ada).expect("disabled");
    let refused = disable(&house, house.bob);
    assert!(matches!(refused, Err(Failure::Refused(Refusal::LastAdministrator))), "{refused:?}");
    for id in house.organizations {
        assert_eq!(house.registered(id).suspended, [house.ada].into());
    }
    assert!(house.is_enabled(house.bob) && !house.is_enabled(house.ada));
}

#[test]
fn who_is_the_last_in_one_organization_of_several_stays_in_all() {
    let house = House::build();
    let [_, nordwind] = house.organizations;
    run(house.commands.as_operator().dismiss(&PERMIT, nordwind, house.ada)).expect("dismissed");
    assert!(disable(&house, house.bob).is_err());
    for id in house.organizations {
        assert_eq!(house.registered(id).suspended, [].into());
    }
}

#[test]
fn a_disabling_that_others_come_before_at_any_step_leaves_everything_as_it_was() {
    let house = House::build();
    let [_, nordwind] = house.organizations;
    let rename = |round: u32| {
        let name = OrganizationName::parse(&format!("Nordwind {round}")).expect("a name");
        let edit = organization::Edit { name: Some(name), ..organization::Edit::default() };
        run(house.commands.as_operator().edit_organization(&[PERMIT], nordwind, edit))
            .map(drop)
            .expect("renamed");
    };
    assert_contended_and_taken_back(&house, rename);
    let rename = |round: u32| {
        let name = DisplayName::parse(&format!("Ada {round}")).expect("a name");
        let edit = Edit { display_name: Some(name), ..Edit::default() };
        run(house.commands.as_operator().edit_user(&PERMIT, house.ada, edit))
            .map(drop)
            .expect("renamed");
    };
    assert_contended_and_taken_back(&house, rename);
}

/// Somebody else writes before every step of a disabling.
fn assert_contended_and_taken_back(house: &House, write: impl Fn(u32)) {
    let scribe = house.commands.as_operator();
    let mut disabling = Box::pin(scribe.disable_user(&PERMIT, house.ada));
    let outcome = (0..1000).find_map(|round| match poll(disabling.as_mut()) {
        Poll::Ready(outcome) => Some(outcome),
        Poll::Pending => {
            write(round);
            None
        }
    });
    let outcome = outcome.expect("an end");
    assert!(matches!(outcome, Err(Failure::Contended)), "{outcome:?}");
    assert!(house.is_enabled(house.ada));
    for id in house.organizations {
        assert_eq!(house.registered(id).suspended, [].into());
    }
    disable(house, house.bob).expect("Ada counts everywhere");
    run(house.commands.as_operator().enable_user(&PERMIT, house.bob)).expect("enabled");
}

#[test]
fn a_refused_disabling_of_somebody_who_is_disabled_already_does_not_enable_them() {
    let house = House::build();
    let scribe = || house.commands.as_operator();
    disable(&house, house.ada).expect("disabled");
    let name = OrganizationName::parse("Hinterland").expect("a name");
    let (hinterland, _) = run(scribe().register_organization(&PERMIT, name)).expect("registered");
    // As two who write at once leave it: a disabled user is the only administrator, and counts as one.
    let command = organization::Command::Admit {
        user: house.ada,
        role: Role::Administrator,
        standing: organization::Standing::Enabled,
    };
    run(scribe().handle::<Organization>(&hinterland, command)).expect("admitted");
    let refused = disable(&house, house.ada);
    assert!(matches!(refused, Err(Failure::Refused(Refusal::LastAdministrator))), "{refused:?}");
    assert!(!house.is_enabled(house.ada));
    for id in house.organizations {
        assert_eq!(house.registered(id).suspended, [house.ada].into());
    }
}

#[test]
fn who_is_enabled_again_counts_again() {
    let house = House::build();
    disable(&house, house.ada).expect("disabled");
    run(house.commands.as_operator().enable_user(&PERMIT, house.ada)).expect("enabled");
    disable(&house, house.bob).expect("disabled");
    assert!(house.is_looked_after());
}

#[test]
fn a_disabled_user_who_is_admitted_as_administrator_does_not_count() {
    let house = House::build();
    let scribe = house.commands.as_operator();
    let eve = run(register(&scribe, "eve"));
    disable(&house, eve).expect("disabled");
    let [acme, _] = house.organizations;
    run(scribe.admit(&PERMIT, acme, eve, Role::Administrator)).expect("admitted");
    assert_eq!(house.registered(acme).suspended, [eve].into());
    run(scribe.dismiss(&PERMIT, acme, house.ada)).expect("dismissed");
    let refused = run(scribe.dismiss(&PERMIT, acme, house.bob));
    assert!(matches!(
        refused,
        Err(Failure::Refused(organization_commands::Refusal::LastAdministrator))
    ));
}

#[test]
fn two_administrators_who_disable_each_other_at_once_are_never_both_out() {
    let mut both_went_on = false;
    for first in 0.. {
        let mut first_ended = false;
        for second in 0.. {
            let house = House::build();
            let mut one = Some(house.perform(Deed::Disable, house.bob));
            let mut other = Some(house.perform(Deed::Disable, house.ada));
            first_ended = go(&mut one, first);
            let second_ended = go(&mut other, second);
            assert!(house.is_looked_after(), "{first} {second}");
            both_went_on |= !first_ended && !second_ended;
            for work in [&mut one, &mut other] {
                while !go(work, 1) {
                    assert!(house.is_looked_after(), "{first} {second}");
                }
            }
            assert!(house.is_looked_after(), "{first} {second}");
            if second_ended {
                break;
            }
        }
        if first_ended {
            break;
        }
    }
    assert!(both_went_on);
}

#[test]
fn a_disabling_that_died_half_way_is_completed_by_the_next_one() {
    for steps in 0.. {
        let house = House::build();
        let mut dying = Some(house.perform(Deed::Disable, house.ada));
        let ended = go(&mut dying, steps);
        drop(dying);
        assert!(house.is_looked_after(), "{steps}");
        disable(&house, house.ada).expect("disabled");
        assert!(!house.is_enabled(house.ada) && house.is_looked_after(), "{steps}");
        if ended {
            break;
        }
    }
}

#[test]
fn who_was_disabled_while_they_were_enabled_is_not_relied_upon() {
    let mut relied = false;
    for before in 0.. {
        let mut ended_before = false;
        for after in 0.. {
            let house = House::build();
            let [acme, _] = house.organizations;
            let mut disabling = Some(house.perform(Deed::Disable, house.ada));
            while house.registered(acme).suspended.is_empty() {
                assert!(!go(&mut disabling, 1), "Ada is suspended first");
            }
            // Ada is suspended, and not disabled yet.
            let mut enabling = Some(house.perform(Deed::Enable, house.ada));
            ended_before = go(&mut enabling, before);
            while !go(&mut disabling, 1) {}
            let ended = go(&mut enabling, after);
            relied |= house.registered(acme).counts(house.ada) && !house.is_enabled(house.ada);
            for deed in [Deed::Demote, Deed::Dismiss, Deed::Disable] {
                let mut leaving = Some(house.perform(deed, house.bob));
                while !go(&mut leaving, 1) {}
                assert!(house.is_looked_after(), "{deed:?} after {before} and {after}");
            }
            while !go(&mut enabling, 1) {}
            assert!(house.is_looked_after(), "{before} {after}");
            if ended {
                break;
            }
        }
        if ended_before {
            break;
        }
    }
    assert!(relied, "there is a step at which a disabled user counts");
}

/// Takes so many steps; answers whether there is nothing left to do.
fn go(work: &mut Option<Work>, steps: usize) -> bool {
    for _ in 0..steps {
        let Some(current) = work else { break };
        if let Poll::Ready(()) = poll(current.as_mut()) {
            *work = None;
        }
    }
    work.is_none()
}

fn deeds() -> impl Strategy<Value = Vec<(Deed, bool)>> {
    let deed = prop_oneof![
        4 => Just(Deed::Disable),
        2 => Just(Deed::Enable),
        2 => Just(Deed::Demote),
        2 => Just(Deed::Promote),
        1 => Just(Deed::Dismiss),
    ];
    prop::collection::vec((deed, any::<bool>()), 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn whatever_two_administrators_do_to_each_other_somebody_can_act_in_the_end(
        plans in prop::collection::vec(deeds(), 2),
        turns in prop::collection::vec((0..2_usize, 1..6_usize), 1..80),
    ) {
        let house = House::build();
        let mut plans: Vec<_> = plans.into_iter().map(Vec::into_iter).collect();
        let mut work: [Option<Work>; 2] = [None, None];
        let ending = (0..2).flat_map(|actor| [(actor, 10_000); 8]);
        for (actor, steps) in turns.into_iter().chain(ending) {
            if work[actor].is_none() {
                let Some((deed, on_ada)) = plans[actor].next() else { continue };
                work[actor] = Some(house.perform(deed, if on_ada { house.ada } else { house.bob }));
            }
            go(&mut work[actor], steps);
        }
        prop_assert!(house.is_looked_after());
    }
}
