//! The load generator: a process of its own that asks for tokens as fast as they are answered.
//!
//! It should cost as little as possible, since it shares the cores with the server: the request is written once, sockets
//! block, and of an answer only the status and the length are looked at.

use std::{
    io::{Read, Write, stdin},
    net::{SocketAddr, TcpStream},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::support::{Work, on_threads, own_cpu};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much is asked for, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    pub(crate) threads: usize,
    pub(crate) time: Duration,
}

/// What the generator says when it is done; nothing but `200 OK` is counted, or borne.
#[derive(Debug, Serialize, Deserialize)]
struct Answered {
    times: u64,
    elapsed: Duration,
    cpu: Duration,
}

impl Load {
    /// Runs the generator, which asks the servers in turn. The time is measured and the processor time spent there.
    pub(crate) fn put_on(self, servers: &[SocketAddr], request: &[u8]) -> anyhow::Result<Work> {
        let Self { connections, threads, time } = self;
        let servers: Vec<_> = servers.iter().map(SocketAddr::to_string).collect();
        let arguments = [
            "load".to_owned(),
            servers.join(","),
            connections.to_string(),
            threads.to_string(),
            time.as_millis().to_string(),
        ];
        let mut generator = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        generator.stdin.take().context("no standard input")?.write_all(request)?;
        let output = generator.wait_with_output()?;
        ensure!(output.status.success(), "the load generator failed");
        let Answered { times, elapsed, cpu } = serde_json::from_slice(&output.stdout)?;
        Ok(Work { times, elapsed, cpu })
    }
}

/// The generator's process. The request comes from standard input, so that no secret is in the list of processes.
pub(crate) fn main(arguments: &[String]) -> anyhow::Result<()> {
    let [servers, connections, threads, millis] = arguments else {
        bail!("usage: load ADDRESS,… CONNECTIONS THREADS MILLISECONDS < REQUEST");
    };
    let servers: Vec<SocketAddr> = servers.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let (connections, threads): (usize, usize) = (connections.parse()?, threads.parse()?);
    let mut request = Vec::new();
    stdin().read_to_end(&mut request)?;
    let began = Instant::now();
    let until = began + Duration::from_millis(millis.parse()?);
    let each = connections.div_ceil(threads);
    let times = on_threads(threads, || ask(&servers, &request, each, until))?;
    let answered = Answered { times, elapsed: began.elapsed(), cpu: own_cpu()? };
    serde_json::to_writer(std::io::stdout(), &answered)?;
    Ok(())
}

/// Keeps one request under way on each connection, in turn, and counts the answers.
fn ask(
    servers: &[SocketAddr],
    request: &[u8],
    connections: usize,
    until: Instant,
) -> anyhow::Result<u64> {
    let all = servers.iter().cycle().take(connections).map(|server| Connection::open(*server));
    let mut all = all.collect::<anyhow::Result<Vec<_>>>()?;
    all.iter_mut().try_for_each(|one| one.stream.write_all(request))?;
    let mut answers = 0;
    while Instant::now() < until {
        for one in &mut all {
            one.answer()?;
            one.stream.write_all(request)?;
            answers += 1;
        }
    }
    for one in &mut all {
        one.answer()?;
        answers += 1;
    }
    Ok(answers)
}

/// How long each of many requests waits for its token, one after the other on one connection.
pub(crate) fn answer_times(
    server: SocketAddr,
    request: &[u8],
    done: impl Fn() -> bool,
) -> anyhow::Result<Vec<Duration>> {
    let mut connection = Connection::open(server)?;
    let mut times = Vec::new();
    while !done() {
        let asked = Instant::now();
        connection.stream.write_all(request)?;
        connection.answer()?;
        times.push(asked.elapsed());
    }
    Ok(times)
}

/// Whether the server answers the request with a token now.
pub(crate) fn is_answered(server: SocketAddr, request: &[u8]) -> anyhow::Result<()> {
    let mut connection = Connection::open(server)?;
    connection.stream.write_all(request)?;
    connection.answer()
}

struct Connection {
    stream: TcpStream,
    buffer: [u8; 8 * 1024],
}

impl Connection {
    fn open(server: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, buffer: [0; _] })
    }

    fn answer(&mut self) -> anyhow::Result<()> {
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..])?;
            ensure!(read > 0, "the server closed the connection");
            filled += read;
            if let Some(length) = length(&self.buffer[..filled])? {
                ensure!(filled <= length, "more was answered than asked");
                if filled == length {
                    return Ok(());
                }
            }
        }
    }
}

/// The length of the answer with its head, once the head is there.
fn length(answer: &[u8]) -> anyhow::Result<Option<usize>> {
    let Some(head) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&answer[..head])?;
    ensure!(text.starts_with("HTTP/1.1 200 "), "{}", String::from_utf8_lossy(answer));
    let length = text
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .context("no length")?;
    Ok(Some(head + 4 + length.1.parse::<usize>()?))
}
