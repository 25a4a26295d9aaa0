//! The outcome as tables.

use std::{collections::BTreeMap, fmt, time::Duration};

use super::Outcome;
use crate::{
    chaos::{
        fault::{Deed, FaultKind},
        strike::Recovery,
    },
    invariants::Kind,
};

/// So many of each are printed; the rest is counted.
const SHOWN: usize = 30;

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.faults(formatter)?;
        self.returns(formatter)?;
        self.trade(formatter)?;
        self.ledger(formatter)
    }
}

impl Outcome {
    fn faults(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "\n  fault                        times")?;
        for kind in FaultKind::ALL {
            let times = self.times(kind);
            let refused = self.not_permitted.iter().find(|(refused, _)| *refused == kind);
            match refused {
                Some((_, why)) => writeln!(formatter, "  {:<24} not possible here: {why}", kind.name())?,
                None => writeln!(formatter, "  {:<24} {times:>9}{}", kind.name(), self.details(kind))?,
            }
        }
        Ok(())
    }

    fn details(&self, kind: FaultKind) -> String {
        let mut parts: BTreeMap<String, usize> = BTreeMap::new();
        for struck in self.struck.iter().filter(|struck| struck.deed.kind() == kind) {
            let part = match struck.deed {
                Deed::Pause(_) => format!("{:>3} s", struck.lasted.as_secs()),
                Deed::Cut(_, passage) => passage.to_string(),
                Deed::FlushRedis => "flushed".to_owned(),
                Deed::LoseRedis => "folder deleted".to_owned(),
                Deed::MoveClock(process, seconds) => format!("{process} {seconds:+} s"),
                _ => continue,
            };
            *parts.entry(part).or_default() += 1;
        }
        let parts: Vec<String> =
            parts.iter().map(|(part, count)| format!("{count} × {}", part.trim())).collect();
        if parts.is_empty() { String::new() } else { format!("   {}", parts.join(", ")) }
    }

    fn returns(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.recoveries.is_empty() {
            return Ok(());
        }
        let mut by_process: BTreeMap<&str, Vec<&Recovery>> = BTreeMap::new();
        for recovery in &self.recoveries {
            by_process.entry(recovery.process).or_default().push(recovery);
        }
        writeln!(
            formatter,
            "\n  ready again after kill -9      all:  p50      p99    nothing else broken:  p50      p99"
        )?;
        for (process, recoveries) in by_process {
            let all: Vec<Duration> = recoveries.iter().map(|recovery| recovery.back_after).collect();
            let alone = recoveries.iter().filter(|recovery| self.was_alone(recovery));
            let alone: Vec<Duration> = alone.map(|recovery| recovery.back_after).collect();
            writeln!(
                formatter,
                "  {process:<15} {:>4} {:>18} {:>8} {:>11} {:>12} {:>8}",
                all.len(),
                seconds(&all, 0.5),
                seconds(&all, 0.99),
                alone.len(),
                seconds(&alone, 0.5),
                seconds(&alone, 0.99),
            )?;
        }
        Ok(())
    }

    /// Whether nothing else was broken from the kill to the return.
    fn was_alone(&self, recovery: &Recovery) -> bool {
        let back_at = recovery.killed_at + recovery.back_after;
        !self.struck.iter().any(|struck| {
            let is_this =
                struck.deed == Deed::Kill(recovery.process) && struck.began_at == recovery.killed_at;
            !is_this && struck.began_at <= back_at && struck.ended_at + GRACE >= recovery.killed_at
        })
    }

    fn trade(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "\n  orders {:>26}", self.orders)?;
        for (end, count) in &self.ends {
            writeln!(formatter, "    {end:<25} {count:>4}")?;
        }
        let complete = 100.0 * self.share_complete();
        writeln!(formatter, "  complete, of those that their buyers did not cancel: {complete:.1} %")?;
        writeln!(formatter, "\n  what people wished")?;
        for (wish, count) in &self.wishes {
            writeln!(formatter, "    {count:>5}  {wish}")?;
        }
        let [median, late, last] = [0.5, 0.99, 1.0].map(|part| seconds(&self.purchases, part));
        writeln!(formatter, "\n  a purchase took {median} at the median, {late} at p99, {last} at most")?;
        writeln!(formatter, "  nobody bought anything for {:.2} s at most", self.standstill.as_secs_f64())?;
        let lateness = &self.lateness;
        writeln!(
            formatter,
            "  {} orders expired, {:.1} s late at most; {} that nothing kept orders from, {:.1} s late at most",
            lateness.expired,
            lateness.latest.as_secs_f64(),
            lateness.unhindered,
            lateness.latest_unhindered.as_secs_f64()
        )
    }

    fn ledger(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.settled_after {
            Some(after) => {
                writeln!(
                    formatter,
                    "  everything was at rest {:.1} s after the last fault",
                    after.as_secs_f64()
                )?;
            }
            None => writeln!(formatter, "  not everything came to rest")?,
        }
        writeln!(formatter, "\n  {} answers were held against the stores and the stream;", self.promises)?;
        let (events, aggregates) = (self.events, self.aggregates);
        writeln!(
            formatter,
            "  {events} events of {aggregates} aggregates on the stream against their documents, byte by byte"
        )?;
        for kind in [Kind::Lost, Kind::Doubled, Kind::Stuck] {
            writeln!(formatter, "    {:<20} {:>6}", kind.to_string(), self.count(kind))?;
        }
        let difference: Vec<String> =
            self.ledger_difference.iter().map(|(currency, amount)| format!("{amount} {currency}")).collect();
        let difference = if difference.is_empty() { "0".to_owned() } else { difference.join(", ") };
        writeln!(formatter, "    {:<20} {difference:>6}", "ledger difference")?;
        writeln!(formatter, "    {:<20} {:>6}", "else", self.count(Kind::Money) + self.complaints.len())?;
        let sentences =
            self.violations.iter().map(ToString::to_string).chain(self.complaints.iter().cloned());
        for sentence in sentences.clone().take(SHOWN) {
            writeln!(formatter, "    {sentence}")?;
        }
        match sentences.count().checked_sub(SHOWN) {
            Some(more) if more > 0 => writeln!(formatter, "    and {more} more"),
            _ => Ok(()),
        }
    }
}

/// What was just mended is at work again after that.
const GRACE: Duration = Duration::from_secs(1);

fn seconds(times: &[Duration], part: f64) -> String {
    let mut times = times.to_vec();
    times.sort_unstable();
    let place = ((times.len() as f64 * part).ceil() as usize).saturating_sub(1);
    times.get(place).map_or_else(|| "-".to_owned(), |time| format!("{:.2} s", time.as_secs_f64()))
}
