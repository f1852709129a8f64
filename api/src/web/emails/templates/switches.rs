//! What is done with a template at once, or after a question: try it, reset it, remove it.

use axum::{extract::State, response::Response};
use commands::{
    Failure,
    notifications::{Test, TestRefusal},
};

use super::{
    App, Found, Named, Operator, Problem, SignedIn, address, complaint, events, local, permit,
};
use crate::web::{
    confirm::{Confirmation, Form},
    flash::Message,
    going_back::{done, written},
    submission::Submission,
};

/// Asks for a letter to oneself in the words that are saved.
pub(super) async fn test(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let permit = permit(caller)?;
    let found = named.find(&app).await?;
    let wanted = fields.text("event");
    let event = events::at(&app.commands.log, found.occasion, wanted).await?;
    let test = Test {
        template: found.id,
        locale: &found.locale,
        occasion: found.occasion.name,
        event: event.as_ref(),
    };
    let back = found.address(&app, &format!("?event={}", local::encoded(wanted)));
    let scribe = app.scribe_for(&submission);
    match scribe.test_template(&permit, caller.member.user, test).await {
        Ok(asked) => Ok(written(&app, asked.position, Message::TestRequested, &back).await),
        Err(Failure::Refused(TestRefusal::JustNow)) => {
            Ok(done(&app, Message::TestedJustNow, &back))
        }
        Err(Failure::Refused(TestRefusal::Letter(_)) | Failure::Contended) => {
            Err(Problem::Contended)
        }
        Err(Failure::Refused(TestRefusal::Denied(_))) => Err(Problem::Denied),
        Err(Failure::Log(error)) => Err(error.into()),
    }
}

pub(super) async fn ask_reset(
    State(app): State<App>,
    Operator(caller): Operator,
    named: Named,
) -> Result<Response, Problem> {
    let found = named.find(&app).await?;
    reset_question(&app, &found, None).show(&app, &caller)
}

fn reset_question(app: &App, found: &Found, error: Option<String>) -> Confirmation {
    let language = found.locale.as_str();
    Confirmation {
        title: "Use default",
        question: "Do you want to take your own words away?",
        subject: format!("{} in {language}", found.name()),
        consequences: vec![
            format!(
                "Letters in {language} say what is shipped, or what the language before it says."
            ),
            "Your words stay among the versions, and can be restored.".to_owned(),
        ],
        button: "Use default",
        danger: true,
        form: Form {
            action: found.address(app, "/reset"),
            return_to: found.address(app, ""),
            error,
        },
    }
}

pub(super) async fn reset(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let caller = &submission.caller;
    let permit = permit(caller)?;
    let found = named.find(&app).await?;
    let scribe = app.scribe_for(&submission);
    match scribe.reset_template(&permit, found.id, found.locale.clone()).await {
        Ok(done) => {
            let back = found.address(&app, "");
            Ok(written(&app, done.position, Message::Saved, &back).await)
        }
        Err(failure) => {
            let error = complaint(failure)?.to_owned();
            reset_question(&app, &found, Some(error)).show(&app, caller)
        }
    }
}

pub(super) async fn ask_remove(
    State(app): State<App>,
    Operator(caller): Operator,
    named: Named,
) -> Result<Response, Problem> {
    let found = named.find(&app).await?;
    remove_question(&app, &found, None)?.show(&app, &caller)
}

/// Only templates of one's own can go.
fn remove_question(
    app: &App,
    found: &Found,
    error: Option<String>,
) -> Result<Confirmation, Problem> {
    if found.is_shipped() {
        return Err(Problem::NotFound);
    }
    Ok(Confirmation {
        title: "Delete template",
        question: "Do you want to delete this template?",
        subject: found.name().to_owned(),
        consequences: vec![
            "Rules that use it send what is shipped for their occasion from now on.".to_owned(),
            "It cannot be brought back.".to_owned(),
        ],
        button: "Delete",
        danger: true,
        form: Form {
            action: address(app, found.id, "/remove"),
            return_to: address(app, found.id, ""),
            error,
        },
    })
}

pub(super) async fn remove(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let caller: &SignedIn = &submission.caller;
    let permit = permit(caller)?;
    let found = named.find(&app).await?;
    match app.scribe_for(&submission).remove_template(&permit, found.id).await {
        Ok(done) => {
            let back = local::of(&app.settings, "/emails/templates");
            Ok(written(&app, done.position, Message::TemplateRemoved, &back).await)
        }
        Err(failure) => {
            let error = complaint(failure)?.to_owned();
            remove_question(&app, &found, Some(error))?.show(&app, caller)
        }
    }
}
