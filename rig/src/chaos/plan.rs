//! What breaks when, drawn from the seed before anything starts: each kind as often as the length of the run asks
//! for, spread over it, side by side on purpose, but nothing twice at once.

use std::{collections::BTreeMap, ops::Range, time::Duration};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _, seq::SliceRandom as _};

use super::{
    Chaos,
    clocks::Clocks,
    fault::{Deed, Fault, FaultKind},
    links::LINKS,
};
use crate::between::Passage;

const PROCESSES: [&str; 11] = [
    "auth",
    "tickets",
    "orders",
    "payments",
    "expiration",
    "replay",
    "nats",
    "mongo",
    "redis",
    "edge",
    "stripe-standin",
];
const PASSAGES: [Passage; 4] =
    [Passage::Refused, Passage::Swallowed, Passage::NoAnswers, Passage::NoRequests];
/// People warm the shop up first.
const HEAD_START: Duration = Duration::from_secs(3);
/// What has been broken is left alone for so long afterwards.
const RESPITE: Duration = Duration::from_secs(3);
/// A long stream is written again in this time.
const REWRITTEN: Duration = Duration::from_secs(30);
/// Faults that last, at the same time: with more nobody could ever buy anything.
const AT_ONCE: usize = 3;
/// Of these so many.
const LONG_AT_ONCE: usize = 1;
const LONG: Duration = Duration::from_secs(30);
const ALONE_EACH_MINUTE: f64 = 3.0;
const DRAWS: usize = 400;

/// The faults in the order of their beginnings.
pub(super) fn drawn(chaos: &Chaos, clocks: Option<&Clocks>, has_small_disk: bool) -> Vec<Fault> {
    let mut drawing = Drawing {
        dice: StdRng::seed_from_u64(chaos.seed),
        length: chaos.lasts(),
        faults: Vec::new(),
        busy: BTreeMap::new(),
    };
    let minutes = chaos.lasts().as_secs_f64() / 60.0;
    // What is tried alone is tried more often.
    let rarely = |each_minute: f64| {
        often(minutes, if chaos.only.is_empty() { each_minute } else { each_minute.max(ALONE_EACH_MINUTE) })
    };
    // What takes longest finds its place first.
    if chaos.has(FaultKind::Pause) {
        drawing.pauses(minutes);
    }
    if chaos.has(FaultKind::OldStream) {
        let oldest = (minutes * 10.0).clamp(5.0, 25.0);
        drawing.each(rarely(0.26), |_| (Deed::OldStream, 4.0..oldest));
    }
    if let Some(clocks) = clocks {
        drawing.each(rarely(0.26), |dice| {
            let seconds = *[-15, -5, 5, 15].choose(dice).unwrap_or(&5);
            (Deed::MoveClock(clocks.process, seconds), 5.0..15.0)
        });
    }
    if chaos.has(FaultKind::FullDisk) && has_small_disk {
        drawing.each(rarely(0.1), |_| (Deed::FillDisk, 3.0..8.0));
    }
    if chaos.has(FaultKind::WipeStream) {
        drawing.each(rarely(0.26), |_| (Deed::LoseStream, 0.5..2.0));
    }
    if chaos.has(FaultKind::Cut) {
        drawing.cuts(often(minutes, 2.1));
    }
    if chaos.has(FaultKind::WipeRedis) {
        drawing.each(rarely(0.3), |dice| {
            if dice.random_bool(0.5) { (Deed::FlushRedis, 0.0..0.1) } else { (Deed::LoseRedis, 0.5..2.0) }
        });
    }
    if chaos.has(FaultKind::Kill) {
        drawing.kills(often(minutes, 10.5));
    }
    let mut faults = drawing.faults;
    faults.sort_by_key(|fault| fault.at);
    faults
}

fn often(minutes: f64, each_minute: f64) -> usize {
    ((minutes * each_minute).ceil() as usize).max(1)
}

struct Drawing {
    dice: StdRng,
    length: Duration,
    faults: Vec<Fault>,
    /// When what is broken, with its respite.
    busy: BTreeMap<&'static str, Vec<Range<Duration>>>,
}

impl Drawing {
    /// Of 5 s, 45 s and 3 minutes, most of them short; the long ones only where there is time.
    fn pauses(&mut self, minutes: f64) {
        let total = often(minutes, 2.1);
        let longest = (minutes / 8.0) as usize;
        let long = if minutes < 1.5 { 0 } else { ((minutes / 3.5) as usize).max(1) };
        let lengths = [(180.0, longest), (45.0, long), (5.0, total.saturating_sub(longest + long))];
        for (seconds, count) in lengths {
            let mut victims = self.shuffled(count);
            self.each(count, |_| (Deed::Pause(victims.pop().unwrap_or("orders")), seconds..seconds));
        }
    }

    fn cuts(&mut self, count: usize) {
        let mut links: Vec<_> = LINKS.iter().copied().cycle().take(count.max(LINKS.len())).collect();
        links.shuffle(&mut self.dice);
        let mut passages = PASSAGES.iter().copied().cycle();
        self.each(count, |_| {
            let (link, passage) = (links.pop().unwrap_or(LINKS[0]), passages.next().unwrap_or_default());
            (Deed::Cut(link, passage), 2.0..12.0)
        });
    }

    fn kills(&mut self, count: usize) {
        let mut victims = self.shuffled(count);
        self.each(count, |_| (Deed::Kill(victims.pop().unwrap_or("orders")), 0.0..0.1));
    }

    /// So many names, each as often as every other.
    fn shuffled(&mut self, count: usize) -> Vec<&'static str> {
        let mut names: Vec<&str> = Vec::new();
        while names.len() < count {
            let mut all = PROCESSES;
            all.shuffle(&mut self.dice);
            names.extend(all);
        }
        names.truncate(count);
        names
    }

    /// Finds a place for so many, or for as many as a short run has room for.
    fn each(&mut self, count: usize, mut draw: impl FnMut(&mut StdRng) -> (Deed, Range<f64>)) {
        for _ in 0..count {
            let (deed, seconds) = draw(&mut self.dice);
            let seconds = if seconds.is_empty() { seconds.start } else { self.dice.random_range(seconds) };
            let lasts = Duration::from_secs_f64(seconds).min(self.length.saturating_sub(HEAD_START));
            let Some(place) = self.place(deed, lasts) else { continue };
            let respite = self.respite(deed);
            self.busy.entry(deed.touches()).or_default().push(place..place + lasts + respite);
            self.faults.push(Fault { at: place, lasts, deed });
        }
    }

    /// A stream that was lost is given the time to be written again, before it is lost again.
    fn respite(&self, deed: Deed) -> Duration {
        match deed.kind() {
            FaultKind::WipeStream | FaultKind::OldStream => (self.length / 20).clamp(RESPITE, REWRITTEN),
            _ => RESPITE,
        }
    }

    /// An instant at which nothing is in its way; after many draws one at which it is merely crowded.
    fn place(&mut self, deed: Deed, lasts: Duration) -> Option<Duration> {
        let last = self.length.saturating_sub(lasts).max(HEAD_START);
        for draw in 0..DRAWS {
            let place = HEAD_START + (last - HEAD_START).mul_f64(self.dice.random_range(0.0..1.0));
            if self.is_free(deed, place..place + lasts, draw > DRAWS / 2) {
                return Some(place);
            }
        }
        None
    }

    fn is_free(&self, deed: Deed, wanted: Range<Duration>, is_late: bool) -> bool {
        let respite = self.respite(deed);
        let overlaps =
            |other: &Range<Duration>| other.start < wanted.end + respite && wanted.start < other.end;
        if self.busy.get(deed.touches()).is_some_and(|busy| busy.iter().any(overlaps)) {
            return false;
        }
        let together = self
            .faults
            .iter()
            .filter(|fault| fault.lasts > RESPITE / 3 && overlaps(&(fault.at..fault.at + fault.lasts)));
        let lasts = wanted.end - wanted.start;
        let long = together.clone().filter(|fault| fault.lasts >= LONG).count();
        let is_crowded = lasts > RESPITE / 3 && together.count() >= AT_ONCE;
        is_late || !(is_crowded || lasts >= LONG && long >= LONG_AT_ONCE)
    }
}

#[cfg(test)]
mod tests;
