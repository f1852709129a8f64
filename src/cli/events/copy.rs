//! `oathbook events copy`.

use clap::Args;
use domain::LogId;
use notifier::LISTENERS;
use projections::Checkpoint;
use serde_json::json;
use store::{
    chains,
    copying::{self, CopyError, Verified},
};

use crate::{
    cli::{
        outcome::{Exit, Outcome, print_json, print_line},
        progress::Progress,
    },
    compose::{files, open_log, open_state},
    config::{Config, Engine},
};

#[derive(Args, Debug)]
pub(in crate::cli) struct Arguments {
    /// The log as it is, such as sqlite:var/events.db. Nothing may write to it during the last run.
    #[arg(value_parser = Engine::parse_log)]
    from: Engine,
    /// An empty log, or one that an earlier run began, such as `postgres://oathbook@db.example/oathbook`.
    #[arg(value_parser = Engine::parse_log)]
    to: Engine,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(arguments: &Arguments, config: &Config) -> Outcome {
    let Arguments { from, to, json } = arguments;
    if from == to {
        return Err(Exit::argument("TO", "must be another log than FROM"));
    }
    if let Engine::Sqlite(path) = from
        && !path.exists()
    {
        return Err(Exit::not_found(format_args!("there is no log in {}", path.display())));
    }
    let (original, copy) = (open_log(from).await?, open_log(to).await?);
    let copied = Progress::of("copied", "events");
    let report = |done: chains::Progress| copied.show(done.events, done.of);
    let fresh = copying::copy(&*original.port, &*copy.port, &report).await.map_err(exit)?;
    let compared = Progress::of("verified", "events");
    let report = |done: chains::Progress| compared.show(done.events, done.of);
    let verified = copying::verify(&*original.port, &*copy.port, &report).await.map_err(exit)?;
    let log = files::log_id(&*copy.port).await?;
    let log =
        log.ok_or_else(|| Exit::not_found("FROM holds no log of Oathbook: it was never founded"))?;
    quieten_listeners(config, log, verified).await?;
    original.close().await;
    copy.close().await;
    let Verified { events, streams, digest, copy: position, .. } = verified;
    if *json {
        return print_json(&json!({
            "log": log.to_string(),
            "copied": fresh,
            "events": events,
            "streams": streams,
            "digest": digest.to_string(),
            "position": position.to_string(),
        }));
    }
    print_line(&format!(
        "{fresh} events copied. {events} events in {streams} streams are the same in both logs, up to {digest}."
    ))?;
    print_line(&format!(
        "To use the copy, set `events: {to}`; the views are rebuilt at the next start."
    ))
}

/// Nothing up to the last copied event is announced again: the listeners of the configured state begin behind it.
async fn quieten_listeners(config: &Config, log: LogId, verified: Verified) -> Outcome {
    let Verified { copy: position, digest, events, .. } = verified;
    if events == 0 {
        return Ok(());
    }
    let state = open_state(&config.state).await?;
    for listener in LISTENERS {
        let checkpoint = Checkpoint { log, position, digest };
        let advanced = state.port.advance_listener(listener, checkpoint).await;
        advanced.map_err(|error| Exit::unavailable(&error))?;
    }
    state.close().await;
    Ok(())
}

fn exit(error: CopyError) -> Exit {
    match error {
        CopyError::Reading(_) | CopyError::Writing(_) => Exit::unavailable(&error),
        CopyError::Foreign { .. }
        | CopyError::Different { .. }
        | CopyError::Lengths
        | CopyError::Broken { .. } => Exit::refused(&error),
    }
}
