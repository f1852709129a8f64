//! Looks at an installation as a whole and says what is wrong with it, each time with a remedy. Changes nothing.

mod engines;
mod keys;
mod machine;
mod mail;
mod records;
mod settings;

use std::fmt::{self, Display};

use serde::Serialize;

pub(crate) use self::settings::{derived_public_url, exposed_engines};
use crate::config::Config;

/// How something does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Good,
    /// It works, and should not stay so.
    Warning,
    /// Something does not work, or will not keep a promise.
    Failure,
}

/// What was looked at, and what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub about: &'static str,
    pub verdict: Verdict,
    pub said: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Finding {
    fn good(about: &'static str, said: impl Display) -> Self {
        Self { about, verdict: Verdict::Good, said: said.to_string(), remedy: None }
    }

    fn warning(about: &'static str, said: impl Display, remedy: impl Display) -> Self {
        let (said, remedy) = (said.to_string(), Some(remedy.to_string()));
        Self { about, verdict: Verdict::Warning, said, remedy }
    }

    fn failure(about: &'static str, said: impl Display, remedy: impl Display) -> Self {
        Self { verdict: Verdict::Failure, ..Self::warning(about, said, remedy) }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Good => "good",
            Self::Warning => "WARNING",
            Self::Failure => "FAILURE",
        })
    }
}

/// Everything that can be looked at, in the order in which one would mend it.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = settings::examine(config);
    findings.extend(machine::examine(config));
    let engines = engines::examine(config).await;
    let usable = engines.iter().all(|finding| finding.verdict != Verdict::Failure);
    findings.extend(engines);
    if usable {
        findings.extend(records::examine(config).await);
    }
    findings.extend(keys::examine(config));
    findings.extend(mail::examine(config).await);
    findings
}

/// An error with its causes, in one line.
fn chain(error: &anyhow::Error) -> String {
    format!("{error:#}")
}
