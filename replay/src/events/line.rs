//! Events one below the other, in columns.

use std::io::{self, Write};

use history::Entry;

use super::{DIM, actor, colour, cut, data, plain, short};

/// Below it there is no room for kinds, versions and requests.
const ROOMY: usize = 100;
/// Less of what an event says tells nothing.
const LEAST_DATA: usize = 12;

/// Remembers the day that the last line was of: it stands above the first of each.
#[derive(Default)]
pub struct Lines {
    day: String,
}

impl Lines {
    /// One event in a line of at most so many characters.
    pub fn write(&mut self, entry: &Entry, width: usize, out: &mut dyn Write) -> io::Result<()> {
        let at = entry.at.to_string();
        let (day, time) = at.split_once('T').unwrap_or(("", &at));
        if day != self.day {
            self.day = day.to_owned();
            writeln!(out, "{DIM}{day}, by the clocks of who spoke, in UTC{DIM:#}")?;
        }
        let is_roomy = width >= ROOMY;
        let colour = colour(entry.service);
        let (place, time) = (format!("#{}", entry.sequence), time.trim_end_matches('Z'));
        let (id, by) = (short(entry.aggregate_id), actor(&entry.actor));
        let (category, event_type) = (plain(&entry.category), plain(&entry.event_type));
        let (version, request) = (format!("v{}", entry.version), short(entry.correlation_id));
        let before = format!("{place:<6} {time} ");
        let (told, behind) = if is_roomy {
            (format!("{category:<11} {id} {version:<4} {event_type:<25}"), format!(" {by:<14} {request}"))
        } else {
            (format!("{id} {event_type:<25}"), format!(" {by:<14}"))
        };
        let used = [&before, &told, &behind].iter().map(|part| part.chars().count()).sum::<usize>() + 1;
        let rest = width.saturating_sub(used);
        let said = if rest >= LEAST_DATA { cut(&data(&entry.data), rest) } else { String::new() };
        let behind = if said.is_empty() { behind.trim_end() } else { &behind };
        let line = format!("{DIM}{before}{DIM:#}{colour}{told}{colour:#}{DIM}{behind}{DIM:#} {said}");
        writeln!(out, "{}", line.trim_end())
    }
}
