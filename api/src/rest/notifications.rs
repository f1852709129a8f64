//! `notifications`: letters, read and listed, sent again, called off.

mod listing;

use axum::http::{Method, StatusCode};
use briefing::Rules;
use domain::{NotificationId, authority::Deed, notification::Notification};
use projections::{
    notifications::{Delivery, Notifications, Row},
    row_of,
};
use serde_json::json;
use store::{Position, StreamName};

use super::{
    call::Call,
    document::{self, Resource},
    error::{Error, Errors},
    occasions,
    operation::{Gives, Needs, Operation, ReadNotifications, WriteNotifications},
    query::{Accepts, Filter, Pages},
    refusals,
    reply::Reply,
    schema::{Access, Attribute, Relationship, Shape, Type},
};
use crate::masked;

const STATES: &[&str] = &{
    let mut names = [""; Delivery::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = Delivery::ALL[at].as_str();
        at += 1;
    }
    names
};

/// An attribute that Oathbook alone decides about.
const fn told(name: &'static str, shape: Shape, about: &'static str) -> Attribute {
    Attribute { name, shape, access: Access::Read, about }
}

pub(super) static NOTIFICATIONS: Type = Type {
    name: "notifications",
    about: "A letter to one recipient, and what became of it.",
    attributes: &[
        told("occasion", Shape::Text(64), "What it tells of."),
        told("state", Shape::Choice(STATES), "How far it has come."),
        told("attempts", Shape::Count, "How often a worker tried."),
        told(
            "dueAt",
            Shape::Perhaps(&Shape::Moment),
            "When it is attempted next, UTC; null once nothing more is to be done.",
        ),
        told("daily", Shape::Flag, "Whether it goes into the recipient's mail of the day."),
        told("test", Shape::Flag, "Whether somebody only tries a template."),
        told(
            "lastAnswer",
            Shape::Perhaps(&Shape::Text(8192)),
            "What the mail server said last, or why there was nothing to hand over.",
        ),
        told("messageId", Shape::Perhaps(&Shape::Text(998)), "The Message-ID it was sent under."),
        told("subject", Shape::Text(256), "The stream of what it concerns: category and id."),
        told("event", Shape::Text(36), "The id of the event it tells of."),
        told("rule", Shape::Text(36), "The id of the notification rule that asked for it."),
        told("template", Shape::Text(36), "The id of the e-mail template it is written by."),
        told(
            "address",
            Shape::Perhaps(&Shape::Text(320)),
            "Of a recipient without account, masked; null while the rule does not name it.",
        ),
        told("requestedAt", Shape::Moment, "When it was asked for, UTC."),
        told("changedAt", Shape::Moment, "When the last thing happened to it, UTC."),
    ],
    relationships: &[Relationship {
        name: "recipient",
        to: "users",
        access: Access::Read,
        about: "To whom it goes. Left out where the recipient has no account.",
    }],
    meta: &[],
    handed_out: &[],
};

const LIST: Accepts = Accepts {
    filters: &[
        Filter::choice("state", STATES),
        Filter::choice("occasion", occasions::ALL),
        Filter::reference("recipient"),
        Filter::reference("application"),
    ],
    sort: &[],
    include: &[],
    fields: &[&NOTIFICATIONS],
    pages: Pages::Yes,
};
const ONE: Accepts = Accepts { fields: &[&NOTIFICATIONS], ..Accepts::NOTHING };

pub(super) fn operations() -> Vec<Operation> {
    let one = Gives::One(StatusCode::OK, &NOTIFICATIONS);
    vec![
        Operation::new(Method::GET, "/notifications", "listNotifications", listing::list)
            .summary("List letters, the newest first; it takes the right to keep notifications")
            .accepting(&LIST)
            .giving(Gives::Many(&NOTIFICATIONS)),
        Operation::new(Method::GET, "/notifications/{id}", "getNotification", show)
            .summary("Get a letter")
            .accepting(&ONE)
            .giving(one),
        Operation::new(Method::POST, "/notifications/{id}/resend", "resendNotification", resend)
            .summary("Send a letter once more that was sent, abandoned or canceled: another message to the same recipient")
            .accepting(&ONE)
            .giving(one),
        Operation::new(Method::POST, "/notifications/{id}/cancel", "cancelNotification", cancel)
            .summary("Call off a letter that has not left")
            .accepting(&ONE)
            .giving(one),
    ]
}

/// What is done with a letter.
#[derive(Clone, Copy)]
enum Step {
    Resend,
    Cancel,
}

impl Step {
    /// Part of command ids: it stays what it is.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::Cancel => "cancel",
        }
    }
}

async fn show(call: Call<ReadNotifications>) -> Result<Reply, Errors> {
    let row = find(&call, None).await?;
    Ok(reply(&call, &row).await?)
}

async fn resend(call: Call<WriteNotifications>) -> Result<Reply, Errors> {
    change(call, Step::Resend).await
}

async fn cancel(call: Call<WriteNotifications>) -> Result<Reply, Errors> {
    change(call, Step::Cancel).await
}

/// One that was carried out before is answered with the letter as it was behind it.
async fn change(call: Call<WriteNotifications>, step: Step) -> Result<Reply, Errors> {
    let row = find(&call, None).await?;
    let scribe = call.scribe(step.as_str());
    if let Some(position) = call.sent_before::<Notification>(&scribe, &row.id).await? {
        let row = find(&call, Some(position)).await?;
        return call.written(position, reply(&call, &row).await?).await;
    }
    let expected = call.check_revision(row.revision)?;
    let permit = call.permit(Deed::KeepNotifications)?;
    let scribe = expected.behind::<Notification>(scribe, &row.id);
    let done = match step {
        Step::Resend => scribe.resend_notification(&permit, row.id).await,
        Step::Cancel => scribe.cancel_notification(&permit, row.id).await,
    };
    let done = done.map_err(|failure| refusals::notification(failure, expected))?;
    let as_of = scribe.carried_out::<Notification>(&row.id).await.map_err(refusals::log)?;
    let row = find(&call, as_of).await?;
    call.written(done.position, reply(&call, &row).await?).await
}

/// The letter of the address as the log has it, as of a position or now.
async fn find<S: Needs>(call: &Call<S>, as_of: Option<Position>) -> Result<Row, Error> {
    call.keeps_notifications()?;
    let stream = StreamName::of::<Notification>(&call.id::<NotificationId>()?);
    let row = row_of::<Notifications>(&call.app.commands.log, &stream, as_of).await;
    row.map_err(refusals::log)?.ok_or_else(Error::not_found)
}

async fn reply<S: Needs>(call: &Call<S>, row: &Row) -> Result<Reply, Error> {
    let rules = rules(call).await?;
    let resource = resource(row, &rules);
    let document = document::one(&resource, &[], &call.base(), &call.query);
    Ok(Reply::document(StatusCode::OK, document).revision(row.revision))
}

async fn rules<S: Needs>(call: &Call<S>) -> Result<std::sync::Arc<Rules>, Error> {
    let standing = call.app.registry.now(&call.app.commands.log).await;
    Ok(standing.map_err(refusals::log)?.rules)
}

fn resource(row: &Row, rules: &Rules) -> Resource {
    let Row { request, .. } = row;
    let recipient = request.recipient.user();
    Resource {
        of: &NOTIFICATIONS,
        id: row.id.to_string(),
        revision: row.revision,
        attributes: json!({
            "occasion": request.occasion,
            "state": row.state,
            "attempts": row.attempts,
            "dueAt": row.due,
            "daily": request.daily,
            "test": request.test.is_some(),
            "lastAnswer": row.answer.as_deref().map(|said| masked::answer(request, said)),
            "messageId": row.message_id,
            "subject": request.subject(),
            "event": request.event,
            "rule": request.rule,
            "template": request.template,
            "address": masked::recipient(rules, request),
            "requestedAt": row.requested_at,
            "changedAt": row.changed_at,
        }),
        relationships: recipient
            .map(|id| ("recipient", "users", id.to_string()))
            .into_iter()
            .collect(),
        meta: json!({}),
    }
}
