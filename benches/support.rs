//! What every measurement needs: a folder, processor time, and work put in figures.

use std::{fs, path::Path, process, thread, time::Duration};

use anyhow::{Context, anyhow};
use oathbook::config::{Config, Flags};
use tempfile::TempDir;

/// A folder on the disk that the build is on; what is called temporary often lies in memory, where `fsync` is free.
pub(crate) fn folder() -> anyhow::Result<TempDir> {
    Ok(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?)
}

/// The defaults, in a folder and on a free port; with everything in a database if there is one.
pub(crate) fn config(folder: &Path, database: Option<&str>) -> anyhow::Result<Config> {
    let flags = Flags { config: None, listen: Some("127.0.0.1:0".to_owned()), roles: None };
    let stores = ["OATHBOOK_EVENTS", "OATHBOOK_VIEWS", "OATHBOOK_STATE"];
    let variables =
        database.into_iter().flat_map(|url| stores.map(|name| (name.into(), url.into())));
    Ok(Config::load(&flags, variables, folder)?.config)
}

/// Something done often, how long it took, and how much processor time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work {
    pub(crate) times: u64,
    pub(crate) elapsed: Duration,
    pub(crate) cpu: Duration,
}

impl Work {
    pub(crate) fn per_second(&self) -> f64 {
        number(self.times) / self.elapsed.as_secs_f64()
    }

    /// How much of the cores it got, in per cent: what is missing went to other processes, or was waited for.
    pub(crate) fn cores(&self, cores: usize) -> f64 {
        100.0 * self.cpu.as_secs_f64() / self.elapsed.as_secs_f64() / number(cores as u64)
    }

    pub(crate) fn cpu_micros_each(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / number(self.times)
    }
}

/// Does the same on so many threads, and adds up what they counted.
pub(crate) fn on_threads<F>(threads: usize, work: F) -> anyhow::Result<u64>
where
    F: Fn() -> anyhow::Result<u64> + Sync,
{
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(&work)).collect();
        threads.into_iter().map(|one| one.join().map_err(|_| anyhow!("a thread panicked"))?).sum()
    })
}

pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "nothing is counted up to 2^53 here")]
pub(crate) fn number(count: u64) -> f64 {
    count as f64
}

/// User and system time of a process with all its threads, in steps of 10 ms (proc(5), `/proc/[pid]/stat`).
pub(crate) fn cpu_of(process: u32) -> anyhow::Result<Duration> {
    /// `sysconf(_SC_CLK_TCK)`, which is 100 on every architecture of today.
    const TICK: Duration = Duration::from_millis(10);
    let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The second field is the program's name in parentheses and may hold anything.
    let (_, fields) = text.rsplit_once(')').context("no program's name")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u32>);
    Ok(TICK * ticks.sum::<Result<u32, _>>()?)
}

/// What a process holds in memory (proc(5), `/proc/[pid]/status`).
pub(crate) fn mebibytes(process: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()).context("no VmRSS")?;
    Ok(kibibytes.parse::<f64>()? / 1024.0)
}

pub(crate) fn own_mebibytes() -> anyhow::Result<f64> {
    mebibytes(process::id())
}

pub(crate) fn own_cpu() -> anyhow::Result<Duration> {
    cpu_of(process::id())
}
