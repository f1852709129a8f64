use std::{fs, os::unix::fs::PermissionsExt};

use domain::observation::Observation;

use crate::office::{DAY, Office};

fn set_mode(office: &Office, mode: u32) {
    let path = office.private_key();
    if !path.exists() {
        fs::write(&path, "secret").unwrap();
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The modes that were noted, with the number of the week.
async fn noted(office: &Office) -> Vec<(u32, u32)> {
    let noted = office.noted().await.into_iter().map(|observation| match observation {
        Observation::PrivateKeyUnsafe { file, mode, week } => {
            assert_eq!(file, "oauth_private.key", "without folders");
            (mode, week)
        }
        other => panic!("{other:?}"),
    });
    noted.collect()
}

#[tokio::test]
async fn a_key_for_its_owner_alone_or_none_at_all_is_nobodys_news() {
    let office = Office::new().await;
    office.look().await;
    set_mode(&office, 0o600);
    office.look().await;
    set_mode(&office, 0o400);
    office.look().await;
    assert!(noted(&office).await.is_empty());
}

#[tokio::test]
async fn an_unsafe_key_is_noted_once_a_week_as_long_as_it_is_so() {
    let office = Office::new().await;
    set_mode(&office, 0o644);
    for _ in 0..3 {
        office.look_together().await;
    }
    let [(0o644, week)] = noted(&office).await[..] else { panic!("once") };
    // From Sunday to Monday, and on to Tuesday.
    for _ in 0..2 {
        office.clock.forward(DAY);
        office.look().await;
    }
    assert_eq!(noted(&office).await, [(0o644, week), (0o644, week + 7)]);
    set_mode(&office, 0o600);
    office.clock.forward(DAY * 7);
    office.look().await;
    assert_eq!(noted(&office).await.len(), 2);
    set_mode(&office, 0o640);
    office.look().await;
    assert_eq!(noted(&office).await[2..], [(0o640, week + 14)]);
}

#[tokio::test]
async fn a_clock_that_goes_back_notes_no_week_twice() {
    let office = Office::new().await;
    set_mode(&office, 0o644);
    office.look().await;
    office.clock.forward(DAY * 7);
    office.look().await;
    office.clock.back(DAY * 7);
    office.look().await;
    office.clock.forward(DAY * 7);
    office.look().await;
    assert_eq!(noted(&office).await.len(), 2);
}
