//! Private keys whose files others than their owner can read.

use std::{os::unix::fs::MetadataExt, path::Path};

use domain::{Timestamp, observation::Observation};

use super::WatchError;
use crate::Notifier;

/// Permission bits of everybody but the owner.
const OTHERS: u32 = 0o077;

impl Notifier {
    /// Notes each file once a week, as long as it is so. A file that is not there, or not on this node, is nobody's news.
    pub(super) async fn notice_exposure(&self) -> Result<(), WatchError> {
        let week = week_of(self.commands.clock.now());
        for path in &self.private_keys {
            let Some(mode) = mode_of(path).await.filter(|mode| mode & OTHERS != 0) else {
                continue;
            };
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            self.note(Observation::PrivateKeyUnsafe { file, mode, week }).await?;
        }
        Ok(())
    }
}

/// Of what a symbolic link leads to.
async fn mode_of(path: &Path) -> Option<u32> {
    Some(tokio::fs::metadata(path).await.ok()?.mode() & 0o7777)
}

/// Days since 1970-01-01 of the Monday before, or of the day itself.
fn week_of(moment: Timestamp) -> u32 {
    let day = moment.as_secs().div_euclid(24 * 60 * 60);
    // The first of January 1970 was a Thursday, three days behind its Monday.
    u32::try_from(day - (day + 3).rem_euclid(7)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_in_utc() {
        let week = |text: &str| week_of(text.parse().unwrap());
        let monday = week("2026-11-23T00:00:00Z");
        assert_eq!(monday, 20_780);
        assert_eq!(week("2026-11-29T23:59:59.999999Z"), monday);
        assert_eq!(week("2026-11-22T23:59:59.999999Z"), monday - 7);
        assert_eq!(week("1970-01-01T00:00:00Z"), 0, "no week before the epoch");
    }
}
