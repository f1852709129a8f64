//! `oathbook serve` and `oathbook notifier`.

use clap::Args;

use super::outcome::Outcome;
use crate::{
    compose::House,
    config::{Config, Role},
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
    /// What this node leaves to others; it does everything else.
    #[arg(long, value_name = "ROLE,ROLE", value_delimiter = ',', conflicts_with = "roles")]
    without: Vec<Role>,
}

#[derive(Args, Debug)]
pub(super) struct Notifier {
    /// Serve health and metrics on this address instead of the configured one; port 0 picks a free port.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Option<String>,
}

impl Arguments {
    /// The roles that were asked for, either way.
    pub(super) fn roles(&self) -> Option<String> {
        let others = || Role::ALL.iter().filter(|role| !self.without.contains(role));
        let without = !self.without.is_empty();
        let rest = without.then(|| others().map(Role::to_string).collect::<Vec<_>>().join(","));
        self.roles.clone().or(rest)
    }
}

/// Lowers the priority of all threads that this one starts: mail can wait, and whoever is answered beside it is not to
/// notice. Where that is forbidden nothing changes.
pub(super) fn give_way() {
    const LOWEST: i32 = 19;
    rustix::process::setpriority_process(None, LOWEST).ok();
}

/// Does what the configuration says, which knows of the arguments.
pub(super) async fn run(config: &Config) -> Outcome {
    let signals = Signals::listen()?;
    let house = House::open(config).await?;
    let server = Server::bind(house, config).await?;
    server.run(signals.stop()).await?;
    Ok(())
}
