//! A house with programs that work with it: its knowledge runs beside the routes, as it does when it serves.

use std::{ops::Deref, sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{Request, header},
};
use commands::{
    Permit,
    applications::{Created, NewApplication},
    notifications::NewRule,
    organizations::Change,
    users::NewUser,
};
use domain::{
    Category, EmailTemplateId, NotificationRuleId, OrganizationId, Scope, UserId,
    application::Settings,
    authority::{Belonging, Role},
    email_template::TemplateName,
    name::{ApplicationName, OrganizationName, UserName},
    notification_rule::RuleName,
    user::{DisplayName, Email, Locale},
};
use serde_json::Value;
use store::{Categories, Position, StreamName};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::support::{Answer, FRESHNESS, Fate, House, Shelves, Style, Wishes};

pub(crate) const JSON_API: &str = "application/vnd.api+json";
pub(crate) const APPLICATIONS: &str = "/api/oauthapplications";
pub(crate) const ALL_SCOPES: [&str; 9] = [
    "applications:read",
    "applications:write",
    "audit:read",
    "notifications:read",
    "notifications:write",
    "organizations:read",
    "organizations:write",
    "users:read",
    "users:write",
];

pub(crate) struct Desk {
    house: House,
    pub(crate) fate: Arc<Fate>,
    _running: DropGuard,
}

impl Deref for Desk {
    type Target = House;

    fn deref(&self) -> &House {
        &self.house
    }
}

/// A client with a token.
pub(crate) struct Program<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) created: Created,
    pub(crate) token: String,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self::with(Wishes::default()).await
    }

    pub(crate) async fn with(wishes: Wishes) -> Self {
        let fate = wishes.fate.clone();
        let house = House::with(Wishes { shelves: Shelves::Sqlite, ..wishes }).await;
        let running = CancellationToken::new();
        let (app, log) = (&house.app, house.app.commands.log.clone());
        tokio::spawn(app.knowledge.clone().follow(log, FRESHNESS, running.clone()));
        Self { house, fate, _running: running.drop_guard() }
    }

    /// A program of Ada's, who administers Acme.
    pub(crate) async fn program(&self, scopes: &[&str]) -> Program<'_> {
        self.program_of(self.ada, self.acme, scopes).await
    }

    pub(crate) async fn program_of(
        &self,
        owner: UserId,
        organization: OrganizationId,
        scopes: &[&str],
    ) -> Program<'_> {
        let belonging = Belonging { organization, owner };
        let created = self.register(belonging, "Program", scopes).await;
        let token = self.token(&created).await;
        Program { desk: self, created, token }
    }

    pub(crate) async fn token(&self, created: &Created) -> String {
        let (id, secret) = (created.client_id.as_str(), created.secret.expose());
        self.send(Style::BasicForm.request(id, secret, &[])).await.token()
    }

    pub(crate) async fn register(
        &self,
        belonging: Belonging,
        name: &str,
        scopes: &[&str],
    ) -> Created {
        let scopes = scopes.iter().map(|scope| Scope::parse(scope).expect("a scope")).collect();
        let new = NewApplication {
            belonging,
            name: ApplicationName::parse(name).expect("a name"),
            active: true,
            settings: Settings { scopes, ..Settings::default() },
        };
        let scribe = self.app.commands.as_operator();
        let created = scribe.create_application(&Permit::operator(), new).await;
        let created = created.expect("an application");
        self.known(created.position).await;
        created
    }

    /// A rule about applications that are created.
    pub(crate) async fn rule(&self, name: &str) -> NotificationRuleId {
        let name = RuleName::parse(name).expect("a name");
        let mut rule = briefing::blank_rule(name, "application_created".to_owned());
        rule.recipients.owner = true;
        let scribe = self.app.commands.as_operator();
        let made = scribe.create_rule(&Permit::operator(), NewRule::of(rule)).await;
        made.expect("a rule").0
    }

    /// A template of one's own about new applications, in the words that are shipped.
    pub(crate) async fn template(&self, name: &str) -> EmailTemplateId {
        let occasion = letters::occasion("application_created").expect("an occasion");
        let words = letters::shipped_locales()
            .map(|locale| (locale.clone(), letters::shipped(occasion, &locale).expect("words")));
        let name = TemplateName::parse(name).expect("a name");
        let (scribe, permit) = (self.app.commands.as_operator(), Permit::operator());
        let made = scribe.create_template(&permit, name, occasion.name, words.collect()).await;
        made.expect("a template").0
    }

    pub(crate) async fn colleague(&self, name: &str, role: Role) -> UserId {
        let user = self.person(name).await;
        self.admit(self.acme, user, role).await;
        user
    }

    pub(crate) async fn person(&self, name: &str) -> UserId {
        let new = NewUser {
            user_name: UserName::parse(name).expect("a name"),
            display_name: DisplayName::parse(&format!("{name} the tester")).expect("a name"),
            email: Email::parse(&format!("{name}@acme.test")).expect("an address"),
            locale: Locale::parse("en").expect("a locale"),
        };
        let scribe = self.app.commands.as_operator();
        let (id, position) =
            scribe.register_user(&Permit::operator(), new).await.expect("a person");
        self.known(position).await;
        id
    }

    pub(crate) async fn organization(&self, name: &str) -> OrganizationId {
        let name = OrganizationName::parse(name).expect("a name");
        let scribe = self.app.commands.as_operator();
        let made = scribe.register_organization(&Permit::operator(), name).await;
        let (id, position) = made.expect("an organization");
        self.known(position).await;
        id
    }

    pub(crate) async fn admit(&self, organization: OrganizationId, user: UserId, role: Role) {
        let scribe = self.app.commands.as_operator();
        let done = scribe.admit(&Permit::operator(), organization, user, role).await;
        self.known(done.expect("a member").position).await;
    }

    pub(crate) async fn change(&self, organization: OrganizationId, change: Change) {
        let scribe = self.app.commands.as_operator();
        let done = scribe.change_organization(&Permit::operator(), organization, change).await;
        self.known(done.expect("a change").position).await;
    }

    async fn known(&self, _: Position) {
        let log = &self.app.commands.log;
        self.app.knowledge.read_to_head(log).await.expect("the head of the log");
    }

    /// The node dies when it has written to a stream of the category, before it can answer. Later there is another one.
    pub(crate) async fn lost(&self, category: Category, request: impl Future<Output = Answer>) {
        *self.fate.fatal.lock() = Some(category);
        tokio::select! {
            answer = request => panic!("nobody died: {answer:?}"),
            () = self.fate.died.notified() => {}
        }
        self.clock.advance(Duration::from_mins(1));
        self.settle().await;
    }

    /// What was written behind the position, as stream and command.
    pub(crate) async fn written_behind(&self, position: Position) -> Vec<(StreamName, Uuid)> {
        let log = &self.app.commands.log;
        let batch = log.store().read_all(position, &Categories::All, 100).await.expect("events");
        let mut written = Vec::new();
        for event in batch.events {
            let recorded = log.decode(&event).await.expect("a readable event");
            written.push((recorded.stream, recorded.metadata.command));
        }
        written
    }

    pub(crate) async fn head(&self) -> Position {
        self.app.commands.log.store().head().await.expect("the head of the log")
    }
}

impl Program<'_> {
    /// In whose name it works.
    pub(crate) fn owner(&self) -> UserId {
        let entry = self.desk.app.knowledge.application(self.created.id);
        entry.expect("an application").row.owner
    }

    pub(crate) fn id(&self) -> String {
        self.created.id.to_string()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, &[], Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::ACCEPT, JSON_API);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, JSON_API);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.desk.send(request.body(body).expect("a request")).await
    }

    /// Registers an application through the API, and tells its document.
    pub(crate) async fn make(&self, name: &str) -> Value {
        let answer = self.post(APPLICATIONS, &new_application(name)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }
}

pub(crate) fn new_application(name: &str) -> Value {
    serde_json::json!({
        "data": { "type": "oauthapplications", "attributes": { "name": name } },
    })
}

/// A change of attributes.
pub(crate) fn change(id: &str, attributes: Value) -> Value {
    serde_json::json!({
        "data": { "type": "oauthapplications", "id": id, "attributes": attributes },
    })
}

pub(crate) fn address(id: &str) -> String {
    format!("{APPLICATIONS}/{id}")
}

/// Status, code and source of each error.
pub(crate) fn errors(answer: &Answer) -> Vec<(String, String, Value)> {
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    assert!(!errors.is_empty(), "{answer:?}");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    errors
        .iter()
        .map(|error| (text(&error["status"]), text(&error["code"]), error["source"].clone()))
        .collect()
}

/// The code of the only error.
pub(crate) fn code(answer: &Answer) -> (u16, String) {
    let errors = errors(answer);
    assert_eq!(errors.len(), 1, "{answer:?}");
    assert_eq!(errors[0].0, answer.status.as_str());
    assert_eq!(answer.header("content-type"), Some(JSON_API));
    (answer.status.as_u16(), errors[0].1.clone())
}

/// One attribute of every resource of a list.
pub(crate) fn names(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let data = answer.json()["data"].as_array().expect("a list").clone();
    data.iter().map(|it| it["attributes"]["name"].as_str().expect("a name").to_owned()).collect()
}
