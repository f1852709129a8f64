//! `oathbook events list`.

use clap::Args;
use domain::Category;
use serde_json::{Value, json};
use store::{Categories, Position, RecordedEvent, StoreError, StreamName};

use crate::{
    cli::outcome::{Exit, Outcome, print_json},
    compose::House,
    config::Config,
};

/// Events read at once.
const PAGE: usize = 500;

#[derive(Args, Debug)]
pub(in crate::cli) struct Arguments {
    /// Only those of this stream, such as application-0198c2f4-7d1e-7a3b-9c55-0f2e4b6a8d10.
    #[arg(long, conflicts_with = "category", value_parser = stream)]
    stream: Option<StreamName>,
    /// Only those of this category; as often as needed.
    #[arg(long)]
    category: Vec<Category>,
    /// Only those behind this position, such as 0.42.
    #[arg(long)]
    after: Option<Position>,
    /// At most so many.
    #[arg(long)]
    limit: Option<usize>,
}

fn stream(text: &str) -> Result<StreamName, String> {
    StreamName::parse(text).map_err(|_| "a stream's name has the form category-id".to_owned())
}

pub(super) async fn run(arguments: &Arguments, config: &Config) -> Outcome {
    let house = House::open(config).await?;
    let store = house.commands.log.store();
    let unavailable = |error: StoreError| Exit::unavailable(&error);
    let mut left = arguments.limit.unwrap_or(usize::MAX);
    let mut after = arguments.after.unwrap_or(Position::START);
    let categories = match (&arguments.stream, arguments.category.as_slice()) {
        (Some(stream), _) => Categories::Of(vec![stream.category().to_owned()]),
        (None, []) => Categories::All,
        (None, categories) => Categories::of(categories),
    };
    loop {
        let batch = store.read_all(after, &categories, PAGE).await.map_err(unavailable)?;
        let wanted = |event: &&RecordedEvent| {
            arguments.stream.as_ref().is_none_or(|stream| event.stream == *stream)
        };
        for event in batch.events.iter().filter(wanted) {
            if left == 0 {
                return Ok(());
            }
            left -= 1;
            print_json(&document(&house, event).await?)?;
        }
        if batch.at_head || left == 0 {
            return Ok(());
        }
        after = batch.through;
    }
}

async fn document(house: &House, event: &RecordedEvent) -> Outcome<Value> {
    let read = |bytes: &[u8]| {
        serde_json::from_slice::<Value>(bytes).unwrap_or_else(|_| json!("(not JSON)"))
    };
    let (mut data, mut metadata) = (read(&event.data), read(&event.metadata));
    let vault = house.commands.log.vault();
    for document in [&mut data, &mut metadata] {
        vault.open(document).await.map_err(|error| Exit::unavailable(&error))?;
        for_people(document);
    }
    Ok(json!({
        "position": event.position.to_string(),
        "stream": event.stream.as_str(),
        "revision": event.revision,
        "id": event.id,
        "tag": event.tag,
        "data": data,
        "metadata": metadata,
        "digest": event.digest.to_string(),
        "recorded_at": event.recorded_at,
    }))
}

/// Shows personal fields as their values, and no hash of a secret or password.
fn for_people(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if let Some(hash) = object.get_mut("hash") {
                *hash = json!("(withheld)");
            }
            match object.remove("$personal") {
                Some(personal) => *value = personal,
                None => object.values_mut().for_each(for_people),
            }
        }
        Value::Array(items) => items.iter_mut().for_each(for_people),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
