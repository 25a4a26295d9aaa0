//! A part of the stream as a file: a line of JSON that says what it is, and a line for each event.
//!
//! What is in it is what stood on the stream, sequences and times of storage included; what is personal was masked when
//! it was written (`export`).

mod archive;

use std::fs;
use std::io::{BufRead as _, BufReader, Write};
use std::path::Path;

use contracts::Timestamp;
use messaging::{Message, Numbered, Parcel, Stored, Wire};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

use crate::Failure;

/// Of the form below. A build reads every version up to its own.
pub const FORMAT: u32 = 1;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Always `events`: by it the file is known.
    pub stagedoor: String,
    pub format: u32,
    pub recorded_at: Timestamp,
    /// How many lines follow: a file that was cut off is noticed.
    pub events: u64,
    /// What the events were selected by, in words; none for everything.
    pub selected_by: Option<String>,
}

/// Each other line: a message as it stood on the stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    sequence: u64,
    stored_at: Timestamp,
    subject: String,
    headers: BTreeMap<String, String>,
    data: Value,
}

/// A recorded part of a stream, in memory.
#[derive(Clone, Debug)]
pub struct Recording {
    pub head: Head,
    /// By their sequences, which may have holes.
    pub messages: Vec<Numbered>,
}

impl Recording {
    pub fn of(recorded_at: Timestamp, selected_by: Option<String>, messages: Vec<Numbered>) -> Self {
        let events = messages.len() as u64;
        let head = Head { stagedoor: "events".to_owned(), format: FORMAT, recorded_at, events, selected_by };
        Self { head, messages }
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
        for (number, line) in lines {
            let line = line.map_err(|error| broken(number + 1, &error))?;
            let line: Line = serde_json::from_str(&line).map_err(|error| broken(number + 1, &error))?;
            if messages.last().is_some_and(|last| last.sequence >= line.sequence) {
                return Err(broken(number + 1, &"it stands before the line above it"));
            }
            messages.push(line.numbered());
        }
        if messages.len() as u64 != head.events {
            let there = messages.len();
            return Err(broken(there + 1, &format!("{there} of {} events are there", head.events)));
        }
        Ok(Self { head, messages })
    }

    /// Fails for a message whose body is no JSON: it cannot be told in a line.
    pub fn write(&self, out: &mut dyn Write) -> Result<(), Failure> {
        let line = |value: serde_json::Result<String>| {
            value.map_err(|error| Failure::File(format!("could not write an event: {error}")))
        };
        writeln!(out, "{}", line(serde_json::to_string(&self.head))?)?;
        for numbered in &self.messages {
            writeln!(out, "{}", line(serde_json::to_string(&Line::of(numbered)?))?)?;
        }
        Ok(())
    }
}

impl Line {
    fn of(numbered: &Numbered) -> Result<Self, Failure> {
        let Wire { subject, headers, body } = numbered.stored.parcel.wire().into_owned();
        let data = serde_json::from_slice(&body).map_err(|error| {
            Failure::Found(format!("the body of message #{} is no JSON: {error}", numbered.sequence))
        })?;
        Ok(Self { sequence: numbered.sequence, stored_at: numbered.stored.stored_at, subject, headers, data })
    }

    fn numbered(self) -> Numbered {
        let body = self.data.to_string().into_bytes();
        let wire = Wire { subject: self.subject, headers: self.headers, body };
        let parcel = match Message::from_wire(&wire) {
            Ok(message) => Parcel::Handed(message.into()),
            // What is no event of ours is kept as it was.
            Err(_) => Parcel::Wired(wire),
        };
        Numbered { sequence: self.sequence, stored: Stored { parcel, stored_at: self.stored_at } }
    }
}
