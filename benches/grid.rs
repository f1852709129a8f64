//! How long the grid's questions take, with many applications.

mod population;
mod questions;

use std::{hint::black_box, sync::Arc, thread, time::Duration};

use anyhow::{Context, ensure};
use domain::authority::Reach;
use oathbook::compose::House;
use projections::{Knowledge, register::Sort};
use tokio::time::Instant;

use self::{
    population::{APPLICATIONS, ORGANIZATIONS, OWNERS, register, use_them},
    questions::Question,
};
use crate::{
    report::{Bound, Samples, Verdicts, figure, tail},
    support::{config, folder, millis, number, own_mebibytes},
};

/// How often each question is asked.
const ROUNDS: usize = 200;
/// How often while others ask as well.
const CROWDED_ROUNDS: usize = 50;
/// How many ask at once then.
const ASKING: usize = 4;

pub(crate) async fn measure(verdicts: &mut Verdicts) -> anyhow::Result<()> {
    let folder = folder()?;
    let house = House::open(&config(folder.path(), None)?).await?;
    println!("  {APPLICATIONS} applications in {ORGANIZATIONS} organizations, {OWNERS} owners");
    let (organizations, owners) = register(&house.commands).await?;
    house.projections.catch_up(Duration::from_mins(5)).await?;

    let before = own_mebibytes()?;
    let began = Instant::now();
    let knowledge = house.knowledge().await?;
    let loading: Samples = [began.elapsed().as_secs_f64()].into_iter().collect();
    let memory: Samples = [own_mebibytes()? - before].into_iter().collect();
    figure("loading what a node knows", "s", &loading);
    figure("memory of what a node knows, all of it", "MiB", &memory);

    let now = house.commands.clock.now();
    use_them(&knowledge, now);
    let questions = questions::all(&knowledge, now, &organizations, &owners)?;
    let mut worst = Samples::default();
    for question in &questions {
        let samples = asked(&knowledge, question, ROUNDS)?;
        tail(&question.what, "ms", &samples);
        worst.push(samples.quantile(990));
    }
    let slowest: Samples = [worst.quantile(1000)].into_iter().collect();
    verdicts.target("99 of 100 answers, the slowest question", "ms", &slowest, Bound::AtMost(50.0));
    let crowded = crowded(&knowledge, &questions)?;
    tail(format!("every question, {ASKING} asking at once"), "ms", &crowded);
    export(&knowledge);
    Ok(())
}

/// Milliseconds of each answer.
fn asked(knowledge: &Knowledge, question: &Question, rounds: usize) -> anyhow::Result<Samples> {
    let mut samples = Samples::default();
    for _ in 0..rounds {
        let began = Instant::now();
        let page = black_box(knowledge.applications(black_box(&question.query)));
        samples.push(millis(began.elapsed()));
        ensure!(page.total <= APPLICATIONS, "{}: {}", question.what, page.total);
    }
    Ok(samples)
}

/// Several ask everything at once.
fn crowded(knowledge: &Arc<Knowledge>, questions: &[Question]) -> anyhow::Result<Samples> {
    let ask_everything = || -> anyhow::Result<Vec<f64>> {
        let mut all = Vec::new();
        for question in questions {
            all.extend(asked(knowledge, question, CROWDED_ROUNDS)?.into_inner());
        }
        Ok(all)
    };
    thread::scope(|scope| {
        let asking: Vec<_> = (0..ASKING).map(|_| scope.spawn(ask_everything)).collect();
        let mut samples = Samples::default();
        for one in asking {
            let all = one.join().ok().context("a thread panicked")??;
            for sample in all {
                samples.push(sample);
            }
        }
        Ok(samples)
    })
}

fn export(knowledge: &Arc<Knowledge>) {
    let mut samples = Samples::default();
    for _ in 0..5 {
        let began = Instant::now();
        let export = knowledge.export(Reach::EVERYTHING, &[], Sort::BY_NAME);
        let rows: usize = export.map(|part| black_box(part).len()).sum();
        samples.push(number(rows as u64) / began.elapsed().as_secs_f64());
    }
    figure("rows exported", "/s", &samples);
}
