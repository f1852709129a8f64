//! Sending a letter again, which says first who gets it, and calling one off.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use commands::Done;
use projections::{notifications::Row, views::READ_YOUR_WRITES};

use super::{
    Named, Operator, Problem, address, permit,
    seen::{self, To},
};
use crate::{
    app::App,
    web::{
        complaints::about_delivery,
        confirm::{Confirmation, Form},
        flash::Message,
        going_back::{return_to, written},
        submission::Submission,
    },
};

pub(super) async fn ask(
    State(app): State<App>,
    Operator(caller): Operator,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let row = named.find(&app).await?;
    let page = format!("/emails/deliveries/{}", row.id);
    let back = return_to(&app, query.as_deref(), &page);
    question(&app, &row, back, None).await?.show(&app, &caller)
}

async fn question(
    app: &App,
    row: &Row,
    return_to: String,
    error: Option<String>,
) -> Result<Confirmation, Problem> {
    let rules = app.registry.now(&app.commands.log).await?.rules;
    let to = To::of(app, &rules, &row.request);
    Ok(Confirmation {
        title: "Resend letter",
        question: "Are you sure you want to send this letter again?",
        subject: seen::title(&row.request),
        consequences: vec![
            format!("It goes to {}.", to.words()),
            "It is another message, written from what is known now; whoever has the first one has both."
                .to_owned(),
        ],
        button: "Resend",
        danger: false,
        form: Form { action: address(app, row.id, "/resend"), return_to, error },
    })
}

pub(super) async fn resend(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let permit = permit(&submission.caller)?;
    let row = named.find(&app).await?;
    let back = submission.fields.return_to(&app.settings);
    match app.scribe_for(&submission).resend_notification(&permit, row.id).await {
        Ok(done) => Ok(shown(&app, done, Message::DeliveryResent, &back).await),
        Err(failure) => {
            let complaint = about_delivery(failure)?;
            question(&app, &row, back, Some(complaint.text)).await?.show(&app, &submission.caller)
        }
    }
}

/// Whoever comes too late is led back, where the page says how the letter stands.
pub(super) async fn cancel(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let permit = permit(&submission.caller)?;
    let row = named.find(&app).await?;
    let back = submission.fields.return_to(&app.settings);
    match app.scribe_for(&submission).cancel_notification(&permit, row.id).await {
        Ok(done) => Ok(shown(&app, done, Message::DeliveryCanceled, &back).await),
        Err(failure) => {
            about_delivery(failure)?;
            Ok(crate::web::going_back::done(&app, Message::DeliveryOvertaken, &back))
        }
    }
}

/// Waits until the list shows it as well, which is read from the views.
async fn shown(app: &App, done: Done, message: Message, back: &str) -> Response {
    app.projections.wait_for(done.position, READ_YOUR_WRITES).await;
    written(app, done.position, message, back).await
}
