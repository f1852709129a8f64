//! `oathbook notifier`.

use clap::Args;
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::outcome::Outcome;
use crate::{
    compose::House,
    config::Config,
    server::{Signals, notifier},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {}

pub(super) async fn run(_: &Arguments, config: &Config) -> Outcome {
    let signals = Signals::listen()?;
    let house = House::open(config).await?;
    let notifier = notifier(&house, config, &config.public_url_at(config.listen))?;
    let cancelled = CancellationToken::new();
    // What is due is asked of the views, so somebody must keep them: this process, unless a server does.
    let projecting = tokio::spawn(house.projections.clone().run(cancelled.clone()));
    let notifying = tokio::spawn(notifier.run(cancelled.clone()));
    info!("Sending mail");
    signals.stop().await;
    cancelled.cancel();
    let (views, mail) = tokio::join!(projecting, notifying);
    views.and(mail).map_err(|error| anyhow::Error::from(error).into())
}
