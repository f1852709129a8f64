use commands::applications::Switch;
use domain::{ApplicationId, Timestamp, observation::Observation};

use crate::office::{DAY, Office};

fn unused(application: ApplicationId, days: u16, last_used_at: Option<Timestamp>) -> Observation {
    Observation::ApplicationUnused { application, days, last_used_at }
}

#[tokio::test]
async fn where_no_active_rule_asks_nothing_is_noted() {
    let office = Office::new().await;
    office.add("Till").await;
    office.rule(|rule| rule.active = false).await;
    office.clock.forward(DAY * 1000);
    office.look().await;
    assert_eq!(office.noted().await, []);
}

#[tokio::test]
async fn an_application_is_noted_once_for_each_disuse() {
    let office = Office::new().await;
    office.rule(|rule| rule.days = Some(90)).await;
    let till = office.add("Till").await;
    office.clock.forward(DAY * 90);
    office.look().await;
    assert_eq!(office.noted().await, [], "ninety days are not more than ninety days");
    office.clock.forward(DAY);
    office.look().await;
    office.clock.forward(DAY * 100);
    office.look().await;
    assert_eq!(office.noted().await, [unused(till, 90, None)]);
    let used = office.use_now(till).await;
    office.clock.forward(DAY * 89);
    office.look().await;
    office.clock.forward(DAY * 2);
    office.look().await;
    office.look().await;
    assert_eq!(office.noted().await, [unused(till, 90, None), unused(till, 90, Some(used))]);
}

#[tokio::test]
async fn a_later_rule_tells_of_what_was_not_noted_for_its_days_before() {
    let office = Office::new().await;
    office.rule(|rule| rule.days = Some(90)).await;
    let till = office.add("Till").await;
    office.clock.forward(DAY * 91);
    office.look().await;
    office.rule(|rule| rule.days = Some(90)).await;
    office.rule(|rule| rule.days = Some(60)).await;
    office.look().await;
    let running = office.run().await;
    office.told().await;
    running.stop().await;
    assert_eq!(office.noted().await, [unused(till, 90, None), unused(till, 60, None)]);
    assert_eq!(office.asked_for("application_unused").await.len(), 2, "not by the second rule");
}

#[tokio::test]
async fn two_who_look_at_once_note_it_once() {
    let office = Office::new().await;
    office.rule(|rule| rule.days = Some(90)).await;
    for number in 0..20 {
        office.add(&format!("Till {number}")).await;
    }
    office.clock.forward(DAY * 91);
    office.look_together().await;
    assert_eq!(office.noted().await.len(), 20);
    office.look_together().await;
    assert_eq!(office.noted().await.len(), 20);
}

#[tokio::test]
async fn a_process_that_goes_on_learns_of_later_uses_and_applications() {
    let office = Office::new().await;
    office.rule(|rule| rule.days = Some(30)).await;
    let till = office.add("Till").await;
    let notifier = office.notifier().await;
    notifier.look_around().await.unwrap();
    office.clock.forward(DAY * 31);
    office.use_now(till).await;
    let scale = office.add("Scale").await;
    notifier.look_around().await.unwrap();
    assert_eq!(office.noted().await, []);
    office.clock.forward(DAY * 31);
    notifier.look_around().await.unwrap();
    let noted = office.noted().await;
    assert!(noted.contains(&unused(scale, 30, None)), "{noted:?}");
    assert_eq!(noted.len(), 2);
}

#[tokio::test]
async fn a_clock_that_goes_back_and_forth_notes_nothing_twice() {
    let office = Office::new().await;
    office.rule(|rule| rule.days = Some(90)).await;
    let till = office.add("Till").await;
    office.clock.forward(DAY * 91);
    office.look().await;
    office.clock.back(DAY * 60);
    office.look().await;
    office.clock.forward(DAY * 60);
    office.look().await;
    assert_eq!(office.noted().await, [unused(till, 90, None)]);
}

#[tokio::test]
async fn a_clock_that_runs_ahead_notes_it_too_soon_but_not_again() {
    let office = Office::new().await;
    office.rule(|rule| rule.days = Some(90)).await;
    let till = office.add("Till").await;
    let used = office.use_now(till).await;
    office.clock.forward(DAY * 365);
    office.look().await;
    office.clock.back(DAY * 364);
    office.look().await;
    office.clock.forward(DAY * 100);
    office.look().await;
    assert_eq!(office.noted().await, [unused(till, 90, Some(used))]);
}

#[tokio::test]
async fn what_cannot_be_used_is_not_unused() {
    let office = Office::new().await;
    office.rule(|rule| rule.days = Some(90)).await;
    let (off, gone, back) =
        (office.add("Off").await, office.add("Gone").await, office.add("Back").await);
    office.switch(off, Switch::Deactivate).await;
    office.delete(gone).await;
    office.switch(back, Switch::Deactivate).await;
    office.clock.forward(DAY * 91);
    office.switch(back, Switch::Activate).await;
    office.look().await;
    assert_eq!(office.noted().await, []);
    office.clock.forward(DAY * 91);
    office.look().await;
    assert_eq!(office.noted().await, [unused(back, 90, None)], "counted from its activation");
}

#[tokio::test]
async fn each_rule_is_about_its_own_days_and_applications() {
    let office = Office::new().await;
    let elsewhere = office.organization("Elsewhere").await;
    office.rule(|rule| rule.days = Some(30)).await;
    office.rule(|rule| (rule.days, rule.filter.organization) = (Some(10), Some(elsewhere))).await;
    let here = office.acme;
    office.rule(|rule| (rule.days, rule.filter.organization) = (Some(20), Some(here))).await;
    office
        .rule(|rule| (rule.days, rule.filter.application_name) = (Some(5), "sync".to_owned()))
        .await;
    let (till, sync) = (office.add("Till").await, office.add("Till SYNC").await);
    office.clock.forward(DAY * 25);
    office.look().await;
    let expected = [unused(sync, 5, None), unused(till, 20, None), unused(sync, 20, None)];
    let noted = office.noted().await;
    assert!(noted.iter().all(|it| expected.contains(it)) && noted.len() == 3, "{noted:?}");
}
