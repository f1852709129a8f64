//! A mail server on a socket that says what a test tells it to say, and remembers what it was told.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

#[derive(Debug)]
pub(crate) struct Sink {
    port: u16,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) connections: usize,
    /// In order, without the contents of mails.
    pub(crate) commands: Vec<String>,
    /// As they were before dots were stuffed.
    pub(crate) mails: Vec<String>,
}

/// Instead of an answer: the connection ends.
pub(crate) const HANG_UP: &str = "hang up";
/// Instead of an answer: nothing, for ever.
pub(crate) const STALL: &str = "stall";

impl Sink {
    /// `answers` replaces what a friendly server says to a verb; `hello` and `.` are the verbs of greeting and content.
    pub(crate) async fn start(answers: &[(&'static str, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let answers: HashMap<_, _> =
            friendly().into_iter().chain(answers.iter().copied()).collect();
        tokio::spawn({
            let heard = heard.clone();
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    heard.lock().connections += 1;
                    tokio::spawn(converse(stream, answers.clone(), heard.clone()));
                }
            }
        });
        Self { port, heard }
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub(crate) fn heard<T>(&self, look: impl FnOnce(&Heard) -> T) -> T {
        look(&self.heard.lock())
    }
}

fn friendly() -> Vec<(&'static str, &'static str)> {
    vec![
        ("hello", "220 sink"),
        ("EHLO", "250-sink\r\n250-8BITMIME\r\n250-AUTH PLAIN\r\n250 SMTPUTF8"),
        ("AUTH", "235 2.7.0 welcome"),
        ("MAIL", "250 2.1.0 ok"),
        ("RCPT", "250 2.1.5 ok"),
        ("DATA", "354 go on"),
        (".", "250 2.0.0 Ok: queued as 4F1"),
        ("RSET", "250 2.0.0 ok"),
        ("QUIT", "221 2.0.0 bye"),
    ]
}

/// Ends when either side hangs up.
async fn converse(
    stream: TcpStream,
    answers: HashMap<&'static str, &'static str>,
    heard: Arc<Mutex<Heard>>,
) -> Option<()> {
    let mut stream = BufReader::new(stream);
    answer(&mut stream, &answers, "hello").await?;
    loop {
        let line = read_line(&mut stream).await?;
        heard.lock().commands.push(line.clone());
        let verb = line.split(' ').next()?.to_owned();
        answer(&mut stream, &answers, &verb).await?;
        if verb == "DATA" && answers["DATA"].starts_with('3') {
            let mail = read_mail(&mut stream, answers["."]).await?;
            heard.lock().mails.push(mail);
            answer(&mut stream, &answers, ".").await?;
        }
    }
}

async fn answer(
    stream: &mut BufReader<TcpStream>,
    answers: &HashMap<&'static str, &'static str>,
    verb: &str,
) -> Option<()> {
    match answers.get(verb).copied().unwrap_or("502 5.5.1 what?") {
        HANG_UP => None,
        STALL => std::future::pending().await,
        answer => stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok(),
    }
}

/// A server that hangs up does so in the middle of the content.
async fn read_mail(stream: &mut BufReader<TcpStream>, answer: &str) -> Option<String> {
    let mut mail = String::new();
    loop {
        let line = read_line(stream).await?;
        if answer == HANG_UP && !mail.is_empty() {
            return None;
        }
        if line == "." {
            return Some(mail);
        }
        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
        mail.push_str("\r\n");
    }
}

async fn read_line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    line.strip_suffix("\r\n").map(str::to_owned)
}
