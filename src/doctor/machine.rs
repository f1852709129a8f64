//! Files, their modes, and the room for them.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::Finding;
use crate::{
    config::{Config, Engine},
    installation_key,
};

/// Less free space than this soon ends in a failure.
const SCARCE: u64 = 1024 * 1024 * 1024;
/// Less than this is one.
const NONE: u64 = 64 * 1024 * 1024;

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = vec![directory(&config.var)];
    findings.extend(private_files(config));
    findings.extend(room(config));
    findings
}

fn directory(var: &Path) -> Finding {
    const ABOUT: &str = "var";
    let shown = var.display();
    match fs::metadata(var) {
        Err(_) => Finding::warning(
            ABOUT,
            format_args!("{shown} is not there yet"),
            "it is made by `oathbook quickstart` or the first command that needs it",
        ),
        Ok(metadata) if !metadata.is_dir() => Finding::failure(
            ABOUT,
            format_args!("{shown} is no directory"),
            "name another one with `var`",
        ),
        Ok(metadata) if metadata.mode() & 0o077 != 0 => Finding::warning(
            ABOUT,
            exposed(var, metadata.mode()),
            format_args!("chmod 700 {shown}"),
        ),
        Ok(_) => Finding::good(ABOUT, format_args!("{shown} is for its owner alone")),
    }
}

fn exposed(path: &Path, mode: u32) -> String {
    let mode = mode & 0o777;
    format!("{} has the mode {mode:o}: others on this machine can use it", path.display())
}

/// What nobody else may read. The private key is judged with the keys.
fn private_files(config: &Config) -> Vec<Finding> {
    let key = installation_key::path(&config.var);
    let databases = [&config.events, &config.views, &config.state];
    let databases = databases.into_iter().filter_map(|engine| match engine {
        Engine::Sqlite(path) => Some(path.clone()),
        Engine::Postgres(_) | Engine::Kurrent(_) | Engine::Memory => None,
    });
    let files: Vec<PathBuf> = std::iter::once(key).chain(databases).collect();
    let there = files.iter().filter_map(|path| Some((path, fs::metadata(path).ok()?)));
    let open: Vec<Finding> = there
        .filter(|(_, metadata)| metadata.permissions().mode() & 0o077 != 0)
        .map(|(path, metadata)| {
            let remedy = format!("chmod 600 {}", path.display());
            Finding::warning("files", exposed(path, metadata.mode()), remedy)
        })
        .collect();
    if open.is_empty() {
        return vec![Finding::good(
            "files",
            "databases and installation key are for their owner alone",
        )];
    }
    open
}

/// Once for each file system that something is written to.
fn room(config: &Config) -> Vec<Finding> {
    let engines = [&config.events, &config.views, &config.state];
    let files = engines.into_iter().filter_map(|engine| match engine {
        Engine::Sqlite(path) => path.parent(),
        Engine::Postgres(_) | Engine::Kurrent(_) | Engine::Memory => None,
    });
    let mut seen = BTreeSet::new();
    std::iter::once(&*config.var)
        .chain(files)
        .filter_map(|path| path.ancestors().find(|path| path.exists()))
        .filter(|path| fs::metadata(path).is_ok_and(|metadata| seen.insert(metadata.dev())))
        .map(free)
        .collect()
}

fn free(path: &Path) -> Finding {
    const ABOUT: &str = "disk";
    const REMEDY: &str = "make room, or move var to a larger file system";
    let Ok(volume) = rustix::fs::statvfs(path) else {
        return Finding::warning(
            ABOUT,
            format_args!("the room at {} is not known", path.display()),
            REMEDY,
        );
    };
    let free = volume.f_bavail.saturating_mul(volume.f_frsize);
    let said = format!("{} MiB are free at {}", free / (1024 * 1024), path.display());
    match free {
        NONE.. if free >= SCARCE => Finding::good(ABOUT, said),
        NONE.. => Finding::warning(ABOUT, said, REMEDY),
        _ => Finding::failure(ABOUT, said, REMEDY),
    }
}
