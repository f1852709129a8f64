use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

/// A working directory, what stands in it, and what the process was started with.
struct Start {
    directory: TempDir,
    variables: Vec<(OsString, OsString)>,
    flags: Flags,
}

fn start() -> Start {
    let directory = tempfile::tempdir().unwrap();
    Start { directory, variables: Vec::new(), flags: Flags::default() }
}

impl Start {
    fn file(self, text: &str) -> Self {
        self.file_at("config.yml", text)
    }

    fn file_at(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    fn listen(mut self, address: &str) -> Self {
        self.flags.listen = Some(address.to_owned());
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn load(&self) -> Result<Loaded, ConfigError> {
        Config::load(&self.flags, self.variables.clone(), self.directory.path())
    }

    fn loaded(&self) -> Loaded {
        self.load().unwrap_or_else(|error| panic!("{error}"))
    }

    fn config(&self) -> Config {
        self.loaded().config
    }

    fn refusal(&self) -> String {
        self.load().expect_err("the configuration is refused").to_string()
    }

    fn row(&self, key: &str) -> (String, String) {
        let loaded = self.loaded();
        let row = loaded.show().iter().find(|row| row.key == key).expect("the key is shown");
        (row.value.clone(), row.origin.clone())
    }
}

#[test]
fn without_any_source_the_defaults_hold() {
    let start = start();
    let config = start.config();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.var, start.path("var"));
    assert_eq!(config.installation_key(), start.path("var/installation.key"));
    assert_eq!(config.keys.private, start.path("var/oauth_private.key"));
    assert_eq!(config.events, Engine::Sqlite(start.path("var/events.db")));
    assert_eq!(config.tokens.lifetime, Duration::from_hours(1));
    assert_eq!(config.tokens.freshness, Duration::from_secs(1));
    assert_eq!(config.mail.from.to_string(), "Oathbook <oathbook@localhost>");
    assert_eq!(config.mail.authorities, None);
    assert_eq!(
        config.mail.transport.to_string(),
        format!("file:{}", start.path("var/mail").display())
    );
    assert_eq!(config.cors.preflight_max_age, Duration::from_mins(10));
    assert!(!config.keys.allow_world_readable);
    assert_eq!(start.loaded().file, None);
}

#[test]
fn deleted_applications_can_be_restored_for_a_time_or_never() {
    let read = |value| {
        let start = start().variable("OATHBOOK_APPLICATIONS__RESTORABLE_FOR", value);
        start.load().map(|loaded| loaded.config.applications.restorable_for)
    };
    assert_eq!(start().config().applications.restorable_for, 30 * Duration::from_hours(24));
    assert_eq!(read("0").ok(), Some(Duration::ZERO));
    assert_eq!(read("12h").ok(), Some(Duration::from_hours(12)));
    let file = start().file("applications:\n  restorable_for: 0\n");
    assert_eq!(file.config().applications.restorable_for, Duration::ZERO);
    for wrong in ["1", "30", "1s", "forever", "4000d"] {
        assert!(read(wrong).is_err_and(|it| it.to_string().contains("must be 0, or")), "{wrong}");
    }
}

#[test]
fn proxies_are_trusted_by_address_and_by_network() {
    let file = start().file("trusted_proxies: [10.1.0.0/16, 192.0.2.7, \"fd00::/8\"]\n");
    assert_eq!(file.row("trusted_proxies").0, "10.1.0.0/16,192.0.2.7/32,fd00::/8");
}

#[test]
fn every_key_is_read_once_and_in_the_order_of_the_table() {
    let shown: Vec<_> = start().loaded().show().iter().map(|row| row.key).collect();
    let known: Vec<_> = keys::ALL.iter().map(|key| key.name).collect();
    assert_eq!(shown, known);
}

#[test]
fn file_variable_and_flag_win_over_each_other_in_this_order() {
    let start = start().file("# ours\nlisten: 127.0.0.1:1\n");
    assert_eq!(start.row("listen"), ("127.0.0.1:1".to_owned(), "config.yml:2".to_owned()));
    let start = start.variable("OATHBOOK_LISTEN", "127.0.0.1:2");
    assert_eq!(start.row("listen"), ("127.0.0.1:2".to_owned(), "OATHBOOK_LISTEN".to_owned()));
    let start = start.listen("127.0.0.1:3");
    assert_eq!(start.row("listen"), ("127.0.0.1:3".to_owned(), "--listen".to_owned()));
    assert_eq!(start.row("log.level"), ("info".to_owned(), "default".to_owned()));
}

#[test]
fn a_flag_names_the_file_before_the_variable_does() {
    let mut start = start()
        .file("listen: 127.0.0.1:1")
        .file_at("a.yml", "listen: 127.0.0.1:2")
        .file_at("b.yml", "listen: 127.0.0.1:3")
        .variable("OATHBOOK_CONFIG", "a.yml");
    assert_eq!(start.row("listen").0, "127.0.0.1:2");
    start.flags.config = Some("b.yml".into());
    assert_eq!(start.row("listen"), ("127.0.0.1:3".to_owned(), "b.yml:1".to_owned()));
}

#[test]
fn a_file_that_was_asked_for_must_exist() {
    let mut start = start().variable("OATHBOOK_CONFIG", "gone.yml");
    let refusal = start.refusal();
    assert!(refusal.contains("cannot read gone.yml, which OATHBOOK_CONFIG names"), "{refusal}");
    start.flags.config = Some("missing.yml".into());
    let refusal = start.refusal();
    assert!(refusal.contains("cannot read missing.yml, which --config names"), "{refusal}");
    start.flags.config = Some(".".into());
    assert!(start.refusal().contains("it is not a file"));
}

#[test]
fn relative_paths_start_at_the_file_and_defaults_in_var() {
    let mut start =
        start().file_at("etc/oathbook.yml", "var: ../data\nviews: sqlite:cache/views.db\n");
    start.flags.config = Some("etc/oathbook.yml".into());
    let config = start.config();
    assert_eq!(config.var, start.path("etc/../data"));
    assert_eq!(config.events, Engine::Sqlite(start.path("etc/../data/events.db")));
    assert_eq!(config.views, Engine::Sqlite(start.path("etc/cache/views.db")));
    assert_eq!(config.keys.public, start.path("etc/../data/oauth_public.key"));
}

#[test]
fn var_moves_the_defaults_from_wherever_it_is_given() {
    let start = start().variable("OATHBOOK_VAR", "/srv/oathbook");
    let config = start.config();
    assert_eq!(config.state, Engine::Sqlite("/srv/oathbook/state.db".into()));
    assert_eq!(config.mail.transport.to_string(), "file:/srv/oathbook/mail");
}

#[test]
fn lists_are_sequences_in_the_file_and_split_at_commas_in_variables() {
    let in_file = start().file("tokens:\n  audience:\n    - https://one\n    - https://two\n");
    let in_variable = start().variable("OATHBOOK_TOKENS__AUDIENCE", "https://one, https://two");
    for start in [in_file, in_variable] {
        assert_eq!(start.config().tokens.audience, ["https://one", "https://two"]);
    }
    assert!(start().file("listen: [a, b]").refusal().contains("must be a single value"));
    assert!(start().file("cors: {allow_origins: [{a: b}]}").refusal().contains("plain values"));
}

#[test]
fn a_key_with_nothing_behind_it_counts_as_not_written() {
    let blank = start().file("tokens:\n  # lifetime: 5\npublic_url:\nmail: {}\nlisten: ~\n");
    assert_eq!(blank.row("listen").1, "default");
    assert_eq!(blank.config().public_url, None);
    assert_eq!(start().file("").row("listen").1, "default");
    assert_eq!(start().file("---\n# nothing\n").row("listen").1, "default");
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_the_nearest_known_one() {
    let cases = [
        (
            "lissen: x",
            "config.yml:1: the key `lissen` is not known, the nearest known one is `listen`",
        ),
        (
            "\ntoken:\n  lifetime: 5",
            "config.yml:3: the key `token.lifetime` is not known, the nearest known one is `tokens.lifetime`",
        ),
        (
            "lifetime: 5",
            "config.yml:1: the key `lifetime` is not known, the nearest known one is `tokens.lifetime`",
        ),
        (
            "log:\n  lvl: info",
            "config.yml:2: the key `log.lvl` is not known, the nearest known one is `log.level`",
        ),
        (
            "listen: {port: 1}",
            "config.yml:1: the key `listen.port` is not known, the nearest known one is `listen`",
        ),
        (
            "Listen:",
            "config.yml:1: the key `Listen` is not known, the nearest known one is `listen`",
        ),
    ];
    for (file, expected) in cases {
        assert_eq!(start().file(file).refusal(), expected);
    }
}

#[test]
fn an_unknown_variable_is_refused_and_those_of_others_are_left_alone() {
    let refusal = start().variable("OATHBOOK_TOKENS_LIFETIME", "5").refusal();
    assert_eq!(
        refusal,
        "the variable OATHBOOK_TOKENS_LIFETIME is not known, the nearest known one is OATHBOOK_TOKENS__LIFETIME"
    );
    start().variable("HOME", "/root").variable("OATHBOOKS", "7").loaded();
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf_8_is_named() {
    use std::os::unix::ffi::OsStringExt;
    let mut start = start();
    start.variables.push(("OATHBOOK_VAR".into(), OsString::from_vec(vec![0xff])));
    assert_eq!(start.refusal(), "the variable OATHBOOK_VAR is not UTF-8");
}

#[test]
fn a_section_takes_no_value_and_a_key_only_one() {
    let refusal = start().file("sessions: 5").refusal();
    assert_eq!(
        refusal,
        "config.yml:1: `sessions` is a section and takes no value itself: write idle, absolute below it"
    );
    let refusal = start().file("log: {level: info}\nlog.level: warn").refusal();
    assert_eq!(refusal, "config.yml:2: `log.level` is given a second time");
    assert!(start().file("listen: a\nlisten: b").refusal().starts_with("config.yml:2: duplicate"));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let start = start()
        .file("listen: here\ntokens:\n  lifetime: long\n  freshnes: 1s\n")
        .variable("OATHBOOK_LOG__FORMAT", "xml");
    assert_eq!(start.load().unwrap_err().problems.len(), 4);
}

#[test]
fn a_value_that_breaks_its_rule_is_told_with_key_rule_and_origin() {
    let refusal = start().file("\ntokens: {lifetime: 0}").refusal();
    assert_eq!(
        refusal,
        "config.yml:2: `tokens.lifetime` must be a whole number from 1 to 2592000; it is `0`"
    );
    let cases = [
        ("listen", "8080"),
        ("listen", "localhost:8080"),
        ("listen", "127.0.0.1:70000"),
        ("listen", ""),
        ("public_url", "oathbook.example"),
        ("public_url", "ftp://oathbook.example"),
        ("public_url", "https:oathbook.example"),
        ("public_url", "https://oathbook.example?x"),
        ("public_url", "https://oathbook.example/#x"),
        ("public_url", "https://ada@oathbook.example"),
        ("var", ""),
        ("var", "a\0b"),
        ("keys.allow_world_readable", "yes"),
        ("events", "events.db"),
        ("events", "sqlite:"),
        ("events", "sqlite::memory:"),
        ("events", "sqlite:a.db?mode=ro"),
        ("events", "memory:x"),
        ("events", "mysql://localhost/x"),
        ("tokens.lifetime", "-1"),
        ("tokens.lifetime", "1.5"),
        ("tokens.lifetime", "1h"),
        ("tokens.lifetime", "99999999999999999999"),
        ("tokens.freshness", "1"),
        ("tokens.freshness", "s"),
        ("tokens.freshness", "1 fortnight"),
        ("tokens.freshness", "0s"),
        ("tokens.freshness", "1h"),
        ("tokens.freshness", "99999999999999999999d"),
        ("tokens.freshness", "9999999999999999d"),
        ("tokens.audience", "a b"),
        ("mail.transport", "mail.example.org"),
        ("mail.transport", "smtp:"),
        ("mail.transport", "smtp://"),
        ("mail.transport", "smtps://mail.example.org?tls=required"),
        ("mail.transport", "smtp://mail.example.org?tls=maybe"),
        ("mail.transport", "file:"),
        ("mail.transport", ","),
        ("mail.transport", "smtp://ada@mail.example.org"),
        ("mail.transport", "smtp://ada@mail.example.org?tls=none&token_file=token"),
        ("mail.transport", "sendmail:,sendmail:,sendmail:,sendmail:,sendmail:"),
        ("mail.authorities", "ca\0.pem"),
        ("mail.from", "a@b.example, c@d.example"),
        ("mail.from", "Oathbook"),
        ("mail.from", "Oathbook <oathbook@localhost"),
        ("mail.from", "a@b\r\nBcc: c@d"),
        ("log.format", "xml"),
        ("log.level", "loud"),
        ("cors.allow_origins", "app.example"),
        ("cors.allow_origins", "https://app.example/"),
        ("cors.allow_origins", "https://app.example,null"),
        ("cors.allow_headers", "X Y"),
        ("cors.preflight_max_age", "-1"),
        ("sessions.idle", "1s"),
        ("sessions.absolute", "1y"),
        ("sign_in.attempts_per_account", "0"),
        ("sign_in.attempts_per_address", "many"),
        ("invitations.lifetime", "1s"),
        ("trusted_proxies", "proxy.example"),
        ("trusted_proxies", "10.0.0.1/33"),
        ("trusted_proxies", "10.0.0.0/8,0.0.0.0/0"),
        ("sign_in.window", "0s"),
    ];
    for (key, value) in cases {
        let name = keys::ALL.iter().find(|about| about.name == key).unwrap().variable();
        let refusal = start().variable(&name, value).refusal();
        assert!(refusal.starts_with(&format!("{name}: `{key}` ")), "{value:?}: {refusal}");
    }
}

#[test]
fn yaml_that_cannot_be_read_is_told_by_line_and_not_quoted() {
    let refusal = start().file("mail:\n  transport: \"smtp://u:hunter2\\q@h\"\n").refusal();
    assert!(refusal.starts_with("config.yml:2: "), "{refusal}");
    assert!(!refusal.contains("hunter2"), "{refusal}");
    assert!(start().file("- a\n").refusal().contains("expected `key: value`"));
    assert!(start().file("just text").refusal().contains("expected `key: value`"));
    assert!(start().file(&"a".repeat(1_100_000)).refusal().contains("larger than 1 MiB"));
}

#[test]
fn scalars_mean_what_they_say() {
    let start = start().file("log: {level: off}\nkeys: {allow_world_readable: TRUE}\n");
    let config = start.config();
    assert_eq!(config.log.level, "off");
    assert!(config.keys.allow_world_readable);
}

#[test]
fn the_stores_may_share_a_database_of_postgresql() {
    let url = "postgres://oath:hunter2@db.example/book?sslmode=verify-full";
    let start = start().file(&format!("events: {url}\nviews: {url}\nstate: {url}\n"));
    let config = start.config();
    assert!(config.events.is_shared() && config.events == config.views);
    let shown = "postgres://oath:…@db.example/book?sslmode=verify-full";
    assert_eq!(start.row("events").0, shown);
    assert!(!format!("{:?}", start.loaded()).contains("hunter2"));
}

#[test]
fn roles_are_a_list_of_those_there_are() {
    let shown = |roles: &str| start().variable("OATHBOOK_ROLES", roles).row("roles").0;
    assert_eq!(shown("notifier, api"), "api,notifier");
    assert_eq!(start().row("roles").0, "api,projector,notifier");
    for wrong in ["", ",", "api;notifier", "web", "API"] {
        let start = start().file(&format!("roles: [\"{wrong}\"]\n"));
        assert!(start.refusal().contains("a list of api, projector and notifier"), "{wrong:?}");
    }
}

#[test]
fn an_event_store_keeps_events_only() {
    let refusal = start().variable("OATHBOOK_VIEWS", "esdb://db:2113").refusal();
    assert!(refusal.contains("keeps events only"), "{refusal}");
}

#[test]
fn engines_are_files_or_memory() {
    let start =
        start().file("events: sqlite:///a/b.db\nviews: sqlite://c.db\nstate: \"memory:\"\n");
    let config = start.config();
    assert_eq!(config.events, Engine::Sqlite("/a/b.db".into()));
    assert_eq!(config.views, Engine::Sqlite(start.path("c.db")));
    assert_eq!(config.state, Engine::Memory);
}

#[test]
fn stores_and_key_files_do_not_share_a_file() {
    let refusal = start().file("events: sqlite:a.db\nviews: sqlite:./a.db\n").refusal();
    assert!(refusal.contains("config.yml:2: `views` must name another file"), "{refusal}");
    let refusal = start().file("state: sqlite:var/views.db").refusal();
    assert!(refusal.contains("`state` must name another file"), "{refusal}");
    let refusal = start().file("keys: {public: var/oauth_private.key}").refusal();
    assert!(refusal.contains("`keys.public` must name another file"), "{refusal}");
    start().file("events: \"memory:\"\nviews: \"memory:\"\nstate: \"memory:\"\n").loaded();
}

#[test]
fn a_session_does_not_idle_longer_than_it_lives() {
    let refusal = start().file("sessions: {idle: 13h}").refusal();
    assert!(refusal.contains("`sessions.idle` must not be longer"), "{refusal}");
}

#[test]
fn a_mail_server_is_shown_without_its_password() {
    for (url, shown) in [
        ("smtp://localhost:1025", "smtp://localhost:1025"),
        ("smtp://u:p@h.example", "smtp://u:…@h.example"),
        ("smtps://h.example", "smtps://h.example"),
        ("smtp://h.example?tls=none", "smtp://h.example?tls=none"),
        ("smtp://u@h.example?token_file=/run/token", "smtp://u@h.example?token_file=/run/token"),
        (
            "smtp://u:p@h.example, smtps://v:q@i.example",
            "smtp://u:…@h.example,smtps://v:…@i.example",
        ),
    ] {
        let config = start().variable("OATHBOOK_MAIL__TRANSPORT", url).config();
        assert_eq!(config.mail.transport.to_string(), shown);
    }
}

#[test]
fn other_transports_name_a_directory_or_a_program() {
    let transport =
        |text: &str| start().variable("OATHBOOK_MAIL__TRANSPORT", text).config().mail.transport;
    assert_eq!(transport("sendmail:").to_string(), "sendmail:/usr/sbin/sendmail");
    assert_eq!(transport("sendmail:/usr/sbin/sendmail").to_string(), "sendmail:/usr/sbin/sendmail");
    assert_eq!(transport("file:///tmp/mail").to_string(), "file:/tmp/mail");
}

#[test]
fn several_transports_are_a_list_in_their_order() {
    let start = start().file(
        "mail:\n  transport:\n    - smtps://ada@one.example?password_file=secret\n    - file:late,letters\n",
    );
    let transports = start.config().mail.transport.0;
    let mut transports = transports.into_iter().map(|transport| transport.post);
    let mut first = transports.next().unwrap();
    assert_eq!(first.to_string(), "smtps://one.example:465");
    assert_eq!(first.path_mut(), Some(&mut start.path("secret")), "relative to the file");
    let second = transports.next().unwrap().to_string();
    assert_eq!(second, format!("file:{}", start.path("late,letters").display()));
    let refusal = start.variable("OATHBOOK_MAIL__TRANSPORT", "sendmail:,smtp://h:x").refusal();
    assert!(refusal.contains("`mail.transport` is wrong in number 2: "), "{refusal}");
}

#[test]
fn a_public_url_is_normalised() {
    let url = |text: &str| {
        let config = start().variable("OATHBOOK_PUBLIC_URL", text).config();
        config.public_url_at(config.listen)
    };
    assert_eq!(url("https://Oathbook.Example:443/").as_str(), "https://oathbook.example");
    let nested = url("http://localhost:3000/oath/book//");
    assert_eq!(nested.as_str(), "http://localhost:3000/oath/book");
    assert_eq!(nested.path(), "/oath/book");
    assert_eq!(nested.origin(), "http://localhost:3000");
    assert!(!nested.is_https());
    assert_eq!(url("https://h").path(), "");
}

#[test]
fn a_public_url_that_is_not_set_follows_the_bound_address() {
    let config = start().listen("127.0.0.1:0").config();
    let at = |bound: &str| config.public_url_at(bound.parse().unwrap()).to_string();
    assert_eq!(at("127.0.0.1:41234"), "http://127.0.0.1:41234");
    assert_eq!(at("[::1]:80"), "http://[::1]");
    assert_eq!(at("0.0.0.0:8080"), "http://127.0.0.1:8080");
    assert_eq!(at("[::]:8080"), "http://[::1]:8080");
    let issuer = config.public_url_at("127.0.0.1:9".parse().unwrap());
    assert_eq!(config.tokens.audience_of(&issuer), ["http://127.0.0.1:9"]);
}

#[test]
fn values_that_follow_from_others_say_so() {
    let derived = |value: &str, from: &str| (value.to_owned(), format!("derived from {from}"));
    let bound = start().listen("0.0.0.0:9000");
    assert_eq!(bound.row("public_url"), derived("http://127.0.0.1:9000", "listen"));
    assert_eq!(bound.row("tokens.audience"), derived("http://127.0.0.1:9000", "public_url"));
    let free = start().listen("127.0.0.1:0");
    assert_eq!(free.row("public_url"), derived("known once a port is bound", "listen"));
}

#[test]
fn passwords_are_withheld_from_what_is_shown_and_from_debug() {
    let start = start().file("mail: {transport: \"smtps://ada:hunter2@mail.example.org:465\"}");
    assert_eq!(start.row("mail.transport").0, "smtps://ada:…@mail.example.org:465");
    assert!(!format!("{:?}", start.loaded()).contains("hunter2"));
}

#[test]
fn passwords_are_withheld_from_refusals() {
    let urls = [
        "smtp://ada:hunter2@mail.example.org?tls=none",
        "smtps://ada:hunter2@mail.example.org?tls=required",
        "smtp://ada:hunter2",
        "smtp:ada:hunter2@mail.example.org",
        "smtp//ada:hunter2@mail.example.org",
        "smtp://ada:hun,ter2@mail.example.org",
        "smtps://ada:p@one.example,smtps://bob:hunter2@two.example?tls=none",
        "smtp:ada:p@one.example,smtp:bob:hunter2@two.example",
        "mysql://ada:hunter2@db/x?password=hunter2",
        "postgres://db/x?password=hunter2",
        "https://ada:hunter2@oathbook.example",
    ];
    for url in urls {
        for key in ["EVENTS", "PUBLIC_URL", "MAIL__TRANSPORT", "LISTEN"] {
            let refusal = start().variable(&format!("OATHBOOK_{key}"), url).refusal();
            assert!(!refusal.contains("hunter2") && !refusal.contains("ter2@"), "{refusal}");
        }
    }
    let refusal = start().variable("OATHBOOK_EVENTS", "mysql://ada:hunter2@db/x").refusal();
    assert!(refusal.ends_with("it is `mysql://ada:…@db/x`"), "{refusal}");
}

proptest! {
    #[test]
    fn no_text_makes_a_key_panic(index in 0..keys::ALL.len(), text in "\\PC{0,40}") {
        let name = keys::ALL[index].variable();
        let directory = Path::new("/nowhere");
        let _ = Config::load(&Flags::default(), [(name.into(), text.into())], directory);
    }

    #[test]
    fn a_duration_that_is_shown_reads_back_the_same(millis in 0..10_u64.pow(12)) {
        let duration = Duration::from_millis(millis);
        let text = value::Value::Text(duration.shown());
        let given = value::Given { value: &text, place: value::Place::Base(Path::new("/")) };
        prop_assert_eq!(value::duration(&given, Duration::ZERO, Duration::MAX), Ok(duration));
    }

    #[test]
    fn no_file_makes_the_reader_panic(text in "[-a-z:{}\\[\\] \n&*!|>'\"#.0-9]{0,80}") {
        let _ = file::leaves(&text);
    }
}
