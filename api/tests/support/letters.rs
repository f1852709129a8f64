//! Letters in a house without notifier: asked for, and brought on their way by hand.

use commands::{Permit, notifications::NewRule};
use domain::{
    ApplicationId, EmailTemplateId, EventId, NotificationId, NotificationRuleId, UserId,
    application::Application,
    notification::{self, Notification, Recipient, Request},
    notification_rule::{Filter, NotificationRule, Recipients, Rule, RuleName},
    user::{Email, Locale},
};
use store::StreamName;

use crate::support::House;

impl House {
    /// Asks for a letter about the application, or about one that nobody knows.
    pub(crate) async fn letter(
        &self,
        recipient: Recipient,
        about: Option<ApplicationId>,
    ) -> NotificationId {
        let rule = NotificationRuleId::shipped("application_created");
        self.letter_of(rule, recipient, about).await
    }

    /// The same, asked for by some rule.
    pub(crate) async fn letter_of(
        &self,
        rule: NotificationRuleId,
        recipient: Recipient,
        about: Option<ApplicationId>,
    ) -> NotificationId {
        let about = about.unwrap_or_else(|| ApplicationId::new(self.app.commands.mint()));
        self.ask_for(self.request(rule, recipient, about)).await
    }

    /// Somebody tries the template on what happened to the application.
    pub(crate) async fn test_letter(&self, reader: UserId, about: ApplicationId) -> NotificationId {
        let rule = NotificationRuleId::shipped("application_created");
        let request = self.request(rule, Recipient::User(reader), about);
        self.ask_for(Request { test: Locale::parse("en").ok(), ..request }).await
    }

    fn request(
        &self,
        rule: NotificationRuleId,
        recipient: Recipient,
        about: ApplicationId,
    ) -> Request {
        Request {
            occasion: "application_created".to_owned(),
            event: EventId::new(self.app.commands.mint()),
            stream: StreamName::of::<Application>(&about).to_string(),
            rule,
            template: EmailTemplateId::shipped("oauth_application_created"),
            recipient,
            about: None,
            daily: false,
            test: None,
        }
    }

    async fn ask_for(&self, request: Request) -> NotificationId {
        let id = NotificationId::new(self.app.commands.mint());
        self.deliver(id, notification::Command::Request { request, not_before: None }).await;
        id
    }

    /// A rule that tells somebody without account, and the letter that it asks for.
    pub(crate) async fn letter_to(&self, address: &str) -> NotificationId {
        let (rule, recipient) = self.partner(address).await;
        self.letter_of(rule, recipient, None).await
    }

    /// Somebody without account, and the rule that names them.
    pub(crate) async fn partner(&self, address: &str) -> (NotificationRuleId, Recipient) {
        let rule = Rule {
            name: RuleName::parse("Tell the partner").expect("a name"),
            occasion: "application_created".to_owned(),
            filter: Filter::default(),
            template: EmailTemplateId::shipped("oauth_application_created"),
            recipients: Recipients::default(),
            active: true,
            days: None,
        };
        let new = NewRule { rule, addresses: vec![Email::parse(address).expect("an address")] };
        let scribe = self.app.commands.as_operator();
        let (id, _) = scribe.create_rule(&Permit::operator(), new).await.expect("a rule");
        let state = self.app.commands.log.history::<NotificationRule>(&id).await;
        let state = state.expect("a rule").state;
        let known = &state.current(None).expect("a rule").recipients.addresses;
        (id, Recipient::Address(known[0].id))
    }

    /// Does what a worker does to a letter.
    pub(crate) async fn deliver(&self, id: NotificationId, command: notification::Command) {
        let scribe = self.app.commands.as_system(self.app.commands.mint());
        scribe.handle::<Notification>(&id, command).await.expect("a letter on its way");
        self.settle().await;
    }

    /// The letter is sent, or abandoned, by the first attempt.
    pub(crate) async fn attempt(&self, id: NotificationId, outcome: notification::Command) {
        let (worker, at) = (self.app.commands.mint(), self.app.commands.clock.now());
        self.deliver(id, notification::Command::Attempt { worker, at }).await;
        self.deliver(id, outcome).await;
    }
}
