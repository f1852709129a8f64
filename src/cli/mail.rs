//! `oathbook mail`.

use clap::{Args, Subcommand};
use domain::NotificationId;
use letters::Rendered;
use notifier::{
    PlaceError,
    post::{Mail, Post, Stage, Step},
};
use serde_json::{Value, json};
use store::{Clock, Entropy, Position};

use super::outcome::{Exit, Outcome, print_json, print_line};
use crate::{
    compose::{House, SystemClock, SystemEntropy},
    config::Config,
    doctor::Verdict,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say how far a letter would come with each transport, one line a step.
    ///
    /// Exit status 1 if a transport fails.
    Check(Check),
    /// Let rules tell of what happened behind an event, also where nobody was told because the log or the state came from
    /// elsewhere. Letters that were asked for already are not asked for again. No notifier should run meanwhile.
    Announce(Announce),
}

#[derive(Args, Debug)]
pub(super) struct Announce {
    /// Begin behind the event at this position, as `events list` prints it; 0.0 is the beginning of the log.
    #[arg(long, value_name = "POSITION")]
    behind: Position,
}

#[derive(Args, Debug)]
pub(super) struct Check {
    /// Send a mail to this address with each transport, instead of stopping before the recipient.
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    match command {
        Command::Check(arguments) => check(arguments, config).await,
        Command::Announce(Announce { behind }) => announce(behind, config).await,
    }
}

async fn announce(behind: Position, config: &Config) -> Outcome {
    let House { commands, log_id, state, .. } = House::open(config).await?;
    let announced = notifier::announce_behind(&commands.log, log_id, &*state, behind).await;
    announced.map_err(|error| match error {
        PlaceError::NoEvent(_) => Exit::not_found(error),
        PlaceError::Log(_) | PlaceError::State(_) => Exit::unavailable(&error),
    })?;
    print_line(&format!("The notifier goes on behind {behind}."))
}

async fn check(Check { to, json }: Check, config: &Config) -> Outcome {
    let public_url = config.public_url_at(config.listen);
    let post = Post::new(&config.mail.settings(), public_url.as_url())
        .map_err(|error| Exit::usage(&error))?;
    let mail = || to.as_deref().map(|to| greeting(to, public_url.as_str()));
    let checked = post.check(mail).await.map_err(|error| match error.stage {
        Stage::Composing => Exit::argument("--to", error.reason),
        _ => Exit::failed(&error),
    })?;
    if json {
        print_json(&checked.iter().map(document).collect::<Vec<_>>())?;
    } else {
        for (transport, steps) in &checked {
            print_line(transport)?;
            for step in steps {
                let (verdict, said) = outcome(step);
                print_line(&format!(
                    "  {verdict:8} {:10} {said}",
                    step.name,
                    verdict = verdict.to_string()
                ))?;
            }
        }
    }
    let broken = checked.iter().filter(|(_, steps)| steps.iter().any(|step| step.found.is_err()));
    match broken.count() {
        0 => Ok(()),
        broken => {
            let all = checked.len();
            Err(Exit::behind(format_args!("{broken} of {all} transports would not take a letter")))
        }
    }
}

fn outcome(step: &Step) -> (Verdict, &str) {
    match &step.found {
        Ok(found) => (Verdict::Good, found),
        Err(wrong) => (Verdict::Failure, wrong),
    }
}

fn document((transport, steps): &(String, Vec<Step>)) -> Value {
    let steps = steps.iter().map(|step| {
        let (verdict, said) = outcome(step);
        json!({ "step": step.name, "verdict": verdict, "said": said })
    });
    json!({ "transport": transport, "steps": steps.collect::<Vec<_>>() })
}

/// Each is a mail of its own, so that one that comes by the second transport is not taken for the first.
fn greeting(address: &str, public_url: &str) -> Mail {
    let moment = SystemClock.now();
    Mail {
        notification: NotificationId::new(SystemEntropy.uuid_v7(moment)),
        address: address.to_owned(),
        display_name: String::new(),
        letter: Rendered {
            subject: "A mail from Oathbook".to_owned(),
            text: format!("Letters from {public_url} arrive here.\n"),
            html: "<p>Letters from Oathbook arrive here.</p>\n".to_owned(),
        },
        date: moment,
    }
}
