//! Where a request comes from: the other end of its connection, or whom trusted proxies pass it on for.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request},
    http::{Extensions, HeaderMap, HeaderName},
};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Proxies whose `X-Forwarded-For` is believed. Without any the header is not read, since anybody can make it up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

#[derive(Clone, Copy, Debug)]
struct RemoteAddress(IpAddr);

impl TrustedProxies {
    pub fn of(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    pub fn networks(&self) -> &[IpNet] {
        &self.0
    }

    fn has(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Every proxy adds at the end of the header whom it was called by, so it is read backwards, for as long as it is a
    /// trusted proxy that tells.
    fn behind(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let values = headers.get_all(FORWARDED_FOR).iter().rev();
        let mut told = values.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
        let mut remote = peer;
        while self.has(remote) {
            let Some(next) = told.next().and_then(address) else { break };
            remote = next;
        }
        remote
    }
}

/// Some proxies add the port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse().map(|address: SocketAddr| address.ip());
    text.parse().or_else(|_| with_port()).ok().map(|address: IpAddr| address.to_canonical())
}

/// Notes in the request where it comes from.
pub(crate) fn note(trusted: &TrustedProxies, request: &mut Request) {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if let Some(peer) = peer.map(|ConnectInfo(peer)| peer.ip().to_canonical()) {
        let remote = trusted.behind(peer, request.headers());
        request.extensions_mut().insert(RemoteAddress(remote));
    }
}

/// Where the request comes from.
pub(crate) fn address_of(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get().map(|RemoteAddress(address)| *address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(trusted: &[&str], peer: &str, told: &[&str]) -> String {
        let networks = trusted.iter().map(|network| network.parse().expect("a network"));
        let headers = told.iter().map(|value| (FORWARDED_FOR, value.parse().expect("a value")));
        let peer = peer.parse().expect("an address");
        TrustedProxies(networks.collect()).behind(peer, &headers.collect()).to_string()
    }

    #[test]
    fn who_is_not_trusted_is_not_believed() {
        let told = ["192.0.2.44"];
        assert_eq!(remote(&[], "10.0.0.1", &told), "10.0.0.1");
        assert_eq!(remote(&["10.0.0.0/30"], "10.0.0.4", &told), "10.0.0.4");
        assert_eq!(remote(&["10.0.0.0/30"], "10.0.0.3", &told), "192.0.2.44");
        assert_eq!(remote(&["fd00::/8"], "fd00::1", &told), "192.0.2.44");
    }

    #[test]
    fn what_clients_made_up_stands_before_what_the_proxy_saw() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(remote(&trusted, "10.0.0.1", &["203.0.113.9, 192.0.2.44"]), "192.0.2.44");
        assert_eq!(remote(&trusted, "10.0.0.1", &["203.0.113.9", "192.0.2.44"]), "192.0.2.44");
        assert_eq!(remote(&trusted, "10.0.0.1", &["10.0.0.9, 192.0.2.44"]), "192.0.2.44");
    }

    #[test]
    fn proxies_may_stand_behind_each_other() {
        let trusted = ["10.0.0.0/8", "198.51.100.7/32"];
        let told = ["203.0.113.9, 192.0.2.44,198.51.100.7 , 10.0.0.2"];
        assert_eq!(remote(&trusted, "10.0.0.1", &told), "192.0.2.44");
        assert_eq!(remote(&trusted, "10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        for (told, address) in [
            ("192.0.2.44:4711", "192.0.2.44"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("::ffff:192.0.2.44", "192.0.2.44"),
            ("unknown", "10.0.0.1"),
            ("", "10.0.0.1"),
            ("192.0.2.44, _hidden", "10.0.0.1"),
        ] {
            assert_eq!(remote(&["10.0.0.0/8"], "10.0.0.1", &[told]), address, "{told}");
        }
    }
}
