//! A part of the stream as a file: a line of JSON that says what it is, a line for each event, and one that says how many
//! there were.
//!
//! What is in it is what stood on the stream, sequences and times of storage included; what is personal was masked when
//! it was written (`export`).

mod archive;
mod line;
mod writing;

use std::fs;
use std::io::{BufRead as _, BufReader, Write};
use std::path::Path;

use contracts::Timestamp;
use messaging::Numbered;
use serde::{Deserialize, Serialize};

use crate::Failure;
use line::{Last, Line};
pub use writing::Writer;

/// Of the form below. A build reads every version up to its own: in the first one the head said how many events follow.
pub const FORMAT: u32 = 2;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Always `events`: by it the file is known.
    pub stagedoor: String,
    pub format: u32,
    pub recorded_at: Timestamp,
    /// How many lines follow, where the last one does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<u64>,
    /// What the events were selected by, in words; none for everything.
    pub selected_by: Option<String>,
    /// Whether ids and words of people were replaced.
    #[serde(default)]
    pub is_masked: bool,
}

/// A recorded part of a stream, in memory.
#[derive(Clone, Debug)]
pub struct Recording {
    pub head: Head,
    /// By their sequences, which may have holes.
    pub messages: Vec<Numbered>,
}

impl Head {
    pub fn new(recorded_at: Timestamp, selected_by: Option<String>, is_masked: bool) -> Self {
        Self {
            stagedoor: "events".to_owned(),
            format: FORMAT,
            recorded_at,
            events: None,
            selected_by,
            is_masked,
        }
    }
}

impl Recording {
    pub fn of(recorded_at: Timestamp, selected_by: Option<String>, messages: Vec<Numbered>) -> Self {
        Self { head: Head::new(recorded_at, selected_by, false), messages }
    }

    /// Fails with the line that cannot be read.
    pub fn read(file: &Path) -> Result<Self, Failure> {
        let name = file.display();
        let opened =
            fs::File::open(file).map_err(|error| Failure::File(format!("could not open {name}: {error}")))?;
        let broken = |line: usize, why: &dyn std::fmt::Display| {
            Failure::File(format!("{name} is no recording of events: line {line}: {why}"))
        };
        let mut lines = BufReader::new(opened).lines().enumerate();
        let (_, first) = lines.next().ok_or_else(|| broken(1, &"the file is empty"))?;
        let first = first.map_err(|error| broken(1, &error))?;
        let head: Head = serde_json::from_str(&first).map_err(|error| broken(1, &error))?;
        if head.stagedoor != "events" {
            return Err(broken(1, &"it says that it is something else"));
        }
        if head.format > FORMAT {
            let newest = format!("its form is {}, and this build reads forms up to {FORMAT}", head.format);
            return Err(broken(1, &newest));
        }
        let mut messages: Vec<Numbered> = Vec::new();
        let mut told = head.events.filter(|_| head.format == 1);
        for (number, line) in lines {
            let line = line.map_err(|error| broken(number + 1, &error))?;
            if head.format > 1 && told.is_some() {
                return Err(broken(number + 1, &"it stands behind the last one"));
            }
            if head.format > 1 && Last::is(&line) {
                let last: Last = serde_json::from_str(&line).map_err(|error| broken(number + 1, &error))?;
                told = Some(last.end.events);
                continue;
            }
            let line: Line = serde_json::from_str(&line).map_err(|error| broken(number + 1, &error))?;
            if messages.last().is_some_and(|last| last.sequence >= line.sequence) {
                return Err(broken(number + 1, &"it stands before the line above it"));
            }
            messages.push(line.numbered().map_err(|why| broken(number + 1, &why))?);
        }
        let there = messages.len();
        match told {
            Some(events) if events == there as u64 => Ok(Self { head, messages }),
            Some(events) => Err(broken(there + 1, &format!("{there} of {events} events are there"))),
            None => Err(broken(there + 2, &"the last line is missing, so the file was cut off")),
        }
    }

    pub fn write(&self, out: &mut dyn Write) -> Result<(), Failure> {
        let head = Head { format: FORMAT, events: None, ..self.head.clone() };
        let mut writer = Writer::begin(out, &head)?;
        for numbered in &self.messages {
            writer.push(numbered)?;
        }
        writer.finish()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
