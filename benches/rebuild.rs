//! How fast a view comes back from the log, against writing its rows without reading anything.

mod postgres;
mod sqlite;

use std::time::Duration;

use anyhow::{Context, ensure};
use oathbook::{compose::House, config::Config};
use projections::{
    Projection,
    applications::Applications,
    views::{Pace, Progress, Work},
};
use store::{Categories, StreamName};
use tokio::time::Instant;

pub(crate) use self::{postgres::measure as measure_on_postgres, sqlite::measure};
use crate::{registrar::Registrar, support::number};

const ROUNDS: usize = 5;
const APPLICATIONS: u64 = 20_000;
const CLIENTS: usize = 64;
/// Rows in a transaction.
const BATCH: u32 = 500;

type Rows = Vec<(StreamName, Option<String>)>;

/// An installation with applications in it, all of them projected.
struct Filled {
    house: House,
    /// Events of applications in the log.
    events: f64,
    /// Every row of the view, in batches.
    rows: Vec<Rows>,
}

impl Filled {
    async fn with_applications(config: &Config) -> anyhow::Result<Self> {
        let house = House::open(config).await?;
        let registrar = Registrar::found(house.commands.clone()).await?;
        registrar.register_all(0..APPLICATIONS, CLIENTS, |_| async { Ok(()) }).await?;
        house.projections.catch_up(Duration::from_mins(1)).await?;
        let categories = Categories::of(Applications::CATEGORIES);
        let events = number(house.commands.log.store().count(&categories).await?);
        let rows = rows(&house).await?;
        Ok(Self { house, events, rows })
    }
}

/// Builds all rows anew, compares them with those that are there, and switches.
async fn rebuild(house: &House) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let done = house
        .projections
        .work(Applications::IDENTITY.name, Work::Rebuild(Pace::Full), |_| {})
        .await?;
    ensure!(done == Progress::Done { rows: APPLICATIONS, differing: 0 }, "{done:?}");
    Ok(began.elapsed())
}

/// Every row of the live generation.
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
