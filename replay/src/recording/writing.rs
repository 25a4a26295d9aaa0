//! A recording as it is written: line by line, so that it may be longer than memory.

use std::io::{self, Write};

use messaging::Numbered;

use super::Head;
use super::line::{End, Last, Line};

/// Writes one recording. Without its last line nobody takes it for a whole one.
pub struct Writer<W> {
    out: W,
    events: u64,
}

impl<W: Write> Writer<W> {
    pub fn begin(mut out: W, head: &Head) -> io::Result<Self> {
        writeln!(out, "{}", serde_json::to_string(head)?)?;
        Ok(Self { out, events: 0 })
    }

    /// Each stands behind the one before.
    pub fn push(&mut self, numbered: &Numbered) -> io::Result<()> {
        self.events += 1;
        writeln!(self.out, "{}", serde_json::to_string(&Line::of(numbered))?)
    }

    /// Says how many there are.
    pub fn finish(mut self) -> io::Result<W> {
        let last = Last { end: End { events: self.events } };
        writeln!(self.out, "{}", serde_json::to_string(&last)?)?;
        self.out.flush()?;
        Ok(self.out)
    }
}
