//! A wire that can be cut, slowed down, or fall silent.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    Clear,
    /// Everything arrives later.
    Slow(Duration),
    /// Nothing arrives, and nobody is told.
    Silent,
    /// Connections break, and no others are taken.
    Cut,
}

/// Takes connections and passes them on.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
}

impl Proxy {
    pub async fn before(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (weather, forecast) = watch::channel(Weather::Clear);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if *forecast.borrow() != Weather::Cut {
                    tokio::spawn(connect(client, target, forecast.clone()));
                }
            }
        });
        Self { address, weather }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn turn(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

async fn connect(client: TcpStream, target: SocketAddr, weather: watch::Receiver<Weather>) {
    let Ok(server) = TcpStream::connect(target).await else { return };
    client.set_nodelay(true).ok();
    server.set_nodelay(true).ok();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    // The first direction that ends takes the other one with it.
    tokio::select! {
        () = pump(&mut from_client, &mut to_server, weather.clone()) => {}
        () = pump(&mut from_server, &mut to_client, weather) => {}
    }
}

async fn pump(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    mut weather: watch::Receiver<Weather>,
) {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let read = tokio::select! {
            read = from.read(&mut bytes) => read,
            changed = weather.changed() => {
                if changed.is_err() || *weather.borrow() == Weather::Cut {
                    return;
                }
                continue;
            }
        };
        let Ok(count @ 1..) = read else { return };
        loop {
            let now = *weather.borrow_and_update();
            match now {
                Weather::Clear => break,
                Weather::Slow(delay) => {
                    tokio::time::sleep(delay).await;
                    break;
                }
                Weather::Silent => {
                    if weather.changed().await.is_err() {
                        return;
                    }
                }
                Weather::Cut => return,
            }
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
