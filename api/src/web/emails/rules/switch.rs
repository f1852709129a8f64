//! Switching a rule on and off, at once, and removing it, when asked twice.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use briefing::KeptRule;
use commands::{
    Failure,
    notifications::{NewRule, Refusal},
};
use domain::{
    NotificationRuleId,
    notification_rule::{Error, NotificationRule, Rule},
};

use super::{Operator, Problem, SignedIn, address, find, permit};
use crate::{
    app::App,
    web::{
        confirm::{Confirmation, Form},
        flash::Message,
        going_back::{return_to, written},
        named::Named,
        submission::Submission,
    },
};

const SHIPPED: &str = "A rule that ships with Oathbook stays. It can be switched off.";

pub(in crate::web::emails) async fn on(
    State(app): State<App>,
    Named(id): Named<NotificationRuleId>,
    submission: Submission,
) -> Result<Response, Problem> {
    let kept = find(&app, id).await?;
    switch(&app, &submission, kept, true).await
}

pub(in crate::web::emails) async fn off(
    State(app): State<App>,
    Named(id): Named<NotificationRuleId>,
    submission: Submission,
) -> Result<Response, Problem> {
    let kept = find(&app, id).await?;
    switch(&app, &submission, kept, false).await
}

async fn switch(
    app: &App,
    submission: &Submission,
    kept: KeptRule,
    active: bool,
) -> Result<Response, Problem> {
    let permit = permit(&submission.caller)?;
    let KeptRule { id, rule, shipped, expected } = kept;
    let scribe = app.scribe_for(submission).only_at::<NotificationRule>(&id, expected);
    let new = NewRule::of(Rule { active, ..rule });
    let done = scribe.change_rule(&permit, id, new, shipped).await.map_err(problem)?;
    let message = if active { Message::RuleOn } else { Message::RuleOff };
    let back = submission.fields.return_to(&app.settings);
    Ok(written(app, done.position, message, &back).await)
}

pub(in crate::web::emails) async fn ask(
    State(app): State<App>,
    Operator(caller): Operator,
    Named(id): Named<NotificationRuleId>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let kept = find(&app, id).await?;
    let back = return_to(&app, query.as_deref(), "/emails/rules");
    let error = kept.shipped.is_some().then(|| SHIPPED.to_owned());
    question(&app, &caller, &kept, back, error)
}

fn question(
    app: &App,
    caller: &SignedIn,
    kept: &KeptRule,
    return_to: String,
    error: Option<String>,
) -> Result<Response, Problem> {
    let action = address(app, &format!("/{}/delete", kept.id));
    let confirmation = Confirmation {
        title: "Delete Confirmation",
        question: "Are you sure you want to delete this rule?",
        subject: kept.rule.name.as_str().to_owned(),
        consequences: vec![
            "Nobody is told of anything because of it any more.".to_owned(),
            "Letters that are on their way already arrive.".to_owned(),
            "A deleted rule does not come back. To keep it for later, switch it off.".to_owned(),
        ],
        button: "Delete",
        danger: true,
        form: Form { action, return_to, error },
    };
    confirmation.show(app, caller)
}

pub(in crate::web::emails) async fn delete(
    State(app): State<App>,
    Named(id): Named<NotificationRuleId>,
    submission: Submission,
) -> Result<Response, Problem> {
    let permit = permit(&submission.caller)?;
    let kept = find(&app, id).await?;
    let back = submission.fields.return_to(&app.settings);
    let scribe = app.scribe_for(&submission);
    match scribe.remove_rule(&permit, id, kept.shipped.is_some()).await {
        Ok(done) => Ok(written(&app, done.position, Message::Deleted, &back).await),
        Err(Failure::Refused(Refusal::Rule(Error::Shipped))) => {
            question(&app, &submission.caller, &kept, back, Some(SHIPPED.to_owned()))
        }
        Err(failure) => Err(problem(failure)),
    }
}

fn problem(failure: Failure<Refusal>) -> Problem {
    match failure {
        Failure::Refused(Refusal::Denied(_)) => Problem::Denied,
        Failure::Refused(_) => Problem::NotFound,
        Failure::Contended => Problem::Contended,
        Failure::Log(error) => error.into(),
    }
}
