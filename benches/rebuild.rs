//! How fast a view comes back from the log, against writing its rows without reading anything.

use std::time::Duration;

use anyhow::{Context, ensure};
use oathbook::compose::House;
use projections::{
    Checkpoint, Projection,
    applications::Applications,
    views::{Change, Pace, Progress, Target, Work},
};
use store::{Categories, Position, StreamName};
use tokio::time::Instant;

use crate::{
    registrar::Registrar,
    report::{Samples, figure},
    support::{config, folder, number},
};

const ROUNDS: usize = 5;
const APPLICATIONS: u64 = 20_000;
const CLIENTS: usize = 64;
/// Rows in a transaction.
const BATCH: u32 = 500;

type Rows = Vec<(StreamName, Option<String>)>;

pub(crate) async fn measure() -> anyhow::Result<()> {
    let folder = folder()?;
    let house = House::open(&config(folder.path())?).await?;
    let registrar = Registrar::found(house.commands.clone()).await?;
    registrar.register_all(0..APPLICATIONS, CLIENTS, |_| async { Ok(()) }).await?;
    house.projections.catch_up(Duration::from_mins(1)).await?;
    let categories = Categories::of(Applications::CATEGORIES);
    let events = number(house.commands.log.store().count(&categories).await?);
    let rows = rows(&house).await?;

    let (mut rebuilt, mut written, mut ratio) = <(Samples, Samples, Samples)>::default();
    for _ in 0..ROUNDS {
        let writing = write(&house, rows.clone()).await?.as_secs_f64();
        let rebuilding = rebuild(&house).await?.as_secs_f64();
        written.push(number(APPLICATIONS) / writing);
        rebuilt.push(events / rebuilding);
        ratio.push(rebuilding / writing);
    }
    figure(format!("rows written, of {APPLICATIONS}"), "/s", &written);
    figure("events rebuilt from, compared and switched to", "/s", &rebuilt);
    figure("time of a rebuild to writing its rows", "×", &ratio);
    Ok(())
}

async fn rebuild(house: &House) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let done = house
        .projections
        .work(Applications::IDENTITY.name, Work::Rebuild(Pace::Full), |_| {})
        .await?;
    ensure!(done == Progress::Done { rows: APPLICATIONS, differing: 0 }, "{done:?}");
    Ok(began.elapsed())
}

/// Every row of the live generation, in batches.
async fn rows(house: &House) -> anyhow::Result<Vec<Rows>> {
    let live = house.views.live(Applications::IDENTITY).await?.context("no live rows")?;
    let mut all = Vec::new();
    let mut last: Option<StreamName> = None;
    loop {
        let page = house.views.page(live.generation, last.as_ref(), BATCH).await?;
        let Some((key, _)) = page.last() else {
            return Ok(all);
        };
        last = Some(key.clone());
        all.push(page.into_iter().map(|(key, row)| (key, Some(row))).collect());
    }
}

/// Writes the rows into a generation of their own, which is dropped afterwards.
async fn write(house: &House, rows: Vec<Rows>) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let checkpoint = Checkpoint::start(house.log_id);
    let generation = house.views.begin(Applications::IDENTITY, checkpoint).await?;
    for rows in rows {
        let (to, behind, parked) = (Target::Current, Position::START, vec![]);
        let change = Change { to, behind, checkpoint, rows, parked };
        house.views.commit(generation, change).await?;
    }
    let elapsed = began.elapsed();
    house.views.discard(generation).await?;
    Ok(elapsed)
}
