//! Ids are unique in the whole log. KurrentDB compares them in their place alone; ids derived from stream and command
//! make the difference impossible to meet.

use std::sync::Arc;

use super::given::{
    append, assert_conflict, begin, event, events, ids, new_ids, stored, stream, whole_log,
};
use crate::{EventStore, Expected};

type Store = Arc<dyn EventStore>;

/// Case 16: an id is used once in the log.
pub async fn an_event_that_stands_elsewhere_conflicts(store: Store) {
    begin(&store, &stream("sample-1"), events("first", 2)).await;
    let (other, known) = (stream("sample-2"), vec![event("first 1")]);
    assert_conflict(store.append(&other, Expected::NoStream, known.clone()).await, None);
    begin(&store, &other, events("second", 1)).await;
    assert_conflict(store.append(&other, Expected::Exact(0), known.clone()).await, Some(0));
    let same_stream = stream("sample-1");
    assert_conflict(store.append(&same_stream, Expected::Exact(1), known).await, Some(1));
    assert_eq!(whole_log(&store).await.len(), 3);
}

/// Case 9: it takes those beside it with it, wherever it stands.
pub async fn an_event_that_stands_elsewhere_keeps_out_those_beside_it(store: Store) {
    let (known, other) = (stream("sample-1"), stream("sample-2"));
    begin(&store, &known, events("known", 2)).await;
    for target in [&known, &other] {
        for place in 0..=2 {
            let mut batch = events("good", 2);
            batch.insert(place, event("known 0"));
            let expected = if target == &known { Expected::Exact(1) } else { Expected::NoStream };
            assert!(store.append(target, expected, batch).await.is_err());
        }
    }
    assert_eq!(stored(&store, &other).await, []);
    append(&store, &known, Expected::Exact(1), events("more", 1)).await;
    let all = [events("known", 2), events("more", 1)].concat();
    assert_eq!(ids(&whole_log(&store).await), new_ids(&all));
}
