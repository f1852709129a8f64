//! `oathbook migrate`.

use clap::Args;
use serde_json::json;

use super::outcome::{Exit, Outcome, print_json, print_line};
use crate::{compose, config::Config};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Change nothing; exit with status 1 if something is to be applied.
    #[arg(long)]
    check: bool,
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(arguments: &Arguments, config: &Config) -> Outcome {
    let Arguments { check, json } = arguments;
    let mut documents = Vec::new();
    let mut missing = 0;
    for schema in compose::schemas(config) {
        let migrations =
            if *check { schema.missing().await? } else { schema.bring_up_to_date().await? };
        missing += migrations;
        documents.push(json!({ "schema": schema.name(), "migrations": migrations }));
        if !json {
            print_line(&match (migrations, check) {
                (0, _) => format!("{} is up to date.", schema.name()),
                (some, true) => format!("{} lacks {some} migrations.", schema.name()),
                (some, false) => format!("{}: {some} migrations applied.", schema.name()),
            })?;
        }
    }
    if *json {
        print_json(&documents)?;
    } else if documents.is_empty() {
        print_line(
            "No schema of PostgreSQL is configured; files of SQLite are migrated when they are opened.",
        )?;
    }
    if *check && missing > 0 {
        return Err(Exit::behind("run `oathbook migrate` as the owner of the schemas"));
    }
    Ok(())
}
