//! Ports for servers that stop and start again.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicU16, Ordering},
};

/// Below those that Linux gives to connections: one of these would otherwise take the port of a server while it is away,
/// or even connect to itself there.
const PORTS: u16 = 12_000;
const FIRST: u16 = 16_000;
/// As many as a process is likely to need; the next process begins behind them.
const OWN: u32 = 24;

static TAKEN: AtomicU16 = AtomicU16::new(0);

/// A port of the loopback where nothing listens, another one each time. Processes begin at different ones.
pub fn free_port() -> u16 {
    let own = std::process::id().wrapping_mul(OWN) % u32::from(PORTS);
    let own = u16::try_from(own).unwrap();
    loop {
        let next = own + TAKEN.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + next % PORTS;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
