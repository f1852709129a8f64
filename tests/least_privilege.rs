//! With the rights that the guide grants, and no others, a node serves; the owner of the schemas is needed to migrate.

mod support;

use std::{fs, path::PathBuf, process::Command};

use postgres_testing::Database;
use reqwest::StatusCode;
use support::{Credentials, House, eventually, text};

/// What the guide has whoever owns the schemas run, for a role of this name.
fn grants(role: &str) -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("deploy/postgres/grants.sql");
    fs::read_to_string(file).expect("a file").replace("oathbook_server", role)
}

fn psql(url: &str, script: &str) -> (bool, String) {
    let programs = std::env::var_os("POSTGRES_BIN").expect("PostgreSQL's programs");
    let output = Command::new(PathBuf::from(programs).join("psql"))
        .args(["--quiet", "--set=ON_ERROR_STOP=1", "--command", script, url])
        .output()
        .expect("it runs");
    (output.status.success(), text(&output.stderr))
}

fn configure(house: &House, url: &str) {
    let config = format!("events: {url}\nviews: {url}\nstate: {url}\n");
    fs::write(house.path().join("config.yml"), config).expect("written");
}

#[tokio::test]
async fn a_role_that_may_only_add_to_the_log_serves() {
    let database = Database::create().await;
    let name = database.url().rsplit('_').next().expect("a name").to_owned();
    let role = format!("server_{name}");
    let house = House::empty();
    configure(&house, &database.url_as(&role));
    let (created, said) = psql(&database.url(), &format!("CREATE ROLE {role} LOGIN"));
    assert!(created, "{said}");
    let (status, message) = house.refusal(&["organizations", "create", "Main"]);
    assert!(status == 5 && message.contains("oathbook migrate"), "{message}");

    configure(&house, &database.url());
    house.output(&["migrate"]);
    let (granted, said) = psql(&database.url(), &grants(&role));
    assert!(granted, "{said}");
    configure(&house, &database.url_as(&role));
    let server = house.quickstart();
    let place = ["--owner", "admin", "--organization", "Main organization"];
    let create = ["applications", "create", "--name", "Sync", "--json"];
    let created = house.json(&[&create[..], &place].concat());
    let text = |key: &str| created[key].as_str().expect("a text").to_owned();
    let credentials =
        Credentials { client_id: text("client_id"), client_secret: text("client_secret") };
    eventually("a token is issued", async || {
        (credentials.token(&server).await.0 == StatusCode::OK).then_some(())
    })
    .await;
    for view in house.json(&["projections", "rebuild", "--json"]).as_array().expect("a list") {
        assert_eq!(view["differing"], 0, "{view}");
    }
    house.output(&["projections", "rollback", "applications"]);
    assert_eq!(server.stop(), Some(0));

    for forbidden in [
        "INSERT INTO oathbook_log.events (stream) VALUES ('a-b')",
        "UPDATE oathbook_log.events SET tag = 'x'",
        "DELETE FROM oathbook_log.events",
        "TRUNCATE oathbook_log.events",
        "DROP TABLE oathbook_views.applications",
        "ALTER TABLE oathbook_state.sessions ADD COLUMN more text",
        "DELETE FROM oathbook_views.migrations",
    ] {
        let (done, said) = psql(&database.url_as(&role), forbidden);
        assert!(
            !done && said.contains("permission denied") || said.contains("must be owner"),
            "{forbidden}: {said}"
        );
    }
}
