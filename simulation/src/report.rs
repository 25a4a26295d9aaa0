//! What is printed.

use std::io::{Write as _, stdout};
use std::time::Duration;

use simulation::{Mutant, Sometimes, Tally, Violation};

/// A mutant, and the first seed that noticed it.
pub(crate) struct Caught {
    pub(crate) mutant: Mutant,
    pub(crate) by: Option<(u64, Violation)>,
}

impl Caught {
    pub(crate) fn told(&self, histories: u64, took: Duration) -> String {
        let took = took.as_secs_f64();
        match &self.by {
            Some((seed, violation)) => {
                format!("{:<32} seed {seed:>5}: {} ({took:.1} s)", self.mutant.name(), violation.invariant)
            }
            None => format!("{:<32} SURVIVED {histories} histories ({took:.1} s)", self.mutant.name()),
        }
    }
}

/// A reader that has gone away ends nothing.
pub(crate) fn say(text: &str) {
    let _ = writeln!(stdout(), "{text}");
}

pub(crate) fn violation(violation: &Violation) -> String {
    format!("\"{}\" does not hold: {}", violation.invariant, violation.told)
}

pub(crate) fn progress(done: u64, all: u64, took: Duration) -> String {
    let rate = done as f64 / took.as_secs_f64().max(0.001);
    let left_s = (all.saturating_sub(done)) as f64 / rate.max(0.001);
    format!("{done} of {all} histories, {rate:.0}/s, {left_s:.0} s left   ")
}

pub(crate) fn tally(tally: &Tally, took: Duration) -> String {
    let histories = tally.histories.max(1) as f64;
    let each = |count: u64| count as f64 / histories;
    let rate = tally.histories as f64 / took.as_secs_f64().max(0.001);
    let mut told = format!(
        "\r{} histories in {:.1} s: {rate:.0}/s\non average {:.0} steps in {:.0} simulated seconds, {:.1} faults, {:.2} orders placed, {:.2} of them complete\n",
        tally.histories,
        took.as_secs_f64(),
        each(tally.steps),
        each(tally.took_us) / 1e6,
        each(tally.faults),
        each(tally.placed),
        each(tally.completed),
    );
    for (sometimes, count) in Sometimes::ALL.iter().zip(&tally.met) {
        told.push_str(&format!("{count:>9}  {sometimes}\n"));
    }
    told
}

/// The mutants as a document.
pub(crate) fn table(caught: &[Caught]) -> String {
    let mut table = String::from(
        "# Mutants\n\nEach of these shops lacks a safeguard, or two that cover each other. `cargo xtask simulate --mutant all` looks for the\nfirst history that notices; this table is written by it.\n\n| mutant | what it lacks | seed | what does not hold |\n|---|---|---|---|\n",
    );
    for Caught { mutant, by } in caught {
        let (seed, invariant) = match by {
            Some((seed, violation)) => (seed.to_string(), violation.invariant),
            None => ("none".to_owned(), "it survived"),
        };
        table.push_str(&format!("| `{mutant}` | {} | {seed} | {invariant} |\n", mutant.lacks()));
    }
    table
}
