//! A client that goes on: one whose connection died is replaced, and what may help to ask again is asked again, with the
//! same event ids.

use std::{sync::Arc, time::Duration};

use eventstore::{Client, Credentials, CurrentRevision, Error};
use parking_lot::Mutex;
use store::{BoxError, Expected, StoreError};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::address::Address;

/// How long one attempt may take. A silent server costs as much before it is asked again.
const ATTEMPT: Duration = Duration::from_secs(2);
/// How long all attempts of one call may take.
const BUDGET: Duration = Duration::from_secs(5);
/// Rests between attempts.
const REST: Duration = Duration::from_millis(20);
const LONGEST_REST: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(crate) struct Managed {
    address: Address,
    current: Mutex<Current>,
    closing: CancellationToken,
}

/// Each client has a number, so that nobody throws away the successor of what failed.
#[derive(Default)]
struct Current {
    number: u64,
    client: Option<Client>,
}

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "client {}", self.number)
    }
}

/// Whether an attempt that failed may have happened all the same.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Risk {
    Read,
    Write(Expected),
}

/// What an error means for the next attempt.
enum Remedy {
    /// The connection is of no use any more.
    Reconnect {
        may_have_happened: bool,
    },
    AskAgain {
        may_have_happened: bool,
    },
    GiveUp,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("KurrentDB did not answer in time")]
    Silent,
    #[error("the log was closed")]
    Closed,
    #[error("KurrentDB's client cannot be made: {0}")]
    Client(String),
}

impl Managed {
    pub(crate) fn new(address: Address, closing: CancellationToken) -> Self {
        Self { address, current: Mutex::default(), closing }
    }

    pub(crate) const fn address(&self) -> &Address {
        &self.address
    }

    pub(crate) fn end(&self) {
        self.current.lock().client = None;
    }

    /// Attempts until it works or the time is over. What is attempted is told the login and how long it may take.
    pub(crate) async fn call<T, F: Future<Output = Result<T, Error>> + Send>(
        &self,
        risk: Risk,
        attempt: impl Fn(Client, Option<Credentials>, Duration) -> F + Send + Sync,
    ) -> Result<T, StoreError> {
        let until = Instant::now() + BUDGET;
        let (mut rest, mut may_have_happened) = (REST, false);
        loop {
            let (number, client) = self.client()?;
            let within = ATTEMPT.min(until.saturating_duration_since(Instant::now()));
            let outcome = timeout(within, attempt(client, self.address.login(), within)).await;
            let (error, remedy): (BoxError, _) = match outcome {
                Ok(Ok(found)) => return Ok(found),
                Ok(Err(error)) => match remedy(&error) {
                    Remedy::GiveUp => return Err(final_error(error, risk, may_have_happened)),
                    remedy => (error.into(), remedy),
                },
                Err(_) => (Failure::Silent.into(), Remedy::Reconnect { may_have_happened: true }),
            };
            let (reconnect, happened) = match remedy {
                Remedy::Reconnect { may_have_happened } => (true, may_have_happened),
                Remedy::AskAgain { may_have_happened } => (false, may_have_happened),
                Remedy::GiveUp => (false, false),
            };
            may_have_happened |= happened;
            if reconnect {
                self.discard(number);
            }
            debug!(
                error = &*error as &dyn std::error::Error,
                reconnect, "KurrentDB is asked again"
            );
            if Instant::now() + rest >= until {
                let unknown = may_have_happened && matches!(risk, Risk::Write(_));
                return Err(if unknown {
                    StoreError::OutcomeUnknown(error)
                } else {
                    StoreError::Unavailable(error)
                });
            }
            tokio::time::sleep(rest).await;
            rest = LONGEST_REST.min(rest * 2);
        }
    }

    fn client(&self) -> Result<(u64, Client), StoreError> {
        if self.closing.is_cancelled() {
            return Err(StoreError::Unavailable(Failure::Closed.into()));
        }
        let mut current = self.current.lock();
        if let Some(client) = &current.client {
            return Ok((current.number, client.clone()));
        }
        let client = connect(&self.address)?;
        current.number += 1;
        current.client = Some(client.clone());
        Ok((current.number, client))
    }

    fn discard(&self, number: u64) {
        let mut current = self.current.lock();
        if current.number == number && current.client.take().is_some() {
            warn!("The connection to KurrentDB is replaced");
        }
    }
}

/// A client that connects when it is used, on the runtime that makes it.
pub(crate) fn connect(address: &Address) -> Result<Client, StoreError> {
    let settings = address.settings().map_err(|error| StoreError::Engine(error.into()))?;
    let client = Client::new(settings);
    client.map_err(|error| StoreError::Engine(Failure::Client(error.to_string()).into()))
}

fn remedy(error: &Error) -> Remedy {
    // The codes that servers and proxies use when they are busy, leave, or give up waiting.
    const ABORTED: &str = "Aborted";
    const CANCELLED: &str = "Cancelled";
    const EXHAUSTED: &str = "ResourceExhausted";
    match error {
        Error::NotLeaderException(_) => Remedy::AskAgain { may_have_happened: false },
        Error::GrpcConnectionError(_) => Remedy::Reconnect { may_have_happened: false },
        Error::ConnectionClosed | Error::ServerError(_) => {
            Remedy::Reconnect { may_have_happened: true }
        }
        Error::DeadlineExceeded => Remedy::AskAgain { may_have_happened: true },
        Error::Grpc { code, .. }
            if [ABORTED, CANCELLED, EXHAUSTED].contains(&&*format!("{code:?}")) =>
        {
            Remedy::AskAgain { may_have_happened: true }
        }
        _ => Remedy::GiveUp,
    }
}

/// A refusal says nothing about an attempt before it whose answer was lost.
fn final_error(error: Error, risk: Risk, may_have_happened: bool) -> StoreError {
    match (error, risk) {
        (Error::WrongExpectedVersion { current, .. }, Risk::Write(expected)) => {
            StoreError::Conflict {
                expected,
                actual: match current {
                    CurrentRevision::Current(revision) => Some(revision),
                    CurrentRevision::NoStream => None,
                },
            }
        }
        (error, Risk::Write(_)) if may_have_happened => StoreError::OutcomeUnknown(error.into()),
        (error, _) => StoreError::Engine(Arc::new(error).into()),
    }
}
