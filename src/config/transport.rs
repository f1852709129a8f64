//! How letters leave: the notifier parses the URL, the configuration adds where it is relative to and what may be shown.

use std::fmt;

use notifier::post;
use url::Url;

use super::{
    value::{Given, Shown, Wrong},
    withheld,
};

/// A transport, and its URL without the password.
#[derive(Clone, Debug)]
pub struct Transport {
    pub post: post::Transport,
    shown: String,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Shown for Transport {
    fn shown(&self) -> String {
        self.to_string()
    }
}

pub(super) fn read(given: &Given<'_>) -> Result<Transport, Wrong> {
    let text = given.text()?;
    let post = match text.parse().map_err(|error: post::InvalidTransport| error.to_string())? {
        post::Transport::File(folder) => {
            let folder = folder.to_str().ok_or("must be text")?;
            post::Transport::File(given.resolve(folder)?)
        }
        other @ (post::Transport::Smtp(_) | post::Transport::Sendmail(_)) => other,
    };
    let shown = match &post {
        post::Transport::File(folder) => format!("file:{}", folder.display()),
        post::Transport::Sendmail(program) => format!("sendmail:{}", program.display()),
        post::Transport::Smtp(_) => {
            let url = Url::parse(text).map_err(|_| "must be a URL")?;
            // The option is no secret, and says how the connection is secured.
            let option = url.query().map(|query| format!("?{query}")).unwrap_or_default();
            withheld::shown(&url).trim_end_matches("?…").to_owned() + &option
        }
    };
    Ok(Transport { post, shown })
}
