//! `oathbook notifications`.

use std::collections::HashMap;

use ::projections::{
    notifications::{
        Delivery, Notifications, Row,
        history::{self, Step},
        listing::{Filter, From, Query, Readers, Trials},
    },
    row_of,
};
use clap::{Args, Subcommand};
use commands::{Failure, Permit, notifications::Refusal};
use domain::{
    ApplicationId, NotificationId, UserId,
    application::Application,
    notification::{Event, Notification, Recipient},
};
use serde_json::{Value, json};
use store::StreamName;

use super::{
    lookup,
    outcome::{Exit, Outcome, print_json, print_line, print_table},
    projections::catch_up,
};
use crate::{compose::House, config::Config};

/// Steps that `show` tells.
const STEPS: usize = 100;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List letters, the newest first, with what became of them.
    List(List),
    /// Show one letter and everything that happened to it.
    Show(Show),
    /// Send a letter once more that was sent, abandoned or canceled. It is another message to the same recipient.
    Resend(Named),
    /// Call off a letter that has not left.
    Cancel(Named),
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// Only those in this state; as often as needed.
    #[arg(long = "state", value_name = "STATE", value_parser = state)]
    states: Vec<Delivery>,
    /// Only those that tell of this, such as `application_created`.
    #[arg(long)]
    occasion: Option<String>,
    /// Only those to this user (id or name).
    #[arg(long)]
    recipient: Option<String>,
    /// Only those about this application.
    #[arg(long, value_parser = lookup::application)]
    application: Option<ApplicationId>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Show {
    #[arg(value_parser = id)]
    id: NotificationId,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Named {
    #[arg(value_parser = id)]
    id: NotificationId,
}

fn state(text: &str) -> Result<Delivery, String> {
    let found = Delivery::ALL.into_iter().find(|state| state.as_str() == text);
    let all = || Delivery::ALL.map(Delivery::as_str).join(", ");
    found.ok_or_else(|| format!("a letter's state is one of: {}", all()))
}

fn id(text: &str) -> Result<NotificationId, String> {
    text.parse().map_err(|_| {
        "a letter's id looks like 0198c2f4-7d1e-5a3b-9c55-0f2e4b6a8d10; `oathbook notifications list` shows all"
            .to_owned()
    })
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    let house = House::open(config).await?;
    let scribe = house.commands.as_operator();
    match command {
        Command::List(arguments) => list(&house, arguments).await,
        Command::Show(arguments) => show(&house, &arguments).await,
        Command::Resend(Named { id }) => {
            scribe.resend_notification(&Permit::operator(), id).await.map_err(exit)?;
            Ok(())
        }
        Command::Cancel(Named { id }) => {
            scribe.cancel_notification(&Permit::operator(), id).await.map_err(exit)?;
            Ok(())
        }
    }
}

fn exit(failure: Failure<Refusal>) -> Exit {
    match failure {
        Failure::Refused(Refusal::Delivery(domain::notification::Error::Absent)) => missing(),
        failure => failure.into(),
    }
}

fn missing() -> Exit {
    Exit::not_found("there is no such letter; `oathbook notifications list` shows all")
}

async fn list(house: &House, arguments: List) -> Outcome {
    let scribe = house.commands.as_operator();
    let readers = match &arguments.recipient {
        Some(text) => Readers::One(lookup::user(&scribe, text).await?),
        None => Readers::Anybody,
    };
    let filter = Filter {
        states: (!arguments.states.is_empty()).then(|| arguments.states.into_iter().collect()),
        occasions: arguments.occasion.map(|occasion| [occasion].into()),
        readers,
        subject: arguments.application.map(|id| StreamName::of::<Application>(&id)),
        trials: Trials::Listed,
    };
    catch_up(house).await?;
    let query = Query { filter, from: From::Start, limit: arguments.limit };
    let rows = house.views.letters(&query).await?.rows;
    if arguments.json {
        return print_json(&rows.iter().map(document).collect::<Vec<_>>());
    }
    let mut names = Names { house, known: HashMap::new() };
    let mut cells = Vec::with_capacity(rows.len());
    for row in &rows {
        cells.push(vec![
            row.id.to_string(),
            row.state.as_str().to_owned(),
            row.request.occasion.clone(),
            names.recipient(row).await?,
            row.attempts.to_string(),
            row.requested_at.to_string(),
            row.answer.clone().unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    let headings = ["ID", "STATE", "OCCASION", "RECIPIENT", "ATTEMPTS", "REQUESTED", "LAST ANSWER"];
    print_table(&headings, &cells)
}

/// What recipients are called, each looked up once.
struct Names<'a> {
    house: &'a House,
    known: HashMap<UserId, String>,
}

impl Names<'_> {
    async fn recipient(&mut self, row: &Row) -> Outcome<String> {
        let Recipient::User(id) = row.request.recipient else {
            return Ok(format!("(an address of the rule {})", row.request.rule));
        };
        if let Some(name) = self.known.get(&id) {
            return Ok(name.clone());
        }
        let user = self.house.commands.as_operator().user(id).await?;
        let name = user.and_then(|user| user.user_name.as_open().map(str::to_owned));
        let name = name.unwrap_or_else(|| "(erased)".to_owned());
        self.known.insert(id, name.clone());
        Ok(name)
    }
}

async fn show(house: &House, arguments: &Show) -> Outcome {
    let log = &house.commands.log;
    let stream = StreamName::of::<Notification>(&arguments.id);
    let row = row_of::<Notifications>(log, &stream, None).await?.ok_or_else(missing)?;
    let steps = history::of(log, row.id, STEPS).await?.steps;
    if arguments.json {
        let mut document = document(&row);
        document["history"] = steps.iter().map(step).collect();
        return print_json(&document);
    }
    let recipient = Names { house, known: HashMap::new() }.recipient(&row).await?;
    for (label, value) in [
        ("Notification", row.id.to_string()),
        ("Occasion", row.request.occasion.clone()),
        ("About", row.request.subject().to_owned()),
        ("Recipient", recipient),
        ("State", row.state.as_str().to_owned()),
        ("Due", row.due.map_or_else(|| "-".to_owned(), |due| due.to_string())),
        ("Attempts", row.attempts.to_string()),
        ("Last answer", row.answer.clone().unwrap_or_else(|| "-".to_owned())),
        ("Message-ID", row.message_id.clone().unwrap_or_else(|| "-".to_owned())),
        ("Requested", row.requested_at.to_string()),
    ] {
        print_line(&format!("{label:13} {value}"))?;
    }
    for step in &steps {
        print_line(&format!("{}   {}", step.at, words(&step.event)))?;
    }
    Ok(())
}

fn words(event: &Event) -> String {
    match event {
        Event::Requested { .. } => "requested".to_owned(),
        Event::Attempted { attempt, worker, until } => {
            format!("attempt {attempt} by the worker {worker}, until {until}")
        }
        Event::Sent { attempt, answer, .. } => format!("sent by attempt {attempt}: {answer}"),
        Event::Failed { attempt, reason, next } => {
            format!("attempt {attempt} failed, next {next}: {reason}")
        }
        Event::Abandoned { attempt, reason } => {
            format!("abandoned after attempt {attempt}: {reason}")
        }
        Event::Canceled {} => "canceled".to_owned(),
        Event::Resent {} => "to be sent again".to_owned(),
    }
}

fn step(step: &Step) -> Value {
    json!({ "at": step.at, "event": step.event })
}

fn document(row: &Row) -> Value {
    json!({
        "id": row.id,
        "occasion": row.request.occasion,
        "about": row.request.subject(),
        "event": row.request.event,
        "rule": row.request.rule,
        "template": row.request.template,
        "recipient": row.request.recipient,
        "daily": row.request.daily,
        "test": row.request.test.is_some(),
        "state": row.state,
        "due_at": row.due,
        "attempts": row.attempts,
        "answer": row.answer,
        "message_id": row.message_id,
        "requested_at": row.requested_at,
        "changed_at": row.changed_at,
    })
}
