//! What templates may name.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Event,
    application::{Event as ApplicationEvent, Secret, SecretHash},
    email_template::Source,
};
use uuid::Uuid;

use super::locale;
use crate::{OCCASIONS, render, shipped, shipped_locales};

#[test]
fn every_variable_is_documented_once_and_has_a_value_of_its_kind_that_renders() {
    for occasion in OCCASIONS {
        let told = (occasion.sample)();
        let mut names = BTreeSet::new();
        for (variable, value) in occasion.values(&told).unwrap() {
            assert!(names.insert(variable.name), "{} of {}", variable.name, occasion.name);
            assert_eq!(value.kind(), variable.kind, "{} of {}", variable.name, occasion.name);
            let meaning = variable.meaning;
            assert!(meaning.ends_with('.') && meaning.starts_with(|c: char| !c.is_lowercase()));
        }
        for (variable, words) in occasion.words(&locale("en"), &told).unwrap() {
            let template = format!("[{{{{{}}}}}]", variable.name);
            let source =
                Source { subject: template.clone(), text: template.clone(), html: template };
            let letter = render(occasion, &locale("en"), &source, &told).unwrap();
            assert_eq!(letter.text, format!("[{words}]"), "{}", variable.name);
        }
    }
}

#[test]
fn a_name_means_the_same_kind_everywhere() {
    let mut kinds = BTreeMap::new();
    for variable in OCCASIONS.iter().flat_map(|occasion| occasion.variables()) {
        let kind = *kinds.entry(variable.name).or_insert(variable.kind);
        let same = kind == variable.kind;
        assert!(same, "{}", variable.name);
        // An object and a string cannot have the same name.
        assert!(!kinds.keys().any(|other| other.starts_with(&format!("{}.", variable.name))));
    }
}

#[test]
fn names_and_templates_of_occasions_are_unique() {
    let names: BTreeSet<_> = OCCASIONS.iter().map(|occasion| occasion.name).collect();
    let templates: BTreeSet<_> = OCCASIONS.iter().map(|occasion| occasion.template).collect();
    assert_eq!((names.len(), templates.len()), (OCCASIONS.len(), OCCASIONS.len()));
}

#[test]
fn what_is_secret_in_an_event_is_in_no_letter() {
    let phc = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g";
    let personal = domain::Personal::new(phc);
    for occasion in OCCASIONS {
        for event in [
            Event::User(domain::user::Event::PasswordSet { hash: personal.clone() }),
            Event::Application(ApplicationEvent::SecretAdded(Secret {
                id: domain::SecretId::new(Uuid::nil()),
                hash: SecretHash::new(phc.to_owned()),
                hint: "wxyz".to_owned(),
            })),
        ] {
            let mut told = (occasion.sample)();
            told.event = event;
            // Occasions that need another event say so; the others must not show this one.
            let Ok(words) = occasion.words(&locale("en"), &told) else { continue };
            assert!(words.iter().all(|(_, words)| !words.contains("argon2")), "{}", occasion.name);
        }
    }
}

#[test]
fn the_sample_shows_every_variable_of_the_shipped_letters() {
    for occasion in OCCASIONS {
        let told = (occasion.sample)();
        for locale in shipped_locales() {
            let text = shipped(occasion, &locale).unwrap().text;
            for (variable, words) in occasion.words(&locale, &told).unwrap() {
                let named = text.contains(&format!("{{{{{}}}}}", variable.name));
                let shown = !words.is_empty() || variable.name == "reason";
                assert!(!named || shown, "{} of {}", variable.name, occasion.name);
            }
        }
    }
}
