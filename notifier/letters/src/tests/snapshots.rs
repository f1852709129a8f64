//! Every shipped letter as it is read. `UPDATE_EXPECT=1` writes the files instead of comparing.

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use super::letter;
use crate::{OCCASIONS, shipped_locales};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/tests/snapshots")
}

#[test]
fn every_letter_reads_as_it_was_read_when_it_was_looked_at() {
    let renew = env::var_os("UPDATE_EXPECT").is_some();
    let mut expected = BTreeSet::new();
    for occasion in OCCASIONS {
        for locale in shipped_locales() {
            let letter = letter(occasion, locale.as_str(), &(occasion.sample)());
            let text = format!("Subject: {}\n\n{}", letter.subject, letter.text);
            for (ending, content) in [("txt", text), ("html", letter.html)] {
                let name = format!("{}.{}.{ending}", occasion.template, locale.as_str());
                let file = folder().join(&name);
                if renew {
                    fs::create_dir_all(folder()).unwrap();
                    fs::write(&file, &content).unwrap();
                }
                assert_eq!(fs::read_to_string(&file).unwrap_or_default(), content, "{name}");
                expected.insert(name);
            }
        }
    }
    let kept = fs::read_dir(folder()).unwrap();
    let kept: BTreeSet<_> =
        kept.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(kept, expected, "files of letters that are not shipped");
}
