//! How letters leave: the notifier parses URLs, the configuration adds where they are relative to and what may be shown.

use std::fmt;

use notifier::post;
use url::Url;

use super::{
    value::{Given, Shown, Wrong},
    withheld,
};

/// More would have too little time each.
const MOST: usize = 4;

/// In the order in which they are tried.
#[derive(Clone, Debug)]
pub struct Transports(pub Vec<Transport>);

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

impl fmt::Display for Transports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&shown.join(","))
    }
}

impl Shown for Transports {
    fn shown(&self) -> String {
        self.to_string()
    }
}

pub(super) fn read(given: &Given<'_>) -> Result<Transports, Wrong> {
    let texts = given.list();
    if !(1..=MOST).contains(&texts.len()) {
        return Err(format!("must be a transport or a list of up to {MOST}"));
    }
    let several = texts.len() > 1;
    let transports = texts.iter().enumerate().map(|(index, text)| {
        one(given, text).map_err(|wrong| {
            let place = if several { format!(" in number {}", index + 1) } else { String::new() };
            format!("is wrong{place}: {wrong}")
        })
    });
    transports.collect::<Result<_, _>>().map(Transports)
}

fn one(given: &Given<'_>, text: &str) -> Result<Transport, Wrong> {
    let mut post: post::Transport =
        text.parse().map_err(|error: post::InvalidTransport| error.to_string())?;
    if let Some(path) = post.path_mut() {
        *path = given.resolve(path.to_str().ok_or("a path must be text")?)?;
    }
    let shown = match &post {
        post::Transport::File(_) | post::Transport::Sendmail(_) => post.to_string(),
        post::Transport::Smtp(_) => {
            let url = Url::parse(text).map_err(|_| "it must be a URL")?;
            // Options are no secrets: how the connection is secured, and where a secret lies.
            let options = url.query().map(|query| format!("?{query}")).unwrap_or_default();
            withheld::shown(&url).trim_end_matches("?…").to_owned() + &options
        }
    };
    Ok(Transport { post, shown })
}
