//! A house in which people work: its projector and its knowledge run beside the pages, as they do when it serves.

use std::{ops::Deref, sync::Arc, time::Duration};

use api::{App, scopes::Catalogue};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use commands::{
    Permit,
    applications::{Created, NewApplication},
    notifications::NewRule,
    organizations::Change,
    password::Password,
    users::NewUser,
};
use domain::{
    ApplicationId, EmailTemplateId, NotificationRuleId, OrganizationId, Scope, UserId,
    application::Settings,
    authority::{Belonging, Role},
    email_template::TemplateName,
    name::{ApplicationName, OrganizationName, UserName},
    notification_rule::RuleName,
    user::{DisplayName, Email, Locale},
};
use projections::{
    saved_views::{Keeping, SavedView, SavedViewId, SavedViewName, Sharing},
    state::Session,
};
use store::{Categories, Position, RecordedEvent};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    browser::Browser,
    support::{FRESHNESS, House, KeysAtStart, Shelves, Wishes},
};

pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// Where browsers find it, so that cookies are plain.
pub(crate) const PLAIN: &str = "http://oathbook.test";

pub(crate) struct Office {
    house: House,
    _running: DropGuard,
}

impl Deref for Office {
    type Target = House;

    fn deref(&self) -> &House {
        &self.house
    }
}

impl Office {
    pub(crate) async fn new() -> Self {
        Self::at(PLAIN, KeysAtStart::Present).await
    }

    pub(crate) async fn at(public_url: &'static str, keys: KeysAtStart) -> Self {
        Self::with(Self::wishes(public_url, keys)).await
    }

    pub(crate) async fn with(wishes: Wishes) -> Self {
        let house = House::with(wishes).await;
        let running = CancellationToken::new();
        let (app, log) = (house.app.clone(), house.app.commands.log.clone());
        tokio::spawn(app.knowledge.clone().follow(log, FRESHNESS, running.clone()));
        tokio::spawn(app.projections.clone().run(running.clone()));
        Self { house, _running: running.drop_guard() }
    }

    /// One that learns nothing by itself.
    pub(crate) async fn at_rest() -> Self {
        let house = House::with(Self::wishes(PLAIN, KeysAtStart::Present)).await;
        Self { house, _running: CancellationToken::new().drop_guard() }
    }

    pub(crate) fn wishes(public_url: &'static str, keys: KeysAtStart) -> Wishes {
        let audience = vec![public_url.to_owned()];
        let orders = Scope::parse("orders:read").expect("a scope");
        let scopes = Catalogue::with([(orders, "See orders in the warehouse".to_owned())]);
        let shelves = Shelves::Sqlite;
        Wishes { public_url, audience, keys, shelves, scopes, ..Wishes::default() }
    }

    pub(crate) fn app(&self) -> &App {
        &self.house.app
    }

    /// A browser in which nobody is signed in.
    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser::new(&self.house)
    }

    /// A browser in which somebody has signed in, without the form.
    pub(crate) async fn signed_in(
        &self,
        user: UserId,
        organization: OrganizationId,
    ) -> Browser<'_> {
        let id = self.session(user, organization).await;
        let mut browser = self.browser();
        browser.keep("oathbook_session", &id);
        let me = browser.get("/me").await;
        assert_eq!(me.status, 200, "{}", me.text());
        browser
    }

    pub(crate) async fn ada(&self) -> Browser<'_> {
        self.signed_in(self.ada, self.acme).await
    }

    /// Begins a session and tells its id.
    pub(crate) async fn session(&self, user: UserId, organization: OrganizationId) -> String {
        let mut id = [0; 32];
        self.app().commands.entropy.fill(&mut id);
        let id = URL_SAFE_NO_PAD.encode(id);
        let now = self.app().commands.clock.now();
        let session = Session {
            id_hash: hash_of(&id),
            user,
            organization,
            created_at: now,
            seen_at: now,
            device: None,
            user_revision: self.app().knowledge.user(user).expect("a user").revision,
        };
        self.app().state.keep_session(&session).await.expect("a session");
        id
    }

    pub(crate) async fn kept_session(&self, id: &str) -> Option<Session> {
        self.app().state.session(hash_of(id)).await.expect("a state")
    }

    pub(crate) async fn set_password(&self, user: UserId, password: &str) {
        let password = Password::parse(password).expect("a password");
        let entropy = &*self.app().commands.entropy;
        let hash = self.app().passwords.hash(password, entropy).await.expect("a hash");
        let scribe = self.app().commands.as_operator();
        let done = scribe.set_password(&Permit::operator(), user, hash).await;
        self.settled(done.expect("a password").position).await;
    }

    pub(crate) async fn organization(&self, name: &str) -> OrganizationId {
        let name = OrganizationName::parse(name).expect("a name");
        let scribe = self.app().commands.as_operator();
        let made = scribe.register_organization(&Permit::operator(), name).await;
        let (id, position) = made.expect("an organization");
        self.settled(position).await;
        id
    }

    pub(crate) async fn change(&self, organization: OrganizationId, change: Change) {
        let scribe = self.app().commands.as_operator();
        let done = scribe.change_organization(&Permit::operator(), organization, change).await;
        self.settled(done.expect("a change").position).await;
    }

    /// Somebody who belongs nowhere yet.
    pub(crate) async fn person(&self, name: &str) -> UserId {
        let new = NewUser {
            user_name: UserName::parse(name).expect("a name"),
            display_name: DisplayName::parse(&format!("{name} the tester")).expect("a name"),
            email: Email::parse(&format!("{}@acme.test", name.replace(['<', '>'], "")))
                .expect("an address"),
            locale: Locale::parse("en").expect("a locale"),
        };
        let scribe = self.app().commands.as_operator();
        let (id, position) =
            scribe.register_user(&Permit::operator(), new).await.expect("a person");
        self.settled(position).await;
        id
    }

    pub(crate) async fn admit(&self, organization: OrganizationId, user: UserId, role: Role) {
        let scribe = self.app().commands.as_operator();
        let done = scribe.admit(&Permit::operator(), organization, user, role).await;
        self.settled(done.expect("a member").position).await;
    }

    pub(crate) async fn dismiss(&self, organization: OrganizationId, user: UserId) {
        let scribe = self.app().commands.as_operator();
        let done = scribe.dismiss(&Permit::operator(), organization, user).await;
        self.settled(done.expect("a former member").position).await;
    }

    pub(crate) async fn colleague(&self, name: &str, role: Role) -> UserId {
        let user = self.person(name).await;
        self.admit(self.acme, user, role).await;
        user
    }

    /// As the node knows them.
    pub(crate) fn user(&self, name: &str) -> projections::directory::User {
        let mut all = self.app().knowledge.users().into_iter();
        all.find(|user| user.user_name.as_open() == Some(name)).expect("a user")
    }

    pub(crate) fn role(&self, organization: OrganizationId, user: UserId) -> Option<Role> {
        let organization = self.app().knowledge.organization(organization);
        organization.expect("an organization").members.get(&user).copied()
    }

    pub(crate) async fn register(
        &self,
        owner: UserId,
        organization: OrganizationId,
        name: &str,
    ) -> Created {
        let new = NewApplication {
            belonging: Belonging { organization, owner },
            name: ApplicationName::parse(name).expect("a name"),
            active: true,
            settings: Settings::default(),
        };
        let scribe = self.app().commands.as_operator();
        let created = scribe.create_application(&Permit::operator(), new).await;
        let created = created.expect("an application");
        self.settled(created.position).await;
        created
    }

    /// A rule about applications that are created.
    pub(crate) async fn rule(&self, name: &str) -> NotificationRuleId {
        let name = RuleName::parse(name).expect("a name");
        let mut rule = briefing::blank_rule(name, "application_created".to_owned());
        rule.recipients.owner = true;
        let scribe = self.app().commands.as_operator();
        let made = scribe.create_rule(&Permit::operator(), NewRule::of(rule)).await;
        made.expect("a rule").0
    }

    /// A view of the grid that is shared with the organization.
    pub(crate) async fn save_view(
        &self,
        owner: UserId,
        organization: OrganizationId,
        name: &str,
        query: &str,
    ) -> SavedViewId {
        let view = SavedView {
            id: SavedViewId::new(self.app().commands.mint()),
            owner,
            organization,
            name: SavedViewName::parse(name).expect("a name"),
            sharing: Sharing::Organization,
            query: query.to_owned(),
            changed_at: self.app().commands.clock.now(),
        };
        let kept = self.app().state.keep_saved_view(&view).await.expect("a state");
        assert_eq!(kept, Keeping::Kept);
        view.id
    }

    /// A template of one's own about new applications, in the words that are shipped.
    pub(crate) async fn template(&self) -> EmailTemplateId {
        let occasion = letters::occasion("application_created").expect("an occasion");
        let words = letters::shipped_locales()
            .map(|locale| (locale.clone(), letters::shipped(occasion, &locale).expect("words")));
        let name = TemplateName::parse("Ours").expect("a name");
        let scribe = self.app().commands.as_operator();
        let made =
            scribe.create_template(&Permit::operator(), name, occasion.name, words.collect()).await;
        made.expect("a template").0
    }

    pub(crate) async fn delete(&self, id: ApplicationId) {
        let scribe = self.app().commands.as_operator();
        let done = scribe.delete_application(&Permit::operator(), id).await;
        self.settled(done.expect("a deleted application").position).await;
    }

    async fn settled(&self, position: Position) {
        assert!(self.app().settled(position).await, "nothing is shown yet");
    }

    /// How far the log has grown.
    pub(crate) async fn head(&self) -> Position {
        self.app().commands.log.store().head().await.expect("the head of the log")
    }

    /// The events written since.
    pub(crate) async fn written_since(&self, position: Position) -> Vec<RecordedEvent> {
        let store = self.app().commands.log.store();
        store
            .read_all(position, &Categories::of(domain::Category::ALL), 100)
            .await
            .expect("a log")
            .events
    }

    /// The tags of events about applications that were written since.
    pub(crate) async fn tags_since(&self, position: Position) -> Vec<String> {
        let written = self.written_since(position).await;
        let about_applications =
            written.into_iter().filter(|it| it.stream.category() == "application");
        about_applications.map(|event| event.tag).collect()
    }

    /// The application, unless it was deleted.
    pub(crate) fn row(&self, id: ApplicationId) -> Option<Arc<projections::applications::Row>> {
        let row = self.app().knowledge.application(id).map(|entry| entry.row);
        row.filter(|row| row.deleted.is_none())
    }

    /// Lets time pass, and the node read the log again.
    pub(crate) async fn wait(&self, time: Duration) {
        self.clock.advance(time);
        self.settle_knowledge().await;
    }

    async fn settle_knowledge(&self) {
        let log = &self.app().commands.log;
        self.app().knowledge.read_to_head(log).await.expect("the head of the log");
    }
}

fn hash_of(id: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, id.as_bytes()).as_ref());
    hash
}
