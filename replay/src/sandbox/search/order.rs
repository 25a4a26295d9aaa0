//! In which order a history happens, by what is otherwise than by the clock.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// Turns count from 1. Written as `12:3,15>2500,20+`: in the twelfth turn comes what stands behind three others, in the
/// fifteenth what is next is put off by 2500 ms, and the message of the twentieth comes again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Order {
    pub places: BTreeMap<usize, usize>,
    /// In milliseconds.
    pub late: BTreeMap<usize, u64>,
    pub again: BTreeSet<usize>,
}

impl Order {
    /// How much is otherwise.
    pub(super) fn changes(&self) -> usize {
        self.places.len() + self.late.len() + self.again.len()
    }

    /// What comes behind this turn, so many turns later.
    pub(super) fn moved(&self, behind: usize, by: isize) -> Self {
        let at = |number: usize| if number > behind { number.saturating_add_signed(by) } else { number };
        Self {
            places: self.places.iter().map(|(number, place)| (at(*number), *place)).collect(),
            late: self.late.iter().map(|(number, late_ms)| (at(*number), *late_ms)).collect(),
            again: self.again.iter().map(|number| at(*number)).collect(),
        }
    }

    /// Without what comes after the last step.
    pub(super) fn until(mut self, last: usize) -> Self {
        self.places.retain(|number, _| *number <= last);
        self.late.retain(|number, _| *number <= last);
        self.again.retain(|number| *number <= last);
        self
    }
}

impl fmt::Display for Order {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.places.iter().map(|(number, place)| format!("{number}:{place}"));
        let late = self.late.iter().map(|(number, late_ms)| format!("{number}>{late_ms}"));
        let again = self.again.iter().map(|number| format!("{number}+"));
        let all: Vec<String> = places.chain(late).chain(again).collect();
        formatter.write_str(if all.is_empty() { "recorded".to_owned() } else { all.join(",") }.as_str())
    }
}

impl FromStr for Order {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no order: write 12:3,15>2500,20+, or recorded");
        let mut order = Self::default();
        if text == "recorded" {
            return Ok(order);
        }
        for part in text.split(',') {
            if let Some(number) = part.strip_suffix('+') {
                order.again.insert(number.parse().map_err(|_| wrong())?);
            } else if let Some((number, late)) = part.split_once('>') {
                let (Ok(number), Ok(late)) = (number.parse(), late.parse()) else { return Err(wrong()) };
                order.late.insert(number, late);
            } else {
                let (number, place) = part.split_once(':').ok_or_else(wrong)?;
                let (number, place) = (number.parse().ok(), place.parse().ok());
                let (Some(number), Some(place)) = (number, place) else { return Err(wrong()) };
                order.places.insert(number, place);
            }
        }
        Ok(order)
    }
}
