//! A story in a terminal: a lane for each service, an event in each row, and an arrow to it from where its cause stands.

use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::Style;

use super::person::Belongings;
use super::telling::{Because, Row, Telling, because, offset, said as told_of};
use crate::events::{DIM, colour, cut, plain};

const OFFSET: usize = 12;
/// The longest name of an event.
const NAME: usize = 25;
const PLACE: usize = 6;
const CAUSE: usize = 10;
const NARROWEST: usize = 4;
const WIDEST: usize = 12;
/// From this much room on some of it is left to what an event says.
const ROOMY: usize = 56;
const DATA: usize = 24;
/// Less of what an event says tells nothing.
const LEAST_DATA: usize = 10;

pub fn draw(telling: &Telling, belongings: &Belongings, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let bold = Style::new().bold();
    writeln!(out, "{bold}{} {}{bold:#}", title(&telling.kind), telling.id)?;
    let begun_at = telling.rows.first().map(|row| format!(", from {}", row.entry.at)).unwrap_or_default();
    writeln!(out, "{DIM}{}{begun_at}{DIM:#}", telling.headline())?;
    if !telling.is_whole {
        writeln!(out, "There is more than is told here.")?;
    }
    writeln!(out)?;
    let canvas = Canvas::of(telling, width);
    for line in canvas.header(telling) {
        writeln!(out, "{line}")?;
    }
    for row in &telling.rows {
        writeln!(out, "{}", canvas.row(telling, row, width).trim_end())?;
    }
    if !telling.names.is_empty() {
        writeln!(out)?;
    }
    for (what, id) in &telling.names {
        writeln!(out, "{DIM}{what:<10}{DIM:#} {id}")?;
    }
    belongings.print(out)
}

fn title(kind: &str) -> String {
    let mut letters = kind.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    plain(&first.into_iter().chain(letters).collect::<String>())
}

/// How the width is shared out.
struct Canvas {
    /// From one lane to the next.
    step: usize,
    lanes: usize,
}

impl Canvas {
    fn of(telling: &Telling, width: usize) -> Self {
        let lanes = telling.lanes.len().max(1);
        let room = width.saturating_sub(OFFSET + 1 + NAME + 1 + PLACE + 1 + CAUSE);
        // Where there is room for it, what an event says is shown too.
        let room = if room >= ROOMY { room - DATA } else { room };
        Self { step: (room / lanes).clamp(NARROWEST, WIDEST), lanes }
    }

    /// In two lines where a name has no room beside the next.
    fn header(&self, telling: &Telling) -> Vec<String> {
        let longest = telling.lanes.iter().map(|lane| lane.name.chars().count()).max().unwrap_or_default();
        if longest < self.step {
            return vec![self.names(telling, 1, 0)];
        }
        vec![self.names(telling, 2, 0), self.names(telling, 2, 1)]
    }

    /// The names of every so many lanes, from this one on.
    fn names(&self, telling: &Telling, every: usize, first: usize) -> String {
        let mut line = " ".repeat(OFFSET);
        let mut used = 0;
        for (number, lane) in telling.lanes.iter().enumerate() {
            let is_named = number % every == first;
            // The lanes of the names above go on.
            let goes_on = if first > 0 { "│" } else { "" };
            let text =
                if is_named { cut_short(&lane.name, every * self.step - 1) } else { goes_on.to_owned() };
            let place = number * self.step;
            let has_room = place > used || (is_named && place == used) || used == 0;
            if text.is_empty() || !has_room {
                continue;
            }
            let colour = if is_named { colour(lane.service) } else { DIM };
            let _ = write!(line, "{}{colour}{text}{colour:#}", " ".repeat(place - used));
            used = place + text.chars().count();
        }
        line
    }

    fn row(&self, telling: &Telling, row: &Row, width: usize) -> String {
        let colour = colour(row.entry.service);
        let since = format!("{:>width$}", offset(row.offset_ms), width = OFFSET - 2);
        let lanes = self.lanes(telling, row);
        let name = plain(&row.entry.event_type);
        let (place, cause) = (format!("#{}", row.entry.sequence), because(telling, row));
        let used = OFFSET + self.step * self.lanes + 1 + NAME + 1 + PLACE + 1 + CAUSE + 1;
        let rest = width.saturating_sub(used);
        let said = if rest >= LEAST_DATA { cut(&told_of(row), rest) } else { String::new() };
        let told = format!("{place:<PLACE$} {cause:<CAUSE$}");
        let told = if said.is_empty() { told.trim_end() } else { &told };
        format!("{DIM}{since}{DIM:#}  {lanes} {colour}{name:<NAME$}{colour:#} {DIM}{told}{DIM:#} {said}")
    }

    /// The lanes beside one event.
    fn lanes(&self, telling: &Telling, row: &Row) -> String {
        let (step, here) = (self.step, row.lane * self.step);
        let mut cells = vec![(' ', DIM); step * self.lanes];
        let mut put = |at: usize, sign: char, style: Style| {
            if let Some(cell) = cells.get_mut(at) {
                *cell = (sign, style);
            }
        };
        for lane in 0..self.lanes {
            put(lane * step, '│', DIM);
        }
        let colour = colour(row.entry.service);
        put(here, '●', colour.bold());
        let there = telling.origin(row).map(|(lane, _)| lane * step).filter(|there| *there != here);
        if let (Some(there), Because::Event(_) | Because::Person(_)) = (there, &row.because) {
            let (left, right) = (here.min(there), here.max(there));
            for at in left + 1..right {
                put(at, if at % step == 0 { '┼' } else { '─' }, colour);
            }
            put(there, if there < here { '├' } else { '┤' }, colour);
            let (at, head) = if there < here { (here - 1, '▶') } else { (here + 1, '◀') };
            put(at, head, colour);
        }
        let mut line = String::new();
        for (sign, style) in cells {
            let _ = write!(line, "{style}{sign}{style:#}");
        }
        line
    }
}

/// A name has no room for a sign that something is missing.
fn cut_short(name: &str, width: usize) -> String {
    name.chars().take(width).collect()
}
