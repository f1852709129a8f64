//! An SMTP server that takes everything and remembers the ids of messages.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// How often each message arrived, by its Message-ID.
pub type Arrivals = Arc<Mutex<BTreeMap<String, u32>>>;

#[derive(Debug)]
pub struct Mailbox {
    port: u16,
    arrivals: Arrivals,
}

impl Mailbox {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let arrivals = Arrivals::default();
        let taken = arrivals.clone();
        tokio::spawn(async move {
            while let Ok((peer, _)) = listener.accept().await {
                tokio::spawn(converse(peer, taken.clone()));
            }
        });
        Self { port, arrivals }
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub fn arrivals(&self) -> BTreeMap<String, u32> {
        self.arrivals.lock().expect("arrivals").clone()
    }
}

/// RFC 5321, as far as a client that behaves needs it.
async fn converse(peer: TcpStream, arrivals: Arrivals) -> Option<()> {
    let (read, mut write) = peer.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 mailbox\r\n").await.ok()?;
    while let Some(line) = lines.next_line().await.ok()? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await.ok()?;
                return None;
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await.ok()?;
                let mut id = None;
                loop {
                    let line = lines.next_line().await.ok()??;
                    if line == "." {
                        break;
                    }
                    if let Some((_, found)) = line.split_once("Message-ID: ") {
                        id.get_or_insert_with(|| found.trim().to_owned());
                    }
                }
                let id = id.expect("every letter has a Message-ID");
                *arrivals.lock().expect("arrivals").entry(id).or_default() += 1;
                b"250 taken\r\n"
            }
            _ => b"250 mailbox\r\n",
        };
        write.write_all(answer).await.ok()?;
    }
    None
}
