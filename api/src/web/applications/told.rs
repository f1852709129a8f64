//! Who was told of an application by mail, as far as somebody may know.

use briefing::Rules;
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
        listing::{Filter, From, Query, Readers, Trials},
    },
    views::ViewsError,
};
use store::{Position, StreamName};

use super::{SignedIn, describe::person};
use crate::{
    app::App,
    web::emails::deliveries::{To, address, occasion},
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
        rules: &Rules,
        caller: &SignedIn,
        id: ApplicationId,
        at_most: u32,
    ) -> Result<Self, ViewsError> {
        let views = app.projections.views();
        let live = views.live(Notifications::IDENTITY).await?;
        let filter = Filter {
            subject: Some(StreamName::of::<Application>(&id)),
            readers: readers(app, caller),
            trials: Trials::LeftOut,
            ..Filter::default()
        };
        let page = views.letters(&Query { filter, from: From::Start, limit: at_most }).await?;
        let seen = |row| Letter::seen(app, rules, caller, row);
        Ok(Self {
            newest: page.rows.iter().filter_map(seen).collect(),
            more: page.next.is_some(),
            as_of: live.map_or(Position::START, |live| live.checkpoint.position),
        })
    }
}

/// Of whom the caller may know that they were told. Of somebody without account only those know who look after letters.
fn readers(app: &App, caller: &SignedIn) -> Readers {
    let member = &caller.member;
    if member.may_do(Deed::KeepNotifications) {
        return Readers::Anybody;
    }
    match member.acquaintance() {
        Acquaintance::OnlyOneself => Readers::One(member.user),
        Acquaintance::Organization(id) => {
            let members = app.knowledge.organization(id).map(|it| it.members).unwrap_or_default();
            Readers::Among(members.into_keys().chain([member.user]).collect())
        }
        Acquaintance::Everybody => Readers::WithAccount,
    }
}

impl Letter {
    /// `None` where the recipient may not be seen any more.
    fn seen(app: &App, rules: &Rules, caller: &SignedIn, row: &Row) -> Option<Self> {
        let keeps = caller.member.may_do(Deed::KeepNotifications);
        let (who, verb) = match row.request.recipient {
            Recipient::User(id) if id == caller.member.user => ("You".to_owned(), "were"),
            Recipient::User(id) => (may_see(app, caller, id).then(|| person(app, id))?, "was"),
            Recipient::Address(_) if keeps => (To::of(app, rules, &row.request).words(), "was"),
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
