//! What came of a recovery, in words and as JSON.

use std::io::Write as _;

use serde_json::json;
use uuid::Uuid;

use super::mend::Appended;
use crate::Failure;
use crate::repair::documents::Unfit;
use crate::terminal::Terminal;

/// So many are named; the others are counted.
const NAMED: usize = 10;

/// Of one kind of aggregate.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub aggregate: &'static str,
    /// That the store had before.
    pub aggregates: u64,
    /// That lacked something.
    pub behind: u64,
    /// Of which nothing was there.
    pub missing: u64,
    /// That were lacking.
    pub events: u64,
    examples: Vec<(Uuid, String)>,
    /// That are left as they are.
    pub left: u64,
    left_named: Vec<(String, String)>,
}

impl Outcome {
    pub(super) fn of(aggregate: &'static str, aggregates: u64) -> Self {
        Self { aggregate, aggregates, ..Self::default() }
    }

    pub(super) fn is_brought_up(&mut self, id: Uuid, appended: Appended) {
        let Appended { from, to, types } = appended;
        self.events += to - from;
        if from == 0 {
            self.missing += 1;
        } else {
            self.behind += 1;
        }
        if self.examples.len() < NAMED {
            self.examples.push((id, format!("v{from} to v{to}: {}", types.join(", "))));
        }
    }

    pub(super) fn is_left(&mut self, unfit: Unfit) {
        self.left += 1;
        if self.left_named.len() < NAMED {
            self.left_named.push((unfit.id, unfit.why));
        }
    }

    pub(super) fn in_words(&self, wrote: bool) -> String {
        let Self { aggregate, aggregates, behind, missing, events, left, .. } = self;
        let mut words = match (events, wrote) {
            (0, _) => format!("{aggregate}: nothing is lacking in {aggregates}"),
            (_, true) => {
                format!("{aggregate}: {events} events appended, to {behind} of {aggregates} documents")
            }
            (_, false) => {
                format!("{aggregate}: {events} events are lacking, in {behind} of {aggregates} documents")
            }
        };
        if *missing > 0 {
            let what = if wrote { "made anew" } else { "missing altogether" };
            words += &format!(" and in {missing} {what}");
        }
        if *left > 0 {
            words += &format!(", {left} fenced and left as they are");
        }
        words
    }

    fn print(&self, terminal: &mut Terminal, json: bool, wrote: bool) -> Result<(), Failure> {
        if json {
            let line = json!({
                "aggregate": self.aggregate, "documents": self.aggregates, "behind": self.behind,
                "missing": self.missing, "events": self.events, "left": self.left, "examples": self.examples,
                "left_named": self.left_named,
            });
            writeln!(terminal, "{line}")?;
            return Ok(());
        }
        writeln!(terminal, "{}", self.in_words(wrote))?;
        for (id, what) in &self.examples {
            writeln!(terminal, "  {} {id}: {what}", self.aggregate)?;
        }
        for (id, why) in &self.left_named {
            writeln!(terminal, "  {} {id}: {why}; it is left as it is", self.aggregate)?;
        }
        Ok(())
    }
}

pub(super) fn conclude(
    terminal: &mut Terminal,
    json: bool,
    service: &str,
    outcomes: &[Outcome],
    wrote: bool,
) -> Result<(), Failure> {
    for outcome in outcomes {
        outcome.print(terminal, json, wrote)?;
    }
    let total = |of: fn(&Outcome) -> u64| outcomes.iter().map(of).sum::<u64>();
    let is_lacking = total(|outcome| outcome.events) > 0;
    if !json && is_lacking {
        if let Some(words) = beside_the_events(service) {
            writeln!(terminal, "{words}")?;
        }
        if !wrote {
            writeln!(terminal, "Nothing was written. Add --write --by NAME to do it.")?;
        }
    }
    match total(|outcome| outcome.left) {
        0 => Ok(()),
        1 => Err(Failure::Found("1 aggregate could not be brought up, and is as it was".to_owned())),
        left => {
            Err(Failure::Found(format!("{left} aggregates could not be brought up, and are as they were")))
        }
    }
}

/// What no event tells, and so stays as the older copy has it.
fn beside_the_events(service: &str) -> Option<&'static str> {
    match service {
        "auth" => Some(
            "Names, addresses, passwords and devices are in no event: they are those of the older copy, and where a \
             document was missing altogether nobody can sign in with it any more. A password that was changed since \
             is the old one again.",
        ),
        "payments" => Some(
            "The card processor's secrets are in no event: they are those of the older copy, and where a document \
             was missing altogether they are unknown.",
        ),
        _ => None,
    }
}
