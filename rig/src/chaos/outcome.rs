//! What became of everything when it has come to rest.

mod table;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Write as _, stdout},
    time::{Duration, Instant},
};

use super::{
    Chaos, Means,
    crowd::Notes,
    fault::{Fault, FaultKind},
    lateness::Lateness,
    strike::{Recovery, Struck},
};
use crate::{
    behind::{Books, text},
    invariants::{self, Kind, Violation},
};

/// Of the orders that their buyers did not cancel so many have to be complete: a shop that sells nothing keeps its
/// books in order, too.
const SHARE: f64 = 0.3;
const AT_REST_WITHIN: Duration = Duration::from_secs(60);

#[derive(Clone, Debug)]
pub struct Outcome {
    pub struck: Vec<Struck>,
    pub recoveries: Vec<Recovery>,
    /// What the machine did not permit, and why.
    pub not_permitted: Vec<(FaultKind, String)>,
    pub orders: usize,
    /// How many orders ended how.
    pub ends: BTreeMap<String, usize>,
    /// How often a wish came to what.
    pub wishes: BTreeMap<String, usize>,
    /// From looking for a ticket to the complete order, the shortest first.
    pub purchases: Vec<Duration>,
    /// The longest time in which nobody's order became complete.
    pub standstill: Duration,
    /// How many answers were held against the books.
    pub promises: usize,
    /// How many events and aggregates the stream tells of, timers aside.
    pub events: usize,
    pub aggregates: usize,
    /// From the last fault on; nothing when it never was.
    pub settled_after: Option<Duration>,
    pub lateness: Lateness,
    /// Captured less what complete orders cost, in minor units, by currency; empty when there is none.
    pub ledger_difference: BTreeMap<String, i64>,
    pub violations: Vec<Violation>,
    /// Whatever else is not as it should be, each in a sentence.
    pub complaints: Vec<String>,
}

impl Outcome {
    pub(super) fn of(
        books: &Books,
        notes: Notes,
        violations: Vec<Violation>,
        settled_after: Option<Duration>,
        struck: Vec<Struck>,
        recoveries: Vec<Recovery>,
        means: &Means,
    ) -> Self {
        let mut ends: BTreeMap<String, usize> = BTreeMap::new();
        for order in books.of("order") {
            let end = match order.status() {
                "cancelled" => format!("cancelled, {}", text(&order.state, "reason")),
                status => status.to_owned(),
            };
            *ends.entry(end).or_default() += 1;
        }
        let mut purchases: Vec<Duration> = notes.purchases.iter().map(|(took, _)| *took).collect();
        purchases.sort_unstable();
        let stored = books.said.iter().filter(|said| said.category != "timer");
        let aggregates: BTreeSet<_> = stored.clone().map(|said| (&said.category, said.id)).collect();
        let mut outcome = Self {
            not_permitted: means.refused(),
            orders: ends.values().sum(),
            ends,
            standstill: standstill(&notes),
            promises: notes.told.len(),
            wishes: notes.ends,
            purchases,
            events: stored.count(),
            aggregates: aggregates.len(),
            settled_after,
            lateness: Lateness::of(books, &struck),
            ledger_difference: invariants::difference(books),
            violations,
            complaints: notes.surprises.iter().map(|told| format!("somebody was told: {told}")).collect(),
            struck,
            recoveries,
        };
        outcome.complaints.extend(outcome.complain());
        outcome
    }

    pub fn count(&self, kind: Kind) -> usize {
        self.violations.iter().filter(|violation| violation.kind == kind).count()
    }

    pub fn times(&self, kind: FaultKind) -> usize {
        self.struck.iter().filter(|struck| struck.deed.kind() == kind).count()
    }

    /// How much of what buyers did not cancel themselves is complete.
    pub fn share_complete(&self) -> f64 {
        let count = |end: &str| self.ends.get(end).copied().unwrap_or_default();
        let wanted = self.orders - count("cancelled, buyer");
        if wanted == 0 { 0.0 } else { count("complete") as f64 / wanted as f64 }
    }

    pub fn is_good(&self) -> bool {
        self.violations.is_empty() && self.complaints.is_empty() && self.ledger_difference.is_empty()
    }

    fn complain(&self) -> Vec<String> {
        let mut complaints = self.lateness.complaints();
        let lost = self.times(FaultKind::Kill) - self.recoveries.len();
        if lost > 0 {
            complaints.push(format!("{lost} of the killed did not come back"));
        }
        if self.settled_after.is_none_or(|after| after > AT_REST_WITHIN + Duration::from_secs(2)) {
            complaints.push("not everything was at rest a minute after the last fault".to_owned());
        }
        if self.share_complete() < SHARE {
            complaints.push("hardly anything could be bought".to_owned());
        }
        complaints
    }
}

impl Means {
    fn refused(&self) -> Vec<(FaultKind, String)> {
        let clock = self.clocks.as_ref().err().map(|why| (FaultKind::Clock, why));
        let disk = self.disk.as_ref().err().map(|why| (FaultKind::FullDisk, why));
        let refused = clock.into_iter().chain(disk).filter(|(_, why)| *why != super::NOT_WANTED);
        refused.map(|(kind, why)| (kind, why.clone())).collect()
    }
}

pub(super) fn announce(chaos: &Chaos, plan: &[Fault], means: &Means) {
    let (minutes, seed) = (chaos.minutes, chaos.seed);
    say(&format!(
        "{} faults in {minutes} min, by seed {seed}; {} people buy, {} sell",
        plan.len(),
        chaos.buyers,
        chaos.sellers
    ));
    for (kind, why) in means.refused() {
        say(&format!("  {}: not possible here ({why})", kind.name()));
    }
}

fn standstill(notes: &Notes) -> Duration {
    let mut instants: Vec<Instant> = notes.purchases.iter().map(|(_, at)| *at).collect();
    instants.sort_unstable();
    instants.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
}

/// A reader that has gone away ends nothing.
pub(super) fn say(line: &str) {
    let _ = writeln!(stdout(), "{line}");
}
