//! Tokens through the whole server against bare RSA signatures, and the processor time of each.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    thread::{self, available_parallelism},
    time::Duration,
};

use anyhow::{Context, ensure};
use api::signing::{KeyFiles, SigningKey};
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::RSA_PKCS1_SHA256,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::{
    load::{self, Load},
    report::{Bound, Samples, Verdicts, figure},
    support::{Work, cpu_of, folder, on_threads, own_cpu},
};

const ROUNDS: usize = 5;
const SIGNING: Duration = Duration::from_millis(1_500);
const ASKING: Duration = Duration::from_secs(3);
const CONNECTIONS: usize = 32;
/// About what a token's header and claims take.
const MESSAGE: [u8; 640] = [b'm'; _];

/// What one kind of work showed, round by round.
#[derive(Default)]
struct Rounds {
    per_second: Samples,
    cpu_micros: Samples,
}

pub(crate) fn measure(verdicts: &mut Verdicts) -> anyhow::Result<()> {
    let threads = available_parallelism()?.get();
    let server = Server::start()?;
    let (in_body, basic) = server.requests()?;
    server.wait_for(&in_body)?;
    let (pair, key) = (KeyPair::generate(KeySize::Rsa2048)?, server.key()?);
    let bare = |message: &[u8]| {
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)?;
        Ok(signature)
    };
    let ours = |message: &[u8]| Ok(key.sign(message)?);
    let load = Load { connections: CONNECTIONS, threads: 2, time: ASKING };

    let mut signed = [Rounds::default(), Rounds::default()];
    let mut issued = [Rounds::default(), Rounds::default()];
    let (mut generator, mut cores) = <(Samples, Samples)>::default();
    let (mut share, mut share_of_cpu, mut extra) = <(Samples, Samples, Samples)>::default();
    for _ in 0..ROUNDS {
        let raw = sign(threads, bare)?;
        cores.push(raw.cores(threads));
        signed[0].add(raw);
        signed[1].add(sign(threads, ours)?);
        for (request, rounds) in [&in_body, &basic].into_iter().zip(&mut issued) {
            let (tokens, asking) = server.load(load, request)?;
            rounds.add(tokens);
            generator.push(asking.cpu_micros_each());
            share.push(100.0 * tokens.per_second() / raw.per_second());
            let cpu = tokens.cpu_micros_each() + asking.cpu_micros_each();
            share_of_cpu.push(100.0 * raw.cpu_micros_each() / cpu);
            extra.push(tokens.cpu_micros_each() - raw.cpu_micros_each());
        }
    }
    let [bare, ours] = signed;
    let [in_body, basic] = issued;
    figure("what signing got of the cores", "%", &cores);
    figure(format!("signatures, {threads} threads"), "/s", &bare.per_second);
    figure("signatures by api::signing", "/s", &ours.per_second);
    figure("tokens, credentials in the body", "/s", &in_body.per_second);
    figure("tokens, Basic", "/s", &basic.per_second);
    figure("CPU of a signature", "µs", &bare.cpu_micros);
    figure("CPU of a signature by api::signing", "µs", &ours.cpu_micros);
    figure("CPU of a token, credentials in the body", "µs", &in_body.cpu_micros);
    figure("CPU of a token, Basic", "µs", &basic.cpu_micros);
    figure("CPU of the load generator for a token", "µs", &generator);
    verdicts.target("tokens/s of signatures/s", "%", &share, Bound::AtLeast(70.0));
    figure("the same by processor time, load generator included", "%", &share_of_cpu);
    verdicts.target("CPU of a token beyond a signature's", "µs", &extra, Bound::AtMost(80.0));
    Ok(())
}

impl Rounds {
    fn add(&mut self, work: Work) {
        self.per_second.push(work.per_second());
        self.cpu_micros.push(work.cpu_micros_each());
    }
}

/// Signs on so many threads for a while.
fn sign<F>(threads: usize, sign: F) -> anyhow::Result<Work>
where
    F: Fn(&[u8]) -> anyhow::Result<Vec<u8>> + Sync,
{
    let (cpu, began) = (own_cpu()?, Instant::now());
    let times = on_threads(threads, || {
        let mut times = 0;
        while began.elapsed() < SIGNING {
            sign(&MESSAGE)?;
            times += 1;
        }
        Ok(times)
    })?;
    Ok(Work { times, elapsed: began.elapsed(), cpu: own_cpu()?.saturating_sub(cpu) })
}

/// A quickstart in a folder of its own. Killed when dropped.
struct Server {
    folder: TempDir,
    child: Child,
    address: SocketAddr,
    welcome: Welcome,
}

#[derive(Deserialize)]
struct Welcome {
    url: String,
    username: String,
    organization_id: String,
}

#[derive(Deserialize)]
struct Credentials {
    client_id: String,
    client_secret: String,
}

impl Server {
    fn start() -> anyhow::Result<Self> {
        let folder = folder()?;
        let mut child = oathbook(&folder)
            .args(["quickstart", "--listen", "127.0.0.1:0", "--json"])
            .stdout(Stdio::piped())
            .stderr(File::create(folder.path().join("log"))?)
            .spawn()?;
        let mut line = String::new();
        let output = child.stdout.take().context("no standard output")?;
        BufReader::new(output).read_line(&mut line)?;
        let welcome: Welcome = serde_json::from_str(&line)?;
        let address = welcome.url.strip_prefix("http://").context("no address")?;
        Ok(Self { folder, child, address: address.parse()?, welcome })
    }

    /// Registers an application; two ways to ask for its tokens.
    fn requests(&self) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
        let Welcome { username, organization_id, .. } = &self.welcome;
        let arguments = ["--owner", username, "--organization", organization_id, "--name", "Bench"];
        let output = oathbook(&self.folder)
            .args(["applications", "create", "--json"])
            .args(arguments)
            .output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let Credentials { client_id, client_secret } = serde_json::from_slice(&output.stdout)?;
        let grant = "grant_type=client_credentials";
        let body = format!("{grant}&client_id={client_id}&client_secret={client_secret}");
        let credentials = STANDARD.encode(format!("{client_id}:{client_secret}"));
        let basic = format!("Authorization: Basic {credentials}\r\n");
        Ok((self.request("", &body), self.request(&basic, grant)))
    }

    fn request(&self, header: &str, body: &str) -> Vec<u8> {
        format!(
            "POST /oauth2-token HTTP/1.1\r\nHost: {}\r\nAccept: */*\r\n{header}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .into_bytes()
    }

    /// Waits until the server has heard of what the command line registered, and has its key.
    fn wait_for(&self, request: &[u8]) -> anyhow::Result<()> {
        let began = Instant::now();
        while let Err(refusal) = load::is_answered(self.address, request) {
            ensure!(began.elapsed() < Duration::from_secs(10), "no token: {refusal}");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// The tokens with the server's processor time, and the same with the load generator's.
    fn load(&self, load: Load, request: &[u8]) -> anyhow::Result<(Work, Work)> {
        let cpu = cpu_of(self.child.id())?;
        let asking = load.put_on(self.address, request)?;
        Ok((Work { cpu: cpu_of(self.child.id())?.saturating_sub(cpu), ..asking }, asking))
    }

    fn key(&self) -> anyhow::Result<SigningKey> {
        let var = self.folder.path().join("var");
        let files = KeyFiles {
            private: var.join("oauth_private.key"),
            public: var.join("oauth_public.key"),
            allow_world_readable: false,
        };
        Ok(api::signing::load(&files)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn oathbook(folder: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oathbook"));
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("OATHBOOK_") {
            command.env_remove(name);
        }
    }
    command
}
