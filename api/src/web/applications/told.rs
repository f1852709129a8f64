//! Who was told of an application by mail, as far as somebody may know.

use domain::{
    ApplicationId, Timestamp, UserId,
    application::Application,
    authority::{Acquaintance, Deed},
    notification::Recipient,
};
use projections::{
    Projection,
    notifications::{
        Delivery, Notifications, Row,
        listing::{Filter, From, Query},
    },
    views::ViewsError,
};
use store::{Position, StreamName};

use super::{SignedIn, describe::person};
use crate::{
    app::App,
    web::emails::deliveries::{address, occasion},
};

/// Letters about an application.
pub(super) struct Letters {
    pub(super) newest: Vec<Letter>,
    /// Whether there are more than were asked for.
    pub(super) more: bool,
    /// As of which position of the log.
    pub(super) as_of: Position,
}

pub(super) struct Letter {
    pub(super) at: Timestamp,
    pub(super) text: String,
    /// The letter's own page, for those who look after letters.
    pub(super) url: Option<String>,
}

impl Letters {
    /// From the views, which may lag.
    pub(super) async fn about(
        app: &App,
        caller: &SignedIn,
        id: ApplicationId,
        at_most: u32,
    ) -> Result<Self, ViewsError> {
        let views = app.projections.views();
        let live = views.live(Notifications::IDENTITY).await?;
        let alone = caller.member.acquaintance() == Acquaintance::OnlyOneself;
        let filter = Filter {
            subject: Some(StreamName::of::<Application>(&id)),
            recipient: alone.then_some(caller.member.user),
            ..Filter::default()
        };
        let page = views.letters(&Query { filter, from: From::Start, limit: at_most }).await?;
        Ok(Self {
            newest: page.rows.iter().filter_map(|row| Letter::seen(app, caller, row)).collect(),
            more: page.next.is_some(),
            as_of: live.map_or(Position::START, |live| live.checkpoint.position),
        })
    }
}

impl Letter {
    /// `None` where the recipient may not be seen, or nobody was told but whoever tried a template.
    fn seen(app: &App, caller: &SignedIn, row: &Row) -> Option<Self> {
        if row.request.test.is_some() {
            return None;
        }
        let keeps = caller.member.may_do(Deed::KeepNotifications);
        let (who, verb) = match row.request.recipient {
            Recipient::User(id) if id == caller.member.user => ("You".to_owned(), "were"),
            Recipient::User(id) => (may_see(app, caller, id).then(|| person(app, id))?, "was"),
            Recipient::Address(_) if keeps => ("Somebody without account".to_owned(), "was"),
            Recipient::Address(_) => return None,
        };
        let about = occasion(&row.request.occasion);
        let text = match row.state {
            Delivery::Sent => format!("{who} {verb} told by mail: {about}"),
            Delivery::Waiting | Delivery::Attempted => {
                format!("{who} {verb} not told by mail yet: {about}")
            }
            Delivery::Abandoned => format!("{who} could not be told by mail: {about}"),
            Delivery::Canceled => {
                format!("{who} {verb} not told by mail, since it was canceled: {about}")
            }
        };
        let url = keeps.then(|| address(app, row.id, ""));
        Some(Self { at: row.changed_at, text, url })
    }
}

fn may_see(app: &App, caller: &SignedIn, id: UserId) -> bool {
    app.knowledge.person(id, caller.member.acquaintance()).is_some()
}
