//! `oathbook serve`.

use clap::Args;

use super::outcome::Outcome;
use crate::{
    compose::House,
    config::Config,
    server::{Server, Signals},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Listen on this address instead of the configured one; port 0 picks a free port.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Option<String>,
    /// What this node does, as a list of api, projector and notifier; everything by default. Health and metrics are
    /// served in any case.
    #[arg(long, value_name = "ROLE,ROLE")]
    pub(super) roles: Option<String>,
}

pub(super) async fn run(_: &Arguments, config: &Config) -> Outcome {
    let signals = Signals::listen()?;
    let house = House::open(config).await?;
    let server = Server::bind(house, config).await?;
    server.run(signals.stop()).await?;
    Ok(())
}
