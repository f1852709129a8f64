//! Whether letters would leave.

use notifier::post::Post;

use super::Finding;
use crate::config::Config;

const ABOUT: &str = "mail";

pub(super) async fn examine(config: &Config) -> Vec<Finding> {
    let public_url = config.public_url_at(config.listen);
    let transport = &config.mail.transport;
    let remedy = "set mail.transport and mail.from; letters wait until mail leaves";
    let post = match Post::new(transport.post.clone(), &config.mail.from, public_url.as_url()) {
        Ok(post) => post,
        Err(error) => return vec![Finding::failure(ABOUT, error, remedy)],
    };
    vec![match post.probe().await {
        Ok(found) => Finding::good(ABOUT, found),
        Err(error) => Finding::failure(ABOUT, format_args!("{transport}: {error}"), remedy),
    }]
}
