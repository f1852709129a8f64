//! `oathbook store`.

use std::panic::AssertUnwindSafe;

use clap::{Args, Subcommand};
use futures::{FutureExt, StreamExt, stream};
use serde_json::json;
use store::contract::{self, Case};

use super::outcome::{Exit, Outcome, print_json, print_line};
use crate::{compose::Trial, config::Engine};

/// Promises tried at the same time: most of them wait for the engine.
const AT_ONCE: usize = 4;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the promises of the event store against an engine, in logs of its own beside whatever is there.
    Check(Check),
}

#[derive(Args, Debug)]
pub(super) struct Check {
    /// The engine, as `events` names it: sqlite:PATH, postgres://… or kurrentdb://…
    #[arg(value_parser = Engine::parse_log)]
    engine: Engine,
    /// Print one JSON object a promise.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command) -> Outcome {
    let Command::Check(Check { engine, json }) = command;
    // What a broken promise says is told below, once.
    std::panic::set_hook(Box::new(|_| {}));
    let mut cases = contract::cases();
    if engine.knows_ids_everywhere() {
        cases.extend(contract::unique_ids_cases());
    }
    let mut broken = 0;
    let mut failed = None;
    let mut outcomes = stream::iter(&cases).map(|case| hold(&engine, case)).buffered(AT_ONCE);
    while let Some(outcome) = outcomes.next().await {
        // Whatever was begun is thrown away, too.
        match outcome {
            Ok((name, complaint)) if failed.is_none() => {
                broken += usize::from(complaint.is_some());
                tell(name, complaint.as_deref(), json)?;
            }
            Ok(_) => {}
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    if let Some(error) = failed {
        return Err(error);
    }
    let kept = cases.len() - broken;
    match broken {
        0 if json => Ok(()),
        0 => print_line(&format!("{engine} keeps all {kept} promises.")),
        _ => {
            Err(Exit::refused(format_args!("{engine} breaks {broken} of {} promises", cases.len())))
        }
    }
}

/// Holds the engine to one promise, in a log of its own; answers with what is wrong.
async fn hold(engine: &Engine, case: &Case) -> Outcome<(&'static str, Option<String>)> {
    let trial = Trial::begin(engine).await?;
    let outcome = AssertUnwindSafe((case.run)(trial.log())).catch_unwind().await;
    trial.end().await?;
    Ok((case.name, outcome.err().map(|panic| words(&*panic))))
}

fn tell(name: &str, complaint: Option<&str>, json: bool) -> Outcome {
    let promise = name.replace('_', " ");
    if json {
        return print_json(
            &json!({ "promise": promise, "kept": complaint.is_none(), "complaint": complaint }),
        );
    }
    print_line(&match complaint {
        None => format!("kept    {promise}"),
        Some(complaint) => format!("BROKEN  {promise}: {complaint}"),
    })
}

/// What a panic says.
fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words").to_owned()
}
