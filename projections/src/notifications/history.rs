//! What happened to a letter, read from its own stream.

use domain::{
    Event, NotificationId, Timestamp,
    notification::{self, Notification},
};
use store::{Actor, Direction, Log, LogError, Recorded, StreamName};

/// Events read at once.
const PAGE: usize = 100;

/// The newest part of what happened.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The newest first.
    pub steps: Vec<Step>,
    /// Whether there is more than was asked for.
    pub more: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub at: Timestamp,
    pub by: Actor,
    pub event: notification::Event,
}

/// At most so many of the last things that happened to the letter. An attempt that went on longer is one.
pub async fn of(log: &Log, id: NotificationId, at_most: usize) -> Result<History, LogError> {
    let stream = StreamName::of::<Notification>(&id);
    let mut steps: Vec<Step> = vec![];
    let mut next = u64::MAX;
    loop {
        let page = log.store().read(&stream, next, Direction::Backwards, PAGE).await?;
        for event in &page {
            add(&mut steps, &log.decode(event).await?);
            if steps.len() > at_most {
                steps.truncate(at_most);
                return Ok(History { steps, more: true });
            }
        }
        match page.last() {
            Some(oldest) if oldest.revision > 0 => next = oldest.revision - 1,
            Some(_) | None => return Ok(History { steps, more: false }),
        }
    }
}

/// Of a lease that was renewed the beginning counts, and the last end.
fn add(steps: &mut Vec<Step>, recorded: &Recorded) {
    use notification::Event::Attempted;
    let Event::Notification(event) = &recorded.event else {
        return;
    };
    let at = recorded.metadata.occurred_at;
    if let (Attempted { attempt, .. }, Some(later)) = (event, steps.last_mut())
        && matches!(&later.event, Attempted { attempt: same, .. } if same == attempt)
    {
        later.at = at;
        return;
    }
    steps.push(Step { at, by: recorded.metadata.actor, event: event.clone() });
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;
    use crate::applications::tests::recorded_event;

    #[test]
    fn an_attempt_that_went_on_is_told_once() {
        let (worker, begun) = (Uuid::nil(), Timestamp::from_micros(0));
        let until = |seconds| begun.plus(Duration::from_secs(seconds));
        let attempted = |attempt, seconds| notification::Event::Attempted {
            attempt,
            worker,
            until: until(seconds),
        };
        let mut steps = vec![];
        let events = [attempted(1, 10), attempted(1, 20), attempted(2, 90)];
        for event in events.into_iter().rev() {
            add(&mut steps, &recorded_event(Event::Notification(event), 0));
        }
        let told: Vec<_> = steps.into_iter().map(|step| step.event).collect();
        assert_eq!(told, [attempted(2, 90), attempted(1, 20)]);
    }
}
