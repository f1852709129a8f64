//! `oathbook config`.

use clap::{Args, Subcommand};

use super::outcome::{Outcome, print_json, print_line, print_table};
use crate::config::Loaded;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say whether the configuration can be used; what is wrong is told with its place.
    Check,
    /// Print every key with its value and where the value came from; secrets are withheld.
    Show(Show),
}

#[derive(Args, Debug)]
pub(super) struct Show {
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &Command, loaded: &Loaded) -> Outcome {
    match command {
        // Whatever is wrong was told when the configuration was loaded.
        Command::Check => print_line(&match &loaded.file {
            Some(file) => format!("{} can be used.", file.display()),
            None => "There is no configuration file; the defaults can be used.".to_owned(),
        }),
        Command::Show(Show { json: true }) => print_json(&loaded.show()),
        Command::Show(Show { json: false }) => {
            let rows: Vec<_> = loaded
                .show()
                .iter()
                .map(|row| vec![row.key.to_owned(), row.value.clone(), row.origin.clone()])
                .collect();
            print_table(&["KEY", "VALUE", "ORIGIN"], &rows)
        }
    }
}
