use std::{env, fs, path::Path};

use uuid::Uuid;

use super::*;

/// 3 November 2026, 09:05:00.
const MORNING: Timestamp = Timestamp::from_micros(1_793_696_700_000_000);

fn created(recipient: &str, application: &str, organization: &str, added_by: AddedBy) -> Rendered {
    let letter = Letter::ApplicationCreated {
        recipient: recipient.to_owned(),
        application: ApplicationId::new(Uuid::from_u128(0x0192_f0c1_2d3e_7a4b_8c5d_6e7f_8091_a2b3)),
        application_name: application.to_owned(),
        organization_name: organization.to_owned(),
        client_id: ClientId::parse("k3V9m2Qx7LwA0pRt5YhZ8nBc4JdFb27Q").unwrap(),
        added_by,
        added_at: MORNING,
        public_url: Url::parse("https://oathbook.example").unwrap(),
    };
    render(&letter).unwrap()
}

fn usual() -> Rendered {
    created("Ada Lovelace", "Warehouse sync", "Acme GmbH", AddedBy::Person("Max Muster".to_owned()))
}

/// Compares with the file of that name; `UPDATE_EXPECT=1` writes it instead.
fn assert_expected(actual: &str, name: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests").join(name);
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&file, actual).unwrap();
    }
    assert_eq!(actual, fs::read_to_string(&file).unwrap(), "{name}");
}

#[test]
fn the_owner_reads_oros_sentences_and_the_facts() {
    let Rendered { subject, text, html } = usual();
    assert_eq!(subject, "OAuth application added to your account");
    assert_expected(&text, "oauth_application_created.txt");
    assert_expected(&html, "oauth_application_created.html");
}

fn invited(recipient: &str, invited_by: AddedBy) -> Rendered {
    let public_url = Url::parse("https://oathbook.example").unwrap();
    let letter = Letter::UserInvited {
        recipient: recipient.to_owned(),
        user_name: "ada".to_owned(),
        invited_by,
        until: MORNING,
        link: invitation_page(&public_url, "AZjC9H0eejuc"),
        public_url,
    };
    render(&letter).unwrap()
}

#[test]
fn whoever_is_invited_reads_where_to_choose_a_password_and_until_when() {
    let Rendered { subject, text, html } =
        invited("Ada Lovelace", AddedBy::Person("Max Muster".to_owned()));
    assert_eq!(subject, "Choose a password for your Oathbook account");
    assert_expected(&text, "user_invited.txt");
    assert_expected(&html, "user_invited.html");
}

#[test]
fn in_an_invitation_names_are_escaped_and_stay_on_their_line() {
    let name = "<img>\r\nhttps://evil.example";
    let letter = invited(name, AddedBy::Person(name.to_owned()));
    assert!(!letter.html.contains("<img>"));
    let usual = invited("Ada", AddedBy::Operator);
    assert_eq!(letter.text.lines().count(), usual.text.lines().count());
}

#[test]
fn names_are_escaped_in_html_and_left_alone_in_text() {
    let script = "<script>alert(1)</script>";
    let letter = created(script, script, script, AddedBy::Application("\"><img>".to_owned()));
    assert!(!letter.html.contains("<script") && !letter.html.contains("<img"));
    assert!(letter.html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(letter.text.contains("Application:  <script>alert(1)</script>\n"));
}

#[test]
fn names_are_written_in_any_script() {
    let letter = created("Zoë Łukasiewicz", "倉庫同期 🏬", "شركة", AddedBy::Yourself);
    for part in [&letter.text, &letter.html] {
        for name in ["Zoë Łukasiewicz", "倉庫同期 🏬", "شركة"] {
            assert!(part.contains(name), "{name}");
        }
    }
}

#[test]
fn a_name_cannot_begin_a_line_of_the_letter_or_of_its_head() {
    let name = "Sync\r\nBcc: eve@example.com\r\n\r\n\u{2028}Added by: you\u{0}";
    let letter = created(name, name, name, AddedBy::Person(name.to_owned()));
    assert_eq!(letter.subject, usual().subject);
    assert_eq!(letter.text.lines().count(), usual().text.lines().count());
    assert!(letter.text.contains("Application:  Sync Bcc: eve@example.com Added by: you\n"));
}

#[test]
fn whoever_added_it_is_named_in_words() {
    for (added_by, words) in [
        (AddedBy::Yourself, "Added by:     you\n"),
        (AddedBy::Person("Max".to_owned()), "Added by:     Max\n"),
        (AddedBy::Application("Sync".to_owned()), "Added by:     the application \"Sync\"\n"),
        (AddedBy::Operator, "Added by:     an operator, on the command line\n"),
        (AddedBy::System, "Added by:     Oathbook\n"),
    ] {
        assert!(created("Ada", "Sync", "Acme", added_by).text.contains(words), "{words}");
    }
}

#[test]
fn links_lie_below_the_public_url() {
    let id = ApplicationId::new(Uuid::nil());
    for (public_url, page) in [
        ("https://a.example", "https://a.example/applications/"),
        ("https://a.example/", "https://a.example/applications/"),
        ("http://127.0.0.1:8080/oathbook", "http://127.0.0.1:8080/oathbook/applications/"),
        ("https://a.example/b/?c#d", "https://a.example/b/applications/"),
    ] {
        let public_url = Url::parse(public_url).unwrap();
        assert_eq!(application_page(&public_url, id).as_str(), format!("{page}{id}"));
        let page = page.replace("applications", "invitation");
        assert_eq!(invitation_page(&public_url, "t-_0").as_str(), format!("{page}t-_0"));
    }
}

#[test]
fn the_html_stays_below_100_kib_and_loads_nothing() {
    let long = "&".repeat(255);
    let letter = created(&long, &long, &long, AddedBy::Application(long.clone()));
    assert!(letter.html.len() < 100 * 1024);
    for foreign in ["<style", "<link", "<script", "<img", "class=", "src=", "url("] {
        assert!(!letter.html.contains(foreign), "{foreign}");
    }
}
