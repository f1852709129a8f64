//! Rows and the checkpoint that is written with them.

use std::{collections::HashSet, sync::Arc};

use domain::{
    LogId,
    application::{Application, Grant, SecretHash},
};
use futures::future::join_all;
use store::{Actor, Digest, Position, StreamName};

use super::given::{
    APPLICATIONS, begun, built, change, checkpoint, entry, kept, key, known_organizations, letter,
    named, parsed, posted, row, shown, uuid,
};
use crate::{
    Checkpoint, Projection, Views,
    credentials::{self, Credentials},
    directory::Directory,
    notifications::{Delivery, Notifications},
    views::{Change, Generation, ViewsError},
};

async fn keys(views: &dyn Views, generation: Generation) -> Vec<StreamName> {
    let page = views.page(generation, None, 5000).await.expect("views answer");
    page.into_iter().map(|(key, _)| key).collect()
}

pub async fn a_row_comes_back_as_it_was_written(views: Arc<dyn Views>) {
    let row = named(1, "„Größe“ 100 % \\ \u{1f511} 'it''s'");
    let generation = built(&*views, APPLICATIONS, kept(std::slice::from_ref(&row))).await;
    let key = key::<Application>(&row.id);
    let found = views.rows(generation, std::slice::from_ref(&key)).await.expect("views answer");
    assert_eq!(found, views.page(generation, None, 10).await.expect("views answer"));
    let [(found, document)] = found.try_into().expect("one row");
    assert_eq!(found, key);
    assert_eq!(parsed(&document), serde_json::to_value(row).expect("a row is JSON"));
}

pub async fn a_row_is_replaced(views: Arc<dyn Views>) {
    let generation = shown(&*views, &[named(1, "Before")]).await;
    let after = named(1, "After");
    let rows = kept(std::slice::from_ref(&after));
    views.commit(generation, change(1, rows)).await.expect("it is written");
    let page = views.page(generation, None, 10).await.expect("views answer");
    let [(_, document)] = page.try_into().expect("one row");
    assert_eq!(parsed(&document), serde_json::to_value(after).expect("a row is JSON"));
}

pub async fn a_row_is_deleted(views: Arc<dyn Views>) {
    let generation = shown(&*views, &[row(1), row(2)]).await;
    let gone = key::<Application>(&row(1).id);
    let change = change(1, vec![(gone.clone(), None)]);
    views.commit(generation, change).await.expect("it is written");
    assert_eq!(views.rows(generation, &[gone]).await.expect("views answer"), vec![]);
    assert_eq!(keys(&*views, generation).await, [key::<Application>(&row(2).id)]);
}

pub async fn every_projection_keeps_its_own_rows(views: Arc<dyn Views>) {
    let application = row(1);
    let credentials = credentials::Row {
        application: application.id,
        client_id: application.client_id.clone(),
        organization: application.organization,
        owner: application.owner,
        active: true,
        deleted: false,
        grants: vec![Grant::ClientCredentials],
        scopes: vec![],
        secrets: vec![credentials::Secret {
            id: application.secrets[0].id,
            hash: SecretHash::new("$argon2id$".to_owned()),
            made_by: Actor::Operator,
        }],
        void_before: 0,
        revision: 1,
    };
    let credentials = entry::<Application>(&application.id, &credentials);
    shown(&*views, &[application]).await;
    built(&*views, Credentials::IDENTITY, vec![credentials]).await;
    known_organizations(&*views, &[(1, "Acme"), (2, "Globex")]).await;
    posted(&*views, &[letter(1, Delivery::Sent, None)]).await;
    let generation = begun(&*views, Credentials::IDENTITY).await;
    assert_eq!(keys(&*views, generation).await, []);
    for (identity, rows) in
        [(APPLICATIONS, 1), (Directory::IDENTITY, 2), (Notifications::IDENTITY, 1)]
    {
        let live = views.live(identity).await.expect("views answer").expect("it is live");
        assert_eq!(keys(&*views, live.generation).await.len(), rows, "{}", identity.name);
    }
}

pub async fn every_generation_keeps_its_own_rows(views: Arc<dyn Views>) {
    let one = built(&*views, APPLICATIONS, kept(&[named(1, "One"), row(2)])).await;
    let two = built(&*views, APPLICATIONS, kept(&[named(1, "Two")])).await;
    assert_eq!(keys(&*views, one).await.len(), 2);
    let key = key::<Application>(&row(1).id);
    let found = views.rows(two, &[key]).await.expect("views answer");
    assert_eq!(parsed(&found[0].1)["name"], "Two");
}

pub async fn only_the_rows_asked_for_come_back(views: Arc<dyn Views>) {
    let rows: Vec<_> = (1..=1200).map(row).collect();
    let generation = built(&*views, APPLICATIONS, kept(&rows)).await;
    let asked: Vec<_> = (200..=2000).map(|number| key::<Application>(&row(number).id)).collect();
    let found = views.rows(generation, &asked).await.expect("views answer");
    let found: HashSet<_> = found.into_iter().map(|(key, _)| key).collect();
    assert_eq!(found, asked[..=1000].iter().cloned().collect());
    assert_eq!(views.rows(generation, &[]).await.expect("views answer"), vec![]);
}

pub async fn rows_come_in_pages_in_the_order_of_their_keys(views: Arc<dyn Views>) {
    let rows: Vec<_> = [5, 3, 1, 4, 2].map(row).into();
    let generation = built(&*views, APPLICATIONS, kept(&rows)).await;
    let mut expected: Vec<_> = rows.iter().map(|row| key::<Application>(&row.id)).collect();
    expected.sort();
    for limit in 1..=6 {
        let mut found: Vec<StreamName> = vec![];
        loop {
            let page = views.page(generation, found.last(), limit).await.expect("views answer");
            assert!(page.len() <= usize::try_from(limit).unwrap_or_default());
            if page.is_empty() {
                break;
            }
            found.extend(page.into_iter().map(|(key, _)| key));
        }
        assert_eq!(found, expected, "in pages of {limit}");
    }
}

pub async fn a_commit_moves_the_checkpoint(views: Arc<dyn Views>) {
    let generation = begun(&*views, APPLICATIONS).await;
    for behind in 0..3 {
        views.commit(generation, change(behind, vec![])).await.expect("it is written");
        let found = views.checkpoint(generation).await.expect("views answer");
        assert_eq!(found, Some(checkpoint(behind + 1)));
    }
}

pub async fn positions_of_any_size_are_kept(views: Arc<dyn Views>) {
    let generation = begun(&*views, APPLICATIONS).await;
    let far = Checkpoint {
        log: LogId::new(uuid(u128::MAX)),
        position: Position::new(u64::MAX, u64::MAX),
        digest: Digest([255; 32]),
    };
    let there = Change { checkpoint: far, ..change(0, vec![]) };
    views.commit(generation, there).await.expect("it is written");
    assert_eq!(views.checkpoint(generation).await.expect("views answer"), Some(far));
    let on = Change { behind: far.position, ..change(0, vec![]) };
    views.commit(generation, on).await.expect("it is written");
}

pub async fn a_commit_behind_another_position_writes_nothing(views: Arc<dyn Views>) {
    let generation = built(&*views, APPLICATIONS, kept(&[row(1)])).await;
    for behind in [0, 2] {
        let late = change(behind, kept(&[row(2)]));
        assert!(matches!(views.commit(generation, late).await, Err(ViewsError::Raced)));
    }
    assert_eq!(keys(&*views, generation).await.len(), 1);
    let found = views.checkpoint(generation).await.expect("views answer");
    assert_eq!(found, Some(checkpoint(1)));
}

pub async fn of_commits_racing_from_one_position_one_is_written(views: Arc<dyn Views>) {
    let generation = begun(&*views, APPLICATIONS).await;
    let racers = (1..=16).map(|number| {
        let (views, change) = (views.clone(), change(0, kept(&[row(number)])));
        async move { views.commit(generation, change).await }
    });
    let outcomes = join_all(racers).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let raced = outcomes.iter().filter(|outcome| matches!(outcome, Err(ViewsError::Raced)));
    assert_eq!(raced.count(), 15);
    assert_eq!(keys(&*views, generation).await.len(), 1);
}

pub async fn a_commit_is_written_whole_or_not_at_all(views: Arc<dyn Views>) {
    let generation = built(&*views, APPLICATIONS, kept(&[row(1)])).await;
    let mut rows = kept(&[named(1, "Changed"), row(2)]);
    rows.push((key::<Application>(&row(3).id), Some("{ not JSON".to_owned())));
    let written = views.commit(generation, change(1, rows)).await;
    assert!(matches!(written, Err(ViewsError::Engine(_))), "{written:?}");
    let page = views.page(generation, None, 10).await.expect("views answer");
    assert_eq!(page.len(), 1);
    assert_eq!(parsed(&page[0].1)["name"], "Sync");
    let found = views.checkpoint(generation).await.expect("views answer");
    assert_eq!(found, Some(checkpoint(1)));
}
