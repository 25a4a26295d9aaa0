//! A story as a Mermaid sequence diagram: a message for each event, from where its cause stands to who said it.

use std::fmt::Write as _;

use super::telling::{Because, Row, Telling, offset, said as told_of};
use crate::events::{cut, plain};

/// A note that is wider is cut.
const NOTE: usize = 120;

pub fn diagram(telling: &Telling) -> String {
    let mut text = String::from("sequenceDiagram\n");
    let mut say = |line: String| {
        let _ = writeln!(text, "    {line}");
    };
    say(format!("accTitle: The story of {} {}", escaped(&telling.kind), telling.id));
    for (number, lane) in telling.lanes.iter().enumerate() {
        let what = if lane.service.is_none() { "actor" } else { "participant" };
        say(format!("{what} L{number} as {}", escaped(&lane.name)));
    }
    for row in &telling.rows {
        say(message(telling, row));
        let said = told_of(row);
        if !said.is_empty() {
            say(format!("Note over L{}: {}", row.lane, escaped(&cut(&said, NOTE))));
        }
    }
    if !telling.is_whole {
        say("Note over L0: There is more than is told here".to_owned());
    }
    text
}

fn message(telling: &Telling, row: &Row) -> String {
    let from = telling.origin(row).map_or(row.lane, |(lane, _)| lane);
    // What a service does by itself is a dotted line.
    let arrow = match row.because {
        Because::Event(_) | Because::Person(_) => "->>",
        Because::Due(_) | Because::Elsewhere => "-->>",
    };
    let (event_type, sequence) = (escaped(&row.entry.event_type), row.entry.sequence);
    let told = escaped(&format!("#{sequence} {}", offset(row.offset_ms)));
    format!("L{from}{arrow}L{}: {event_type} {told}", row.lane)
}

/// A letter that means something to Mermaid is written by its number.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in plain(text).chars() {
        match letter {
            '\u{a0}' => escaped.push(' '),
            letter if letter.is_alphanumeric() || " -_.,/+=…".contains(letter) => escaped.push(letter),
            letter => {
                let _ = write!(escaped, "#{};", u32::from(letter));
            }
        }
    }
    escaped
}
