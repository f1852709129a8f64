//! Whether the engines answer, as whom, with which clock, and with the schema of this release.

use std::time::Duration;

use store::{Clock, limits};
use tokio::time::timeout;

use super::{Finding, chain};
use crate::{
    compose::{Seen, SystemClock, look_at, schemas},
    config::{Config, Engine},
};

/// How long an engine may take to answer.
const PATIENCE: Duration = Duration::from_secs(8);
/// A clock that differs by more should be set.
const SKEW: Duration = Duration::from_secs(1);

pub(super) async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut asked: Vec<&Engine> = Vec::new();
    for (about, engine) in
        [("events", &config.events), ("views", &config.views), ("state", &config.state)]
    {
        let before = SystemClock.now();
        let seen = match timeout(PATIENCE, look_at(engine)).await {
            Ok(Ok(seen)) => seen,
            Ok(Err(error)) => {
                findings.push(unreachable(about, engine, &chain(&error)));
                continue;
            }
            Err(_) => {
                findings.push(unreachable(about, engine, "no answer in time"));
                continue;
            }
        };
        findings.push(found(about, engine, &seen));
        if !asked.contains(&engine) {
            asked.push(engine);
            let way = SystemClock.now().since(before) / 2;
            findings.extend(clock(&seen, before.plus(way)));
            findings.extend(connections(&seen));
        }
    }
    if findings.iter().all(|finding| finding.verdict != super::Verdict::Failure) {
        findings.extend(migrations(config).await);
    }
    findings
}

fn unreachable(about: &'static str, engine: &Engine, reason: &str) -> Finding {
    Finding::failure(
        about,
        format_args!("{engine}: {reason}"),
        format_args!(
            "see that the engine runs and that `{about}` names it; nothing works without it"
        ),
    )
}

fn found(about: &'static str, engine: &Engine, seen: &Seen) -> Finding {
    let said = format!("{} at {engine}", seen.name);
    match engine {
        Engine::Memory => Finding::warning(
            about,
            "kept in memory, and lost with the process",
            format_args!("set `{about}` to sqlite:PATH or postgres://…"),
        ),
        _ if !seen.exists => Finding::good(about, format_args!("{said}, not made yet")),
        _ => Finding::good(about, said),
    }
}

/// The engine refuses events of a machine that is too far ahead.
fn clock(seen: &Seen, here: domain::Timestamp) -> Option<Finding> {
    let there = seen.clock?;
    let (ahead, behind) = (here.since(there), there.since(here));
    let skew = ahead.max(behind);
    let which = if ahead > behind { "ahead of" } else { "behind" };
    let said = format!("this machine is {skew:.1?} {which} {}", seen.name);
    let remedy = "let both set their clocks by NTP";
    Some(if ahead > limits::AHEAD {
        Finding::failure("clock", format_args!("{said}: its events are refused"), remedy)
    } else if skew > SKEW {
        Finding::warning("clock", said, remedy)
    } else {
        Finding::good("clock", format_args!("as {} has it", seen.name))
    })
}

fn connections(seen: &Seen) -> Option<Finding> {
    let (most, now) = seen.connections?;
    let said = format!("{now} of {most} connections to {} are taken", seen.name);
    Some(if now * 10 >= most * 9 {
        Finding::warning(
            "connections",
            said,
            "raise max_connections: a process of Oathbook takes up to 16",
        )
    } else {
        Finding::good("connections", said)
    })
}

async fn migrations(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for schema in schemas(config) {
        let about = "schema";
        findings.push(match schema.missing().await {
            Ok(0) => Finding::good(about, format_args!("{} is up to date", schema.name())),
            Ok(missing) => Finding::failure(
                about,
                format_args!("{} lacks {missing} migrations", schema.name()),
                "run `oathbook migrate` as the owner of the schemas",
            ),
            Err(error) => {
                Finding::failure(about, chain(&error), "see that the role may read the schema")
            }
        });
    }
    findings
}
