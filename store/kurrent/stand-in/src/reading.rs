//! Reads and subscriptions: what is sent, in which order.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use futures::{Stream, StreamExt, stream};
use tokio::sync::mpsc;
use tonic::Status;
use uuid::Uuid;

use crate::{
    State,
    log::{Log, Record},
    service::{invalid, stream_deleted, structured},
    wire::client::{
        self as wire, StreamIdentifier,
        streams::{
            Position, ReadResp,
            read_req::{
                Options,
                options::{
                    AllOptions, CountOption, FilterOption, ReadDirection, StreamOption,
                    StreamOptions, UuidOption, all_options::AllOption, filter_options::Filter,
                    filter_options::Window, stream_options::RevisionOption, uuid_option,
                },
            },
            read_resp::{
                CaughtUp, Checkpoint, Content, ReadEvent, RecordedEvent, StreamNotFound,
                SubscriptionConfirmation, read_event,
            },
        },
        uuid as wire_uuid,
    },
};

type Responses = Pin<Box<dyn Stream<Item = Result<ReadResp, Status>> + Send>>;

/// Messages of a subscription that wait for a slow client.
const WAITING: usize = 32;

/// What to tell of each record, and how.
#[derive(Clone)]
struct Selection {
    filter: Option<Wanted>,
    /// Considered records between two checkpoints.
    window: u64,
    ids_as_text: bool,
}

#[derive(Clone)]
enum Wanted {
    Streams(Names),
    Types(Names),
}

#[derive(Clone)]
enum Names {
    With(Vec<String>),
    NotOfTheSystem,
}

impl Names {
    fn include(&self, name: &str) -> bool {
        match self {
            Self::With(prefixes) => prefixes.iter().any(|prefix| name.starts_with(prefix)),
            Self::NotOfTheSystem => name.starts_with(|first: char| first != '$'),
        }
    }
}

pub(crate) fn read(state: &Arc<State>, options: Options) -> Result<Responses, Status> {
    let selection = Selection::of(&options)?;
    let backwards = options.read_direction() == ReadDirection::Backwards;
    match (options.count_option, options.stream_option) {
        (Some(CountOption::Count(count)), Some(StreamOption::All(all))) => {
            let found = all_records(&state.log.lock(), &all, backwards)?;
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            let chosen = found.into_iter().filter(move |record| selection.chooses(record));
            let ids_as_text = options.uuid_option.is_some_and(UuidOption::is_text);
            Ok(told(chosen.take(count).map(move |record| event(&record, ids_as_text))))
        }
        (Some(CountOption::Count(count)), Some(StreamOption::Stream(of))) => {
            let compatible = options.control_option.is_some_and(|it| it.compatibility >= 1);
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            read_stream(&state.log.lock(), &of, backwards, count, &selection, compatible)
        }
        (Some(CountOption::Subscription(_)), Some(of)) => subscribe(state, of, selection),
        _ => Err(invalid("what to read is missing")),
    }
}

impl UuidOption {
    const fn is_text(self) -> bool {
        matches!(self.content, Some(uuid_option::Content::String(_)))
    }
}

impl Selection {
    fn of(options: &Options) -> Result<Self, Status> {
        let ids_as_text = options.uuid_option.is_some_and(UuidOption::is_text);
        let Some(FilterOption::Filter(filter)) = &options.filter_option else {
            return Ok(Self { filter: None, window: u64::MAX, ids_as_text });
        };
        let (of_stream, expression) = match &filter.filter {
            Some(Filter::StreamIdentifier(expression)) => (true, expression),
            Some(Filter::EventType(expression)) => (false, expression),
            None => return Err(invalid("a filter is missing")),
        };
        let names = match &*expression.regex {
            "" => Names::With(expression.prefix.clone()),
            // The only regular expression that clients send unasked, as two of them spell it.
            r"^[^\$].*" | "^[^$].*" => Names::NotOfTheSystem,
            _ => return Err(Status::unimplemented("regular expressions")),
        };
        let wanted = if of_stream { Wanted::Streams(names) } else { Wanted::Types(names) };
        let size = match filter.window {
            Some(Window::Max(size)) => size,
            _ => 32,
        };
        let window =
            u64::from(size.max(1)) * u64::from(filter.checkpoint_interval_multiplier.max(1));
        Ok(Self { filter: Some(wanted), window, ids_as_text })
    }

    fn chooses(&self, record: &Record) -> bool {
        match &self.filter {
            None => true,
            Some(Wanted::Streams(names)) => names.include(&record.stream),
            Some(Wanted::Types(names)) => names.include(&record.event.kind),
        }
    }
}

fn all_records(log: &Log, all: &AllOptions, backwards: bool) -> Result<Vec<Arc<Record>>, Status> {
    let records = log.records();
    let start = match &all.all_option {
        None | Some(AllOption::Start(_)) => 0,
        Some(AllOption::End(_)) => records.len(),
        Some(AllOption::Position(position)) => {
            let exact = position.commit_position == position.prepare_position;
            let found = log.at(position.commit_position).filter(|_| exact);
            found.ok_or_else(|| invalid("Trying to read from an invalid position."))?
        }
    };
    Ok(if backwards {
        records[..start].iter().rev().cloned().collect()
    } else {
        records[start..].to_vec()
    })
}

fn read_stream(
    log: &Log,
    of: &StreamOptions,
    backwards: bool,
    count: usize,
    selection: &Selection,
    compatible: bool,
) -> Result<Responses, Status> {
    let name = stream_name(of)?;
    if log.is_tombstoned(&name) {
        return Err(stream_deleted(&name));
    }
    let Some(records) = log.stream(&name) else {
        let stream_identifier = Some(StreamIdentifier { stream_name: name.into_bytes() });
        let content = Content::StreamNotFound(StreamNotFound { stream_identifier });
        return Ok(told([content].into_iter()));
    };
    let last = records.last().map_or(0, |record| record.revision);
    let from = match &of.revision_option {
        Some(RevisionOption::Revision(revision)) => *revision,
        Some(RevisionOption::End(_)) => u64::MAX,
        Some(RevisionOption::Start(_)) | None => 0,
    };
    let chosen: Vec<_> = if backwards {
        records.iter().rev().filter(|record| record.revision <= from).take(count).collect()
    } else {
        records.iter().filter(|record| record.revision >= from).take(count).collect()
    };
    let mut contents: Vec<_> =
        chosen.into_iter().map(|record| event(record, selection.ids_as_text)).collect();
    if compatible {
        contents.push(Content::LastStreamPosition(last));
    }
    Ok(told(contents.into_iter()))
}

fn stream_name(of: &StreamOptions) -> Result<String, Status> {
    let name = of.stream_identifier.as_ref().ok_or_else(|| invalid("a stream is missing"))?;
    String::from_utf8(name.stream_name.clone()).map_err(|_| invalid("a stream's name is UTF-8"))
}

fn told(contents: impl Iterator<Item = Content> + Send + 'static) -> Responses {
    stream::iter(contents.map(|content| Ok(response(content)))).boxed()
}

const fn response(content: Content) -> ReadResp {
    ReadResp { content: Some(content) }
}

fn event(record: &Record, ids_as_text: bool) -> Content {
    let id = if ids_as_text {
        wire::Uuid { value: Some(wire_uuid::Value::String(record.event.id.to_string())) }
    } else {
        structured(record.event.id)
    };
    let metadata = HashMap::from([
        ("type".to_owned(), record.event.kind.clone()),
        ("content-type".to_owned(), record.event.content_type.clone()),
        ("created".to_owned(), record.created.to_string()),
    ]);
    let event = RecordedEvent {
        id: Some(id),
        stream_identifier: Some(StreamIdentifier {
            stream_name: record.stream.clone().into_bytes(),
        }),
        stream_revision: record.revision,
        prepare_position: record.position,
        commit_position: record.position,
        metadata,
        custom_metadata: record.event.metadata.to_vec(),
        data: record.event.data.to_vec(),
    };
    let position = Some(read_event::Position::CommitPosition(record.position));
    Content::Event(ReadEvent { event: Some(event), link: None, position })
}

/// A subscription never ends well: it fails, or the client goes.
fn subscribe(
    state: &Arc<State>,
    of: StreamOption,
    selection: Selection,
) -> Result<Responses, Status> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let subscriber = Subscriber {
        state: state.clone(),
        of: Of::read(&state.log.lock(), of)?,
        selection,
        sender,
        left: state.faults.lock().subscriptions_end_after,
        considered: 0,
        checkpoint: None,
    };
    tokio::spawn(subscriber.run());
    Ok(stream::unfold(receiver, async |mut receiver| {
        let message = receiver.recv().await?;
        Some((message, receiver))
    })
    .boxed())
}

enum Of {
    /// The next record's place in the log.
    All { next: usize },
    /// The stream, and the next revision.
    Stream { name: String, next: u64 },
}

impl Of {
    /// Strictly behind the position or revision.
    fn read(log: &Log, of: StreamOption) -> Result<Self, Status> {
        Ok(match of {
            StreamOption::All(all) => Self::All {
                next: match all.all_option {
                    None | Some(AllOption::Start(_)) => 0,
                    Some(AllOption::End(_)) => log.len(),
                    Some(AllOption::Position(position)) => log
                        .records()
                        .partition_point(|record| record.position <= position.commit_position),
                },
            },
            StreamOption::Stream(of) => {
                let name = stream_name(&of)?;
                let next = match of.revision_option {
                    None | Some(RevisionOption::Start(_)) => 0,
                    Some(RevisionOption::Revision(revision)) => revision + 1,
                    Some(RevisionOption::End(_)) => log
                        .stream(&name)
                        .and_then(|records| records.last().map(|last| last.revision + 1))
                        .unwrap_or(0),
                };
                Self::Stream { name, next }
            }
        })
    }

    /// What was added. A stream that was closed for ever ends its subscriptions.
    fn take(&mut self, log: &Log) -> Result<Vec<Arc<Record>>, Status> {
        if let Self::Stream { name, .. } = self
            && log.is_tombstoned(name)
        {
            return Err(stream_deleted(name));
        }
        Ok(match self {
            Self::All { next } => {
                let found = log.records()[*next..].to_vec();
                *next = log.len();
                found
            }
            Self::Stream { name, next } => {
                let found: Vec<_> = log
                    .stream(name)
                    .unwrap_or_default()
                    .into_iter()
                    .filter(|record| record.revision >= *next)
                    .collect();
                *next = found.last().map_or(*next, |last| last.revision + 1);
                found
            }
        })
    }
}

struct Subscriber {
    state: Arc<State>,
    of: Of,
    selection: Selection,
    sender: mpsc::Sender<Result<ReadResp, Status>>,
    /// Messages until it fails.
    left: Option<u32>,
    considered: u64,
    /// The last one that was sent.
    checkpoint: Option<u64>,
}

/// The client went.
struct Gone;

impl Subscriber {
    async fn run(mut self) {
        self.follow().await.err();
    }

    async fn follow(&mut self) -> Result<(), Gone> {
        let mut grown = self.state.grown.subscribe();
        let subscription_id = Uuid::new_v4().to_string();
        self.tell(Content::Confirmation(SubscriptionConfirmation { subscription_id })).await?;
        if let Some(position) = self.pass_on().await? {
            self.checkpoint(position).await?;
        }
        self.caught_up().await?;
        loop {
            let gone = self.sender.clone();
            tokio::select! {
                () = gone.closed() => return Err(Gone),
                changed = grown.changed() => changed.map_err(|_| Gone)?,
            }
            self.pass_on().await?;
        }
    }

    /// Tells what was added; answers with the position up to which it was considered.
    async fn pass_on(&mut self) -> Result<Option<u64>, Gone> {
        let taken = self.of.take(&self.state.log.lock());
        let found = match taken {
            Ok(found) => found,
            Err(status) => {
                self.sender.send(Err(status)).await.ok();
                return Err(Gone);
            }
        };
        for record in &found {
            self.considered += 1;
            if self.selection.chooses(record) {
                self.tell(event(record, self.selection.ids_as_text)).await?;
            }
            if self.considered.is_multiple_of(self.selection.window) {
                self.checkpoint(record.position).await?;
            }
        }
        Ok(found.last().map(|record| record.position))
    }

    /// Only of a filtered subscription to everything, and never the same one twice.
    async fn checkpoint(&mut self, position: u64) -> Result<(), Gone> {
        let filtered = self.selection.filter.is_some() && matches!(self.of, Of::All { .. });
        if !filtered || self.checkpoint >= Some(position) {
            return Ok(());
        }
        self.checkpoint = Some(position);
        self.tell(Content::Checkpoint(Checkpoint {
            commit_position: position,
            prepare_position: position,
            timestamp: Some(now()),
        }))
        .await
    }

    /// Up to what was considered: more may be there by now.
    async fn caught_up(&mut self) -> Result<(), Gone> {
        let at = |position| Position { commit_position: position, prepare_position: position };
        let (position, stream_revision) = match &self.of {
            Of::All { next } => {
                let log = self.state.log.lock();
                (next.checked_sub(1).map(|last| at(log.records()[last].position)), None)
            }
            Of::Stream { next, .. } => {
                (None, next.checked_sub(1).map(|revision| i64::try_from(revision).unwrap()))
            }
        };
        self.tell(Content::CaughtUp(CaughtUp { timestamp: Some(now()), stream_revision, position }))
            .await
    }

    async fn tell(&mut self, content: Content) -> Result<(), Gone> {
        if self.left == Some(0) {
            self.sender.send(Err(Status::unavailable("the server goes"))).await.ok();
            return Err(Gone);
        }
        self.left = self.left.map(|left| left - 1);
        self.sender.send(Ok(response(content))).await.map_err(|_| Gone)
    }
}

fn now() -> prost_types::Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    prost_types::Timestamp {
        seconds: i64::try_from(now.as_secs()).unwrap(),
        nanos: i32::try_from(now.subsec_nanos()).unwrap(),
    }
}
