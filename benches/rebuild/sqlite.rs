//! In SQLite: against the same rows written through the port.

use std::time::Duration;

use oathbook::compose::House;
use projections::{
    Checkpoint, Projection,
    applications::Applications,
    views::{Change, Target},
};
use store::Position;
use tokio::time::Instant;

use super::{APPLICATIONS, Filled, ROUNDS, Rows, rebuild};
use crate::{
    report::{Samples, figure},
    support::{config, folder, number},
};

pub(crate) async fn measure() -> anyhow::Result<()> {
    let folder = folder()?;
    let Filled { house, events, rows } =
        Filled::with_applications(&config(folder.path(), None)?).await?;
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
