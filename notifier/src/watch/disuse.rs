//! Applications that had no token for as long as an active rule says.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use briefing::Rules;
use domain::{
    ApplicationId, Timestamp, authority::Reach, notification_rule::Rule, observation::Observation,
};
use projections::{
    register::{Choice, Entry, Filter, Order, Sort, SortBy, Status, Use},
    state::Usage,
};
use store::LogError;

use super::WatchError;
use crate::Notifier;

/// The occasion that is noticed here.
const OCCASION: &str = "application_unused";
const DAY: Duration = Duration::from_hours(24);
/// What this node knows need not be younger: nobody is told sooner than after days.
const RECENT: Duration = Duration::from_mins(1);
/// What nobody has used for longest comes first.
const LONGEST_FIRST: Sort = Sort { by: SortBy::LastUsed, order: Order::Ascending };

impl Notifier {
    /// For each number of days that an active rule names, notes the living and active applications that this rule is about
    /// and that had no token for so long. Where no rule asks, nothing is noted.
    pub(super) async fn notice_disuse(&self) -> Result<(), WatchError> {
        let log = &self.commands.log;
        let head = log.store().head().await.map_err(LogError::from)?;
        let rules = Rules::at(log, head).await?;
        let asking = by_days(&rules);
        if asking.is_empty() {
            return Ok(());
        }
        if !self.knowledge.is_fresh(RECENT) {
            self.knowledge.read_to_head(log).await?;
        }
        self.knowledge.learn_uses(&*self.state).await?;
        for (days, rules) in asking {
            self.notice_unused_for(days, &rules).await?;
        }
        Ok(())
    }

    /// A thousand applications at a time.
    async fn notice_unused_for(&self, days: u16, rules: &[&Rule]) -> Result<(), WatchError> {
        let since = self.commands.clock.now().minus(DAY * u32::from(days));
        let filters = [
            Filter::Status(Choice::AnyOf(vec![Status::Active])),
            Filter::LastUsed(Use::NotSince(since)),
        ];
        for entries in self.knowledge.export(Reach::EVERYTHING, &filters, LONGEST_FIRST) {
            let meant: Vec<_> =
                entries.into_iter().filter(|entry| is_meant(entry, since, rules)).collect();
            let ids: Vec<_> = meant.iter().map(|entry| entry.row.id).collect();
            // What the node knows of uses may be a little behind what was counted.
            let usage = self.state.usage(&ids).await?;
            for entry in &meant {
                let last_used_at = last_use(entry, &usage);
                if last_used_at.is_none_or(|at| at < since) {
                    let application = entry.row.id;
                    self.note(Observation::ApplicationUnused { application, days, last_used_at })
                        .await?;
                }
            }
        }
        Ok(())
    }
}

/// Active rules about disuse, by the days that they name.
fn by_days(rules: &Rules) -> BTreeMap<u16, Vec<&Rule>> {
    let mut found: BTreeMap<u16, Vec<&Rule>> = BTreeMap::new();
    for (_, rule) in rules.about(OCCASION) {
        if let Some(days) = rule.days {
            found.entry(days).or_default().push(rule);
        }
    }
    found
}

/// An application that was created or activated in the meantime had not the time to be unused.
fn is_meant(entry: &Entry, since: Timestamp, rules: &[&Rule]) -> bool {
    let row = &entry.row;
    let about = |rule: &&Rule| {
        rule.filter.admits(Some(row.organization), Some(row.owner), Some(row.name.as_str()))
    };
    !entry.parked && row.active && row.status_since < since && rules.iter().any(about)
}

fn last_use(entry: &Entry, usage: &HashMap<ApplicationId, Usage>) -> Option<Timestamp> {
    let counted = usage.get(&entry.row.id).and_then(|usage| usage.last_used_at);
    entry.last_used_at.max(counted)
}
