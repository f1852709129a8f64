//! `oathbook projections`.

use std::{io::IsTerminal, sync::Mutex, time::Duration};

use ::projections::views::Progress;
use clap::{Args, Subcommand};
use serde_json::json;

use super::outcome::{Exit, Outcome, print_json, print_line, print_table};
use crate::{compose::House, config::Config};

/// How long a command waits for the views to catch up with the log.
const CATCH_UP: Duration = Duration::from_mins(1);

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say how far each view is, and what is parked.
    Status(Status),
    /// Rebuild views from the log, beside the live ones, and compare both. Works beside a running server.
    Rebuild(Rebuild),
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
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    let house = House::open(config).await?;
    match command {
        Command::Status(arguments) => status(&house, &arguments).await,
        Command::Rebuild(arguments) => rebuild(&house, &arguments).await,
    }
}

/// Makes the views show all that is in the log.
pub(super) async fn catch_up(house: &House) -> Outcome {
    Ok(house.projections.catch_up(CATCH_UP).await?)
}

async fn status(house: &House, arguments: &Status) -> Outcome {
    let all = house.projections.status().await?;
    if arguments.json {
        let documents: Vec<_> = all
            .iter()
            .map(|one| {
                json!({
                    "name": one.name,
                    "version": one.version,
                    "live_version": one.live_version,
                    "position": one.position.to_string(),
                    "lag_seconds": one.lag.as_secs_f64(),
                    "parked": one.parked.iter().map(|parked| json!({
                        "stream": parked.stream.as_str(),
                        "revision": parked.revision,
                        "position": parked.position.to_string(),
                        "reason": parked.reason,
                    })).collect::<Vec<_>>(),
                })
            })
            .collect();
        return print_json(&documents);
    }
    let rows: Vec<_> = all
        .iter()
        .map(|one| {
            vec![
                one.name.to_owned(),
                one.live_version.map_or_else(|| "-".to_owned(), |version| version.to_string()),
                one.position.to_string(),
                format!("{:.3} s", one.lag.as_secs_f64()),
                one.parked.len().to_string(),
            ]
        })
        .collect();
    print_table(&["VIEW", "VERSION", "POSITION", "LAG", "PARKED"], &rows)?;
    for parked in all.iter().flat_map(|one| &one.parked) {
        print_line(&format!(
            "parked: {} at revision {}: {}",
            parked.stream, parked.revision, parked.reason
        ))?;
    }
    Ok(())
}

async fn rebuild(house: &House, arguments: &Rebuild) -> Outcome {
    let names = match &arguments.name {
        Some(name) => vec![name.as_str()],
        None => house.projections.names(),
    };
    if let Some(unknown) = names.iter().find(|name| !house.projections.names().contains(name)) {
        let known = house.projections.names().join(", ");
        return Err(Exit::not_found(format_args!(
            "there is no view {unknown:?}; there are {known}"
        )));
    }
    let mut documents = Vec::new();
    for name in names {
        let said = Mutex::new(0);
        let report = |progress: &Progress| show_progress(name, progress, &said);
        let Progress::Done { rows, differing } = house.projections.rebuild(name, report).await?
        else {
            return Err(Exit::refused(format_args!("the rebuild of {name} did not end")));
        };
        documents.push(json!({ "name": name, "rows": rows, "differing": differing }));
        if !arguments.json {
            let verdict = match differing {
                0 => "identical to the live ones".to_owned(),
                differing => format!("{differing} differed from the live ones"),
            };
            print_line(&format!("{name}: {rows} rows, {verdict}"))?;
        }
    }
    if arguments.json { print_json(&documents) } else { Ok(()) }
}

/// One line a step at a terminal, silence in scripts.
fn show_progress(name: &str, progress: &Progress, said: &Mutex<u64>) {
    let Progress::Running { events, of } = progress else {
        return;
    };
    let Ok(mut said) = said.lock() else {
        return;
    };
    if std::io::stderr().is_terminal() && *events != *said {
        *said = *events;
        let percent = events * 100 / (*of).max(1);
        eprintln!("{name}: {events} of {of} events, {percent} %");
    }
}
