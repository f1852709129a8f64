//! `oathbook events copy`.

use clap::Args;
use domain::LogId;
use notifier::LISTENERS;
use projections::Checkpoint;
use serde_json::json;
use store::{
    Direction, EventStore, chains,
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
    move_listeners(config, log, &*original.port, &*copy.port, verified).await?;
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

/// Listeners go on in the copy where they were in the original, so nothing is announced twice and nothing is left out.
/// One that does not know the original begins behind the last copied event.
async fn move_listeners(
    config: &Config,
    log: LogId,
    original: &dyn EventStore,
    copy: &dyn EventStore,
    verified: Verified,
) -> Outcome {
    let Verified { copy: position, digest, events, .. } = verified;
    if events == 0 {
        return Ok(());
    }
    let state = open_state(&config.state).await?;
    let unavailable = |error: store::StoreError| Exit::unavailable(&error);
    for listener in LISTENERS {
        let known = state.port.listener(listener).await;
        let known = known.map_err(|error| Exit::unavailable(&error))?;
        let last = Checkpoint { log, position, digest };
        let moved = match known {
            // Moved by an earlier run already.
            Some(known) if known.holds_in(log, copy).await.map_err(unavailable)? => continue,
            Some(known) if known.holds_in(log, original).await.map_err(unavailable)? => {
                counterpart(original, copy, known).await.map_err(unavailable)?.unwrap_or(last)
            }
            Some(_) | None => last,
        };
        let advanced = state.port.advance_listener(listener, moved).await;
        advanced.map_err(|error| Exit::unavailable(&error))?;
    }
    state.close().await;
    Ok(())
}

/// The same place in the copy.
async fn counterpart(
    original: &dyn EventStore,
    copy: &dyn EventStore,
    known: Checkpoint,
) -> Result<Option<Checkpoint>, store::StoreError> {
    let Some(event) = original.event_at(known.position).await? else { return Ok(None) };
    let found = copy.read(&event.stream, event.revision, Direction::Forwards, 1).await?;
    Ok(found.first().map(|event| Checkpoint { position: event.position, ..known }))
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
