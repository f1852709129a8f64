//! Tokens through the whole server against bare RSA signatures, and the processor time of each.

mod postgres;

use std::{
    fs::File,
    io::{BufRead, BufReader},
    process::Stdio,
    slice::from_ref,
    thread::available_parallelism,
    time::Duration,
};

use anyhow::Context;
use api::signing::{KeyFiles, SigningKey};
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::RSA_PKCS1_SHA256,
};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::time::Instant;

pub(crate) use self::postgres::measure as measure_on_postgres;
use crate::{
    load::Load,
    nodes::{Credentials, Node, ask, oathbook},
    report::{Bound, Samples, Verdicts, figure},
    support::{Work, folder, on_threads, own_cpu},
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
    let quickstart = Quickstart::start()?;
    let credentials = quickstart.register()?;
    let (in_body, basic) = (credentials.in_body(), credentials.basic());
    quickstart.node.wait_for(&in_body)?;
    let (pair, key) = (KeyPair::generate(KeySize::Rsa2048)?, quickstart.key()?);
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
            let (tokens, asking) = ask(from_ref(&quickstart.node), load, request)?;
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

/// A quickstart in a folder of its own.
struct Quickstart {
    folder: TempDir,
    node: Node,
    welcome: Welcome,
}

#[derive(Deserialize)]
struct Welcome {
    url: String,
    username: String,
    organization_id: String,
}

impl Quickstart {
    fn start() -> anyhow::Result<Self> {
        let folder = folder()?;
        let quickstart = ["quickstart", "--listen", "127.0.0.1:0", "--json"];
        let mut child = oathbook(folder.path(), &quickstart)
            .stdout(Stdio::piped())
            .stderr(File::create(folder.path().join("log"))?)
            .spawn()?;
        let mut line = String::new();
        let output = child.stdout.take().context("no standard output")?;
        BufReader::new(output).read_line(&mut line)?;
        let welcome: Welcome = serde_json::from_str(&line)?;
        let address = welcome.url.strip_prefix("http://").context("no address")?;
        Ok(Self { folder, node: Node::new(child, address.parse()?), welcome })
    }

    fn register(&self) -> anyhow::Result<Credentials> {
        let Welcome { username, organization_id, .. } = &self.welcome;
        Credentials::register(self.folder.path(), username, organization_id)
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
