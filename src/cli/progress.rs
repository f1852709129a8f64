//! Progress of long work: on a terminal one line that changes, in scripts silence.

use std::{
    io::{IsTerminal, Write},
    sync::Mutex,
    time::Duration,
};

use tokio::time::Instant;

/// Between two changes of the line.
const BREATH: Duration = Duration::from_millis(200);

/// Clears its line when dropped.
#[derive(Debug)]
pub(super) struct Progress {
    verb: &'static str,
    things: &'static str,
    began: Instant,
    said: Mutex<Option<Instant>>,
}

impl Progress {
    /// `1200 of 5000 events copied, 24 %, 3 s left`, with this verb and these things.
    pub(super) fn of(verb: &'static str, things: &'static str) -> Self {
        Self { verb, things, began: Instant::now(), said: Mutex::new(None) }
    }

    pub(super) fn show(&self, done: u64, of: u64) {
        let mut error = std::io::stderr();
        let Ok(mut said) = self.said.lock() else { return };
        if !error.is_terminal() || said.is_some_and(|said| said.elapsed() < BREATH) {
            return;
        }
        *said = Some(Instant::now());
        let Self { verb, things, .. } = self;
        let left = left(self.began.elapsed(), done, of)
            .map_or_else(String::new, |left| format!(", {} s left", left.as_secs()));
        let percent = done.saturating_mul(100) / of.max(1);
        write!(error, "\r\x1b[K{done} of {of} {things} {verb}, {percent} %{left}").ok();
        error.flush().ok();
    }
}

/// How long the rest takes at the pace so far.
fn left(elapsed: Duration, done: u64, of: u64) -> Option<Duration> {
    let (done_32, rest) = (u32::try_from(done).ok()?, u32::try_from(of.saturating_sub(done)).ok()?);
    elapsed.checked_mul(rest)?.checked_div(done_32)
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.said.get_mut().is_ok_and(|said| said.is_some()) {
            eprint!("\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_from_the_pace() {
        let ten = Duration::from_secs(10);
        assert_eq!(left(ten, 100, 300), Some(Duration::from_secs(20)));
        assert_eq!(left(ten, 0, 300), None);
        assert_eq!(left(ten, 300, 300), Some(Duration::ZERO));
    }
}
