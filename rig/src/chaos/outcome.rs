//! What is left when everything has come to rest, as a table.

use std::{
    collections::BTreeMap,
    fmt,
    io::{Write as _, stdout},
    time::{Duration, Instant},
};

use super::{crowd::Notes, kills::Kill};
use crate::behind::{Books, text};

/// Of the orders that their buyers did not cancel so many have to be complete.
const SHARE: f64 = 0.8;

#[derive(Clone, Debug)]
pub struct Outcome {
    pub kills: Vec<Kill>,
    pub orders: usize,
    /// How many orders ended how.
    pub ends: BTreeMap<String, usize>,
    /// How often a buyer's wish came to what.
    pub wishes: BTreeMap<String, usize>,
    /// From looking for a ticket to the complete order, the shortest first.
    pub purchases: Vec<Duration>,
    /// The longest time in which nobody's order became complete.
    pub standstill: Duration,
    pub settled_after: Duration,
    /// Whatever is not as it should be, each in a sentence.
    pub violations: Vec<String>,
}

impl Outcome {
    pub(super) fn of(
        kills: Vec<Kill>,
        notes: &Notes,
        books: &Books,
        mut violations: Vec<String>,
        settled_after: Duration,
    ) -> Self {
        violations.extend(notes.surprises.iter().map(|surprise| format!("a buyer was told: {surprise}")));
        let lost = kills.iter().filter(|kill| kill.back_after.is_none());
        violations.extend(lost.map(|kill| format!("{} did not come back", kill.victim)));
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
        Self {
            kills,
            orders: ends.values().sum(),
            ends,
            wishes: notes.ends.clone(),
            purchases,
            standstill: standstill(notes),
            settled_after,
            violations,
        }
    }

    /// How much of what buyers did not cancel themselves is complete.
    pub fn share_complete(&self) -> f64 {
        let count = |end: &str| self.ends.get(end).copied().unwrap_or_default();
        let wanted = self.orders - count("cancelled, buyer");
        if wanted == 0 { 0.0 } else { count("complete") as f64 / wanted as f64 }
    }

    pub fn is_good(&self) -> bool {
        self.violations.is_empty() && self.share_complete() >= SHARE
    }

    fn quantile(&self, part: f64) -> Duration {
        let place = (self.purchases.len() as f64 * part) as usize;
        self.purchases.get(place.min(self.purchases.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

fn standstill(notes: &Notes) -> Duration {
    let mut instants: Vec<Instant> = notes.purchases.iter().map(|(_, at)| *at).collect();
    instants.sort_unstable();
    instants.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "\n  killed            times    back at the median    at the latest")?;
        let mut by_victim: BTreeMap<&str, Vec<Option<Duration>>> = BTreeMap::new();
        for kill in &self.kills {
            by_victim.entry(&kill.victim).or_default().push(kill.back_after);
        }
        for (victim, mut times) in by_victim {
            // One that never came back is the slowest.
            times.sort_unstable_by_key(|time| time.unwrap_or(Duration::MAX));
            let say = |time: Option<Duration>| {
                time.map_or_else(|| "never".to_owned(), |time| format!("{:.2} s", time.as_secs_f64()))
            };
            let (median, last) = (times[times.len() / 2], times[times.len() - 1]);
            writeln!(formatter, "  {victim:<15} {:>7} {:>21} {:>16}", times.len(), say(median), say(last))?;
        }
        writeln!(formatter, "\n  orders {:>26}", self.orders)?;
        for (end, count) in &self.ends {
            writeln!(formatter, "    {end:<25} {count:>4}")?;
        }
        writeln!(
            formatter,
            "  complete, of those that their buyers did not cancel: {:.1} %",
            100.0 * self.share_complete()
        )?;
        writeln!(formatter, "\n  what buyers wished")?;
        for (wish, count) in &self.wishes {
            writeln!(formatter, "    {count:>5}  {wish}")?;
        }
        let [median, late, last] = [0.5, 0.99, 1.0].map(|part| self.quantile(part).as_secs_f64());
        writeln!(
            formatter,
            "\n  a purchase took {median:.2} s at the median, {late:.2} s at p99, {last:.2} s at most"
        )?;
        writeln!(formatter, "  nobody bought anything for {:.2} s at most", self.standstill.as_secs_f64())?;
        writeln!(
            formatter,
            "  everything was at rest {:.1} s after the last buyer had left",
            self.settled_after.as_secs_f64()
        )?;
        writeln!(formatter, "\n  violations {:>22}", self.violations.len())?;
        self.violations.iter().try_for_each(|violation| writeln!(formatter, "    {violation}"))
    }
}

/// A reader that has gone away ends nothing.
pub(super) fn say(line: &str) {
    let _ = writeln!(stdout(), "{line}");
}
