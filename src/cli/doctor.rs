//! `oathbook doctor`.

use clap::Args;

use super::outcome::{Exit, Outcome, print_json, print_line};
use crate::{
    config::Config,
    doctor::{self, Verdict},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(arguments: &Arguments, config: &Config) -> Outcome {
    let findings = doctor::examine(config).await;
    let count = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
    let (warnings, failures) = (count(Verdict::Warning), count(Verdict::Failure));
    if arguments.json {
        print_json(&findings)?;
    } else {
        for finding in &findings {
            let verdict = finding.verdict.to_string();
            print_line(&format!("{verdict:8} {:17} {}", finding.about, finding.said))?;
            if let Some(remedy) = &finding.remedy {
                print_line(&format!("{:26} → {remedy}", ""))?;
            }
        }
    }
    match failures {
        0 if arguments.json => Ok(()),
        0 => print_line(&format!("Failures: 0, warnings: {warnings}.")),
        _ => Err(Exit::behind(format_args!("failures: {failures}, warnings: {warnings}"))),
    }
}
