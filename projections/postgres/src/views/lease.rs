//! The place of the one process that projects: a lease that ends by itself.
//!
//! Whoever holds it renews it every second. A holder that died, sleeps or is cut off does not, and three seconds later
//! another one takes over. Everything the former holder still sends is refused: each of its statements checks in the
//! same transaction that the lease is still its own ([`fenced`]), and takes a lock on the lease that a successor waits
//! for.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use postgres_database::{Database, within};
use projections::views::{ProjectorLease, ViewsError};
use sqlx::{PgConnection, PgPool};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use super::failure;
use crate::soon;

/// How often a lease is renewed.
const RENEWAL: Duration = Duration::from_secs(1);
/// How long a renewal may take before its connection is given up.
const ANSWER: Duration = Duration::from_millis(900);
/// After how long without renewal a holder stops by itself; the server counts the same from its own clock.
const TERM: Duration = Duration::from_secs(3);

/// Begins a statement that writes only while the lease is its writer's, whose id is the parameter of this number.
/// What follows asks `EXISTS (SELECT FROM fence)`. Writers that never held a lease have no id and are let through: the
/// checkpoint guards what they write.
macro_rules! fenced {
    ($holder:literal) => {
        concat!(
            "WITH lease AS (
                 SELECT FROM leases
                 WHERE name = 'projector' AND holder = $",
            $holder,
            " AND expires_at > clock_timestamp() FOR SHARE
             ), fence AS (
                 SELECT WHERE $",
            $holder,
            "::uuid IS NULL OR EXISTS (SELECT FROM lease)
             ) "
        )
    };
}
pub(super) use fenced;

/// The place among those who want to project; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    holder: Arc<Mutex<Option<Uuid>>>,
}

/// On whose behalf a statement writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fence(Option<Uuid>);

impl Fence {
    pub(super) const fn holder(self) -> Option<Uuid> {
        self.0
    }
}

/// Renewed until dropped.
struct Held {
    place: Place,
    pool: PgPool,
    holder: Uuid,
    _renewing: DropGuard,
}

impl Place {
    /// What this handle writes as: the lease it took last, held or lost, until it was given back.
    pub(super) fn fence(&self) -> Fence {
        Fence(*self.holder.lock())
    }

    pub(super) async fn is_held(&self, database: &Database) -> Result<bool, ViewsError> {
        let query = sqlx::query_scalar(
            "SELECT EXISTS (
                 SELECT FROM leases WHERE name = 'projector' AND expires_at > clock_timestamp()
             )",
        );
        soon(query.fetch_one(database.pool())).await.map_err(failure)
    }

    pub(super) async fn claim(
        &self,
        database: &Database,
    ) -> Result<Option<ProjectorLease>, ViewsError> {
        let pool = database.pool();
        let asked = Instant::now();
        let query = sqlx::query_scalar(
            "INSERT INTO leases (name, holder, expires_at)
             VALUES ('projector', gen_random_uuid(), clock_timestamp() + make_interval(secs => $1))
             ON CONFLICT (name) DO UPDATE
                 SET holder = excluded.holder, expires_at = excluded.expires_at
                 WHERE leases.expires_at <= clock_timestamp()
             RETURNING holder",
        )
        .bind(TERM.as_secs_f64());
        let Some(holder) = soon(query.fetch_optional(pool)).await.map_err(failure)? else {
            return Ok(None);
        };
        *self.holder.lock() = Some(holder);
        let (lost, ended) = (CancellationToken::new(), CancellationToken::new());
        let renewing = Renewing { database: database.clone(), connection: None, holder };
        tokio::spawn(renewing.run(asked, lost.clone(), ended.clone()));
        let held =
            Held { place: self.clone(), pool: pool.clone(), holder, _renewing: ended.drop_guard() };
        Ok(Some(ProjectorLease::new(held, lost)))
    }
}

/// On a connection of its own, so that nobody's question holds it up.
struct Renewing {
    database: Database,
    connection: Option<PgConnection>,
    holder: Uuid,
}

impl Renewing {
    /// Until the lease is given back, or lost.
    async fn run(
        mut self,
        mut renewed: Instant,
        lost: CancellationToken,
        ended: CancellationToken,
    ) {
        let mut ticks = interval(RENEWAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = ended.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let asked = Instant::now();
            match tokio::time::timeout_at(renewed + TERM, self.renew()).await {
                Ok(Ok(true)) => renewed = asked,
                // The server does not answer: ask again until the term is over.
                Ok(Err(_)) if Instant::now() < renewed + TERM => {}
                // Somebody else has it, or may have it.
                Ok(Ok(false) | Err(_)) | Err(_) => return lost.cancel(),
            }
        }
    }

    async fn renew(&mut self) -> Result<bool, sqlx::Error> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.database.connect().await?,
        };
        let renewing = sqlx::query(
            "UPDATE leases SET expires_at = clock_timestamp() + make_interval(secs => $2)
             WHERE name = 'projector' AND holder = $1",
        )
        .bind(self.holder)
        .bind(TERM.as_secs_f64())
        .execute(&mut connection);
        let renewed = within(ANSWER, renewing).await?;
        self.connection = Some(connection);
        Ok(renewed.rows_affected() > 0)
    }
}

/// Gives the lease back at once, as far as the server can be reached; otherwise it ends by itself.
impl Drop for Held {
    fn drop(&mut self) {
        let mut holder = self.place.holder.lock();
        if *holder == Some(self.holder) {
            *holder = None;
        }
        let (pool, holder) = (self.pool.clone(), self.holder);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let given_back = sqlx::query(
                    "UPDATE leases SET expires_at = '-infinity'
                     WHERE name = 'projector' AND holder = $1",
                )
                .bind(holder)
                .execute(&pool);
                soon(given_back).await.ok();
            });
        }
    }
}
