//! Making a rule and changing it, with a look at whom it would have told before it is saved.

use std::collections::BTreeSet;

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use briefing::{INVITATION, KeptRule, Mistake, Standing};
use commands::{
    Failure, Scribe,
    notifications::{NewRule, Refusal},
};
use domain::{
    NotificationRuleId,
    authority::Role,
    email_template::Origin,
    notification_rule::{Error, NotificationRule},
};
use letters::OCCASIONS;
use serde::Serialize;

use super::{
    Choice, Operator, Problem, SignedIn, address, describe,
    entered::{Complaints, Entered, field_of},
    find, permit,
    preview::Preview,
    tabs,
};
use crate::{
    app::App,
    web::{
        complaints::CONTENDED,
        flash::Message,
        form::{Fields, Seen},
        going_back::{return_to, written},
        named::Named,
        navigation::Link,
        render::Template,
        shell::Page,
        submission::Submission,
    },
};

const CREATE: &str = "Create Notification Rule";
const EDIT: &str = "Edit Notification Rule";
const OVERTAKEN: &str = "Somebody changed this rule since the form was loaded. It shows the rule as it is now; your changes were not saved.";

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) title: &'static str,
    pub(super) tabs: Vec<Link>,
    pub(super) form: Form,
    /// `None` until it is asked for.
    pub(super) preview: Option<Preview>,
}

#[derive(Serialize)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) return_to: String,
    /// Of the rule as it is shown, so that nobody overwrites what they have not seen.
    pub(super) revision: u64,
    pub(super) name: String,
    /// Of a shipped rule, which keeps it: its title.
    pub(super) occasion_title: Option<&'static str>,
    pub(super) occasion: String,
    pub(super) occasions: Vec<Choice>,
    pub(super) organizations: Vec<Choice>,
    pub(super) application_name: String,
    pub(super) filter_owner: String,
    pub(super) templates: Vec<Choice>,
    pub(super) owner: bool,
    pub(super) creator: bool,
    pub(super) roles: Vec<Check>,
    pub(super) users: String,
    pub(super) addresses: String,
    pub(super) active: bool,
    pub(super) days: String,
    #[serde(flatten)]
    pub(super) complaints: Complaints,
}

/// A check box.
#[derive(Serialize)]
pub(super) struct Check {
    pub(super) field: &'static str,
    pub(super) label: &'static str,
    pub(super) chosen: bool,
}

/// The form of one rule.
struct Sheet<'a> {
    app: &'a App,
    caller: &'a SignedIn,
    standing: Standing,
    return_to: String,
    /// `None` for one that is to be made.
    kept: Option<&'a KeptRule>,
}

pub(in crate::web::emails) async fn blank(
    State(app): State<App>,
    Operator(caller): Operator,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let back = return_to(&app, query.as_deref(), "/emails/rules");
    let sheet = Sheet::of(&app, &caller, back, None).await?;
    sheet.show(&Entered::blank(), Complaints::default(), None, StatusCode::OK)
}

pub(in crate::web::emails) async fn form(
    State(app): State<App>,
    Operator(caller): Operator,
    Named(id): Named<NotificationRuleId>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let back = return_to(&app, query.as_deref(), "/emails/rules");
    let kept = find(&app, id).await?;
    let sheet = Sheet::of(&app, &caller, back, Some(&kept)).await?;
    sheet.show(&Entered::of(&app, &kept.rule), Complaints::default(), None, StatusCode::OK)
}

pub(in crate::web::emails) async fn create(
    State(app): State<App>,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let permit = permit(caller)?;
    let back = fields.return_to(&app.settings);
    let sheet = Sheet::of(&app, caller, back, None).await?;
    let scribe = app.scribe_for(&submission);
    let new = match sheet.read(&scribe, fields).await? {
        Ok(new) => new,
        Err(answer) => return Ok(answer),
    };
    match scribe.create_rule(&permit, new).await {
        Ok((_, position)) => Ok(written(&app, position, Message::Saved, &sheet.return_to).await),
        Err(failure) => sheet.complain(fields, failure),
    }
}

pub(in crate::web::emails) async fn save(
    State(app): State<App>,
    Named(id): Named<NotificationRuleId>,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let permit = permit(caller)?;
    let kept = find(&app, id).await?;
    let back = fields.return_to(&app.settings);
    let sheet = Sheet::of(&app, caller, back, Some(&kept)).await?;
    let scribe = app.scribe_for(&submission).only_at::<NotificationRule>(&id, kept.expected);
    let new = match sheet.read(&scribe, fields).await? {
        Ok(new) => new,
        Err(answer) => return Ok(answer),
    };
    match scribe.change_rule(&permit, id, new, kept.shipped.clone()).await {
        Ok(done) => Ok(written(&app, done.position, Message::Saved, &sheet.return_to).await),
        Err(failure) => sheet.complain(fields, failure),
    }
}

impl<'a> Sheet<'a> {
    async fn of(
        app: &'a App,
        caller: &'a SignedIn,
        return_to: String,
        kept: Option<&'a KeptRule>,
    ) -> Result<Self, Problem> {
        let standing = app.registry.now(&app.commands.log).await?;
        Ok(Self { app, caller, standing, return_to, kept })
    }

    /// What was sent, or the form that answers it: with what is wrong, with the preview that was asked for, or with the
    /// rule as somebody else left it.
    async fn read(
        &self,
        scribe: &Scribe,
        fields: &Fields,
    ) -> Result<Result<NewRule, Response>, Problem> {
        if let Some(kept) = self.kept
            && fields.seen(kept.expected) == Seen::Overtaken
        {
            let present = Entered::of(self.app, &kept.rule);
            let wrong = Complaints::of_form(OVERTAKEN);
            return self.show(&present, wrong, None, StatusCode::CONFLICT).map(Err);
        }
        let entered = Entered::sent(fields)?;
        let shipped = self.kept.and_then(|kept| kept.shipped.as_ref());
        let new = match entered.read(scribe, &self.standing, shipped).await? {
            Ok(new) => new,
            Err(wrong) => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                return self.show(&entered, wrong, None, status).map(Err);
            }
        };
        if fields.given("preview").is_none() {
            return Ok(Ok(new));
        }
        let preview = Preview::of(self.app, new, &self.standing).await?;
        self.show(&entered, Complaints::default(), Some(preview), StatusCode::OK).map(Err)
    }

    /// The form with what came of sending it, or the page that takes its place.
    fn complain(&self, fields: &Fields, failure: Failure<Refusal>) -> Result<Response, Problem> {
        let (wrong, status) = match failure {
            Failure::Refused(refusal) => (refused(refusal)?, StatusCode::UNPROCESSABLE_ENTITY),
            Failure::Contended => (Complaints::of_form(CONTENDED), StatusCode::CONFLICT),
            Failure::Log(error) => return Err(error.into()),
        };
        self.show(&Entered::sent(fields)?, wrong, None, status)
    }

    fn show(
        &self,
        entered: &Entered,
        complaints: Complaints,
        preview: Option<Preview>,
        status: StatusCode,
    ) -> Result<Response, Problem> {
        let title = if self.kept.is_some() { EDIT } else { CREATE };
        let context = Context {
            title,
            tabs: tabs(self.app, self.caller),
            form: self.form(entered, complaints),
            preview,
        };
        Page::new(Template::EmailsRule, title, &context)
            .with_status(status)
            .show_to(self.app, self.caller)
    }

    fn form(&self, entered: &Entered, complaints: Complaints) -> Form {
        let path = match self.kept {
            Some(kept) => format!("/{}/edit", kept.id),
            None => "/new".to_owned(),
        };
        let ships = self.kept.is_some_and(|kept| kept.shipped.is_some());
        let occasion = letters::occasion(&entered.occasion).filter(|_| ships);
        let entered = entered.clone();
        Form {
            action: address(self.app, &path),
            return_to: self.return_to.clone(),
            revision: self.kept.map_or(0, |kept| kept.expected.next_revision()),
            name: entered.name,
            occasion_title: occasion.map(|occasion| occasion.title),
            occasions: occasions(&entered.occasion),
            organizations: self.organizations(&entered.organization),
            application_name: entered.application_name,
            filter_owner: entered.filter_owner,
            templates: self.templates(&entered.template),
            owner: entered.owner,
            creator: entered.creator,
            roles: roles(&entered.roles),
            users: entered.users,
            addresses: entered.addresses,
            active: entered.active,
            days: entered.days,
            occasion: entered.occasion,
            complaints,
        }
    }

    fn organizations(&self, chosen: &str) -> Vec<Choice> {
        let all = self.app.knowledge.organization_names().into_iter();
        all.map(|(id, name)| Choice::among(id.to_string(), name.to_string(), chosen)).collect()
    }

    /// But for the shipped ones, which are chosen by choosing none.
    fn templates(&self, chosen: &str) -> Vec<Choice> {
        let own = self.standing.templates.all().filter_map(|(id, occasion, template)| {
            let Origin::Created { name, .. } = &template.origin else {
                return None;
            };
            let label = format!("{} ({})", name.as_str(), occasion.title);
            Some(Choice::among(id.to_string(), label, chosen))
        });
        own.collect()
    }
}

pub(super) fn occasions(chosen: &str) -> Vec<Choice> {
    let all = OCCASIONS.iter().filter(|occasion| occasion.name != INVITATION);
    all.map(|it| Choice::among(it.name, it.title, chosen)).collect()
}

fn roles(chosen: &BTreeSet<Role>) -> Vec<Check> {
    let check = |role| Check {
        field: field_of(role),
        label: describe::plural(role),
        chosen: chosen.contains(&role),
    };
    Role::ALL.into_iter().rev().map(check).collect()
}

fn refused(refusal: Refusal) -> Result<Complaints, Problem> {
    match refusal {
        Refusal::Rule(error @ (Error::NoRecipients | Error::TooManyRecipients)) => {
            Ok(Complaints::about(Mistake::Recipients(error)))
        }
        Refusal::UserNotFound => {
            Ok(Complaints::of_form("A user whom the rule names is not there any more."))
        }
        Refusal::OrganizationNotFound => {
            Ok(Complaints::of_form("The organization of the filter is not there any more."))
        }
        Refusal::Denied(_) => Err(Problem::Denied),
        Refusal::Rule(Error::Absent | Error::Exists | Error::Shipped)
        | Refusal::Template(_)
        | Refusal::Delivery(_) => Err(Problem::NotFound),
    }
}
