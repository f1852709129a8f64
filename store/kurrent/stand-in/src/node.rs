//! A node: a port, and a runtime of its own, so that a killed one takes its connections with it.

use std::{
    net::{SocketAddr, TcpListener},
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use tokio::runtime::{Builder, Runtime};
use tonic::transport::{Server, server::TcpIncoming};

use crate::{State, service::Service};

#[derive(Debug)]
pub(crate) struct Node {
    state: Arc<State>,
    number: usize,
    runtime: Option<Runtime>,
}

impl Node {
    pub(crate) fn start(state: Arc<State>, number: usize) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let incoming = {
            let _inside = runtime.enter();
            listen(state.members[number].port)
        };
        let service = Service { state: state.clone(), number };
        runtime.spawn(
            Server::builder()
                .add_service(service.features())
                .add_service(service.gossip())
                .add_service(service.streams())
                .serve_with_incoming(incoming),
        );
        state.members[number].alive.store(true, Ordering::SeqCst);
        Self { state, number, runtime: Some(runtime) }
    }

    pub(crate) fn kill(&mut self) {
        self.state.members[self.number].alive.store(false, Ordering::SeqCst);
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The port of a node that was killed is free after a moment.
fn listen(port: u16) -> TcpIncoming {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        match TcpIncoming::bind(SocketAddr::from(([127, 0, 0, 1], port))) {
            Ok(incoming) => return incoming.with_nodelay(Some(true)),
            Err(error) => assert!(Instant::now() < until, "port {port}: {error}"),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
