//! The state that the token endpoint writes, in memory, and views that hold no rows.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use domain::{ApplicationId, LogId, OrganizationId, SecretId, Timestamp, UserId};
use parking_lot::Mutex;
use projections::{
    Checkpoint, Identity, SavedViews, State, Views,
    notifications::{Delivery, Row, listing},
    saved_views::{Keeping, SavedView, SavedViewId},
    state::{
        Begun, Day, DayUsage, KeptRequest, KeyInUse, LastUses, Session, SessionExpiry, Sessions,
        SignedInFrom, StateError, Usage, UsageDelta, UsageKey, UsesMark, Valid,
    },
    views::{
        Change, Comparison, Generation, Live, Parked, Progress, ProjectorLease, Rebuild,
        ViewsError, Work,
    },
};
use store::StreamName;

/// Keeps counts, and fails when told to.
#[derive(Debug, Default)]
pub(crate) struct Notebook {
    usage: Mutex<HashMap<UsageKey, UsageDelta>>,
    broken: AtomicBool,
}

impl Notebook {
    pub(crate) fn break_down(&self) {
        self.broken.store(true, Ordering::SeqCst);
    }

    pub(crate) fn repair(&self) {
        self.broken.store(false, Ordering::SeqCst);
    }

    /// What was written about the application's secrets, added up.
    pub(crate) fn of(&self, application: ApplicationId) -> UsageDelta {
        let mut sum = UsageDelta::default();
        for (key, delta) in &*self.usage.lock() {
            if key.application == application {
                add(&mut sum, delta);
            }
        }
        sum
    }

    fn check(&self) -> Result<(), StateError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(StateError::Engine("broken on purpose".into()));
        }
        Ok(())
    }
}

fn add(sum: &mut UsageDelta, delta: &UsageDelta) {
    sum.issued += delta.issued;
    sum.last_used_at = sum.last_used_at.max(delta.last_used_at);
    if delta.last_address.is_some() {
        sum.last_address.clone_from(&delta.last_address);
    }
    for (refusal, count) in &delta.refused {
        *sum.refused.entry(*refusal).or_default() += count;
    }
    for (day, usage) in &delta.days {
        let of_day = sum.days.entry(*day).or_default();
        of_day.issued += usage.issued;
        of_day.refused += usage.refused;
    }
}

const UNUSED: &str = "no test of the token endpoint comes here";

#[async_trait]
impl SavedViews for Notebook {
    async fn saved_views(
        &self,
        _: UserId,
        _: OrganizationId,
    ) -> Result<Vec<SavedView>, StateError> {
        unreachable!("{UNUSED}")
    }

    async fn saved_view(&self, _: SavedViewId) -> Result<Option<SavedView>, StateError> {
        unreachable!("{UNUSED}")
    }

    async fn keep_saved_view(&self, _: &SavedView) -> Result<Keeping, StateError> {
        unreachable!("{UNUSED}")
    }

    async fn forget_saved_view(&self, _: SavedViewId, _: UserId) -> Result<(), StateError> {
        unreachable!("{UNUSED}")
    }

    async fn forget_shared_view(
        &self,
        _: SavedViewId,
        _: OrganizationId,
    ) -> Result<(), StateError> {
        unreachable!("{UNUSED}")
    }

    async fn default_view(
        &self,
        _: UserId,
        _: OrganizationId,
    ) -> Result<Option<SavedViewId>, StateError> {
        unreachable!("{UNUSED}")
    }

    async fn set_default_view(
        &self,
        _: UserId,
        _: OrganizationId,
        _: Option<SavedViewId>,
    ) -> Result<(), StateError> {
        unreachable!("{UNUSED}")
    }
}

#[async_trait]
impl State for Notebook {
    async fn person_key(&self, _: UserId) -> Result<Option<Vec<u8>>, StateError> {
        unreachable!("{UNUSED}")
    }

    async fn keep_person_key(&self, _: UserId, _: Vec<u8>) -> Result<Vec<u8>, StateError> {
        unreachable!("{UNUSED}")
    }

    async fn keep_session(&self, _: &Session) -> Result<(), StateError> {
        unreachable!("{UNUSED}")
    }

    async fn session(&self, _: [u8; 32]) -> Result<Option<Session>, StateError> {
        unreachable!("{UNUSED}")
    }

    async fn touch_session(
        &self,
        _: [u8; 32],
        _: Timestamp,
        _: OrganizationId,
    ) -> Result<(), StateError> {
        unreachable!("{UNUSED}")
    }

    async fn raise_session(&self, _: [u8; 32], _: u64) -> Result<(), StateError> {
        unreachable!("{UNUSED}")
    }

    async fn end_session(&self, _: [u8; 32]) -> Result<(), StateError> {
        unreachable!("{UNUSED}")
    }

    async fn sessions_of(&self, _: UserId, _: Valid, _: u32) -> Result<Sessions, StateError> {
        unreachable!("{UNUSED}")
    }

    async fn end_sessions(&self, _: UserId, _: Option<[u8; 32]>) -> Result<u64, StateError> {
        unreachable!("{UNUSED}")
    }

    async fn sweep_sessions(&self, _: Timestamp, _: SessionExpiry) -> Result<u64, StateError> {
        unreachable!("{UNUSED}")
    }

    async fn signed_in_from(&self, _: UserId, _: [u8; 32]) -> Result<SignedInFrom, StateError> {
        unreachable!("{UNUSED}")
    }

    async fn keep_network(&self, _: UserId, _: [u8; 32], _: Timestamp) -> Result<(), StateError> {
        unreachable!("{UNUSED}")
    }

    async fn add_usage(&self, deltas: &[(UsageKey, UsageDelta)]) -> Result<(), StateError> {
        self.check()?;
        let mut usage = self.usage.lock();
        for (key, delta) in deltas {
            add(usage.entry(*key).or_default(), delta);
        }
        Ok(())
    }

    async fn usage(
        &self,
        _: &[ApplicationId],
    ) -> Result<HashMap<ApplicationId, Usage>, StateError> {
        unreachable!("{UNUSED}")
    }

    async fn usage_of_secrets(
        &self,
        _: ApplicationId,
    ) -> Result<HashMap<SecretId, Usage>, StateError> {
        unreachable!("{UNUSED}")
    }

    async fn usage_on(&self, _: ApplicationId, _: Day) -> Result<DayUsage, StateError> {
        unreachable!("{UNUSED}")
    }

    async fn sweep_usage(&self, _: Day) -> Result<u64, StateError> {
        unreachable!("{UNUSED}")
    }

    async fn last_uses(&self, _: Option<UsesMark>) -> Result<LastUses, StateError> {
        self.check()?;
        let usage = self.usage.lock();
        let used = usage.iter().filter_map(|(key, it)| Some((key.application, it.last_used_at?)));
        Ok(LastUses { uses: used.collect(), through: UsesMark::new(0) })
    }

    async fn listener(&self, _: &str) -> Result<Option<Checkpoint>, StateError> {
        self.check().map(|()| None)
    }

    async fn begin_request(
        &self,
        _: KeptRequest,
        _: Duration,
        _: Duration,
    ) -> Result<Begun, StateError> {
        unreachable!("{UNUSED}")
    }

    async fn finish_request(&self, _: KeyInUse, _: Vec<u8>) -> Result<(), StateError> {
        unreachable!("{UNUSED}")
    }

    async fn release_request(&self, _: KeyInUse) -> Result<(), StateError> {
        unreachable!("{UNUSED}")
    }

    async fn sweep_requests(&self, _: Timestamp) -> Result<u64, StateError> {
        unreachable!("{UNUSED}")
    }

    async fn advance_listener(&self, _: &str, _: Checkpoint) -> Result<(), StateError> {
        unreachable!("{UNUSED}")
    }
}

/// Views that stand before the first event and never move: what is asked of the token endpoint comes from the log.
#[derive(Debug)]
pub(crate) struct NoRows(LogId);

impl NoRows {
    pub(crate) fn of(log: LogId) -> Self {
        Self(log)
    }
}

#[async_trait]
impl Views for NoRows {
    async fn live(&self, identity: Identity) -> Result<Option<Live>, ViewsError> {
        let generation = Generation { identity, number: 1 };
        let checkpoint = Checkpoint::start(self.0);
        Ok(Some(Live { generation, version: identity.version, checkpoint }))
    }

    async fn former(&self, _: Identity) -> Result<Option<Live>, ViewsError> {
        Ok(None)
    }

    async fn begin(&self, _: Identity, _: Checkpoint) -> Result<Generation, ViewsError> {
        unreachable!("{UNUSED}")
    }

    async fn switch(&self, _: Generation) -> Result<(), ViewsError> {
        unreachable!("{UNUSED}")
    }

    async fn discard(&self, _: Generation) -> Result<(), ViewsError> {
        unreachable!("{UNUSED}")
    }

    async fn checkpoint(&self, _: Generation) -> Result<Option<Checkpoint>, ViewsError> {
        unreachable!("{UNUSED}")
    }

    async fn rows(
        &self,
        _: Generation,
        _: &[StreamName],
    ) -> Result<Vec<(StreamName, String)>, ViewsError> {
        Ok(vec![])
    }

    async fn page(
        &self,
        _: Generation,
        _: Option<&StreamName>,
        _: u32,
    ) -> Result<Vec<(StreamName, String)>, ViewsError> {
        Ok(vec![])
    }

    async fn compare(
        &self,
        _: Option<Generation>,
        _: Generation,
    ) -> Result<Comparison, ViewsError> {
        unreachable!("{UNUSED}")
    }

    async fn commit(&self, _: Generation, _: Change) -> Result<(), ViewsError> {
        unreachable!("{UNUSED}")
    }

    async fn parked(&self, _: Generation) -> Result<Vec<Parked>, ViewsError> {
        Ok(vec![])
    }

    async fn projector_is_held(&self) -> Result<bool, ViewsError> {
        unreachable!("{UNUSED}")
    }

    fn sweep_later(&self) {}

    async fn claim_projector(&self) -> Result<Option<ProjectorLease>, ViewsError> {
        unreachable!("{UNUSED}")
    }

    async fn request_rebuild(&self, _: &str, _: Work) -> Result<i64, ViewsError> {
        unreachable!("{UNUSED}")
    }

    async fn begin_rebuild(&self, _: &str, _: Work) -> Result<i64, ViewsError> {
        unreachable!("{UNUSED}")
    }

    async fn latest_rebuilds(&self) -> Result<Vec<Rebuild>, ViewsError> {
        Ok(vec![])
    }

    async fn abandon_rebuilds(&self) -> Result<(), ViewsError> {
        unreachable!("{UNUSED}")
    }

    async fn requested_rebuilds(&self) -> Result<Vec<Rebuild>, ViewsError> {
        unreachable!("{UNUSED}")
    }

    async fn rebuild(&self, _: i64) -> Result<Option<Rebuild>, ViewsError> {
        unreachable!("{UNUSED}")
    }

    async fn report_rebuild(&self, _: i64, _: Progress) -> Result<(), ViewsError> {
        unreachable!("{UNUSED}")
    }

    async fn due_notifications(&self, _: Timestamp, _: u32) -> Result<Vec<Row>, ViewsError> {
        unreachable!("{UNUSED}")
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, ViewsError> {
        unreachable!("{UNUSED}")
    }

    async fn letters(&self, _: &listing::Query) -> Result<listing::Page, ViewsError> {
        unreachable!("{UNUSED}")
    }

    async fn deliveries(&self) -> Result<Vec<(Delivery, u64)>, ViewsError> {
        Ok(vec![(Delivery::Sent, 3)])
    }
}
