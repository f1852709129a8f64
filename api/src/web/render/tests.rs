use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::Value;

use super::*;
use crate::web::{
    account, applications, confirm, emails, errors, grid, invitation, my_user, organizations,
    reference, shell, sign_in, system, users,
};

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("templates")
}

/// Name and content of every fixture; `me.many` belongs to the template `me`.
fn fixtures() -> Vec<(String, Value)> {
    let files = fs::read_dir(directory().join("fixtures")).expect("the fixtures");
    files
        .map(|file| {
            let path = file.expect("a file").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).expect("a text");
            (name, serde_json::from_str(&text).expect("JSON"))
        })
        .collect()
}

#[test]
fn every_fixture_renders() {
    let fixtures = fixtures();
    assert!(fixtures.len() > 20);
    for (name, context) in fixtures {
        let template = name.split('.').next().unwrap_or_default();
        let html = TEMPLATES.render(template, &context);
        let html = html.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"),
            "{name}"
        );
    }
}

#[test]
fn every_template_is_part_of_the_binary() {
    let mut files = BTreeSet::new();
    for (folder, prefix) in [(directory(), ""), (directory().join("partials"), "partials/")] {
        for file in fs::read_dir(folder).expect("the templates") {
            let name = file.expect("a file").file_name().to_string_lossy().into_owned();
            files.extend(name.strip_suffix(".hbs").map(|stem| format!("{prefix}{stem}")));
        }
    }
    let known: BTreeSet<_> = SOURCES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(files, known);
}

#[test]
fn no_template_writes_text_as_it_is() {
    for (name, source) in SOURCES {
        assert!(!source.contains("{{{") && !source.contains("{{&"), "{name}");
        assert!(!source.contains("<script>") && !source.contains("style="), "{name}");
    }
}

/// An `#if` over a name that a page does not have is silently false, so the names are compared one by one.
#[test]
fn what_the_handlers_say_has_the_shape_of_the_fixtures() {
    let said = [
        (Template::Application, applications::samples::application()),
        (Template::ApplicationCreated, applications::samples::created()),
        (Template::ApplicationDeactivate, applications::samples::deactivate()),
        (Template::ApplicationDelete, applications::samples::delete()),
        (Template::ApplicationsDeleted, applications::samples::deleted()),
        (Template::ApplicationEdit, applications::samples::edit()),
        (Template::ApplicationNew, applications::samples::new()),
        (Template::Applications, grid::samples::applications()),
        (Template::ApplicationsBulk, grid::samples::preview()),
        (Template::ApplicationsBulkResults, grid::samples::results()),
        (Template::ApplicationRestore, applications::samples::restore()),
        (Template::ApplicationTransfer, applications::samples::transfer()),
        (Template::Error, errors::sample()),
        (Template::Me, my_user::sample()),
        (Template::SavedView, grid::samples::saved_view()),
        (Template::SavedViews, grid::samples::saved_views()),
        (Template::SignIn, sign_in::sample()),
        (Template::SystemViews, system::samples::views()),
        (Template::Confirm, confirm::sample()),
        (Template::EmailsDeliveries, emails::of_deliveries::list()),
        (Template::EmailsDelivery, emails::of_deliveries::letter()),
        (Template::EmailsRule, emails::samples::form()),
        (Template::EmailsRules, emails::samples::list()),
        (Template::EmailsTemplateEdit, emails::of_templates::template()),
        (Template::EmailsTemplateNew, emails::of_templates::new_template()),
        (Template::EmailsTemplatePreview, emails::of_templates::preview()),
        (Template::EmailsTemplateVersions, emails::of_templates::versions()),
        (Template::EmailsTemplates, emails::of_templates::templates()),
        (Template::Invitation, invitation::samples::form()),
        (Template::InvitationVoid, invitation::samples::void()),
        (Template::MeLetters, account::samples::letters()),
        (Template::MePassword, account::samples::password()),
        (Template::MeSessions, account::samples::sessions()),
        (Template::MemberForm, organizations::samples::member()),
        (Template::Organization, organizations::samples::organization()),
        (Template::OrganizationForm, organizations::samples::form()),
        (Template::Organizations, organizations::samples::list()),
        (Template::Reference, serde_json::to_value(reference::sample()).expect("JSON")),
        (Template::User, users::samples::user()),
        (Template::UserEdit, users::samples::edit()),
        (Template::UserInvite, users::samples::invite()),
        (Template::Users, users::samples::list()),
    ];
    let pages = SOURCES.iter().map(|(name, _)| *name).filter(|it| !it.starts_with("partials/"));
    let compared: BTreeSet<_> = said.iter().map(|(template, _)| template.name()).collect();
    assert_eq!(compared, pages.collect());
    for (template, content) in said {
        let shell = shell::sample();
        let document = Document { assets: Addresses::sample(), shell: &shell, content: &content };
        let mut ours = BTreeSet::new();
        if template == Template::EmailsTemplatePreview {
            shape("", &content, &mut ours);
            shape("/shell", &serde_json::to_value(&shell).expect("JSON"), &mut ours);
            ours.insert("/shell".to_owned());
        } else {
            shape("", &serde_json::to_value(document).expect("JSON"), &mut ours);
        }
        let mut theirs = BTreeSet::new();
        for (name, context) in fixtures() {
            let mut paths = BTreeSet::new();
            shape("", &context, &mut paths);
            // What stands around a page is the same for all.
            let of_this_page = name.split('.').next() == Some(template.name());
            theirs.extend(
                paths.into_iter().filter(|path| of_this_page || path.starts_with("/shell")),
            );
        }
        let (more, less): (Vec<_>, Vec<_>) =
            (ours.difference(&theirs).collect(), theirs.difference(&ours).collect());
        assert!(less.is_empty(), "{template:?} lacks {less:?}");
        assert!(more.is_empty(), "{template:?} has more: {more:?}");
    }
}

/// The paths of all members, below lists too.
#[test]
fn the_design_system_names_every_partial_and_every_token() {
    let root = directory().join("../..");
    let read = |path: &str| fs::read_to_string(root.join(path)).expect("a text");
    let (page, style) = (read("docs/design.md"), read("api/static/oathbook.css"));
    let partials = SOURCES.iter().filter_map(|(name, _)| name.strip_prefix("partials/"));
    let tokens = style.lines().filter_map(|line| {
        let (name, _) = line.trim().strip_prefix("--")?.split_once(':')?;
        Some(name)
    });
    let names: BTreeSet<_> =
        partials.map(str::to_owned).chain(tokens.map(|name| format!("--{name}"))).collect();
    assert!(names.len() > 60);
    for name in &names {
        assert!(page.contains(&format!("`{name}`")), "docs/design.md does not name {name}");
    }
    let tokens_there = page.split('`').skip(1).step_by(2).filter(|name| name.starts_with("--"));
    for name in tokens_there {
        assert!(names.contains(name), "docs/design.md names {name}, which is not there");
    }
}

/// A token that nothing uses is none.
#[test]
fn every_token_is_used() {
    let style = fs::read_to_string(directory().join("../static/oathbook.css")).expect("a text");
    for line in style.lines().filter_map(|line| line.trim().strip_prefix("--")) {
        let (name, _) = line.split_once(':').expect("a value");
        assert!(style.contains(&format!("var(--{name})")), "--{name}");
    }
}

fn shape(path: &str, value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let path = format!("{path}/{name}");
                shape(&path, value, into);
                into.insert(path);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| shape(path, item, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
