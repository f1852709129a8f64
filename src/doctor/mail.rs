//! Whether letters would leave.

use notifier::post::Post;

use super::Finding;
use crate::config::Config;

const ABOUT: &str = "mail";

/// One finding per transport. With several, one that fails is made up for by the others.
pub(super) async fn examine(config: &Config) -> Vec<Finding> {
    let public_url = config.public_url_at(config.listen);
    let remedy =
        "`oathbook mail check` tells how far a letter would come; letters wait until mail leaves";
    let post = match Post::new(&config.mail.settings(), public_url.as_url()) {
        Ok(post) => post,
        Err(error) => return vec![Finding::failure(ABOUT, super::chain(&error.into()), remedy)],
    };
    let checked = match post.check(|| None).await {
        Ok(checked) => checked,
        Err(error) => return vec![Finding::failure(ABOUT, error, remedy)],
    };
    let broken: Vec<_> = checked
        .iter()
        .map(|(route, steps)| {
            let wrong = steps.iter().find_map(|step| Some((step.name, step.found.as_ref().err()?)));
            wrong.map(|(step, wrong)| format!("{route}: {step}: {wrong}"))
        })
        .collect();
    let some_work = broken.iter().any(Option::is_none);
    let findings = checked.iter().zip(broken).map(|((route, _), broken)| match broken {
        None => Finding::good(ABOUT, format_args!("{route} takes mail")),
        Some(wrong) if some_work => Finding::warning(ABOUT, wrong, remedy),
        Some(wrong) => Finding::failure(ABOUT, wrong, remedy),
    });
    findings.collect()
}
