use commands::applications::Switch;
use smtp_stand_in::Server;

use crate::{office::DAY, office::Office, open_office::OpenOffice};

#[tokio::test(flavor = "multi_thread")]
async fn a_year_of_history_from_elsewhere_is_told_to_nobody_and_what_comes_after_it_is() {
    let office = Office::new().await;
    office.rule_about("application_deactivated", |_| {}).await;
    for day in 0..365 {
        let id = office.add(&format!("Application {day}")).await;
        if day % 3 == 0 {
            office.switch(id, Switch::Deactivate).await;
        }
        office.clock.forward(DAY);
    }
    let server = Server::start();
    let open = OpenOffice::of(office.elsewhere().await, &server).await;
    open.until_projected().await;
    open.office.told().await;
    assert_eq!(open.recorded("notification.requested.v2").await, 0);
    open.office.add("Afterwards").await;
    open.until_recorded("notification.sent.v1", 1).await;
    assert_eq!(open.recorded("notification.requested.v2").await, 1);
    server.heard(|heard| assert!(heard.mails.len() == 1 && heard.mails[0].contains("Afterwards")));
}
