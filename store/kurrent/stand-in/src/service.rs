//! The services of a node.

use std::{
    collections::HashMap,
    future::pending,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use base64::prelude::{BASE64_STANDARD, Engine};
use bytes::Bytes;
use futures::Stream;
use tonic::{Code, Request, Response, Status, Streaming, metadata::MetadataMap};
use uuid::Uuid;

use crate::{
    State,
    log::{Expected, Proposed, Refused, Written},
    reading,
    wire::client::{
        self as wire,
        gossip::{
            ClusterInfo, EndPoint, MemberInfo,
            gossip_server::{Gossip, GossipServer},
            member_info::VNodeState,
        },
        server_features::{
            SupportedMethods,
            server_features_server::{ServerFeatures, ServerFeaturesServer},
        },
        streams::{
            AppendReq, AppendResp, DeleteReq, DeleteResp, Position, ReadReq, ReadResp,
            append_req::{self, options::ExpectedStreamRevision},
            append_resp::{
                self, Success, WrongExpectedVersion,
                success::{CurrentRevisionOption, PositionOption},
                wrong_expected_version::{
                    CurrentRevisionOption as Current, ExpectedRevisionOption,
                },
            },
            delete_resp,
            streams_server::{Streams, StreamsServer},
        },
        uuid as wire_uuid,
    },
};

/// What a real server reads at most.
const LARGEST_MESSAGE: usize = 64 * 1024 * 1024;

/// One node's view of the cluster.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) state: Arc<State>,
    pub(crate) number: usize,
}

impl Service {
    pub(crate) fn features(&self) -> ServerFeaturesServer<Self> {
        ServerFeaturesServer::new(self.clone())
    }

    pub(crate) fn gossip(&self) -> GossipServer<Self> {
        GossipServer::new(self.clone())
    }

    pub(crate) fn streams(&self) -> StreamsServer<Self> {
        StreamsServer::new(self.clone()).max_decoding_message_size(LARGEST_MESSAGE)
    }

    /// What stands before every call about streams.
    async fn admit(&self, headers: &MetadataMap) -> Result<(), Status> {
        self.state.members[self.number].calls.fetch_add(1, Ordering::SeqCst);
        let faults = self.state.faults.lock().clone();
        if faults.silent {
            pending::<()>().await;
        }
        if faults.not_ready {
            return Err(Status::unavailable("Server Is Not Ready"));
        }
        if faults.times_out {
            return Err(Status::aborted("Operation timed out: nobody knows why"));
        }
        if let Some((user, password)) = faults.login {
            let login = headers.get("authorization").and_then(|value| value.to_str().ok());
            if login
                != Some(&*format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
            {
                return Err(Status::unauthenticated("Not Authenticated"));
            }
        }
        let wants_leader = headers.get("requires-leader").is_some_and(|value| value == "true");
        if wants_leader { self.lead() } else { Ok(()) }
    }

    fn lead(&self) -> Result<(), Status> {
        let leader = self.state.leader.load(Ordering::SeqCst);
        if leader == self.number {
            return Ok(());
        }
        let member = self.state.members.get(leader);
        let Some(member) = member.filter(|member| member.alive.load(Ordering::SeqCst)) else {
            return Err(Status::unknown("No leader info available in response"));
        };
        let port = member.port.to_string();
        Err(exception(
            Code::NotFound,
            "Leader info available",
            "not-leader",
            &[("leader-endpoint-host", "127.0.0.1"), ("leader-endpoint-port", &port)],
        ))
    }

    /// Tells the answer, or loses it after the fact.
    async fn deliver(&self) -> Result<(), Status> {
        let (lost, swallowed) = {
            let mut faults = self.state.faults.lock();
            let lost = faults.lost_answers > 0;
            let swallowed = !lost && faults.swallowed_answers > 0;
            faults.lost_answers -= u32::from(lost);
            faults.swallowed_answers -= u32::from(swallowed);
            (lost, swallowed)
        };
        if swallowed {
            pending::<()>().await;
        }
        if lost { Err(Status::unavailable("the answer was lost")) } else { Ok(()) }
    }
}

/// An error with the trailers that clients look at.
fn exception(code: Code, message: &str, name: &str, more: &[(&'static str, &str)]) -> Status {
    let mut status = Status::new(code, message);
    status.metadata_mut().insert("exception", name.parse().unwrap());
    for (key, value) in more {
        status.metadata_mut().insert(*key, value.parse().unwrap());
    }
    status
}

pub(crate) fn stream_deleted(stream: &str) -> Status {
    let message = format!("Event stream '{stream}' is deleted.");
    let trailers = [("stream-name", stream)];
    exception(Code::FailedPrecondition, &message, "stream-deleted", &trailers)
}

/// What deletions are told; appends are told it in a message of their own.
fn wrong_version(stream: &str, expected: ExpectedStreamRevision, current: Option<u64>) -> Status {
    let expected = match expected {
        ExpectedStreamRevision::Revision(revision) => revision.to_string(),
        ExpectedStreamRevision::NoStream(_) => "-1".to_owned(),
        ExpectedStreamRevision::Any(_) => "-2".to_owned(),
        ExpectedStreamRevision::StreamExists(_) => "-4".to_owned(),
    };
    let actual = current.map_or_else(|| "-1".to_owned(), |revision| revision.to_string());
    let message = format!(
        "Delete failed due to WrongExpectedVersion. Stream: {stream}, Expected version: {expected}, \
         Actual version: {actual}"
    );
    let trailers =
        [("stream-name", stream), ("expected-version", &*expected), ("actual-version", &*actual)];
    exception(Code::FailedPrecondition, &message, "wrong-expected-version", &trailers)
}

#[tonic::async_trait]
impl ServerFeatures for Service {
    async fn get_supported_methods(
        &self,
        _: Request<wire::Empty>,
    ) -> Result<Response<SupportedMethods>, Status> {
        let event_store_server_version = "26.1.0".to_owned();
        Ok(Response::new(SupportedMethods { methods: Vec::new(), event_store_server_version }))
    }
}

#[tonic::async_trait]
impl Gossip for Service {
    async fn read(&self, _: Request<wire::Empty>) -> Result<Response<ClusterInfo>, Status> {
        let leader = self.state.leader.load(Ordering::SeqCst);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let members = self.state.members.iter().enumerate().map(|(number, member)| {
            let is_alive = member.alive.load(Ordering::SeqCst);
            let state = match (is_alive, number == leader) {
                (true, true) => VNodeState::Leader,
                (true, false) => VNodeState::Follower,
                (false, _) => VNodeState::Shutdown,
            };
            let address = "127.0.0.1".to_owned();
            MemberInfo {
                instance_id: Some(structured(member.id)),
                time_stamp: i64::try_from(now).unwrap(),
                state: state.into(),
                is_alive,
                http_end_point: Some(EndPoint { address, port: member.port.into() }),
            }
        });
        Ok(Response::new(ClusterInfo { members: members.collect() }))
    }
}

#[tonic::async_trait]
impl Streams for Service {
    type ReadStream = Pin<Box<dyn Stream<Item = Result<ReadResp, Status>> + Send>>;

    async fn read(&self, request: Request<ReadReq>) -> Result<Response<Self::ReadStream>, Status> {
        self.admit(request.metadata()).await?;
        let options = request.into_inner().options.ok_or_else(|| invalid("options are missing"))?;
        reading::read(&self.state, options).map(Response::new)
    }

    async fn append(
        &self,
        request: Request<Streaming<AppendReq>>,
    ) -> Result<Response<AppendResp>, Status> {
        self.admit(request.metadata()).await?;
        let mut messages = request.into_inner();
        let Some(append_req::Content::Options(options)) =
            messages.message().await?.and_then(|message| message.content)
        else {
            return Err(invalid("options come first"));
        };
        let mut events = Vec::new();
        while let Some(message) = messages.message().await? {
            match message.content {
                Some(append_req::Content::ProposedMessage(event)) => events.push(proposed(event)?),
                _ => return Err(invalid("events follow")),
            }
        }
        self.limit(&events)?;
        let (stream, expected) = target(options)?;
        let outcome = {
            let _gate = self.state.gate.lock().await;
            if events.is_empty() {
                return Ok(answer(append_resp::Result::Success(Success {
                    current_revision_option: Some(CurrentRevisionOption::NoStream(wire::Empty {})),
                    position_option: Some(PositionOption::NoPosition(wire::Empty {})),
                })));
            }
            self.state.append(&stream, wanted(expected), events)
        };
        self.deliver().await?;
        match outcome {
            Ok(written) => Ok(answer(append_resp::Result::Success(self.success(&written)))),
            Err(Refused::WrongVersion { current }) => {
                Ok(answer(append_resp::Result::WrongExpectedVersion(WrongExpectedVersion {
                    current_revision_option: Some(current.map_or(
                        Current::CurrentNoStream(wire::Empty {}),
                        Current::CurrentRevision,
                    )),
                    expected_revision_option: Some(match expected {
                        ExpectedStreamRevision::Revision(it) => {
                            ExpectedRevisionOption::ExpectedRevision(it)
                        }
                        ExpectedStreamRevision::NoStream(it) => {
                            ExpectedRevisionOption::ExpectedNoStream(it)
                        }
                        ExpectedStreamRevision::Any(it) => ExpectedRevisionOption::ExpectedAny(it),
                        ExpectedStreamRevision::StreamExists(it) => {
                            ExpectedRevisionOption::ExpectedStreamExists(it)
                        }
                    }),
                })))
            }
            Err(Refused::Deleted) => Err(stream_deleted(&stream)),
        }
    }

    async fn delete(&self, request: Request<DeleteReq>) -> Result<Response<DeleteResp>, Status> {
        self.remove(request, false).await
    }

    async fn tombstone(&self, request: Request<DeleteReq>) -> Result<Response<DeleteResp>, Status> {
        self.remove(request, true).await
    }
}

impl Service {
    async fn remove(
        &self,
        request: Request<DeleteReq>,
        for_ever: bool,
    ) -> Result<Response<DeleteResp>, Status> {
        self.admit(request.metadata()).await?;
        let options = request.into_inner().options.ok_or_else(|| invalid("options are missing"))?;
        let (stream, expected) = target(options)?;
        let outcome = {
            let _gate = self.state.gate.lock().await;
            self.state.delete(&stream, wanted(expected), for_ever)
        };
        match outcome {
            Ok(position) => {
                let position = Position { commit_position: position, prepare_position: position };
                let position_option = Some(delete_resp::PositionOption::Position(position));
                Ok(Response::new(DeleteResp { position_option }))
            }
            Err(Refused::WrongVersion { current }) => {
                Err(wrong_version(&stream, expected, current))
            }
            Err(Refused::Deleted) => Err(stream_deleted(&stream)),
        }
    }

    fn limit(&self, events: &[Proposed]) -> Result<(), Status> {
        let size: usize = events.iter().map(|event| event.data.len() + event.metadata.len()).sum();
        match self.state.faults.lock().largest_append {
            Some(limit) if size > limit => Err(exception(
                Code::InvalidArgument,
                &format!("Maximum Append Size of {limit} Exceeded."),
                "maximum-append-size-exceeded",
                &[("maximum-append-size", &limit.to_string())],
            )),
            _ => Ok(()),
        }
    }

    fn success(&self, written: &Written) -> Success {
        let silent = written.replayed && self.state.faults.lock().replays_without_position;
        let position =
            Position { commit_position: written.position, prepare_position: written.position };
        Success {
            current_revision_option: Some(CurrentRevisionOption::CurrentRevision(written.revision)),
            position_option: Some(if silent {
                PositionOption::NoPosition(wire::Empty {})
            } else {
                PositionOption::Position(position)
            }),
        }
    }
}

fn answer(result: append_resp::Result) -> Response<AppendResp> {
    Response::new(AppendResp { result: Some(result) })
}

pub(crate) fn invalid(message: &str) -> Status {
    Status::invalid_argument(message)
}

fn target(options: append_req::Options) -> Result<(String, ExpectedStreamRevision), Status> {
    let name = options.stream_identifier.ok_or_else(|| invalid("a stream is missing"))?.stream_name;
    let name = String::from_utf8(name).map_err(|_| invalid("a stream's name is UTF-8"))?;
    let expected = options.expected_stream_revision;
    Ok((name, expected.ok_or_else(|| invalid("an expected revision is missing"))?))
}

const fn wanted(expected: ExpectedStreamRevision) -> Expected {
    match expected {
        ExpectedStreamRevision::Revision(revision) => Expected::Revision(revision),
        ExpectedStreamRevision::NoStream(_) => Expected::NoStream,
        ExpectedStreamRevision::Any(_) => Expected::Any,
        ExpectedStreamRevision::StreamExists(_) => Expected::Exists,
    }
}

fn proposed(message: append_req::ProposedMessage) -> Result<Proposed, Status> {
    let id = message.id.and_then(|id| id.value).ok_or_else(|| invalid("an id is missing"))?;
    let id = match id {
        wire_uuid::Value::Structured(halves) => Uuid::from_u64_pair(
            halves.most_significant_bits.cast_unsigned(),
            halves.least_significant_bits.cast_unsigned(),
        ),
        wire_uuid::Value::String(text) => text.parse().map_err(|_| invalid("an id is a UUID"))?,
    };
    let property = |metadata: &HashMap<String, String>, name| {
        metadata.get(name).cloned().ok_or_else(|| {
            let message = format!("Required Metadata Property '{name}' is missing");
            let exceptional = "missing-required-metadata-property";
            exception(Code::InvalidArgument, &message, exceptional, &[])
        })
    };
    Ok(Proposed {
        id,
        kind: property(&message.metadata, "type")?,
        content_type: property(&message.metadata, "content-type")?,
        metadata: Bytes::from(message.custom_metadata),
        data: Bytes::from(message.data),
    })
}

pub(crate) fn structured(id: Uuid) -> wire::Uuid {
    let (most, least) = id.as_u64_pair();
    let halves = wire_uuid::Structured {
        most_significant_bits: most.cast_signed(),
        least_significant_bits: least.cast_signed(),
    };
    wire::Uuid { value: Some(wire_uuid::Value::Structured(halves)) }
}
