//! Who is told of what, in which words: rules, templates and preferences, from the fact to the mail.

mod support;

use std::{
    collections::BTreeSet, fs, os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc,
    time::Duration,
};

use commands::{
    Commands, Origin, Permit,
    applications::NewApplication,
    notifications::{NewRule, Test},
    password::{Password, Passwords},
    users::NewUser,
};
use domain::{
    ApplicationId, Category, EmailTemplateId, Event, NotificationId, NotificationRuleId,
    OrganizationId, Timestamp, UserId,
    application::{Application, Changes, Contact, Description, Homepage, Settings},
    authority::{Belonging, Role},
    email_template::{Source, TemplateName},
    name::{ApplicationName, OrganizationName, UserName},
    notification::{self, Notification, Recipient, Request},
    notification_preference::Pace,
    notification_rule::{Recipients, Rule, RuleName},
    user::{DisplayName, Email, Locale},
};
use oathbook::{
    compose::{House, SystemClock},
    config::{Config, Engine, Flags},
    server::Server,
};
use projections::{
    Checkpoint,
    projector::Status,
    views::{Pace as RebuildPace, Progress, Work},
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use store::{Actor, Categories, Clock, Position, limits};
use support::{Browser, Site};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle, time::Instant};

const PATIENCE: Duration = Duration::from_mins(1);

/// A server with an organization, a manager called Grace, and Ada, who owns applications and reads German.
struct Office {
    folder: TempDir,
    config: Config,
    house: House,
    organization: OrganizationId,
    ada: UserId,
    grace: UserId,
    serving: Option<Serving>,
}

struct Serving {
    url: String,
    stop: oneshot::Sender<()>,
    server: JoinHandle<anyhow::Result<()>>,
}

/// The machine's clock, so long ago.
#[derive(Debug)]
struct Ago(Duration);

impl Clock for Ago {
    fn now(&self) -> Timestamp {
        SystemClock.now().minus(self.0)
    }

    fn since_boot(&self) -> Duration {
        SystemClock.since_boot()
    }
}

impl Site for Office {
    fn url(&self, path: &str) -> String {
        let serving = self.serving.as_ref().expect("a server");
        format!("{}{path}", serving.url.trim_end_matches('/'))
    }
}

fn operator() -> Permit {
    Permit::operator()
}

fn locale(tag: &str) -> Locale {
    Locale::parse(tag).expect("a locale")
}

async fn person(commands: &Commands, name: &str, tag: &str) -> UserId {
    let person = NewUser {
        user_name: UserName::parse(name).expect("a name"),
        display_name: DisplayName::parse(&format!("{name} Example")).expect("a name"),
        email: Email::parse(&format!("{name}@example.com")).expect("an address"),
        locale: locale(tag),
    };
    commands.as_operator().register_user(&operator(), person).await.expect("an account").0
}

impl Office {
    async fn open() -> Self {
        let mut office = Self::furnished().await;
        office.serve().await;
        office
    }

    /// One in which nobody serves yet.
    async fn furnished() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let flags = Flags { config: None, listen: Some("127.0.0.1:0".to_owned()), roles: None };
        let config = Config::load(&flags, [], folder.path()).expect("a configuration").config;
        let house = House::open(&config).await.expect("a house");
        let commands = &house.commands;
        let name = OrganizationName::parse("Acme").expect("a name");
        let organization =
            commands.as_operator().register_organization(&operator(), name).await.expect("it").0;
        let (ada, grace) =
            (person(commands, "ada", "de-AT").await, person(commands, "grace", "en").await);
        for (user, role) in [(ada, Role::Member), (grace, Role::Manager)] {
            let scribe = commands.as_operator();
            scribe.admit(&operator(), organization, user, role).await.expect("a member");
        }
        Self { folder, config, house, organization, ada, grace, serving: None }
    }

    /// Once in a process, because it counts for all of it.
    async fn serve(&mut self) {
        let (stop, stopped) = oneshot::channel::<()>();
        let server = Server::bind(self.house.clone(), &self.config).await.expect("a server");
        let url = server.public_url().to_string();
        let server = tokio::spawn(server.run(async {
            stopped.await.ok();
        }));
        self.serving = Some(Serving { url, stop, server });
    }

    /// Grace does something.
    fn grace(&self) -> commands::Scribe {
        let actor = Actor::User { id: self.grace };
        self.house.commands.on_behalf_of(Origin::of(actor, self.house.commands.mint()))
    }

    async fn add(&self, name: &str) -> ApplicationId {
        self.add_as(&self.grace(), name).await
    }

    async fn add_as(&self, scribe: &commands::Scribe, name: &str) -> ApplicationId {
        let new = NewApplication {
            belonging: Belonging { organization: self.organization, owner: self.ada },
            name: ApplicationName::parse(name).expect("a name"),
            active: true,
            settings: Settings::default(),
        };
        scribe.create_application(&operator(), new).await.expect("an application").id
    }

    async fn rename(&self, id: ApplicationId, name: &str) {
        let name = ApplicationName::parse(name).expect("a name");
        self.grace().rename_application(&operator(), id, name).await.expect("another name");
    }

    async fn change(&self, id: NotificationRuleId, rule: Rule, addresses: &[&str]) {
        let shipped = briefing::shipped_rules().find(|(shipped, _)| *shipped == id);
        let addresses =
            addresses.iter().map(|text| Email::parse(text).expect("an address")).collect();
        let (new, shipped) = (NewRule { rule, addresses }, shipped.map(|(_, rule)| rule));
        self.grace().change_rule(&operator(), id, new, shipped).await.expect("another rule");
    }

    /// Switches the shipped rule about the occasion on, for these recipients.
    async fn tell(&self, occasion: &str, recipients: Recipients, addresses: &[&str]) {
        let id = NotificationRuleId::shipped(occasion);
        let (_, rule) =
            briefing::shipped_rules().find(|(shipped, _)| *shipped == id).expect("a rule");
        self.change(id, Rule { recipients, active: true, ..rule }, addresses).await;
    }

    /// Every letter that was asked for, in order.
    async fn requests(&self) -> Vec<(NotificationId, Request)> {
        let log = &self.house.commands.log;
        let categories = Categories::of(&[Category::Notification]);
        let batch = log.store().read_all(Position::START, &categories, limits::EVENTS).await;
        let mut found = vec![];
        for event in batch.expect("a log").events {
            let recorded = log.decode(&event).await.expect("an event");
            if let Event::Notification(notification::Event::Requested { request, .. }) =
                recorded.event
            {
                found.push((recorded.stream.id().parse().expect("an id"), request));
            }
        }
        found
    }

    /// The letters once there are so many.
    async fn letters(&self, count: usize) -> Vec<Request> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let requests = self.requests().await;
            if requests.len() >= count {
                assert_eq!(requests.len(), count, "{requests:?}");
                return requests.into_iter().map(|(_, request)| request).collect();
            }
            assert!(Instant::now() < deadline, "{count} letters, but {requests:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn mailbox(&self) -> PathBuf {
        self.folder.path().join("var/mail")
    }

    /// The mails, as soon as there are so many, decoded far enough to be read.
    async fn mails(&self, count: usize) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let entries = fs::read_dir(self.mailbox()).into_iter().flatten().flatten();
            let finished = entries.filter(|it| it.path().extension().is_some_and(|it| it == "eml"));
            let mails: Vec<_> =
                finished.filter_map(|entry| fs::read_to_string(entry.path()).ok()).collect();
            if mails.len() >= count {
                assert_eq!(mails.len(), count, "{mails:#?}");
                return mails.iter().map(|mail| readable(mail)).collect();
            }
            assert!(Instant::now() < deadline, "{count} mails, but {mails:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn close(self) {
        let Serving { stop, server, .. } = self.serving.expect("a server");
        stop.send(()).ok();
        server.await.expect("a task").expect("a server that ends well");
    }
}

/// Soft line breaks joined, escaped bytes as they are (RFC 2045, 6.7).
fn readable(mail: &str) -> String {
    let joined = mail.replace("=\r\n", "");
    let mut bytes = vec![];
    let mut rest = joined.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let escaped = behind.get(..2).filter(|_| *first == b'=');
        let byte = escaped.and_then(|it| u8::from_str_radix(str::from_utf8(it).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn owner() -> Recipients {
    Recipients { owner: true, ..Recipients::default() }
}

#[tokio::test]
async fn owners_are_told_of_new_applications_in_their_language_and_of_nothing_else_at_first() {
    let office = Office::open().await;
    let id = office.add("Sync").await;
    office.rename(id, "Warehouse sync").await;
    let mails = office.mails(1).await;
    assert!(mails[0].contains("ada@example.com"), "{}", mails[0]);
    assert!(mails[0].contains("<html lang=\"de\">") && mails[0].contains("Sync"), "{}", mails[0]);
    office.rename(id, "Sync again").await;
    office.add("Second").await;
    let requests = office.letters(2).await;
    assert!(requests.iter().all(|request| request.occasion == "application_created"));
    office.close().await;
}

#[tokio::test]
async fn a_rule_tells_owner_role_user_and_address_once_each() {
    let office = Office::open().await;
    let id = office.add("Sync").await;
    office.letters(1).await;
    let recipients = Recipients {
        users: [office.grace].into(),
        roles: [Role::Manager, Role::Auditor].into(),
        ..owner()
    };
    let addresses = ["desk@example.org", "desk@example.org"];
    office.tell("application_renamed", recipients, &addresses).await;
    office.rename(id, "Warehouse sync").await;
    let requests = office.letters(4).await;
    let told: BTreeSet<_> = requests[1..].iter().map(|request| request.recipient).collect();
    assert!(told.contains(&Recipient::User(office.ada)));
    assert!(told.contains(&Recipient::User(office.grace)));
    let mails = office.mails(4).await;
    let to = |address: &str| mails.iter().filter(|mail| mail.contains(address)).count();
    assert_eq!((to("<desk@example.org>"), to("<grace@example.com>")), (1, 1), "{mails:#?}");
    let english = mails.iter().find(|mail| mail.contains("<grace@example.com>")).expect("hers");
    assert!(english.contains("is now named") && english.contains("you"), "{english}");
    office.close().await;
}

#[tokio::test]
async fn a_filter_keeps_out_what_is_not_meant() {
    let office = Office::open().await;
    let id = NotificationRuleId::shipped("application_renamed");
    let (_, rule) = briefing::shipped_rules().find(|(shipped, _)| *shipped == id).expect("a rule");
    let mut rule = Rule { active: true, ..rule };
    rule.filter.application_name = "SYNC".to_owned();
    rule.filter.organization = Some(office.organization);
    office.change(id, rule, &[]).await;
    let (one, other) = (office.add("Till").await, office.add("Warehouse").await);
    office.rename(one, "Till sync").await;
    office.rename(other, "Storehouse").await;
    office.add("Last").await;
    let requests = office.letters(4).await;
    let renamed: Vec<_> =
        requests.iter().filter(|it| it.occasion == "application_renamed").collect();
    assert_eq!(renamed.len(), 1);
    assert_eq!(renamed[0].stream, format!("application-{one}"));
    office.close().await;
}

/// Oro's own scenario: a template and a rule of one's own on update, with the owner as association.
#[tokio::test]
async fn a_rule_about_changes_says_oros_sentence() {
    let office = Office::open().await;
    let id = office.add("Sync").await;
    let words =
        "For {{entity.user.fullName}}. Grant Type: {{entity.grants}}. Scopes: {{entity.scopes}}.";
    let source = Source::parse("About {{application}}", words, &format!("<p>{words}</p>"));
    let source = source.expect("a source");
    let occasion = letters::occasion("application_changed").expect("an occasion");
    letters::check(occasion, &source).expect("it renders");
    let name = TemplateName::parse("Ours").expect("a name");
    let scribe = office.grace();
    let permit = operator();
    let words = [(locale("en"), source)].into();
    let created = scribe.create_template(&permit, name, occasion.name, words).await;
    let (template, _) = created.expect("a template");
    let rule = Rule {
        name: RuleName::parse("Ours").expect("a name"),
        occasion: occasion.name.to_owned(),
        filter: domain::notification_rule::Filter::default(),
        template,
        recipients: owner(),
        active: true,
        days: None,
    };
    let new = NewRule { rule, addresses: vec![] };
    office.grace().create_rule(&operator(), new).await.expect("a rule");
    let changes = Changes {
        description: Some(Description::parse("It syncs.").expect("it")),
        ..Changes::default()
    };
    office.grace().change_settings(&operator(), id, changes).await.expect("other settings");
    let mails = office.mails(2).await;
    let own = mails.iter().find(|mail| mail.contains("About Sync")).expect("the letter");
    let sentence = "For ada Example. Grant Type: Client Credentials. Scopes: all.";
    assert!(own.lines().any(|line| line == sentence), "{own}");
    office.close().await;
}

#[tokio::test]
async fn an_owner_reads_what_is_said_of_an_application_since_it_changed() {
    let office = Office::open().await;
    office.tell("application_changed", owner(), &[]).await;
    let id = office.add("Sync").await;
    let changes = Changes {
        contact: Some(Contact::parse("team@example.com").expect("an address")),
        homepage: Some(Homepage::parse("https://example.com/sync").expect("an address")),
        ..Changes::default()
    };
    office.grace().change_settings(&operator(), id, changes).await.expect("other settings");
    let mails = office.mails(2).await;
    let german = mails.iter().find(|mail| mail.contains("Kontaktadresse")).expect("the letter");
    assert!(german.contains("team@example.com") && german.contains("https://example.com/sync"));
    assert!(!german.contains("Beschreibung:"), "it has none: {german}");
    office.close().await;
}

#[tokio::test]
async fn shipped_words_are_replaced_for_one_language_and_come_back() {
    let office = Office::open().await;
    let id = EmailTemplateId::shipped("oauth_application_created");
    let german = locale("de");
    let source = Source::parse("Neu: {{application}}", "Servus {{recipient}}", "<p>Servus</p>");
    let source = source.expect("a source");
    let scribe = office.grace();
    scribe.customize_template(&operator(), id, german.clone(), source, true).await.expect("it");
    office.add("One").await;
    assert!(office.mails(1).await[0].contains("Servus"));
    office.grace().reset_template(&operator(), id, german).await.expect("it");
    office.add("Two").await;
    let mails = office.mails(2).await;
    assert_eq!(mails.iter().filter(|mail| mail.contains("Servus")).count(), 1, "{mails:#?}");
    office.close().await;
}

/// To oneself alone, in the words that are tried; without the link that only an invited person may have.
#[tokio::test]
async fn a_test_letter_says_so_and_tells_of_an_event_or_of_an_example() {
    let office = Office::open().await;
    let (german, scribe) = (locale("de"), office.grace());
    let template = EmailTemplateId::shipped("oauth_application_created");
    let test = Test { template, locale: &german, occasion: "application_created", event: None };
    scribe.test_template(&operator(), office.grace, test).await.expect("a letter");
    let mails = office.mails(1).await;
    assert!(mails[0].contains("<grace@example.com>"), "{}", mails[0]);
    assert!(mails[0].contains("Test: ") && mails[0].contains("Warehouse sync"), "{}", mails[0]);
    assert!(mails[0].contains("<html lang=\"de\">"), "{}", mails[0]);

    let zoe = NewUser {
        user_name: UserName::parse("zoe").expect("a name"),
        display_name: DisplayName::parse("Zoe").expect("a name"),
        email: Email::parse("zoe@example.com").expect("an address"),
        locale: locale("en"),
    };
    let (scribe, member) = (office.grace(), (office.organization, Role::Member));
    let invited = scribe.invite_user(&operator(), zoe, member, Duration::from_hours(1)).await;
    invited.expect("an invitation");
    let log = &office.house.commands.log;
    let invitations = letters::occasion("user_invited").expect("an occasion");
    let since = Timestamp::from_micros(0);
    let past = briefing::Past::of(log, invitations, since, briefing::Reach::PAGE).await;
    let event = past.expect("the past").events.remove(0);
    let template = EmailTemplateId::shipped("user_invited");
    let test = Test { template, locale: &german, occasion: "user_invited", event: Some(&event) };
    office.grace().test_template(&operator(), office.ada, test).await.expect("a letter");
    let mails = office.mails(3).await;
    let tried = mails.iter().find(|mail| mail.contains("<ada@example.com>")).expect("the test");
    assert!(tried.contains("/invitation/example"), "{tried}");
    assert!(!tried.replace("/invitation/example", "").contains("/invitation/"), "{tried}");
    office.close().await;
}

#[tokio::test]
async fn whoever_wants_no_letters_gets_those_about_security_alone() {
    let office = Office::open().await;
    let choose = |pace| {
        let scribe = office.grace();
        async move { scribe.choose_pace(&operator(), office.ada, pace).await.expect("a choice") }
    };
    choose(Pace::Off).await;
    office.tell("role_changed", owner(), &[]).await;
    office.add("Silent").await;
    let scribe = office.grace();
    scribe.admit(&operator(), office.organization, office.ada, Role::Manager).await.expect("it");
    let requests = office.letters(1).await;
    assert_eq!(requests[0].occasion, "role_changed");
    choose(Pace::Daily).await;
    office.add("Once a day").await;
    let requests = office.letters(2).await;
    assert!(requests[1].daily, "{requests:?}");
    choose(Pace::AtOnce).await;
    office.add("At once").await;
    assert!(!office.letters(3).await[2].daily);
    // The one for the mail of the day waits.
    office.mails(2).await;
    office.close().await;
}

#[tokio::test]
async fn accounts_made_on_the_command_line_are_nobodys_news() {
    let office = Office::open().await;
    for occasion in ["role_changed", "password_changed"] {
        office.tell(occasion, owner(), &[]).await;
    }
    let scribe = office.house.commands.as_operator();
    scribe.admit(&operator(), office.organization, office.ada, Role::Auditor).await.expect("it");
    let scribe = office.grace();
    scribe.admit(&operator(), office.organization, office.ada, Role::Member).await.expect("it");
    let requests = office.letters(1).await;
    assert_eq!(requests[0].recipient, Recipient::User(office.ada));
    office.close().await;
}

#[tokio::test]
async fn a_letter_that_is_wanted_again_is_another_message() {
    let office = Office::open().await;
    office.add("Sync").await;
    office.mails(1).await;
    let (id, _) = office.requests().await.remove(0);
    let deadline = Instant::now() + PATIENCE;
    // It can be sent again once it is recorded as sent, which is a moment after the mail is there.
    while let Err(failure) = office.grace().resend_notification(&operator(), id).await {
        assert!(Instant::now() < deadline, "{failure}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mails = office.mails(2).await;
    let ids: BTreeSet<_> = mails
        .iter()
        .filter_map(|mail| mail.lines().find(|it| it.starts_with("Message-ID")))
        .collect();
    assert_eq!(ids.len(), 2, "{mails:#?}");
    office.close().await;
}

#[tokio::test]
async fn an_owner_is_told_of_an_application_that_nobody_uses() {
    let mut office = Office::furnished().await;
    office.tell("application_unused", owner(), &[]).await;
    let now = office.house.commands.clone();
    let then = Commands { clock: Arc::new(Ago(Duration::from_hours(24 * 100))), ..now };
    let grace = then.on_behalf_of(Origin::of(Actor::User { id: office.grace }, then.mint()));
    office.add_as(&grace, "Forgotten").await;
    office.add("Used soon").await;
    office.serve().await;
    let requests = office.letters(3).await;
    let unused: Vec<_> = requests.iter().filter(|it| it.occasion == "application_unused").collect();
    assert_eq!(unused.len(), 1, "{requests:?}");
    let mails = office.mails(3).await;
    let mail = mails.iter().find(|mail| mail.contains("Tage unbenutzt")).expect("the letter");
    assert!(mail.contains("Forgotten") && mail.contains("nie"), "{mail}");
    office.close().await;
}

#[tokio::test]
async fn administrators_are_told_of_a_private_key_that_others_can_read() {
    let mut office = Office::furnished().await;
    let grace = Recipients { users: [office.grace].into(), ..Recipients::default() };
    office.tell("private_key_unsafe", grace, &[]).await;
    let key = &office.config.keys.private;
    fs::write(key, "not a key, but in its place").expect("written");
    fs::set_permissions(key, fs::Permissions::from_mode(0o644)).expect("a mode");
    office.serve().await;
    let mails = office.mails(1).await;
    assert!(mails[0].contains("oauth_private.key") && mails[0].contains("0644"), "{}", mails[0]);
    assert!(!mails[0].contains(&*office.folder.path().to_string_lossy()), "{}", mails[0]);
    office.close().await;
}

#[tokio::test]
async fn people_are_told_of_a_sign_in_from_a_network_they_were_not_in_before() {
    const PASSWORD: &str = "correct horse battery staple";
    let office = Office::open().await;
    office.tell("signed_in_from_network", owner(), &[]).await;
    let commands = &office.house.commands;
    let password = Password::parse(PASSWORD).expect("a password");
    let hash = Passwords::default().hash(password, &*commands.entropy).await.expect("a hash");
    let scribe = commands.as_operator();
    scribe.set_password(&operator(), office.grace, hash).await.expect("a password");
    for address in ["127.0.0.1", "127.0.0.2", "127.0.7.1", "127.0.7.2"] {
        let browser = Browser::at(address.parse().expect("an address"));
        support::eventually("signed in", async || {
            (browser.sign_in(&office, "grace", PASSWORD).await == 200).then_some(())
        })
        .await;
    }
    let mails = office.mails(1).await;
    assert!(mails[0].contains("<grace@example.com>") && mails[0].contains("127.0.7.1"));
    assert!(mails[0].contains("Agent-That-Must-Not-Be-Found"), "{}", mails[0]);
    office.close().await;
}

#[tokio::test]
async fn views_that_are_rebuilt_send_nothing() {
    let office = Office::open().await;
    office.add("Before").await;
    office.mails(1).await;
    let views = &office.house.views;
    for Status { name, .. } in office.house.projections.status().await.expect("projections") {
        let id =
            views.request_rebuild(name, Work::Rebuild(RebuildPace::Full)).await.expect("asked for");
        support::eventually(name, async || {
            let rebuild = views.rebuild(id).await.expect("views")?;
            matches!(rebuild.progress, Progress::Done { .. }).then_some(())
        })
        .await;
    }
    office.add("After").await;
    office.mails(2).await;
    office.letters(2).await;
    office.close().await;
}

#[tokio::test]
async fn a_log_that_the_state_knows_nothing_of_is_not_announced_unless_somebody_asks() {
    let mut office = Office::furnished().await;
    office.add("Long ago").await;
    let Engine::Sqlite(path) = &office.config.state else { panic!("a file") };
    let options = SqliteConnectOptions::new().filename(path);
    let mut state = SqliteConnection::connect_with(&options).await.expect("a state");
    sqlx::query("DELETE FROM listeners").execute(&mut state).await.expect("forgotten");
    office.house = House::open(&office.config).await.expect("a house");
    office.serve().await;
    office.add("Now").await;
    let mails = office.mails(1).await;
    assert!(mails[0].contains("Now") && !mails[0].contains("Long ago"), "{}", mails[0]);
    let House { commands, log_id, state, .. } = &office.house;
    // Beside a notifier that notes a place of its own it takes more than one attempt.
    support::eventually("the past is told", async || {
        let log = &commands.log;
        let asked = notifier::announce_behind(log, *log_id, &**state, Position::START).await;
        asked.expect("a place");
        (office.requests().await.len() > 1).then_some(())
    })
    .await;
    office.mails(2).await;
    office.letters(2).await;
    office.close().await;
}

#[tokio::test]
async fn a_log_that_was_founded_just_now_is_announced_from_its_beginning() {
    let mut office = Office::furnished().await;
    office.add("Before anybody served").await;
    office.house.close().await;
    office.house = House::open(&office.config).await.expect("a house");
    office.serve().await;
    office.letters(1).await;
    office.close().await;
}

/// Of the letters that are lost with the end of the log, those are asked for again whose occasions are not.
#[tokio::test]
async fn a_log_that_has_gone_back_goes_on_behind_its_last_letter() {
    let mut office = Office::furnished().await;
    let House { commands, log_id, state, .. } = &office.house;
    let digest = store::Digest([7; 32]);
    let ahead = Checkpoint { log: *log_id, position: Position::new(0, 5000), digest };
    let first = office.add("Told").await;
    let cause = commands.log.history::<Application>(&first).await.expect("a log").position;
    let request = Request {
        occasion: "application_created".to_owned(),
        event: commands.log.store().event_at(cause).await.expect("a log").expect("an event").id,
        stream: format!("application-{first}"),
        rule: NotificationRuleId::shipped("application_created"),
        template: EmailTemplateId::shipped("oauth_application_created"),
        recipient: Recipient::User(office.ada),
        daily: false,
        test: None,
        about: None,
    };
    let command = notification::Command::Request { request, not_before: None };
    let id = NotificationId::new(commands.mint());
    commands.as_operator().handle::<Notification>(&id, command).await.expect("a letter");
    office.add("Not told").await;
    state.advance_listener("announcer", ahead).await.expect("a place");
    office.serve().await;
    let letters = office.letters(2).await;
    let about = |id: ApplicationId| {
        letters.iter().filter(|it| it.stream == format!("application-{id}")).count()
    };
    assert_eq!(about(first), 1, "{letters:?}");
    office.close().await;
}
