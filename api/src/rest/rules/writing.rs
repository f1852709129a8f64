//! Making, changing and deleting rules.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use briefing::{Changes, KeptRule, Place, blank_rule, mistakes};
use commands::notifications::NewRule;
use domain::{
    EmailTemplateId, NotificationRuleId, OrganizationId, UserId,
    authority::{Deed, Role},
    name::ApplicationName,
    notification_rule::{Error as RuleError, Filter, NotificationRule, Recipients, Rule, RuleName},
    user::Email,
};
use serde::Deserialize;
use store::Position;

use super::{
    super::{
        body::Fields,
        call::{Call, Expected},
        error::{Error, Errors, Kind},
        operation::WriteNotifications,
        refusals,
        reply::Reply,
        schema::Purpose,
    },
    RULES, reply,
};

/// What a request says about a rule.
struct Said {
    changes: Changes,
    addresses: Option<Vec<Email>>,
}

/// The attribute `filter`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct SaidFilter {
    organization: Option<OrganizationId>,
    owner: Option<UserId>,
    application_name: String,
}

/// The attribute `recipients`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SaidRecipients {
    owner: bool,
    creator: bool,
    roles: BTreeSet<Role>,
    users: BTreeSet<UserId>,
    addresses: Vec<String>,
}

impl Said {
    fn read(fields: &mut Fields) -> Self {
        let (recipients, addresses) = match fields.structure("recipients", recipients) {
            Some((recipients, addresses)) => (Some(recipients), Some(addresses)),
            None => (None, None),
        };
        let changes = Changes {
            name: fields.text("name", RuleName::parse),
            occasion: fields.text("occasion", |text| Ok::<_, RuleError>(text.to_owned())),
            active: fields.flag("active"),
            filter: fields.structure("filter", filter),
            template: fields.text("template", template),
            recipients,
            days: fields.number("days").map(Option::from),
        };
        Self { changes, addresses }
    }

    fn about(self, present: Rule) -> NewRule {
        let new = NewRule::of(self.changes.of(present));
        NewRule { addresses: self.addresses.unwrap_or(new.addresses), ..new }
    }
}

fn template(text: &str) -> Result<EmailTemplateId, &'static str> {
    text.parse().map_err(|_| "This value should be the id of a template.")
}

fn filter(said: SaidFilter) -> Result<Filter, String> {
    let SaidFilter { organization, owner, application_name } = said;
    let application_name = match application_name.trim() {
        "" => String::new(),
        text => ApplicationName::parse(text).map_err(|rule| rule.to_string())?.to_string(),
    };
    Ok(Filter { organization, owner, application_name })
}

fn recipients(said: SaidRecipients) -> Result<(Recipients, Vec<Email>), String> {
    let SaidRecipients { owner, creator, roles, users, addresses } = said;
    let addresses = addresses.iter().map(|address| Email::parse(address));
    let addresses = addresses.collect::<Result<_, _>>().map_err(|rule| rule.to_string())?;
    Ok((Recipients { owner, creator, users, roles, addresses: vec![] }, addresses))
}

pub(super) async fn create(call: Call<WriteNotifications>) -> Result<Reply, Errors> {
    let scribe = call.scribe("create");
    if call.is_repeatable()
        && let Some((id, position)) = scribe.rule_created_before().await.map_err(refusals::log)?
    {
        call.app.settled(position).await;
        return created(&call, id, position).await;
    }
    let mut fields = Fields::read(&call.body, &RULES, Purpose::Create, None)?;
    for name in ["name", "occasion", "recipients"] {
        fields.require(name);
    }
    let said = Said::read(&mut fields);
    fields.finish()?;
    let permit = call.permit(Deed::KeepNotifications)?;
    let (Some(name), Some(occasion)) = (said.changes.name.clone(), said.changes.occasion.clone())
    else {
        return Err(Error::new(Kind::Empty, "The request data should not be empty.").into());
    };
    let new = said.about(blank_rule(name, occasion));
    check(&call, &new, None).await?;
    let made = scribe.create_rule(&permit, new).await;
    let (id, position) = made.map_err(|failure| refusals::notification(failure, Expected::Any))?;
    created(&call, id, position).await
}

/// Answers with the rule as it was made.
async fn created(
    call: &Call<WriteNotifications>,
    id: NotificationRuleId,
    position: Position,
) -> Result<Reply, Errors> {
    let reply = answer(call, id, Some(position), position, StatusCode::CREATED).await?;
    Ok(reply.location(format!("{}/{}/{id}", call.base(), RULES.name)))
}

pub(super) async fn update(call: Call<WriteNotifications>) -> Result<Reply, Errors> {
    let present = call.rule().await?;
    let id = present.id;
    let scribe = call.scribe("update");
    if let Some(position) = call.sent_before::<NotificationRule>(&scribe, &id).await? {
        return answer(&call, id, Some(position), position, StatusCode::OK).await;
    }
    let expected = call.check_revision(present.expected.next_revision())?;
    let mut fields = Fields::read(&call.body, &RULES, Purpose::Update, Some(&id.to_string()))?;
    let said = Said::read(&mut fields);
    fields.finish()?;
    let permit = call.permit(Deed::KeepNotifications)?;
    let new = said.about(present.rule);
    check(&call, &new, present.shipped.as_ref()).await?;
    // What was not said is as it was read: nobody may write in between.
    let scribe = scribe.only_at::<NotificationRule>(&id, present.expected);
    let done = scribe.change_rule(&permit, id, new, present.shipped).await;
    let done = done.map_err(|failure| refusals::notification(failure, expected))?;
    let as_of = scribe.carried_out::<NotificationRule>(&id).await.map_err(refusals::log)?;
    answer(&call, id, as_of, done.position, StatusCode::OK).await
}

pub(super) async fn delete(call: Call<WriteNotifications>) -> Result<Reply, Errors> {
    let scribe = call.scribe("delete");
    let id = call.id()?;
    let permit = call.permit(Deed::KeepNotifications).map_err(|_| Error::not_found())?;
    if let Some(position) = call.sent_before::<NotificationRule>(&scribe, &id).await? {
        return call.written(position, Reply::nothing()).await;
    }
    let present = call.rule().await?;
    let expected = call.check_revision(present.expected.next_revision())?;
    let scribe = expected.at::<NotificationRule>(scribe, &id, present.expected);
    let done = scribe.remove_rule(&permit, id, present.shipped.is_some()).await;
    let done = done.map_err(|failure| refusals::notification(failure, expected))?;
    call.written(done.position, Reply::nothing()).await
}

/// What is wrong about the rule, all of it.
async fn check(
    call: &Call<WriteNotifications>,
    new: &NewRule,
    shipped: Option<&Rule>,
) -> Result<(), Errors> {
    let log = &call.app.commands.log;
    let standing = call.app.registry.now(log).await.map_err(refusals::log)?;
    let found = mistakes(&new.rule, new.addresses.len(), &standing.templates, shipped);
    let error = |mistake: briefing::Mistake| {
        let attribute = match mistake.place() {
            Place::Occasion => "occasion",
            Place::FilterOrganization => "filter/organization",
            Place::FilterApplicationName => "filter/applicationName",
            Place::FilterOwner => "filter/owner",
            Place::Template => "template",
            Place::Recipients => "recipients",
            Place::Days => "days",
        };
        let pointer = format!("/data/attributes/{attribute}");
        Error::new(Kind::Invalid, mistake.to_string()).at(pointer)
    };
    if found.is_empty() { Ok(()) } else { Err(Errors(found.into_iter().map(error).collect())) }
}

/// Answers with the rule as of a position of the log, or as it is where the command had nothing to change.
async fn answer(
    call: &Call<WriteNotifications>,
    id: NotificationRuleId,
    as_of: Option<Position>,
    position: Position,
    status: StatusCode,
) -> Result<Reply, Errors> {
    let found = KeptRule::find(&call.app.commands.log, id, as_of).await.map_err(refusals::log)?;
    let found = found.ok_or_else(Error::not_found)?;
    call.written(position, reply(call, &found, status)).await
}
