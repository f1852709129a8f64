//! Backups of an installation whose log and state are files: taken while servers run, verified, restored.
//!
//! The log is copied first and the state after it: the state holds the keys of persons, and one that is younger than its
//! log does no harm. How far listeners came is noted before both, so that what they announced meanwhile is announced
//! again by whoever restores the backup; asking twice for the same letter is asking once.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};
use aws_lc_rs::digest::SHA256;
use domain::Timestamp;
use notifier::LISTENERS;
use serde::{Deserialize, Serialize};
use store::{
    Clock, Digest,
    chains::{self, Progress, Verified},
};

use crate::{
    compose::{SystemClock, files, open_log, open_state},
    config::{Config, Engine},
    installation_key,
};

const MANIFEST: &str = "manifest.json";
const EVENTS: &str = "events.db";
const STATE: &str = "state.db";
/// Of the manifest.
const FORMAT: u32 = 1;
/// Files that are read at once to be summed up.
const CHUNK: usize = 1 << 20;

/// What a backup says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: u32,
    /// Of Oathbook.
    pub version: String,
    pub log: String,
    pub taken_at: Timestamp,
    pub events: u64,
    pub streams: u64,
    /// Of the last event.
    pub digest: String,
    /// By their names.
    pub files: BTreeMap<String, FileSum>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSum {
    pub bytes: u64,
    /// In hexadecimal.
    pub sha256: String,
}

/// Why there is no backup, or why it is not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    NotFound(String),
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
}

/// What was put back.
#[derive(Debug)]
pub struct Restored {
    pub manifest: Manifest,
    /// Where what was there before lies now.
    pub aside: Vec<PathBuf>,
    /// Whether the installation key is there, from the backup or from before.
    pub has_installation_key: bool,
}

/// Where an installation's files are.
struct Places {
    events: PathBuf,
    state: PathBuf,
    /// With the names they have in a backup.
    keys: Vec<(&'static str, PathBuf)>,
}

impl Places {
    fn of(config: &Config) -> Result<Self, BackupError> {
        let file = |name: &str, engine: &Engine| match engine {
            Engine::Sqlite(path) => Ok(path.clone()),
            other => Err(BackupError::Refused(format!(
                "{name} are kept in {other}, which has means of its own to copy and restore: see docs/deployment.md, \
                 \"Backup and restore\""
            ))),
        };
        Ok(Self {
            events: file("events", &config.events)?,
            state: file("state", &config.state)?,
            keys: vec![
                ("installation.key", installation_key::path(&config.var)),
                ("oauth_private.key", config.keys.private.clone()),
                ("oauth_public.key", config.keys.public.clone()),
            ],
        })
    }

    fn databases(&self) -> [(&'static str, &Path); 2] {
        [(EVENTS, &self.events), (STATE, &self.state)]
    }
}

/// Copies log and state into a directory that is missing or empty.
pub async fn take(
    config: &Config,
    directory: &Path,
    with_keys: bool,
    report: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Manifest, BackupError> {
    let places = Places::of(config)?;
    for (_, path) in places.databases() {
        if !path.exists() {
            let path = path.display();
            return Err(BackupError::NotFound(format!(
                "there is nothing to copy: {path} is missing"
            )));
        }
    }
    make_empty(directory)?;
    let announced = listeners(&config.state).await?;
    for (name, path) in places.databases() {
        files::snapshot(path, &directory.join(name)).await?;
    }
    let copied = Engine::Sqlite(directory.join(STATE));
    set_listeners(&copied, announced).await?;
    let (verified, log) = verify(&directory.join(EVENTS), report).await?;
    files::settle_and_verify(&directory.join(STATE)).await?;
    if with_keys {
        for (name, path) in places.keys.iter().filter(|(_, path)| path.exists()) {
            copy_private(path, &directory.join(name))?;
        }
    }
    let manifest = Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        log,
        taken_at: SystemClock.now(),
        events: verified.events,
        streams: verified.streams,
        digest: verified.digest.to_string(),
        files: sums(directory)?,
    };
    write_manifest(directory, &manifest)?;
    Ok(manifest)
}

/// Puts a backup in the place of what is configured. What is there is moved aside, or refused.
///
/// Everything is copied and verified beside its place first. The log comes last, so that whoever was interrupted finds no
/// log, and repeats; until then nothing can be started by mistake.
pub async fn restore(
    config: &Config,
    directory: &Path,
    force: bool,
    report: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Restored, BackupError> {
    let places = Places::of(config)?;
    let manifest = read_manifest(directory)?;
    let taken = places.named_by(&manifest)?;
    check_sums(directory, &manifest)?;
    refuse_if_in_use(&places).await?;
    let in_the_way: Vec<&Path> = taken
        .iter()
        .filter(|(name, path)| path.exists() && !same_bytes(&directory.join(name), path))
        .map(|(_, path)| *path)
        .collect();
    if let (Some(path), false) = (in_the_way.first(), force) {
        return Err(BackupError::Refused(format!(
            "{} is there; --force moves what is there aside",
            path.display()
        )));
    }
    let staged = stage(&places, directory, &taken, &manifest, report).await;
    let put = match staged {
        Ok(()) => put_in_place(config, &places, &taken, &in_the_way).await,
        Err(error) => Err(error),
    };
    for (_, path) in &taken {
        remove_with_sidecars(&beside(path, STAGED));
    }
    let aside = put?;
    let has_installation_key = installation_key::path(&config.var).exists();
    Ok(Restored { manifest, aside, has_installation_key })
}

async fn refuse_if_in_use(places: &Places) -> Result<(), BackupError> {
    for (_, path) in places.databases().into_iter().filter(|(_, path)| path.exists()) {
        if files::is_in_use(path).await? {
            return Err(BackupError::Refused(format!(
                "{} is in use: stop every process of this installation first",
                path.display()
            )));
        }
    }
    Ok(())
}

/// Copies everything beside its place, and verifies the copy of the log.
async fn stage(
    places: &Places,
    directory: &Path,
    taken: &[(&str, &Path)],
    manifest: &Manifest,
    report: &(dyn Fn(Progress) + Send + Sync),
) -> Result<(), BackupError> {
    for (name, path) in taken {
        make_directory(path.parent().unwrap_or(Path::new(".")))?;
        let staged = beside(path, STAGED);
        remove_with_sidecars(&staged);
        copy_private(&directory.join(name), &staged)?;
    }
    let (verified, _) = verify(&beside(&places.events, STAGED), report).await?;
    if verified.digest.to_string() != manifest.digest || verified.events != manifest.events {
        return Err(BackupError::Refused(
            "the log is not the one that the manifest describes".to_owned(),
        ));
    }
    Ok(())
}

async fn put_in_place(
    config: &Config,
    places: &Places,
    taken: &[(&str, &Path)],
    in_the_way: &[&Path],
) -> Result<Vec<PathBuf>, BackupError> {
    // Copying and verifying took a while.
    refuse_if_in_use(places).await?;
    let marker = unfinished(&config.var);
    make_directory(&config.var)?;
    let made = fs::File::create(&marker).and_then(|file| file.sync_all());
    made.with_context(|| cannot_write(&marker))?;
    sync_directory(&marker);
    let mut aside = Vec::new();
    let suffix = format!(".before-restore-{}", SystemClock.now().as_micros());
    // A write-ahead log whose file is gone would be taken for the restored one's.
    let databases = places.databases().map(|(_, path)| path);
    for path in databases.into_iter().chain(in_the_way.iter().copied()) {
        aside.extend(move_aside(path, &suffix)?);
    }
    let last = |path: &Path| path == places.events;
    let (log, others): (Vec<_>, Vec<_>) = taken.iter().partition(|(_, path)| last(path));
    for (_, path) in others.into_iter().chain(log) {
        fs::rename(beside(path, STAGED), path)
            .with_context(|| format!("{} cannot be put in its place", path.display()))?;
        sync_directory(path);
    }
    fs::remove_file(&marker).with_context(|| cannot_write(&marker))?;
    sync_directory(&marker);
    Ok(aside)
}

/// The file that says that a restore began and did not end.
pub(crate) fn unfinished(var: &Path) -> PathBuf {
    var.join("restore.unfinished")
}

fn cannot_write(path: &Path) -> String {
    format!("{} cannot be written", path.display())
}

impl Places {
    fn find(&self, name: &str) -> Option<&Path> {
        let keys = self.keys.iter().map(|(name, path)| (*name, path.as_path()));
        self.databases().into_iter().chain(keys).find(|(known, _)| *known == name).map(|it| it.1)
    }

    /// Where the files of a backup belong. Whatever else it names is not touched, not even to be read.
    fn named_by<'a>(
        &'a self,
        manifest: &'a Manifest,
    ) -> Result<Vec<(&'a str, &'a Path)>, BackupError> {
        let place = |name: &'a String| {
            self.find(name).map(|path| (name.as_str(), path)).ok_or_else(|| {
                BackupError::Refused(format!("{MANIFEST} names {name:?}, which no backup has"))
            })
        };
        manifest.files.keys().map(place).collect()
    }
}

/// Every digest, every page; answers with the id of the log, too.
async fn verify(
    path: &Path,
    report: &(dyn Fn(Progress) + Send + Sync),
) -> Result<(Verified, String), BackupError> {
    let log = open_log(&Engine::Sqlite(path.to_owned())).await?;
    let verified = chains::verify(&*log.port, report).await;
    let id = files::log_id(&*log.port).await;
    log.close().await;
    files::settle_and_verify(path).await?;
    let verified = verified.map_err(|error| BackupError::Refused(error.to_string()))?;
    let id = id?.ok_or_else(|| {
        BackupError::Refused(format!("{} holds no log: it was never founded", path.display()))
    })?;
    Ok((verified, id.to_string()))
}

type Announced = Vec<(&'static str, projections::Checkpoint)>;

async fn listeners(engine: &Engine) -> anyhow::Result<Announced> {
    let state = open_state(engine).await?;
    let mut announced = Vec::new();
    for name in LISTENERS {
        announced.extend(state.port.listener(name).await?.map(|checkpoint| (*name, checkpoint)));
    }
    state.close().await;
    Ok(announced)
}

async fn set_listeners(engine: &Engine, announced: Announced) -> anyhow::Result<()> {
    let state = open_state(engine).await?;
    for (name, checkpoint) in announced {
        state.port.advance_listener(name, checkpoint).await?;
    }
    state.close().await;
    Ok(())
}

// Files --------------------------------------------------------------------------------------------

fn make_directory(path: &Path) -> anyhow::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("the directory {} cannot be made", path.display()))
}

fn make_empty(directory: &Path) -> Result<(), BackupError> {
    make_directory(directory)?;
    let mut entries = fs::read_dir(directory)
        .with_context(|| format!("{} cannot be read", directory.display()))?;
    if entries.next().is_some() {
        let directory = directory.display();
        return Err(BackupError::Refused(format!(
            "{directory} is not empty; name another directory"
        )));
    }
    Ok(())
}

/// What is to come to a place, beside it.
const STAGED: &str = ".restoring";
/// What SQLite keeps beside a file.
const SIDECARS: [&str; 3] = ["-wal", "-shm", "-journal"];

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn remove_with_sidecars(path: &Path) {
    for suffix in [""].into_iter().chain(SIDECARS) {
        fs::remove_file(beside(path, suffix)).ok();
    }
}

/// With the mode of the original as far as its owner goes, and for nobody else.
fn copy_private(from: &Path, to: &Path) -> anyhow::Result<()> {
    let copied = (|| {
        let mut original = fs::File::open(from)?;
        let mut options = fs::OpenOptions::new();
        let mut copy = options.write(true).create(true).truncate(true).mode(0o600).open(to)?;
        std::io::copy(&mut original, &mut copy)?;
        copy.set_permissions(fs::Permissions::from_mode(0o600))?;
        copy.sync_all()
    })();
    copied.with_context(|| format!("{} cannot be copied to {}", from.display(), to.display()))
}

fn same_bytes(one: &Path, other: &Path) -> bool {
    matches!((sum(one), sum(other)), (Ok(one), Ok(other)) if one == other)
}

/// Gives a file, and what SQLite keeps beside it, other names in the same directory. Answers with the file's.
fn move_aside(path: &Path, suffix: &str) -> anyhow::Result<Option<PathBuf>> {
    let aside = beside(path, suffix);
    let there = path.exists();
    for sidecar in [""].into_iter().chain(SIDECARS) {
        let (from, to) = (beside(path, sidecar), beside(&aside, sidecar));
        if from.exists() {
            fs::rename(&from, to)
                .with_context(|| format!("{} cannot be moved aside", from.display()))?;
        }
    }
    sync_directory(path);
    Ok(there.then_some(aside))
}

fn sync_directory(path: &Path) {
    if let Some(directory) = path.parent() {
        fs::File::open(directory).and_then(|directory| directory.sync_all()).ok();
    }
}

// The manifest -------------------------------------------------------------------------------------

fn sums(directory: &Path) -> anyhow::Result<BTreeMap<String, FileSum>> {
    let mut sums = BTreeMap::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|_| anyhow!("a name is no text"))?;
        sums.insert(name, sum(&entry.path())?);
    }
    Ok(sums)
}

fn sum(path: &Path) -> anyhow::Result<FileSum> {
    let read = || format!("{} cannot be read", path.display());
    let mut file = fs::File::open(path).with_context(read)?;
    let mut context = aws_lc_rs::digest::Context::new(&SHA256);
    let (mut chunk, mut bytes) = (vec![0; CHUNK], 0);
    loop {
        let count = file.read(&mut chunk).with_context(read)?;
        if count == 0 {
            break;
        }
        bytes += count as u64;
        context.update(&chunk[..count]);
    }
    let sha256 = Digest(context.finish().as_ref().try_into()?).to_string();
    Ok(FileSum { bytes, sha256 })
}

fn write_manifest(directory: &Path, manifest: &Manifest) -> anyhow::Result<()> {
    let path = directory.join(MANIFEST);
    let text = serde_json::to_string_pretty(manifest)?;
    let written = (|| {
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(&path)?;
        writeln!(file, "{text}")?;
        file.sync_all()
    })();
    written.with_context(|| cannot_write(&path))?;
    sync_directory(&path);
    Ok(())
}

fn read_manifest(directory: &Path) -> Result<Manifest, BackupError> {
    let path = directory.join(MANIFEST);
    if !path.exists() {
        let directory = directory.display();
        return Err(BackupError::NotFound(format!(
            "{directory} holds no backup: {MANIFEST} is missing"
        )));
    }
    let text =
        fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|error| {
        BackupError::Refused(format!("{} cannot be understood: {error}", path.display()))
    })?;
    if manifest.format != FORMAT {
        let format = manifest.format;
        return Err(BackupError::Refused(format!(
            "the backup has the format {format}, and this release knows {FORMAT}: restore it with the release that took it"
        )));
    }
    Ok(manifest)
}

fn check_sums(directory: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    for name in [EVENTS, STATE] {
        if !manifest.files.contains_key(name) {
            return Err(BackupError::Refused(format!("{MANIFEST} names no {name}")));
        }
    }
    for (name, expected) in &manifest.files {
        if sum(&directory.join(name))? != *expected {
            return Err(BackupError::Refused(format!(
                "{name} is not as it was when the backup was taken: its length or SHA-256 differs"
            )));
        }
    }
    Ok(())
}
