//! What holds for letters whatever stands in them.

use std::collections::BTreeSet;

use domain::{ApplicationId, UserId, email_template::Source};
use url::Url;
use uuid::Uuid;

use super::{created, letter, locale};
use crate::{
    By, LARGEST, OCCASIONS, Rendered, Told, account_page, application_page, choose,
    invitation_page, occasion, sessions_page, shipped, shipped_locales, told_by, tongues,
};

/// The letter about a new application with this name everywhere.
fn named(name: &str) -> Rendered {
    let (occasion, mut told) = created();
    told.recipient.display_name = name.to_owned();
    told.by = By::Person(Some(name.to_owned()));
    if let Some(application) = &mut told.application {
        application.name = name.to_owned();
        application.organization = name.to_owned();
    }
    letter(occasion, "en", &told)
}

#[test]
fn the_owner_reads_oros_sentences() {
    let (occasion, told) = created();
    let Rendered { subject, text, .. } = letter(occasion, "en", &told);
    assert_eq!(occasion.template, "oauth_application_created");
    assert_eq!(subject, "OAuth application added to your account");
    for sentence in [
        "Hello, Ada Lovelace.\n",
        "A new OAuth application \"Warehouse sync\" was recently added to your account.\n",
        "This application is authorized to use Web API.\n",
        "Please contact the administrator if you are not aware of this change to your account.\n",
    ] {
        assert!(text.contains(sentence), "{sentence}");
    }
}

#[test]
fn names_are_escaped_in_html_and_left_alone_in_text() {
    let letter = named("<script>alert(1)</script>\"><img>");
    assert!(!letter.html.contains("<script") && !letter.html.contains("<img"));
    assert!(letter.html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(letter.text.contains("Application:  <script>alert(1)</script>\"><img>\n"));
}

#[test]
fn a_name_is_no_template() {
    let letter = named("{{owner}} {{{site}}} **bold**");
    assert!(letter.text.contains("Application:  {{owner}} {{{site}}} **bold**\n"));
    assert!(letter.html.contains("{{owner}} {{{site}}} **bold**"));
}

#[test]
fn names_are_written_in_any_script() {
    for name in ["Zoë Łukasiewicz", "倉庫同期 🏬", "شركة"] {
        let letter = named(name);
        assert!(letter.text.contains(name) && letter.html.contains(&format!("<bdi>{name}</bdi>")));
    }
}

#[test]
fn a_name_cannot_begin_a_line_of_the_letter_or_of_its_head() {
    let letter = named("Sync\r\nBcc: eve@example.com\r\n\r\n\u{2028}Added by: you\u{0}");
    let usual = named("Sync");
    assert_eq!(letter.subject, usual.subject);
    assert_eq!(letter.text.lines().count(), usual.text.lines().count());
    assert!(letter.text.contains("Application:  Sync Bcc: eve@example.com Added by: you\n"));
}

#[test]
fn a_name_in_a_subject_stays_on_its_line() {
    let occasion = occasion("application_deleted").unwrap();
    let mut told = (occasion.sample)();
    told.application.as_mut().unwrap().name = "Sync\r\nBcc: eve@example.com".to_owned();
    let subject = letter(occasion, "en", &told).subject;
    assert_eq!(subject, "OAuth application \"Sync Bcc: eve@example.com\" was deleted");
}

#[test]
fn whoever_did_it_is_named_in_words() {
    let (occasion, told) = created();
    let by = |by: By, tag| letter(occasion, tag, &Told { by, ..told.clone() }).text;
    for (who, words) in [
        (By::You, "Added by:     you\n"),
        (By::Person(Some("Max".to_owned())), "Added by:     Max\n"),
        (By::Person(None), "Added by:     a former user\n"),
        (By::Application(Some("Sync".to_owned())), "Added by:     the application \"Sync\"\n"),
        (By::Application(None), "Added by:     a former application\n"),
        (By::Operator, "Added by:     an operator, on the command line\n"),
        (By::System, "Added by:     Oathbook\n"),
    ] {
        assert!(by(who, "en").contains(words), "{words}");
    }
    assert!(by(By::You, "de").contains("Hinzugefügt von: Ihnen\n"));
}

#[test]
fn a_reason_stands_in_the_letter_where_one_was_given() {
    let occasion = occasion("application_deactivated").unwrap();
    let mut told = (occasion.sample)();
    told.reason = Some("suspicious traffic".to_owned());
    let with = letter(occasion, "en", &told);
    assert!(with.text.contains("Reason:         suspicious traffic\n"));
    assert!(with.html.contains("suspicious traffic"));
    told.reason = None;
    let without = letter(occasion, "en", &told);
    assert!(!without.text.contains("Reason") && !without.html.contains("Reason"));
    assert!(!without.text.contains("\n\n\n"), "no gap is left");
}

#[test]
fn links_lie_below_the_public_url() {
    let id = ApplicationId::new(Uuid::nil());
    let user = UserId::new(Uuid::nil());
    for (public_url, base) in [
        ("https://a.example", "https://a.example"),
        ("https://a.example/", "https://a.example"),
        ("http://127.0.0.1:8080/oathbook", "http://127.0.0.1:8080/oathbook"),
        ("https://a.example/b/?c#d", "https://a.example/b"),
    ] {
        let public_url = Url::parse(public_url).unwrap();
        for (page, path) in [
            (application_page(&public_url, id), format!("applications/{id}")),
            (invitation_page(&public_url, "t-_0"), "invitation/t-_0".to_owned()),
            (account_page(&public_url, user, Some(user)), "me".to_owned()),
            (account_page(&public_url, user, None), format!("users/{user}")),
            (sessions_page(&public_url), "me/sessions".to_owned()),
        ] {
            assert_eq!(page.as_str(), format!("{base}/{path}"));
        }
    }
}

#[test]
fn every_occasion_has_a_letter_of_its_own_in_every_shipped_language() {
    let shipped_tags: Vec<_> = shipped_locales().map(|it| it.as_str().to_owned()).collect();
    assert_eq!(shipped_tags, ["en", "de", "fr", "es"]);
    let mut seen = BTreeSet::new();
    for occasion in OCCASIONS {
        let tags: Vec<_> = occasion.letters.iter().map(|(tag, _)| *tag).collect();
        assert_eq!(tags, shipped_tags, "{}", occasion.name);
        for locale in shipped_locales() {
            let source = shipped(occasion, &locale).unwrap();
            assert!(seen.insert(source.subject.clone()), "{} twice", source.subject);
            let english = shipped(occasion, &super::locale("en")).unwrap();
            assert_eq!(
                names_in(&source.text),
                names_in(&english.text),
                "{} says in {} what it says in English",
                occasion.name,
                locale.as_str()
            );
        }
    }
}

/// The variables that a template names, each one once.
fn names_in(template: &str) -> BTreeSet<&str> {
    template.split("{{").skip(1).filter_map(|rest| rest.split("}}").next()).collect()
}

#[test]
fn text_and_html_say_the_same() {
    for occasion in OCCASIONS {
        for locale in shipped_locales() {
            let letter = letter(occasion, locale.as_str(), &(occasion.sample)());
            let or_open = tongues::tongue(&locale).or_open;
            let read = words(&stripped(&letter.html).replace(or_open, ""));
            let mut read = read.as_slice();
            // The head names Oathbook once more, and an address stands in for its button.
            assert_eq!(read[0], "Oathbook");
            read = &read[1..];
            assert_eq!(
                words(&letter.text.replace(':', "")),
                without_colons(read),
                "{}",
                occasion.name
            );
        }
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn without_colons(words: &[String]) -> Vec<String> {
    words.iter().map(|word| word.replace(':', "")).filter(|word| !word.is_empty()).collect()
}

/// What is read of a document: the text of its body.
fn stripped(html: &str) -> String {
    let (_, body) = html.split_once("<body").unwrap();
    let pieces = body.split('<').skip(1);
    let texts = pieces.map(|piece| {
        let (tag, text) = piece.split_once('>').unwrap();
        let inline = ["b", "/b", "bdi", "/bdi"].contains(&tag);
        if inline { text.to_owned() } else { format!(" {text}") }
    });
    let text: String = texts.collect();
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&amp;", "&"),
        ("&#x3D;", "="),
    ]
    .into_iter()
    .fold(text, |text, (entity, character)| text.replace(entity, character))
}

#[test]
fn html_is_a_whole_document_that_loads_nothing_and_says_its_language() {
    for occasion in OCCASIONS {
        for locale in shipped_locales() {
            let html = letter(occasion, locale.as_str(), &(occasion.sample)()).html;
            assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\""));
            assert!(html.contains(&format!("<html lang=\"{}\">", locale.as_str())));
            assert!(html.contains("<meta name=\"color-scheme\" content=\"light dark\">"));
            for loaded in [
                "src=", "url(", "<script", "<style", "<link", "<img", "@import", "<form", " on",
                "class=",
            ] {
                let tags = html.split('<').skip(1).filter_map(|piece| piece.split('>').next());
                let found = tags.map(|tag| format!("<{tag}")).find(|tag| tag.contains(loaded));
                assert_eq!(found, None, "{}", occasion.name);
            }
            assert!(html.len() < LARGEST / 5, "{} bytes", html.len());
        }
    }
}

#[test]
fn the_longest_names_fit() {
    let letter = named(&"&".repeat(255));
    assert!(letter.html.len() < LARGEST);
}

#[test]
fn a_recipient_reads_their_language_with_the_dates_of_their_region() {
    let (occasion, _) = created();
    for (wanted, language, written) in [
        ("de-AT", "de", "de-AT"),
        ("fr", "fr", "fr"),
        ("es-MX", "es", "es-MX"),
        ("it", "en", "en"),
        ("en-US", "en", "en-US"),
    ] {
        let choice = choose(&locale(wanted), |at| shipped(occasion, at)).unwrap();
        assert_eq!(choice.source, shipped(occasion, &locale(language)).unwrap());
        assert_eq!(choice.locale, locale(written));
    }
}

#[test]
fn a_kept_template_goes_before_the_shipped_one_of_its_locale_alone() {
    let (occasion, _) = created();
    let own = |tag: &str| Source {
        subject: tag.to_owned(),
        text: "{{at}}".to_owned(),
        html: "<p>".to_owned(),
    };
    let kept_or_shipped = |at: &domain::user::Locale| {
        let kept = ["de-AT", "en"].contains(&at.as_str()).then(|| own(at.as_str()));
        kept.or_else(|| shipped(occasion, at))
    };
    let subject = |wanted| choose(&locale(wanted), kept_or_shipped).unwrap().source.subject;
    assert_eq!(subject("de-AT"), "de-AT");
    assert_eq!(subject("de"), shipped(occasion, &locale("de")).unwrap().subject);
    assert_eq!(subject("pt-BR"), "en");
}

#[test]
fn an_event_is_an_occasion_or_none() {
    for occasion in OCCASIONS {
        let told: Vec<_> = told_by(&(occasion.sample)().event).map(|it| it.name).collect();
        assert_eq!(told, [occasion.name]);
    }
    let enabled = domain::user::Event::Enabled {}.into();
    assert_eq!(told_by(&enabled).count(), 0);
    assert!(occasion("nothing").is_none());
}
