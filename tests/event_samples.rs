//! Every tag that was ever written has a frozen sample that still decodes. A sample is never changed.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use domain::{Category, Event, tagged};
use serde_json::{Value, json};
use store::{
    Metadata,
    codec::upcast::{UPCASTERS, upcast},
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn samples() -> Vec<(String, Value)> {
    let mut samples = Vec::new();
    for entry in fs::read_dir(root().join("tests/events")).expect("a directory of samples") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a readable sample");
        let tag = path.file_stem().and_then(|stem| stem.to_str()).expect("a tag").to_owned();
        samples.push((tag, serde_json::from_str(&text).expect("JSON")));
    }
    samples
}

/// The category whose streams hold the tag.
fn category(tag: &str) -> Category {
    let name = tag.split('.').next().expect("a tag");
    if name == "name" { Category::NameClaim } else { name.parse().expect("a category") }
}

fn encode(event: &Event) -> (String, Value) {
    match event {
        Event::Application(event) => tagged(event),
        Event::EmailTemplate(event) => tagged(event),
        Event::Installation(event) => tagged(event),
        Event::NameClaim(event) => tagged(event),
        Event::Notification(event) => tagged(event),
        Event::NotificationPreference(event) => tagged(event),
        Event::NotificationRule(event) => tagged(event),
        Event::Observation(event) => tagged(event),
        Event::Organization(event) => tagged(event),
        Event::SigningKey(event) => tagged(event),
        Event::User(event) => tagged(event),
    }
    .expect("an encodable event")
}

#[test]
fn every_sample_decodes_and_encodes_to_itself_or_a_later_version() {
    for (tag, sample) in samples() {
        assert_eq!(sample["tag"], json!(tag));
        let present = upcast(UPCASTERS, &tag, sample["data"].clone());
        let event = Event::decode(category(&tag), &present.0, present.1.clone())
            .unwrap_or_else(|error| panic!("{tag}: {error}"));
        assert_eq!(encode(&event), present, "{tag}");
    }
}

#[test]
fn the_metadata_of_every_sample_decodes_and_encodes_to_itself() {
    for (tag, sample) in samples() {
        let metadata: Metadata = serde_json::from_value(sample["metadata"].clone())
            .unwrap_or_else(|error| panic!("{tag}: {error}"));
        let again = serde_json::to_value(metadata).expect("encodable metadata");
        assert_eq!(again, sample["metadata"], "{tag}");
    }
}

/// Tags as the domain's sources name them.
fn tags_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            tags_in(&path, found);
        } else {
            let source = fs::read_to_string(&path).expect("a readable source");
            let quoted =
                source.split("rename = \"").skip(1).filter_map(|rest| rest.split('"').next());
            found.extend(quoted.filter(|tag| tag.contains('.')).map(str::to_owned));
        }
    }
}

#[test]
fn every_tag_of_the_domain_has_a_sample() {
    let mut written = BTreeSet::new();
    tags_in(&root().join("domain/src"), &mut written);
    let sampled: BTreeSet<_> = samples().into_iter().map(|(tag, _)| tag).collect();
    assert_eq!(written.difference(&sampled).collect::<Vec<_>>(), Vec::<&String>::new());
}
