//! Medians in a table, and what was asked of them.

use std::fmt::Display;

/// Figures of several rounds.
#[derive(Debug, Default)]
pub(crate) struct Samples(Vec<f64>);

/// What became of every target.
#[derive(Debug, Default)]
pub(crate) struct Verdicts(Vec<String>);

/// The side of a bound on which figures should be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Samples {
    pub(crate) fn push(&mut self, sample: f64) {
        self.0.push(sample);
    }

    pub(crate) fn into_inner(self) -> Vec<f64> {
        self.0
    }

    pub(crate) fn median(&self) -> f64 {
        self.quantile(500)
    }

    /// The smallest sample that at least so many of a thousand do not exceed; not a number without samples.
    pub(crate) fn quantile(&self, of_a_thousand: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (sorted.len() * of_a_thousand).div_ceil(1_000).saturating_sub(1);
        sorted.get(rank).copied().unwrap_or(f64::NAN)
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(samples: I) -> Self {
        Self(samples.into_iter().collect())
    }
}

pub(crate) fn heading(part: &str, about: &str) {
    println!("\n{:<58}{:>10}   least – most", format!("{part}: {about}"), "median");
}

pub(crate) fn figure(what: impl Display, unit: &str, samples: &Samples) {
    let median = shown(samples.median());
    let spread = format!("{} – {}", shown(samples.quantile(0)), shown(samples.quantile(1_000)));
    println!("  {what:<56}{median:>10}   {spread:<20} {unit}");
}

/// A median, and what 99 of 100 samples do not exceed.
pub(crate) fn tail(what: impl Display, unit: &str, samples: &Samples) {
    let median = shown(samples.median());
    let (most, worst) = (shown(samples.quantile(990)), shown(samples.quantile(1_000)));
    println!("  {what:<56}{median:>10}   99 %: {most}, worst: {worst} {unit}");
}

/// A line below a figure that says what it is made of.
pub(crate) fn part_of_it(what: impl Display) {
    println!("    {what}");
}

impl Verdicts {
    /// Shows the figure, and remembers whether its median is what it should be.
    pub(crate) fn target(&mut self, what: &str, unit: &str, samples: &Samples, bound: Bound) {
        figure(what, unit, samples);
        let median = samples.median();
        let (sign, limit, kept) = match bound {
            Bound::AtLeast(limit) => ('≥', limit, median >= limit),
            Bound::AtMost(limit) => ('≤', limit, median <= limit),
        };
        let verdict = if kept { "pass" } else { "MISS" };
        let (median, limit) = (shown(median), shown(limit));
        self.0.push(format!("  {verdict}  {what:<50}{median:>10}   {sign} {limit} {unit}"));
    }

    pub(crate) fn print(&self) {
        println!("\ntargets");
        for verdict in &self.0 {
            println!("{verdict}");
        }
    }
}

/// Three significant digits or more.
pub(crate) fn shown(figure: f64) -> String {
    let decimals = match figure.abs() {
        100.0.. => 0,
        10.0..100.0 => 1,
        1.0..10.0 => 2,
        _ => 3,
    };
    format!("{figure:.decimals$}")
}
