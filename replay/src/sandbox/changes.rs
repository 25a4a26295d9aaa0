//! What is to be otherwise than it was.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use clap::Args;

use super::past::Past;
use crate::Failure;
use crate::moment::Moment;

/// What-ifs, as they are written on the command line. An event is named by its id, its place (`#12`), or its type with its
/// number among those of its type (`OrderCancelled[2]`).
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct WhatIf {
    /// What if this event had not happened: nobody asked for it, or what led to it was lost
    #[arg(long, value_name = "EVENT")]
    pub without: Vec<String>,
    /// What if everybody who hears this event had heard it twice
    #[arg(long, value_name = "EVENT")]
    pub twice: Vec<String>,
    /// What if these two events had come in the other's place
    #[arg(long, num_args = 2, value_names = ["EVENT", "EVENT"], action = clap::ArgAction::Append)]
    pub swap: Vec<String>,
    /// What if this event had come so much later (30s, 5m, 250ms)
    #[arg(long, num_args = 2, value_names = ["EVENT", "DURATION"], action = clap::ArgAction::Append)]
    pub delay: Vec<String>,
}

/// The same by places in the recorded history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub without: BTreeSet<usize>,
    pub twice: BTreeSet<usize>,
    pub delay: BTreeMap<usize, Duration>,
    /// In whose place each comes.
    pub instead: BTreeMap<usize, usize>,
}

impl WhatIf {
    pub(crate) fn is_empty(&self) -> bool {
        self.without.is_empty() && self.twice.is_empty() && self.swap.is_empty() && self.delay.is_empty()
    }

    /// Fails for an event that is not there, and for what cannot be.
    pub(super) fn resolve(&self, past: &Past) -> Result<Changes, Failure> {
        let mut changes = Changes::default();
        for name in &self.without {
            changes.without.insert(find(past, name)?);
        }
        for name in &self.twice {
            changes.twice.insert(find(past, name)?);
        }
        for pair in self.delay.chunks_exact(2) {
            let [name, text] = pair else { continue };
            *changes.delay.entry(find(past, name)?).or_default() += duration(text)?;
        }
        for pair in self.swap.chunks_exact(2) {
            let [one, other] = pair else { continue };
            let (one, other) = (find(past, one)?, find(past, other)?);
            let (first, second) = (one.min(other), one.max(other));
            if first == second {
                return Err(Failure::BadInput("an event cannot be swapped with itself".to_owned()));
            }
            if past.follows_from(second, first) {
                let (first, second) = (&past.events[first].name, &past.events[second].name);
                return Err(Failure::BadInput(format!(
                    "{second} follows from {first}: no order of events has it first"
                )));
            }
            changes.instead.insert(first, second);
            changes.instead.insert(second, first);
        }
        Ok(changes)
    }
}

/// The event of this id, at this place, or the nth of its type.
fn find(past: &Past, text: &str) -> Result<usize, Failure> {
    let found = if let Ok(id) = text.parse() {
        past.by_id(id)
    } else if let Ok(Moment::Sequence(sequence)) = text.parse() {
        past.events.iter().position(|recorded| recorded.entry.sequence == sequence)
    } else {
        let (event_type, nth) = match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
            Some((event_type, nth)) => (event_type, nth.parse::<usize>().ok().filter(|nth| *nth > 0)),
            None => (text, Some(1)),
        };
        let nth = nth.ok_or_else(|| {
            Failure::BadInput(format!("{text:?} names no event: the first of its type is {event_type}[1]"))
        })?;
        let of_type = past.events.iter().enumerate().filter(|(_, it)| it.entry.event_type == event_type);
        of_type.map(|(number, _)| number).nth(nth - 1)
    };
    found.ok_or_else(|| Failure::NotThere(format!("there is no event {text:?} in this history")))
}

/// `250ms`, `30s`, `5m`, `2h`.
pub(super) fn duration(text: &str) -> Result<Duration, Failure> {
    let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
    let read = |(unit, millis): (&str, u64)| {
        let count: u64 = text.strip_suffix(unit)?.parse().ok()?;
        count.checked_mul(millis).map(Duration::from_millis)
    };
    units
        .into_iter()
        .find_map(read)
        .ok_or_else(|| Failure::BadInput(format!("{text:?} is no duration: write 250ms, 30s, 5m or 2h")))
}
