//! Ten thousand letters into a mail server on this machine: how fast, in how much memory, and what tokens notice of it.
//!
//! One process issues tokens and keeps the views, another one sends the letters, and tokens are asked for all the time. The
//! first half of the letters leaves without a break, which says how fast they are. Then the process that sends is stopped
//! every other turn, so that tokens are asked for with letters leaving beside them and without.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
    time::Duration,
};

use anyhow::ensure;
use oathbook::compose::House;
use smtp_stand_in::Server;
use tokio::{task::block_in_place, time::Instant};

use crate::{
    load,
    nodes::{Credentials, Node, Process, free_address, oathbook, output},
    registrar::Registrar,
    report::{Bound, Samples, Verdicts, figure},
    support::{config, cpu_of, folder, mebibytes, millis, number},
};

const LETTERS: u64 = 10_000;
const CLIENTS: usize = 64;
/// How long tokens are asked for with and without letters, in turns; shorter than a lease.
const TURN: Duration = Duration::from_secs(2);
/// How long all of it may take.
const PATIENCE: Duration = Duration::from_mins(10);

pub(crate) async fn measure(verdicts: &mut Verdicts) -> anyhow::Result<()> {
    let (sink, folder) = (Server::start(), folder()?);
    let mail = format!("mail:\n  transport: {}\n", sink.url());
    fs::write(folder.path().join("config.yml"), mail)?;
    let (server, request) = furnish(folder.path()).await?;
    let sent = || sink.heard(|heard| heard.mails.len()) as u64;
    let asked_for = LETTERS + 1; // and one about the application whose tokens are asked for

    let (mut idle, mut busy) = <(Turns, Turns)>::default();
    let mut memory = Samples::default();
    let ask = |turns: &mut Turns, done: &dyn Fn() -> bool| {
        let until = Instant::now() + TURN;
        block_in_place(|| {
            load::answer_times(server.address(), &request, || Instant::now() >= until || done())
        })
        .map(|times| turns.note(times))
    };
    ask(&mut idle, &|| false)?;
    let notifier = Notifier::start(folder.path())?;
    sink.until(|heard| !heard.mails.is_empty()).await;
    let (first, began) = (sent(), Instant::now());
    let half = first + LETTERS / 2;
    while sent() < half {
        ensure!(began.elapsed() < PATIENCE, "{} of {asked_for} letters", sent());
        ask(&mut Turns::default(), &|| sent() >= half)?;
        memory.push(mebibytes(notifier.0.id())?);
    }
    let rate = number(sent() - first) / began.elapsed().as_secs_f64();
    while sent() < asked_for {
        ensure!(began.elapsed() < PATIENCE, "{} of {asked_for} letters", sent());
        ask(&mut busy, &|| sent() >= asked_for)?;
        memory.push(mebibytes(notifier.0.id())?);
        notifier.signal("-STOP")?;
        ask(&mut idle, &|| false)?;
        notifier.signal("-CONT")?;
    }
    let rate: Samples = [rate].into_iter().collect();
    verdicts.target("letters from fact to taken", "/s", &rate, Bound::AtLeast(500.0));
    figure("memory of the notifier", "MiB", &memory);
    let most: Samples = [memory.quantile(1_000)].into_iter().collect();
    verdicts.target("memory of the notifier at its most", "MiB", &most, Bound::AtMost(192.0));
    let cpu = cpu_of(notifier.0.id())?.as_secs_f64() * 1e6 / number(asked_for);
    figure("CPU of the notifier for a letter", "µs", &[cpu].into_iter().collect());
    figure("a token, no letters", "ms", &idle.medians);
    figure("a token, letters leaving", "ms", &busy.medians);
    figure("of 100 tokens the slowest, no letters", "ms", &idle.slowest);
    figure("of 100 tokens the slowest, letters leaving", "ms", &busy.slowest);
    let dearer = [busy.medians.median() / idle.medians.median()].into_iter().collect();
    verdicts.target("a token, letters leaving to none", "×", &dearer, Bound::AtMost(1.1));
    ensure!(sink.arrivals().len() as u64 == asked_for, "each letter once");
    Ok(())
}

/// What tokens took in each of several turns.
#[derive(Default)]
struct Turns {
    medians: Samples,
    /// What 99 of 100 do not exceed.
    slowest: Samples,
}

impl Turns {
    /// A turn that was cut short says nothing.
    fn note(&mut self, times: Vec<Duration>) {
        if times.len() < 1_000 {
            return;
        }
        let times: Samples = times.into_iter().map(millis).collect();
        self.medians.push(times.median());
        self.slowest.push(times.quantile(990));
    }
}

/// An installation with as many applications as letters, a server that leaves mail to others, and a request for a token.
async fn furnish(folder: &Path) -> anyhow::Result<(Node, Vec<u8>)> {
    let house = House::open(&config(folder, None)?).await?;
    let registrar = Registrar::found(house.commands.clone()).await?;
    registrar.register_all(0..LETTERS, CLIENTS, |_| async { Ok(()) }).await?;
    house.close().await;
    output(folder, &["keys", "generate"])?;
    let request = Credentials::register(folder, "bench", "Bench")?.in_body();
    let address = free_address()?;
    let listen = address.to_string();
    let serve = ["serve", "--without", "notifier", "--listen", &listen];
    let child = oathbook(folder, &serve).stderr(File::create(folder.join("log"))?).spawn()?;
    let node = Node::new(child, address);
    node.wait_for(&request)?;
    Ok((node, request))
}

/// The process that sends mail.
struct Notifier(Process);

impl Notifier {
    fn start(folder: &Path) -> anyhow::Result<Self> {
        let listen = free_address()?.to_string();
        let mut command = oathbook(folder, &["notifier", "--listen", &listen]);
        Ok(Self(Process::new(command.stderr(File::create(folder.join("notifier.log"))?).spawn()?)))
    }

    fn signal(&self, signal: &str) -> anyhow::Result<()> {
        let id = self.0.id().to_string();
        ensure!(Command::new("kill").args([signal, &id]).status()?.success(), "kill {signal}");
        Ok(())
    }
}
