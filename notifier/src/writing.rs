//! What stands in a letter, and where it goes: looked up when it is sent, all of it from the log.

use briefing::{Addressee, Subject, Wording, rehearsed, told, wording};
use domain::{
    EmailTemplateId, Event, NotificationId, Personal, Timestamp, UserId,
    email_template::EmailTemplate,
    notification::{Recipient, Request},
    notification_rule::NotificationRule,
    user::{self, Locale, User},
};
use letters::{Rendered, Told};
use store::{Direction, Log, LogError, Recorded, RecordedEvent, StreamName, limits};
use tracing::warn;
use uuid::Uuid;

use crate::{Notifier, post::Mail};

/// What the subject of a test letter begins with.
const TEST: &str = "Test: ";

/// Why a letter has nothing to say, or nobody to say it to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unwritable {
    #[error("the recipient's data were erased or never existed")]
    NoRecipient,
    #[error("the recipient's account is disabled")]
    Disabled,
    #[error("the rule does not name this recipient any more")]
    NotNamed,
    #[error("the event that it tells of is not in the log")]
    NoEvent,
    #[error("the template was removed")]
    NoTemplate,
    #[error("{0}")]
    Overtaken(#[from] user::Error),
    #[error("the template failed: {0}")]
    Template(#[from] letters::RenderError),
    #[error("writing it failed, and the log of the process says where")]
    Panicked,
    #[error(transparent)]
    Log(#[from] LogError),
}

impl Unwritable {
    /// Whether another release may be able to write it.
    pub(crate) const fn may_be_mended(&self) -> bool {
        matches!(self, Self::Panicked | Self::Log(_))
    }
}

/// A mail, in which language, and when what it tells of happened.
pub(crate) struct Written {
    pub(crate) mail: Mail,
    pub(crate) locale: Locale,
    pub(crate) told_at: Timestamp,
}

/// Where a letter goes, and in which language.
struct Destination {
    user: Option<UserId>,
    address: String,
    display_name: String,
    locale: Locale,
}

impl Notifier {
    /// The whole mail; `round` tells those that were sent again on demand apart, `date` is when it might have left.
    pub(crate) async fn write(
        &self,
        id: NotificationId,
        request: &Request,
        round: u32,
        date: Timestamp,
    ) -> Result<Written, Unwritable> {
        let destination = self.destination(request).await?;
        let (letter, told_at) = self.letter(request, &destination).await?;
        let Destination { address, display_name, locale, .. } = destination;
        let notification = message(id, round);
        let mail = Mail { notification, address, display_name, letter, date };
        Ok(Written { mail, locale, told_at })
    }

    async fn destination(&self, request: &Request) -> Result<Destination, Unwritable> {
        let log = &self.commands.log;
        match request.recipient {
            Recipient::User(id) => {
                let state = log.history::<User>(&id).await?.state;
                let account = state.account().map_err(|_| Unwritable::NoRecipient)?;
                if !account.enabled {
                    return Err(Unwritable::Disabled);
                }
                Ok(Destination {
                    user: Some(id),
                    address: open(&account.email)?,
                    display_name: open(&account.display_name)?,
                    locale: account.locale.clone(),
                })
            }
            Recipient::Address(id) => {
                let state = log.history::<NotificationRule>(&request.rule).await?.state;
                let address = plain_address(&state, id)?;
                let locale =
                    Locale::parse(letters::LAST_RESORT).map_err(|_| Unwritable::NotNamed)?;
                Ok(Destination { user: None, display_name: address.clone(), address, locale })
            }
        }
    }

    /// The letter in words, and when what it tells of happened.
    async fn letter(
        &self,
        request: &Request,
        destination: &Destination,
    ) -> Result<(Rendered, Timestamp), Unwritable> {
        let log = &self.commands.log;
        let template = log.history::<EmailTemplate>(&request.template).await?.state;
        let locale = request.test.as_ref().unwrap_or(&destination.locale);
        let wording = wording(request.template, &template, locale)
            .or_else(|| shipped_wording(request, locale))
            .ok_or(Unwritable::NoTemplate)?;
        let told = self.everything_told(request, &wording, destination).await?;
        let mut letter = rendered(&wording, &told).or_else(|error| {
            // What passed for the sample may fail for an event: plain words are better than none.
            let plain = shipped_wording(request, locale).filter(|_| request.test.is_none());
            warn!(template.id = %request.template, %error, "A template failed for an event");
            plain.map_or(Err(error), |plain| rendered(&plain, &told))
        })?;
        if request.test.is_some() {
            letter.subject = format!("{TEST}{}", letter.subject);
        }
        Ok((letter, told.at))
    }

    /// Everything that the letter may say. A test tells of nothing that only its true reader may know.
    async fn everything_told(
        &self,
        request: &Request,
        wording: &Wording,
        destination: &Destination,
    ) -> Result<Told, Unwritable> {
        let log = &self.commands.log;
        let reader =
            Addressee { user: destination.user, display_name: destination.display_name.clone() };
        let recorded = match event_of(log, request).await? {
            Some(event) => Some(log.decode(&event).await?),
            None => None,
        };
        if request.test.is_some() {
            let (occasion, event) = (wording.occasion, recorded.as_ref());
            return Ok(rehearsed(log, occasion, event, reader, &self.public_url).await?);
        }
        let recorded = recorded.ok_or(Unwritable::NoEvent)?;
        let link = self.invitation_link(&recorded).await?;
        let subject = Subject::of(log, &recorded).await?;
        Ok(told(log, &recorded, &subject, reader, &self.public_url, link).await?)
    }

    /// Where whoever was invited chooses a password. An invitation that is used, expired or replaced by a later one is
    /// not sent.
    async fn invitation_link(&self, recorded: &Recorded) -> Result<Option<url::Url>, Unwritable> {
        let Event::User(user::Event::Invited { invitation, until }) = &recorded.event else {
            return Ok(None);
        };
        let invited: UserId = recorded.stream.id().parse().map_err(|_| Unwritable::NoEvent)?;
        let state = self.commands.log.history::<User>(&invited).await?.state;
        let account = state.account().map_err(|_| Unwritable::NoRecipient)?;
        account.admits(*invitation, self.commands.clock.now())?;
        let token = self.commands.invitation_token(invited, *invitation, *until);
        Ok(Some(letters::invitation_page(&self.public_url, &token)))
    }
}

/// What the letter tells of.
pub(crate) async fn event_of(
    log: &Log,
    request: &Request,
) -> Result<Option<RecordedEvent>, LogError> {
    let Ok(stream) = StreamName::parse(&request.stream) else {
        return Ok(None);
    };
    let mut from = 0;
    loop {
        let page = log.store().read(&stream, from, Direction::Forwards, limits::EVENTS).await?;
        let full = page.len() == limits::EVENTS;
        from += page.len() as u64;
        if let Some(event) = page.into_iter().find(|event| event.id == request.event) {
            return Ok(Some(event));
        }
        if !full {
            return Ok(None);
        }
    }
}

fn rendered(wording: &Wording, told: &Told) -> Result<Rendered, letters::RenderError> {
    let Wording { occasion, choice } = wording;
    letters::render(occasion, &choice.locale, &choice.source, told)
}

/// The id that names the mail: that of the letter, until somebody wants it again.
fn message(id: NotificationId, round: u32) -> NotificationId {
    match round {
        0 => id,
        round => NotificationId::new(Uuid::new_v5(&id.as_uuid(), round.to_string().as_bytes())),
    }
}

/// A letter whose template was removed meanwhile, or fails, says what is shipped for its occasion, rather than nothing.
fn shipped_wording(request: &Request, locale: &Locale) -> Option<Wording> {
    let occasion = letters::occasion(&request.occasion)?;
    let shipped = EmailTemplateId::shipped(occasion.template);
    wording(shipped, &EmailTemplate::default(), locale)
}

fn plain_address(rule: &NotificationRule, id: Uuid) -> Result<String, Unwritable> {
    // A shipped rule that nobody touched names no addresses.
    let rule = rule.current(None).ok_or(Unwritable::NotNamed)?;
    open(rule.recipients.address(id).ok_or(Unwritable::NotNamed)?)
}

fn open(field: &Personal) -> Result<String, Unwritable> {
    field.as_open().map(str::to_owned).ok_or(Unwritable::NoRecipient)
}
