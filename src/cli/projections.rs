//! `oathbook projections`.

use std::{num::NonZeroU32, time::Duration};

use ::projections::{
    projector::Status as Standing,
    views::{Pace, Progress, Rebuild as Noted, Work},
};
use clap::{Args, Subcommand};
use domain::Timestamp;
use serde_json::{Value, json};

use super::{
    outcome::{Exit, Outcome, print_json, print_line, print_table},
    progress,
};
use crate::{compose::House, config::Config};

/// How long a command waits for the views to catch up with the log.
const CATCH_UP: Duration = Duration::from_mins(1);

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say how far each view is, and what is parked.
    Status(Status),
    /// Rebuild views from the log, beside the live ones, compare both, and switch. Works beside a running server.
    ///
    /// The rows that were live are kept until the next rebuild, to go back to with `rollback`.
    Rebuild(Rebuild),
    /// Go back to the rows that were live before the last rebuild, brought to the present.
    Rollback(Rollback),
}

#[derive(Args, Debug)]
pub(super) struct Status {
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Rebuild {
    /// The view to rebuild; all of them when none is named.
    name: Option<String>,
    /// So many events a second at most. By default it rests as long as it works, so that others get their turn.
    #[arg(long, value_name = "EVENTS")]
    rate: Option<NonZeroU32>,
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Rollback {
    /// The view to roll back.
    name: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    let house = House::open(config).await?;
    match command {
        Command::Status(arguments) => status(&house, &arguments).await,
        Command::Rebuild(arguments) => rebuild(&house, &arguments).await,
        Command::Rollback(arguments) => roll_back(&house, &arguments).await,
    }
}

/// Makes the views show all that is in the log.
pub(super) async fn catch_up(house: &House) -> Outcome {
    Ok(house.projections.catch_up(CATCH_UP).await?)
}

async fn status(house: &House, arguments: &Status) -> Outcome {
    let all = house.projections.status().await?;
    let rebuilds = house.views.latest_rebuilds().await?;
    let now = house.commands.clock.now();
    let of = |name: &str| rebuilds.iter().find(|rebuild| rebuild.projection == name);
    if arguments.json {
        let documents: Vec<_> = all.iter().map(|one| document(one, of(one.name), now)).collect();
        return print_json(&documents);
    }
    let version =
        |version: Option<u32>| version.map_or_else(|| "-".to_owned(), |it| it.to_string());
    let rows: Vec<_> = all
        .iter()
        .map(|one| {
            vec![
                one.name.to_owned(),
                version(one.live_version),
                version(one.former_version),
                one.position.to_string(),
                format!("{:.3} s", one.lag.as_secs_f64()),
                one.parked.len().to_string(),
                of(one.name).map_or_else(|| "-".to_owned(), |rebuild| words(rebuild, now)),
            ]
        })
        .collect();
    print_table(
        &["VIEW", "VERSION", "FORMER", "POSITION", "LAG", "PARKED", "LAST REBUILD"],
        &rows,
    )?;
    for parked in all.iter().flat_map(|one| &one.parked) {
        print_line(&format!(
            "parked: {} at revision {}: {}",
            parked.stream, parked.revision, parked.reason
        ))?;
    }
    Ok(())
}

fn document(one: &Standing, rebuild: Option<&Noted>, now: Timestamp) -> Value {
    json!({
        "name": one.name,
        "version": one.version,
        "live_version": one.live_version,
        "former_version": one.former_version,
        "position": one.position.to_string(),
        "lag_seconds": one.lag.as_secs_f64(),
        "parked": one.parked.iter().map(|parked| json!({
            "stream": parked.stream.as_str(),
            "revision": parked.revision,
            "position": parked.position.to_string(),
            "reason": parked.reason,
        })).collect::<Vec<_>>(),
        "last_rebuild": rebuild.map(|rebuild| described(rebuild, now)),
    })
}

fn described(rebuild: &Noted, now: Timestamp) -> Value {
    let mut document = json!({
        "work": rebuild.work.to_string(),
        "requested_at": rebuild.requested_at,
        "began_at": rebuild.began_at,
        "ended_at": rebuild.ended_at,
    });
    let progress = match &rebuild.progress {
        Progress::Requested => json!({ "state": "requested" }),
        Progress::Running { events, of } => json!({
            "state": "running",
            "events": events,
            "of": of,
            "remaining_seconds": rebuild.remaining(now).map(|left| left.as_secs()),
        }),
        Progress::Done { rows, differing } => {
            json!({ "state": "done", "rows": rows, "differing": differing })
        }
        Progress::Failed { reason } => json!({ "state": "failed", "reason": reason }),
    };
    if let (Some(document), Value::Object(progress)) = (document.as_object_mut(), progress) {
        document.extend(progress);
    }
    document
}

fn words(rebuild: &Noted, now: Timestamp) -> String {
    match &rebuild.progress {
        Progress::Requested => "asked for".to_owned(),
        Progress::Running { events, of } => {
            let percent = events * 100 / (*of).max(1);
            let left = rebuild.remaining(now);
            let left = left.map_or_else(String::new, |left| format!(", {} s left", left.as_secs()));
            format!("{percent} % of {of} events{left}")
        }
        Progress::Done { rows, differing } => format!("{rows} rows, {differing} differed"),
        Progress::Failed { reason } => format!("failed: {reason}"),
    }
}

async fn rebuild(house: &House, arguments: &Rebuild) -> Outcome {
    let names = match &arguments.name {
        Some(name) => vec![name.as_str()],
        None => house.projections.names(),
    };
    let work = Work::Rebuild(arguments.rate.map_or(Pace::Half, Pace::PerSecond));
    let mut documents = Vec::new();
    for name in names {
        let done = work_on(house, name, work, "rebuilt", arguments.json).await?;
        documents.push(done);
    }
    if arguments.json { print_json(&documents) } else { Ok(()) }
}

async fn roll_back(house: &House, arguments: &Rollback) -> Outcome {
    let Rollback { name, json } = arguments;
    let done = work_on(house, name, Work::RollBack, "rolled back", *json).await?;
    if *json { print_json(&done) } else { Ok(()) }
}

async fn work_on(
    house: &House,
    name: &str,
    work: Work,
    verb: &'static str,
    json: bool,
) -> Outcome<Value> {
    if !house.projections.names().contains(&name) {
        let known = house.projections.names().join(", ");
        return Err(Exit::not_found(format_args!("there is no view {name:?}; there are {known}")));
    }
    let shown = progress::Progress::of(verb, "events");
    let report = |progress: &Progress| {
        if let Progress::Running { events, of } = progress {
            shown.show(*events, *of);
        }
    };
    let done = house.projections.work(name, work, report).await?;
    drop(shown);
    let Progress::Done { rows, differing } = done else {
        return Err(Exit::refused(format_args!("the work on {name} did not end")));
    };
    if !json {
        let verdict = match differing {
            0 => "identical to those that were live".to_owned(),
            differing => format!("{differing} differ from those that were live"),
        };
        print_line(&format!("{name}: {rows} rows, {verdict}"))?;
    }
    Ok(json!({ "name": name, "rows": rows, "differing": differing }))
}
