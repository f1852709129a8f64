//! What is in the stores: whether log, views, state and keys belong together.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use domain::{Category, InstallationId, installation::Installation, signing_key::Keyring};
use notifier::LISTENERS;
use projections::{Projections, State, StatePersonKeys, Views, projector::Status};
use store::{Categories, EventStore, Log, Position, Vault};

use super::{Finding, chain};
use crate::{
    cli,
    compose::{SystemClock, SystemEntropy, files, open_log, open_state, open_views},
    config::{Config, Engine},
    installation_key,
};

/// A view that is farther behind keeps people waiting.
const LAG: Duration = Duration::from_secs(10);
/// Events read at once.
const PAGE: usize = 500;

pub(super) async fn examine(config: &Config) -> Vec<Finding> {
    match look(config).await {
        Ok(findings) => findings,
        Err(error) => vec![Finding::failure(
            "records",
            chain(&error),
            "see what the line says; the other findings may explain it",
        )],
    }
}

async fn look(config: &Config) -> anyhow::Result<Vec<Finding>> {
    if [&config.events, &config.state].into_iter().any(is_not_made) {
        return Ok(vec![Finding::warning(
            "log",
            "there is none yet",
            "begin with `oathbook quickstart`, or with `oathbook keys generate` and `oathbook organizations create`",
        )]);
    }
    // Opening would bring the files up to date, beside whoever uses them.
    let missing = files::missing_migrations(config).await?;
    if missing > 0 {
        return Ok(vec![Finding::warning(
            "schema",
            format_args!(
                "the files lack {missing} migrations of this release, so nothing in them was looked at"
            ),
            "take a backup; the next server or command of this release brings them up to date",
        )]);
    }
    let events = open_log(&config.events).await?;
    let state = open_state(&config.state).await?;
    let findings = look_into(config, events.port.clone(), state.port.clone()).await;
    events.close().await;
    state.close().await;
    findings
}

fn is_not_made(engine: &Engine) -> bool {
    matches!(engine, Engine::Sqlite(path) if !path.exists())
}

async fn look_into(
    config: &Config,
    store: Arc<dyn EventStore>,
    state: Arc<dyn State>,
) -> anyhow::Result<Vec<Finding>> {
    let Some(log_id) = files::log_id(&*store).await? else {
        return Ok(vec![Finding::warning(
            "log",
            "it is empty",
            "found it with `oathbook organizations create`, on the node whose keys the others get",
        )]);
    };
    let events = store.count(&Categories::All).await?;
    let mut findings = vec![Finding::good("log", format_args!("{log_id}, {events} events"))];
    if !installation_key::path(&config.var).exists() {
        findings.push(Finding::failure(
            "installation key",
            format_args!("{} is missing", installation_key::path(&config.var).display()),
            "copy it from another node or from the backup of the keys",
        ));
        return Ok(findings);
    }
    let key = Arc::new(installation_key::read_or_make(&config.var, false, &SystemEntropy)?);
    let person_keys = Arc::new(StatePersonKeys(state.clone()));
    let log = Log::new(store, Arc::new(Vault::new(&key, person_keys, Arc::new(SystemEntropy))));
    let founded = log.history::<Installation>(&InstallationId::SOLE).await?.state;
    if let Installation::Founded { key_fingerprint, .. } = founded
        && key_fingerprint != key.fingerprint()
    {
        findings.push(Finding::failure(
            "installation key",
            "the log was founded with another one",
            "copy var/installation.key from the node that founded the log",
        ));
        return Ok(findings);
    }
    findings.push(Finding::good("installation key", "the one the log was founded with"));
    findings.extend(active_key(config, &log).await?);
    findings.push(persons(&log, &*state).await?);
    findings.push(listeners(&log, &*state, log_id).await?);
    if !is_not_made(&config.views) {
        let views = open_views(&config.views).await?;
        findings.extend(projected(&log, log_id, views.port.clone()).await?);
        views.close().await;
    }
    Ok(findings)
}

async fn active_key(config: &Config, log: &Log) -> anyhow::Result<Option<Finding>> {
    let keyring = log.history::<Keyring>(&InstallationId::SOLE).await?.state;
    let (Some(active), Ok(key)) = (keyring.active, api::signing::load(&cli::key_files(config)))
    else {
        return Ok(None);
    };
    Ok((active != *key.kid()).then(|| {
        Finding::failure(
            "signing key",
            format_args!("the log says that {} signs, and the files hold {}", active.0, key.kid().0),
            "copy the pair from the node that signs, or make this one the signing pair with `oathbook keys activate`",
        )
    }))
}

/// Whether the state holds the keys of all persons that the log speaks of. Without its key a person reads as erased.
async fn persons(log: &Log, state: &dyn State) -> anyhow::Result<Finding> {
    const ABOUT: &str = "persons";
    let (mut after, mut all) = (Position::START, BTreeSet::new());
    loop {
        let users = Categories::of(&[Category::User]);
        let batch = log.store().read_all(after, &users, PAGE).await?;
        all.extend(batch.events.iter().filter_map(|event| event.stream.person()));
        after = batch.through;
        if batch.at_head {
            break;
        }
    }
    let mut missing = 0;
    for person in &all {
        missing += usize::from(state.person_key(*person).await?.is_none());
    }
    Ok(if missing == 0 {
        Finding::good(ABOUT, format_args!("the state has the keys of all persons: {}", all.len()))
    } else {
        Finding::failure(
            ABOUT,
            format_args!("the keys of {missing} of {} persons are missing in the state", all.len()),
            "restore a state that was copied after this log: keys of persons are nowhere else",
        )
    })
}

/// Whether what was announced is in the log.
async fn listeners(log: &Log, state: &dyn State, id: domain::LogId) -> anyhow::Result<Finding> {
    const ABOUT: &str = "notifier";
    for name in LISTENERS {
        let Some(checkpoint) = state.listener(name).await? else { continue };
        if !checkpoint.holds_in(id, &**log.store()).await? {
            return Ok(Finding::warning(
                ABOUT,
                format_args!(
                    "the {name} has come to an event that is not in the log: an older log was restored"
                ),
                "nothing is to be done: it goes on behind the last letter that the log knows, and none of those is sent twice",
            ));
        }
    }
    Ok(Finding::good(ABOUT, "what was announced is in the log"))
}

async fn projected(
    log: &Log,
    id: domain::LogId,
    views: Arc<dyn Views>,
) -> anyhow::Result<Vec<Finding>> {
    const ABOUT: &str = "projections";
    let projections = Projections::new(log.clone(), id, views, Arc::new(SystemClock));
    let strangers = projections.strangers().await?;
    let mut findings = Vec::new();
    if !strangers.is_empty() {
        findings.push(Finding::failure(
            ABOUT,
            format_args!(
                "{} were built from events that are not in this log: an older backup of it was restored",
                strangers.join(", ")
            ),
            "restart the processes with the role projector: they rebuild these views by themselves; or run `oathbook projections rebuild`. \
             Changes made after the backup are gone: deactivated applications may have tokens again",
        ));
    }
    for status in projections.status().await? {
        if !strangers.contains(&status.name) {
            findings.push(view(&status));
        }
        findings.extend(parked(&status));
    }
    Ok(findings)
}

fn view(status: &Status) -> Finding {
    const ABOUT: &str = "projections";
    let Status { name, version, live_version, lag, .. } = status;
    match live_version {
        None => Finding::warning(
            ABOUT,
            format_args!("{name} is not built yet"),
            "start a process with the role projector",
        ),
        Some(live) if live > version => Finding::warning(
            ABOUT,
            format_args!(
                "{name} is kept by a later release (version {live}, this one knows {version})"
            ),
            format_args!(
                "run the later release, or go back with `oathbook projections rollback {name}`"
            ),
        ),
        Some(_) if *lag > LAG => Finding::failure(
            ABOUT,
            format_args!("{name} lags {:.0} s behind the log", lag.as_secs_f64()),
            "see that a process with the role projector runs, and what it logs",
        ),
        Some(_) => Finding::good(ABOUT, format_args!("{name} at {}", status.position)),
    }
}

fn parked(status: &Status) -> Option<Finding> {
    let first = status.parked.first()?;
    Some(Finding::failure(
        "parked streams",
        format_args!(
            "{}: {} streams stopped, the first is {} at revision {}: {}",
            status.name,
            status.parked.len(),
            first.stream,
            first.revision,
            first.reason
        ),
        format_args!(
            "run the release that wrote the event, then `oathbook projections rebuild {}`",
            status.name
        ),
    ))
}
