//! A claim to a name: the conflict on its stream is the answer to "is it taken?".

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Aggregate, Category, Decider, NameClaimId, Timestamp};

/// Who claimed the name last, if nobody released it since.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NameClaim {
    #[default]
    Free,
    Claimed {
        holder: Holder,
        since: Timestamp,
    },
}

/// The name of the stream that holds the name, `category-id`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Holder(String);

impl Holder {
    pub fn of<A: Aggregate>(id: &A::Id) -> Self {
        Self(format!("{}-{id}", A::CATEGORY))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id part, when the holder is of this category.
    pub fn id_in(&self, category: Category) -> Option<&str> {
        self.0.strip_prefix(category.as_str())?.strip_prefix('-')
    }
}

/// How long a claim counts although its holder does not hold the name yet: the time to append the use of it.
pub const GRACE: Duration = Duration::from_secs(10);

impl NameClaim {
    /// Whether the claim keeps others out: its holder holds the name, or may still be on the way to it.
    pub fn counts(&self, holder_holds_name: bool, now: Timestamp) -> bool {
        match self {
            Self::Free => false,
            Self::Claimed { since, .. } => holder_holds_name || now.since(*since) < GRACE,
        }
    }
}

#[derive(Clone, Debug)]
pub enum Command {
    /// `forfeited_by` names a holder whose claim no longer counts and whose stream says so.
    Claim {
        holder: Holder,
        at: Timestamp,
        forfeited_by: Option<Holder>,
    },
    Release {
        holder: Holder,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    #[serde(rename = "name.claimed.v1")]
    Claimed { holder: Holder, at: Timestamp },
    #[serde(rename = "name.released.v1")]
    Released { holder: Holder },
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the name is claimed by {}", holder.as_str())]
    Claimed { holder: Holder },
}

impl Aggregate for NameClaim {
    const CATEGORY: Category = Category::NameClaim;
    type Id = NameClaimId;
}

impl Decider for NameClaim {
    type Command = Command;
    type Event = Event;
    type Error = Error;

    /// A claim is always written, even by its present holder: only so does a takeover that is under way conflict.
    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match (self, command) {
            (
                Self::Claimed { holder: present, .. },
                Command::Claim { holder, forfeited_by, .. },
            ) if *present != holder && forfeited_by.as_ref() != Some(present) => {
                Err(Error::Claimed { holder: present.clone() })
            }
            (Self::Free | Self::Claimed { .. }, Command::Claim { holder, at, .. }) => {
                Ok(vec![Event::Claimed { holder, at }])
            }
            (Self::Claimed { holder: present, .. }, Command::Release { holder })
                if *present == holder =>
            {
                Ok(vec![Event::Released { holder }])
            }
            (Self::Free | Self::Claimed { .. }, Command::Release { .. }) => Ok(vec![]),
        }
    }

    fn evolve(self, event: Event) -> Self {
        match event {
            Event::Claimed { holder, at } => Self::Claimed { holder, since: at },
            Event::Released { .. } => Self::Free,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    const NOON: Timestamp = Timestamp::from_micros(43_200_000_000);

    fn holder(id: &str) -> Holder {
        Holder(format!("application-{id}"))
    }

    fn claim(id: &str, forfeited_by: Option<&str>) -> Command {
        Command::Claim { holder: holder(id), at: NOON, forfeited_by: forfeited_by.map(holder) }
    }

    fn claimed(id: &str) -> Event {
        Event::Claimed { holder: holder(id), at: NOON }
    }

    fn released(id: &str) -> Event {
        Event::Released { holder: holder(id) }
    }

    #[test]
    fn a_free_name_can_be_claimed() {
        given::<NameClaim>([]).when(claim("a", None)).then([claimed("a")]);
        given::<NameClaim>([claimed("b"), released("b")])
            .when(claim("a", None))
            .then([claimed("a")]);
    }

    #[test]
    fn its_holder_may_claim_it_again_and_that_is_written() {
        given::<NameClaim>([claimed("a")]).when(claim("a", None)).then([claimed("a")]);
    }

    #[test]
    fn a_claimed_name_is_refused_to_others() {
        let refusal = Error::Claimed { holder: holder("a") };
        given::<NameClaim>([claimed("a")]).when(claim("b", None)).then_refused(refusal.clone());
        given::<NameClaim>([claimed("a")]).when(claim("b", Some("c"))).then_refused(refusal);
    }

    #[test]
    fn a_forfeited_claim_can_be_taken_over() {
        given::<NameClaim>([claimed("a")]).when(claim("b", Some("a"))).then([claimed("b")]);
    }

    #[test]
    fn only_the_holder_can_release() {
        let release = |id| Command::Release { holder: holder(id) };
        given::<NameClaim>([claimed("a")]).when(release("a")).then([released("a")]);
        given::<NameClaim>([claimed("a")]).when(release("b")).then([]);
        given::<NameClaim>([]).when(release("a")).then([]);
    }

    #[test]
    fn a_claim_counts_while_held_or_for_ten_seconds() {
        let claim = NameClaim::default().evolve(claimed("a"));
        assert!(claim.counts(true, NOON.plus(GRACE * 9)));
        assert!(claim.counts(false, NOON.plus(Duration::from_micros(9_999_999))));
        assert!(!claim.counts(false, NOON.plus(GRACE)));
        assert!(!NameClaim::Free.counts(true, NOON));
    }

    #[test]
    fn a_holder_tells_its_id_by_category() {
        assert_eq!(holder("a").id_in(Category::Application), Some("a"));
        assert_eq!(holder("a").id_in(Category::User), None);
    }
}
