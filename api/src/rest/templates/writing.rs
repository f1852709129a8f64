//! Making templates, giving them other words, and deleting them.

use axum::http::StatusCode;
use briefing::KeptTemplate;
use domain::{
    EmailTemplateId,
    authority::Deed,
    email_template::{EmailTemplate, Source, TemplateName},
    user::Locale,
};
use letters::Occasion;
use serde::Deserialize;
use serde_json::{Map, Value};
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
    TEMPLATES, reply,
};
use crate::templates;

/// What one language is to say.
enum Wanted {
    Own(Locale, Source),
    Default(Locale),
}

/// The words of a language, all of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    subject: String,
    text: String,
    html: String,
}

fn wanted(occasion: &Occasion, said: Map<String, Value>) -> Result<Wanted, String> {
    let mut said = said.into_iter();
    let (Some((tag, words)), None) = (said.next(), said.next()) else {
        return Err("This value should hold one language.".to_owned());
    };
    let locale = templates::locale(&tag).map_err(|rule| rule.to_string())?;
    if words.is_null() {
        return Ok(Wanted::Default(locale));
    }
    let Said { subject, text, html } =
        serde_json::from_value(words).map_err(|error| error.to_string())?;
    let source = templates::source(&subject, &text, &html).map_err(|broken| broken.join(" "))?;
    letters::check(occasion, &source)
        .map_err(|wrong| wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    Ok(Wanted::Own(locale, source))
}

pub(super) async fn create(call: Call<WriteNotifications>) -> Result<Reply, Errors> {
    let scribe = call.scribe("create");
    if call.is_repeatable()
        && let Some((id, position)) =
            scribe.template_created_before().await.map_err(refusals::log)?
    {
        call.app.settled(position).await;
        return created(&call, id, position).await;
    }
    let mut fields = Fields::read(&call.body, &TEMPLATES, Purpose::Create, None)?;
    for name in ["name", "occasion"] {
        fields.require(name);
    }
    let name = fields.text("name", TemplateName::parse);
    let occasion = fields.text("occasion", |text| {
        letters::occasion(text).ok_or("This value should be an occasion.")
    });
    fields.finish()?;
    let permit = call.permit(Deed::KeepNotifications)?;
    let (Some(name), Some(occasion)) = (name, occasion) else {
        return Err(Error::new(Kind::Empty, "The request data should not be empty.").into());
    };
    let words = letters::shipped_words(occasion);
    let made = scribe.create_template(&permit, name, occasion.name, words).await;
    let (id, position) = made.map_err(|failure| refusals::notification(failure, Expected::Any))?;
    created(&call, id, position).await
}

/// Answers with the template as it was made.
async fn created(
    call: &Call<WriteNotifications>,
    id: EmailTemplateId,
    position: Position,
) -> Result<Reply, Errors> {
    let reply = answer(call, id, Some(position), position, StatusCode::CREATED).await?;
    Ok(reply.location(format!("{}/{}/{id}", call.base(), TEMPLATES.name)))
}

pub(super) async fn update(call: Call<WriteNotifications>) -> Result<Reply, Errors> {
    let present = call.template().await?;
    let id = present.id;
    let scribe = call.scribe("update");
    if let Some(position) = call.sent_before::<EmailTemplate>(&scribe, &id).await? {
        return answer(&call, id, Some(position), position, StatusCode::OK).await;
    }
    let expected = call.check_revision(present.expected.next_revision())?;
    let mut fields = Fields::read(&call.body, &TEMPLATES, Purpose::Update, Some(&id.to_string()))?;
    let wanted = fields.object("words", |said| wanted(present.occasion, said));
    fields.finish()?;
    let permit = call.permit(Deed::KeepNotifications)?;
    let scribe = expected.at::<EmailTemplate>(scribe, &id, present.expected);
    let done = match wanted {
        None => return Ok(reply(&call, &present, StatusCode::OK)),
        Some(Wanted::Own(locale, source)) => {
            let shipped = present.is_shipped();
            scribe.customize_template(&permit, id, locale, source, shipped).await
        }
        Some(Wanted::Default(locale)) => scribe.reset_template(&permit, id, locale).await,
    };
    let done = done.map_err(|failure| refusals::notification(failure, expected))?;
    let as_of = scribe.carried_out::<EmailTemplate>(&id).await.map_err(refusals::log)?;
    answer(&call, id, as_of, done.position, StatusCode::OK).await
}

pub(super) async fn delete(call: Call<WriteNotifications>) -> Result<Reply, Errors> {
    let scribe = call.scribe("delete");
    let id = call.id()?;
    let permit = call.permit(Deed::KeepNotifications).map_err(|_| Error::not_found())?;
    if let Some(position) = call.sent_before::<EmailTemplate>(&scribe, &id).await? {
        return call.written(position, Reply::nothing()).await;
    }
    let present = call.template().await?;
    let expected = call.check_revision(present.expected.next_revision())?;
    let scribe = expected.at::<EmailTemplate>(scribe, &id, present.expected);
    let done = scribe.remove_template(&permit, id).await;
    let done = done.map_err(|failure| refusals::notification(failure, expected))?;
    call.written(done.position, Reply::nothing()).await
}

/// Answers with the template as of a position of the log, or as it is where the command had nothing to change.
async fn answer(
    call: &Call<WriteNotifications>,
    id: EmailTemplateId,
    as_of: Option<Position>,
    position: Position,
    status: StatusCode,
) -> Result<Reply, Errors> {
    let found =
        KeptTemplate::find(&call.app.commands.log, id, as_of).await.map_err(refusals::log)?;
    let found = found.ok_or_else(Error::not_found)?;
    call.written(position, reply(call, &found, status)).await
}
