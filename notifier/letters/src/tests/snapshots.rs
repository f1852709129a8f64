//! Every shipped letter as it is read, and a mail of the day. `UPDATE_EXPECT=1` writes the files instead of comparing.

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use domain::user::Locale;
use url::Url;

use super::letter;
use crate::{OCCASIONS, Rendered, digest, occasion, shipped_locales};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/tests/snapshots")
}

/// Of a day on which something happened to several applications.
fn mail_of_the_day(locale: &Locale) -> Rendered {
    let names = ["application_created", "application_renamed", "application_deactivated"];
    let letters = names.map(|name| {
        let occasion = occasion(name).unwrap();
        letter(occasion, locale.as_str(), &(occasion.sample)())
    });
    digest(locale, &Url::parse("https://oathbook.example/").unwrap(), &letters)
}

/// Every mail by the name of its file, without the ending.
fn mails() -> impl Iterator<Item = (String, Rendered)> {
    let of_locale = |locale: Locale| {
        let tag = locale.as_str();
        let letters = OCCASIONS.iter().map(|occasion| {
            let letter = letter(occasion, tag, &(occasion.sample)());
            (format!("{}.{tag}", occasion.template), letter)
        });
        let day = (format!("mail_of_the_day.{tag}"), mail_of_the_day(&locale));
        letters.chain([day]).collect::<Vec<_>>()
    };
    shipped_locales().flat_map(of_locale)
}

#[test]
fn every_mail_reads_as_it_was_read_when_it_was_looked_at() {
    let expected: BTreeMap<_, _> = mails()
        .flat_map(|(name, mail)| {
            let text = format!("Subject: {}\n\n{}", mail.subject, mail.text);
            [(format!("{name}.txt"), text), (format!("{name}.html"), mail.html)]
        })
        .collect();
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(folder()).unwrap();
        for (name, content) in &expected {
            fs::write(folder().join(name), content).unwrap();
        }
    }
    for (name, content) in &expected {
        assert_eq!(&fs::read_to_string(folder().join(name)).unwrap_or_default(), content, "{name}");
    }
    let kept = fs::read_dir(folder()).unwrap();
    let kept = kept.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let strangers: Vec<_> = kept.filter(|name| !expected.contains_key(name)).collect();
    assert!(strangers.is_empty(), "files of letters that are not shipped: {strangers:?}");
}
