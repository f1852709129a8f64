//! Whether everything that was promised was kept, by what clients remember and the log says.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value;
use smtp_stand_in::Arrivals;

use crate::load::{Deed, Memory, Request, Story};

/// `tokens.freshness`, as it is by default.
pub(crate) const BOUND: Duration = Duration::from_secs(1);

/// No acknowledged event is missing or doubled.
pub(crate) fn the_log_holds_what_was_acknowledged(memory: &Memory, log: &[Value]) {
    let ids: BTreeSet<_> = log.iter().map(|event| event["id"].as_str().expect("an id")).collect();
    assert_eq!(ids.len(), log.len(), "an event is there twice");
    let mut streams: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for event in log {
        streams.entry(event["stream"].as_str().expect("a stream")).or_default().push(event);
    }
    for events in streams.values() {
        for (revision, event) in events.iter().enumerate() {
            assert_eq!(event["revision"].as_u64(), Some(revision as u64), "{event}");
        }
    }
    for story in memory.stories.lock().expect("stories").iter() {
        let stream = format!("application-{}", story.id);
        let events = streams.get(stream.as_str());
        let events = events.unwrap_or_else(|| panic!("{stream} was acknowledged and is missing"));
        tell(story, events);
    }
}

/// What was acknowledged is in the log, in order. Between, there may be what nobody was sure of; if that is there, doing
/// it again changes nothing.
fn tell(story: &Story, events: &[&Value]) {
    let tags = events.iter().map(|event| event["tag"].as_str().expect("a tag"));
    let mut tags = tags.filter(|tag| !tag.contains("secret_added")).peekable();
    assert_eq!(tags.next(), Some("application.created.v1"));
    let (mut active, mut deleted) = (true, false);
    for act in story.acts.lock().expect("acts").iter() {
        let tag = match act.deed {
            Deed::Activate => "application.activated.v1",
            Deed::Deactivate => "application.deactivated.v1",
            Deed::Delete => "application.deleted.v1",
        };
        let changes = match act.deed {
            Deed::Activate => !active,
            Deed::Deactivate => active,
            Deed::Delete => !deleted,
        };
        if !changes {
            continue;
        }
        if tags.next_if_eq(&tag).is_some() {
            active = act.deed == Deed::Activate;
            deleted = act.deed == Deed::Delete;
        } else {
            assert!(act.acknowledged.is_none(), "{}: {act:?} is missing", story.id);
        }
    }
    assert_eq!(tags.next(), None, "{}: more than was asked for", story.id);
}

/// No token was issued to a request sent later than the acknowledgement of a deactivation plus the bound, and none
/// was refused that had to be issued.
pub(crate) fn tokens_obeyed(memory: &Memory) -> (usize, usize) {
    let stories = memory.stories.lock().expect("stories");
    let requests = memory.requests.lock().expect("requests");
    let (mut issued, mut refused) = (0, 0);
    for request in requests.iter() {
        let story = &stories[request.story];
        if let Some(may) = standing(story, request) {
            assert_eq!(
                request.issued,
                may,
                "a token of {}: {request:?} {:?}",
                story.id,
                story.acts.lock()
            );
        }
        if request.issued { issued += 1 } else { refused += 1 }
    }
    (issued, refused)
}

/// Whether the application had to get a token, or must not; `None` while things were in motion.
fn standing(story: &Story, request: &Request) -> Option<bool> {
    if story.created + BOUND >= request.sent {
        return None;
    }
    let mut may = Some(true);
    for act in story.acts.lock().expect("acts").iter() {
        if act.sent >= request.answered {
            break;
        }
        let wish = act.deed == Deed::Activate;
        let settled = act.acknowledged.is_some_and(|at| at + BOUND < request.sent);
        if settled {
            may = Some(wish);
        } else if may != Some(wish) {
            may = None;
        }
    }
    may
}

/// A message arrived at most as often as it was attempted, and more than once only where an attempt has no outcome:
/// there a process died, slept or was cut off between handing over and writing down.
pub(crate) fn letters_repeat_only_where_a_process_died(
    arrivals: &BTreeMap<String, Arrivals>,
    log: &[Value],
) -> usize {
    let mut attempts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for event in log {
        let stream = event["stream"].as_str().expect("a stream");
        let Some(id) = stream.strip_prefix("notification-") else { continue };
        let (attempted, ended) = attempts.entry(id).or_default();
        match event["tag"].as_str().expect("a tag") {
            "notification.attempted.v1" => *attempted += 1,
            "notification.sent.v1" | "notification.failed.v1" => *ended += 1,
            _ => {}
        }
    }
    let mut repeated = 0;
    for (message, arrivals) in arrivals {
        let count = arrivals.taken + arrivals.unanswered;
        let id = message.trim_start_matches('<').split('@').next().expect("an id");
        let (attempted, ended) = attempts[id];
        assert!(count <= attempted, "{message} arrived {count} times of {attempted} attempts");
        if count > 1 {
            repeated += 1;
            assert!(attempted > ended, "{message} arrived {count} times, and no attempt was lost");
        }
    }
    repeated
}
