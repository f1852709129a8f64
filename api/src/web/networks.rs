//! From which networks people sign in. That somebody did from a new one is noted as a fact, of which they can be told.

use std::net::IpAddr;

use commands::Failure;
use domain::{
    UserId,
    observation::{self, Observation},
};
use projections::state::{SignedInFrom, StateError};
use store::{Digest, InstallationKey, Purpose};
use tracing::warn;

use super::visit::Visit;
use crate::app::App;

#[derive(Debug, thiserror::Error)]
enum NoticeError {
    #[error(transparent)]
    State(#[from] StateError),
    #[error(transparent)]
    Note(#[from] Failure<observation::Error>),
}

/// Compares whence the user signed in just now with what is known of them. Whatever fails here is logged: it keeps nobody
/// from signing in, and is made up for the next time.
pub(super) async fn notice(app: &App, visit: &Visit, user: UserId) {
    if let Err(error) = compare(app, visit, user).await {
        warn!(user.id = %user, error = &error as &dyn std::error::Error,
            "It was not noted from which network somebody signed in");
    }
}

/// The fact comes before the network is known, so that dying in between tells later rather than never.
async fn compare(app: &App, visit: &Visit, user: UserId) -> Result<(), NoticeError> {
    let Some(address) = visit.address else {
        return Ok(());
    };
    let hash = hash(&app.commands.key, user, address);
    match app.state.signed_in_from(user, hash).await? {
        SignedInFrom::Elsewhere => {
            let network = Digest(hash).to_string();
            let observation = Observation::SignedInFromNetwork { user, network };
            app.scribe_of_visitor(visit, user).note(observation).await?;
        }
        // Of the first time nobody is told: there is nothing to compare it with.
        SignedInFrom::Nowhere | SignedInFrom::Here => {}
    }
    Ok(app.state.keep_network(user, hash, app.commands.clock.now()).await?)
}

/// Of person and network together, so that nobody sees who shares one.
fn hash(key: &InstallationKey, user: UserId, address: IpAddr) -> [u8; 32] {
    key.mac(Purpose::Networks, &[user.as_uuid().as_bytes(), &network(address)])
}

/// A /24 of IPv4, a /48 of IPv6: what one household or office has, more or less.
fn network(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(address) => address.octets()[..3].to_vec(),
        IpAddr::V6(address) => address.octets()[..6].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn of(user: u128, address: &str) -> [u8; 32] {
        let key = InstallationKey::new([7; 32]);
        hash(&key, UserId::new(Uuid::from_u128(user)), address.parse().unwrap())
    }

    #[test]
    fn neighbours_are_in_the_same_network() {
        assert_eq!(of(1, "192.0.2.1"), of(1, "192.0.2.254"));
        assert_eq!(of(1, "192.0.2.1"), of(1, "::ffff:192.0.2.9"));
        assert_ne!(of(1, "192.0.2.1"), of(1, "192.0.3.1"));
        assert_eq!(of(1, "2001:db8:1::1"), of(1, "2001:db8:1:ff::2"));
        assert_ne!(of(1, "2001:db8:1::1"), of(1, "2001:db8:2::1"));
    }

    #[test]
    fn who_shares_a_network_does_not_show() {
        assert_ne!(of(1, "192.0.2.1"), of(2, "192.0.2.1"));
    }
}
