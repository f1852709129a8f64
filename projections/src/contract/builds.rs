//! Generations, parked streams, rebuilds, and the place of the projector.

use std::sync::Arc;

use futures::future::join;
use store::{Position, StreamName};

use super::given::{
    APPLICATIONS, begun, built, change, checkpoint, claimed, found, kept, live, row, shown,
};
use crate::{
    Identity, Projection, Views,
    directory::Directory,
    views::{Change, Comparison, Generation, Pace, Parked, Progress, Target, ViewsError, Work},
};

/// Nobody finds the generation any more, and nobody writes to it.
async fn assert_gone(views: &dyn Views, generation: Generation) {
    let keys = [StreamName::parse("application-1").expect("a name")];
    assert_eq!(views.checkpoint(generation).await.expect("views answer"), None);
    assert!(matches!(views.rows(generation, &keys).await, Err(ViewsError::Raced)));
    assert!(matches!(views.page(generation, None, 10).await, Err(ViewsError::Raced)));
    assert!(matches!(views.parked(generation).await, Err(ViewsError::Raced)));
    for behind in [0, 1] {
        let written = views.commit(generation, change(behind, vec![])).await;
        assert!(matches!(written, Err(ViewsError::Raced)), "{written:?}");
    }
}

pub async fn nothing_is_live_at_first(views: Arc<dyn Views>) {
    assert_eq!(views.live(APPLICATIONS).await.expect("views answer"), None);
    begun(&*views, APPLICATIONS).await;
    assert_eq!(views.live(APPLICATIONS).await.expect("views answer"), None);
}

pub async fn a_generation_begins_at_its_checkpoint(views: Arc<dyn Views>) {
    let generation = views.begin(APPLICATIONS, checkpoint(7)).await.expect("it begins");
    let found = views.checkpoint(generation).await.expect("views answer");
    assert_eq!(found, Some(checkpoint(7)));
    assert_eq!(views.page(generation, None, 10).await.expect("views answer"), vec![]);
}

pub async fn a_generation_becomes_live_by_a_switch(views: Arc<dyn Views>) {
    let generation = built(&*views, APPLICATIONS, kept(&[row(1)])).await;
    views.switch(generation).await.expect("it becomes live");
    let live = views.live(APPLICATIONS).await.expect("views answer").expect("it is live");
    assert_eq!((live.generation, live.checkpoint), (generation, checkpoint(1)));
    views.switch(generation).await.expect("it stays live");
    assert_eq!(views.live(APPLICATIONS).await.expect("views answer"), Some(live));
}

pub async fn a_live_generation_says_by_which_version_it_was_built(views: Arc<dyn Views>) {
    let identity = Identity { version: 7, ..APPLICATIONS };
    live(&*views, identity, vec![]).await;
    let asked = Identity { version: 8, ..APPLICATIONS };
    let live = views.live(asked).await.expect("views answer").expect("it is live");
    assert_eq!(live.version, 7);
}

pub async fn a_switch_keeps_the_former_generation_and_drops_the_others(views: Arc<dyn Views>) {
    let earlier = shown(&*views, &[row(1)]).await;
    assert_eq!(views.former(APPLICATIONS).await.expect("views answer"), None);
    let former = shown(&*views, &[row(2), row(3)]).await;
    let abandoned = begun(&*views, APPLICATIONS).await;
    let chosen = shown(&*views, &[row(4)]).await;
    assert_gone(&*views, earlier).await;
    assert_gone(&*views, abandoned).await;
    let kept = views.former(APPLICATIONS).await.expect("views answer").expect("it is kept");
    assert_eq!((kept.generation, kept.checkpoint), (former, checkpoint(1)));
    assert_eq!(views.page(former, None, 10).await.expect("views answer").len(), 2);
    assert_eq!(views.page(chosen, None, 10).await.expect("views answer").len(), 1);
    assert_eq!(found(&*views).await, [4]);
}

pub async fn the_former_generation_goes_on_and_becomes_live_again(views: Arc<dyn Views>) {
    let former = shown(&*views, &[row(1)]).await;
    let live = shown(&*views, &[row(2)]).await;
    let late = views.commit(former, change(1, kept(&[row(4)]))).await;
    assert!(matches!(late, Err(ViewsError::Raced)), "who did not know that it is over finds out");
    let change = Change { to: Target::Former, ..change(1, kept(&[row(3)])) };
    views.commit(former, change).await.expect("it goes on");
    views.switch(former).await.expect("it becomes live");
    assert_eq!(found(&*views).await, [1, 3]);
    let kept = views.former(APPLICATIONS).await.expect("views answer");
    assert_eq!(kept.map(|kept| kept.generation), Some(live));
}

pub async fn a_switch_leaves_other_projections_alone(views: Arc<dyn Views>) {
    let other = live(&*views, Directory::IDENTITY, vec![]).await;
    shown(&*views, &[row(1)]).await;
    let live = views.live(Directory::IDENTITY).await.expect("views answer");
    assert_eq!(live.map(|live| live.generation), Some(other));
}

pub async fn a_dropped_generation_does_not_become_live(views: Arc<dyn Views>) {
    let dropped = shown(&*views, &[row(1)]).await;
    shown(&*views, &[row(3)]).await;
    let chosen = shown(&*views, &[row(2)]).await;
    assert!(matches!(views.switch(dropped).await, Err(ViewsError::Raced)));
    let live = views.live(APPLICATIONS).await.expect("views answer");
    assert_eq!(live.map(|live| live.generation), Some(chosen), "nothing has changed");
}

pub async fn a_switch_is_seen_whole(views: Arc<dyn Views>) {
    const ROUNDS: u128 = 20;
    shown(&*views, &[row(0)]).await;
    let switching = async {
        for round in 1..=ROUNDS {
            let rows: Vec<_> = (0..=round).map(|index| row(round * 1000 + index)).collect();
            shown(&*views, &rows).await;
        }
    };
    let looking = async {
        loop {
            let numbers = found(&*views).await;
            let round = numbers[0] / 1000;
            let whole: Vec<_> = (0..=round).map(|index| round * 1000 + index).collect();
            assert_eq!(numbers, whole);
            if round == ROUNDS {
                return;
            }
        }
    };
    join(switching, looking).await;
}

pub async fn a_discarded_generation_is_gone(views: Arc<dyn Views>) {
    let generation = built(&*views, APPLICATIONS, kept(&[row(1)])).await;
    views.discard(generation).await.expect("it is dropped");
    assert_gone(&*views, generation).await;
    assert!(matches!(views.switch(generation).await, Err(ViewsError::Raced)));
    views.discard(generation).await.expect("it stays dropped");
}

pub async fn a_live_generation_is_not_discarded(views: Arc<dyn Views>) {
    let generation = shown(&*views, &[row(1)]).await;
    views.discard(generation).await.expect("nothing happens");
    assert_eq!(found(&*views).await, [1]);
}

pub async fn an_unknown_projection_has_no_generations(views: Arc<dyn Views>) {
    let unknown = Identity { name: "unheard_of", version: 1 };
    assert_eq!(views.live(unknown).await.expect("views answer"), None);
    let begun = views.begin(unknown, checkpoint(0)).await;
    assert!(matches!(begun, Err(ViewsError::Engine(_))), "{begun:?}");
}

fn parked(stream: &str, revision: u64) -> Parked {
    Parked {
        stream: StreamName::parse(stream).expect("a stream's name"),
        revision,
        position: Position::new(u64::MAX, revision),
        reason: "what it says, „in full“".to_owned(),
    }
}

pub async fn a_stream_is_parked_with_its_reason(views: Arc<dyn Views>) {
    let (one, two) = (parked("application-1", 3), parked("application-2", 0));
    let generation = begun(&*views, APPLICATIONS).await;
    let change = Change { parked: vec![one.clone(), two.clone()], ..change(0, vec![]) };
    views.commit(generation, change).await.expect("they are parked");
    let mut found = views.parked(generation).await.expect("views answer");
    found.sort_by(|one, two| one.stream.cmp(&two.stream));
    assert_eq!(found, [one, two]);
    let other = begun(&*views, APPLICATIONS).await;
    assert_eq!(views.parked(other).await.expect("views answer"), []);
}

pub async fn a_stream_parks_once(views: Arc<dyn Views>) {
    let generation = begun(&*views, APPLICATIONS).await;
    for (behind, revision) in [(0, 3), (1, 4)] {
        let parked = vec![parked("application-1", revision)];
        let change = Change { parked, ..change(behind, vec![]) };
        views.commit(generation, change).await.expect("it is parked");
    }
    let found = views.parked(generation).await.expect("views answer");
    assert_eq!(found, [parked("application-1", 3)]);
}

pub async fn generations_are_compared_row_by_row(views: Arc<dyn Views>) {
    let compare = async |old, new| {
        let Comparison { rows, differing } = views.compare(old, new).await.expect("views answer");
        (rows, differing)
    };
    let old = built(&*views, APPLICATIONS, kept(&[row(1), row(2), row(3)])).await;
    let same = built(&*views, APPLICATIONS, kept(&[row(3), row(2), row(1)])).await;
    assert_eq!(compare(Some(old), same).await, (3, 0));
    let more = built(&*views, APPLICATIONS, kept(&[row(1), row(2), row(3), row(4)])).await;
    assert_eq!(compare(Some(old), more).await, (4, 1));
    assert_eq!(compare(Some(more), old).await, (3, 1));
    let mut altered = kept(&[row(1), row(2), row(3)]);
    let document = altered[1].1.as_mut().expect("a row");
    *document = document.replace("\"active\":true", "\"active\":false");
    let other = built(&*views, APPLICATIONS, altered).await;
    assert_eq!(compare(Some(old), other).await, (3, 1));
    assert_eq!(compare(None, old).await, (3, 3));
    let empty = begun(&*views, APPLICATIONS).await;
    assert_eq!(compare(Some(old), empty).await, (0, 3));
}

pub async fn rebuilds_are_served_in_the_order_of_asking(views: Arc<dyn Views>) {
    assert_eq!(views.requested_rebuilds().await.expect("views answer"), []);
    let gently = Work::Rebuild(Pace::Half);
    let one = views.request_rebuild("directory", gently).await.expect("it is noted");
    let two = views.request_rebuild("applications", Work::RollBack).await.expect("it is noted");
    let requested = views.requested_rebuilds().await.expect("views answer");
    let told: Vec<_> = requested
        .iter()
        .map(|rebuild| (rebuild.id, &*rebuild.projection, rebuild.work, &rebuild.progress))
        .collect();
    let asked = &Progress::Requested;
    let expected =
        [(one, "directory", gently, asked), (two, "applications", Work::RollBack, asked)];
    assert_eq!(told, expected);
    assert!(requested.iter().all(|rebuild| rebuild.began_at.is_none()));
}

pub async fn a_rebuild_tells_how_far_it_has_come(views: Arc<dyn Views>) {
    let work = Work::Rebuild(Pace::Full);
    let id = views.request_rebuild("applications", work).await.expect("it is noted");
    for progress in [
        Progress::Running { events: 0, of: 1000 },
        Progress::Running { events: 500, of: 1000 },
        Progress::Done { rows: 400, differing: 3 },
        Progress::Failed { reason: "the log cannot be reached".to_owned() },
    ] {
        views.report_rebuild(id, progress.clone()).await.expect("it is noted");
        let rebuild = views.rebuild(id).await.expect("views answer").expect("it is known");
        assert!(rebuild.began_at >= Some(rebuild.requested_at));
        let running = matches!(progress, Progress::Running { .. });
        assert_eq!(rebuild.ended_at.is_none(), running);
        assert_eq!((rebuild.id, rebuild.progress), (id, progress));
        assert_eq!(views.requested_rebuilds().await.expect("views answer"), []);
    }
    assert_eq!(views.rebuild(id + 1).await.expect("views answer"), None);
}

pub async fn the_latest_rebuild_of_each_projection_is_known(views: Arc<dyn Views>) {
    assert_eq!(views.latest_rebuilds().await.expect("views answer"), []);
    let work = Work::Rebuild(Pace::Full);
    views.begin_rebuild("applications", work).await.expect("it is noted");
    let other = views.begin_rebuild("directory", work).await.expect("it is noted");
    let last = views.request_rebuild("applications", Work::RollBack).await;
    let last = last.expect("it is noted");
    let latest = views.latest_rebuilds().await.expect("views answer");
    assert_eq!(latest.iter().map(|rebuild| rebuild.id).collect::<Vec<_>>(), [last, other]);
}

pub async fn asking_twice_is_asking_once(views: Arc<dyn Views>) {
    let work = Work::Rebuild(Pace::Half);
    let first = views.request_rebuild("applications", work).await.expect("it is noted");
    assert_eq!(views.request_rebuild("applications", work).await.ok(), Some(first));
    let running = Progress::Running { events: 0, of: 1 };
    views.report_rebuild(first, running).await.expect("it is noted");
    assert_eq!(views.request_rebuild("applications", work).await.ok(), Some(first));
    assert_ne!(views.request_rebuild("directory", work).await.ok(), Some(first));
    let done = Progress::Done { rows: 0, differing: 0 };
    views.report_rebuild(first, done).await.expect("it is noted");
    assert_ne!(views.request_rebuild("applications", work).await.ok(), Some(first));
}

pub async fn what_a_dead_process_left_half_built_is_dropped(views: Arc<dyn Views>) {
    let live = shown(&*views, &[row(1)]).await;
    let left = built(&*views, APPLICATIONS, kept(&[row(2)])).await;
    let later = Identity { version: APPLICATIONS.version + 1, ..APPLICATIONS };
    let prepared = begun(&*views, later).await;
    let first = begun(&*views, Directory::IDENTITY).await;
    views.abandon_rebuilds().await.expect("they are dropped");
    assert_gone(&*views, left).await;
    for kept in [live, prepared, first] {
        assert!(views.checkpoint(kept).await.expect("views answer").is_some(), "{kept:?}");
    }
}

pub async fn what_a_dead_process_was_rebuilding_has_failed(views: Arc<dyn Views>) {
    let work = Work::Rebuild(Pace::Full);
    let running = views.begin_rebuild("applications", work).await.expect("it is noted");
    let asked = views.request_rebuild("directory", work).await.expect("it is noted");
    views.abandon_rebuilds().await.expect("they are noted");
    let progress = async |id| {
        let found = views.rebuild(id).await.expect("views answer");
        found.expect("it is known").progress
    };
    assert!(matches!(progress(running).await, Progress::Failed { .. }));
    assert_eq!(progress(asked).await, Progress::Requested);
}

pub async fn one_process_projects_at_a_time(views: Arc<dyn Views>) {
    let lease = views.claim_projector().await.expect("views answer");
    assert!(lease.is_some());
    assert!(views.claim_projector().await.expect("views answer").is_none());
    drop(lease);
    claimed(&*views).await;
}
