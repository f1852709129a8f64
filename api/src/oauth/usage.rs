//! What credentials are used for: counted in memory, flushed to state in batches. A kill loses a second of counts.

use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};

use domain::{ApplicationId, Personal, SecretId, Timestamp, UserId};
use metrics::counter;
use parking_lot::Mutex;
use projections::{
    Knowledge, State, credentials,
    state::{Day, Refusal, UsageDelta, UsageKey},
};
use store::Vault;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use uuid::Uuid;

/// How long counts stay in memory only.
const EVERY: Duration = Duration::from_millis(500);
/// Secrets whose counts are kept in memory at once; what comes on top is dropped, and counted as dropped.
const MOST: usize = 65_536;
/// Secrets written in one transaction.
const BATCH: usize = 512;

/// Counts by secret. One per process, shared.
#[derive(Debug, Default)]
pub struct Usage(Mutex<HashMap<UsageKey, Counted>>);

#[derive(Debug, Default)]
struct Counted {
    delta: UsageDelta,
    /// From where the last token was asked for, and whose key seals that.
    address: Option<(UserId, IpAddr)>,
}

impl Usage {
    /// Notes a token.
    pub(super) fn issued(
        &self,
        client: &credentials::Row,
        secret: SecretId,
        at: Timestamp,
        address: Option<IpAddr>,
    ) {
        self.count(UsageKey { application: client.application, secret }, |counted| {
            counted.delta.issued += 1;
            counted.delta.days.entry(Day::of(at)).or_default().issued += 1;
            counted.delta.last_used_at = counted.delta.last_used_at.max(Some(at));
            counted.address = address.map(|address| (client.owner, address));
        });
    }

    /// Notes a refusal: under the nil id if it fits no secret.
    pub(super) fn refused(
        &self,
        application: ApplicationId,
        secret: Option<SecretId>,
        refusal: Refusal,
        at: Timestamp,
    ) {
        let secret = secret.unwrap_or(SecretId::new(Uuid::nil()));
        self.count(UsageKey { application, secret }, |counted| {
            *counted.delta.refused.entry(refusal).or_default() += 1;
            counted.delta.days.entry(Day::of(at)).or_default().refused += 1;
        });
        counter!("oathbook_token_refusals_total", "reason" => refusal.as_str()).increment(1);
    }

    fn count(&self, key: UsageKey, change: impl FnOnce(&mut Counted)) {
        let mut all = self.0.lock();
        if all.len() >= MOST && !all.contains_key(&key) {
            counter!("oathbook_usage_dropped_total").increment(1);
            return;
        }
        change(all.entry(key).or_default());
    }

    /// Flushes twice a second until cancelled, and once more then.
    pub async fn run(
        self: Arc<Self>,
        state: Arc<dyn State>,
        vault: Arc<Vault>,
        knowledge: Arc<Knowledge>,
        cancelled: CancellationToken,
    ) {
        while !cancelled.is_cancelled() {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = cancelled.cancelled() => {}
            }
            self.flush(&*state, &vault, &knowledge).await;
        }
    }

    /// Writes what was counted, and lets this node know of last uses. What cannot be written now is kept for the next
    /// time.
    pub async fn flush(&self, state: &dyn State, vault: &Vault, knowledge: &Knowledge) {
        let counted: Vec<_> = std::mem::take(&mut *self.0.lock()).into_iter().collect();
        let used = |(key, counted): &(UsageKey, Counted)| {
            counted.delta.last_used_at.map(|at| (key.application, at))
        };
        knowledge.note_uses(&counted.iter().filter_map(used).collect::<Vec<_>>());
        let mut batches = counted.chunks(BATCH);
        while let Some(batch) = batches.next() {
            let mut deltas = Vec::with_capacity(batch.len());
            for (key, counted) in batch {
                deltas.push((*key, counted.sealed(*key, vault).await));
            }
            if let Err(error) = state.add_usage(&deltas).await {
                warn!(error = &error as &dyn std::error::Error, "Usage was not written");
                self.keep(batch);
                batches.by_ref().for_each(|batch| self.keep(batch));
            }
        }
    }

    /// Puts counts back that were taken out, below those made since.
    fn keep(&self, batch: &[(UsageKey, Counted)]) {
        for (key, earlier) in batch {
            self.count(*key, |counted| counted.follow(earlier));
        }
    }
}

impl Counted {
    fn follow(&mut self, earlier: &Self) {
        self.delta.issued += earlier.delta.issued;
        self.delta.last_used_at = self.delta.last_used_at.max(earlier.delta.last_used_at);
        self.address = self.address.or(earlier.address);
        for (refusal, count) in &earlier.delta.refused {
            *self.delta.refused.entry(*refusal).or_default() += count;
        }
        for (day, usage) in &earlier.delta.days {
            let sum = self.delta.days.entry(*day).or_default();
            sum.issued += usage.issued;
            sum.refused += usage.refused;
        }
    }

    /// With the address sealed; without it where that fails, since the counts matter more.
    async fn sealed(&self, key: UsageKey, vault: &Vault) -> UsageDelta {
        let mut delta = self.delta.clone();
        if let Some((owner, address)) = self.address {
            delta.last_address = seal(key, owner, address, self.delta.last_used_at, vault).await;
        }
        delta
    }
}

async fn seal(
    key: UsageKey,
    owner: UserId,
    address: IpAddr,
    at: Option<Timestamp>,
    vault: &Vault,
) -> Option<String> {
    let mut document = serde_json::to_value(Personal::new(address.to_string())).ok()?;
    let moment = at.map_or(0, Timestamp::as_micros);
    let place = format!("usage/{}/{}/{moment}", key.application, key.secret);
    match vault.seal(Some(owner), &place, &mut document).await {
        Ok(()) => Some(document.to_string()),
        Err(error) => {
            warn!(error = &error as &dyn std::error::Error, "An address was not sealed");
            None
        }
    }
}
