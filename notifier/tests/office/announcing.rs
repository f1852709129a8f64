use domain::{
    ApplicationId, application::Application, authority::Role, organization::Organization,
};
use store::StreamName;

use crate::office::Office;

const RENAMED: &str = "application_renamed";

fn stream(id: ApplicationId) -> StreamName {
    StreamName::of::<Application>(&id)
}

#[tokio::test]
async fn what_stands_behind_an_unreadable_event_is_left_out_and_everything_else_is_told() {
    let office = Office::new().await;
    office.rule_about(RENAMED, |_| {}).await;
    let (till, scale) = (office.add("Till").await, office.add("Scale").await);
    office.rename(till, "Counter").await;
    office.spoil(&stream(till)).await;
    office.rename(scale, "Balance").await;
    office.repeat(scale, till).await;
    office.rename(scale, "Weight").await;
    let running = office.run().await;
    office.told().await;
    running.stop().await;
    assert_eq!(office.asked_for(RENAMED).await, [stream(till), stream(scale), stream(scale)]);
}

#[tokio::test]
async fn a_rule_whose_people_cannot_be_read_keeps_no_other_rule_from_telling() {
    let office = Office::new().await;
    office.rule_about(RENAMED, |rule| rule.recipients.roles = [Role::Member].into()).await;
    office.rule_about(RENAMED, |_| {}).await;
    let till = office.add("Till").await;
    office.rename(till, "Counter").await;
    office.spoil(&StreamName::of::<Organization>(&office.acme)).await;
    let running = office.run().await;
    office.told().await;
    running.stop().await;
    assert_eq!(office.asked_for(RENAMED).await, [stream(till)]);
}

#[tokio::test]
async fn a_preview_leaves_out_what_cannot_be_read() {
    let office = Office::new().await;
    let (till, scale) = (office.add("Till").await, office.add("Scale").await);
    office.rename(till, "Counter").await;
    office.spoil(&stream(till)).await;
    office.rename(scale, "Balance").await;
    office.repeat(scale, till).await;
    assert_eq!(office.foreseen(RENAMED).await, [stream(scale), stream(till)]);
}

#[tokio::test]
async fn what_cannot_be_read_for_now_is_told_once_it_can() {
    let office = Office::new().await;
    office.rule_about(RENAMED, |_| {}).await;
    let till = office.add("Till").await;
    office.rename(till, "Counter").await;
    office.keys.are_away(true);
    let running = office.run().await;
    office.keys.missed_twice().await;
    assert_eq!(office.asked_for(RENAMED).await, []);
    office.keys.are_away(false);
    office.told().await;
    running.stop().await;
    assert_eq!(office.asked_for(RENAMED).await, [stream(till)]);
}
