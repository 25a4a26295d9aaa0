//! `schema check`: which stored events this build could not read. Nothing is kept but counts and examples, however long
//! the stream is.

use std::collections::BTreeMap;
use std::io::Write as _;

use contracts::Event;
use messaging::{Extent, Numbered, Selection};
use serde_json::json;

use crate::Failure;
use crate::commands::Servers;
use crate::export::selecting;
use crate::moment::Moment;
use crate::stream::Stream;
use crate::terminal::Terminal;

/// Messages that are read at a time.
const PART: usize = 1_000;
/// Of each kind of fault so many are named.
const EXAMPLES: usize = 5;
/// More kinds are not told apart: a reason may name what it is about.
const MOST_KINDS: usize = 100;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only what was stored since then: a time, how long ago, or a place on the stream
    #[arg(long, value_name = "MOMENT")]
    since: Option<Moment>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many messages were looked at.
    pub read: u64,
    pub faults: BTreeMap<Kind, Fault>,
}

/// What cannot be read, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// Category and type; the whole subject where it has none.
    pub of: String,
    pub why: String,
}

/// Where such were found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Fault {
    pub count: u64,
    /// The first few: place on the stream, and subject.
    pub examples: Vec<(u64, String)>,
}

pub(super) async fn run(
    servers: &Servers,
    arguments: Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let stream = servers.stream.open().await?;
    let from = match arguments.since {
        Some(since) => selecting::place(&stream, since).await?,
        None => 1,
    };
    let report = check(&stream, from, terminal).await?;
    if arguments.json {
        writeln!(terminal, "{}", report.to_json())?;
    } else {
        report.print(terminal)?;
    }
    match report.unreadable() {
        0 => Ok(()),
        1 => Err(Failure::Found("1 stored event could not be read".to_owned())),
        count => Err(Failure::Found(format!("{count} stored events could not be read"))),
    }
}

/// Reads the stream as far as it went when it was begun.
pub async fn check(stream: &Stream, from: u64, terminal: &Terminal) -> Result<Report, Failure> {
    let end = stream.archive.state().await?.last_sequence;
    let bar = terminal.progress("reading events", end.saturating_sub(from.saturating_sub(1)));
    let mut report = Report::default();
    let mut next = from;
    while next <= end {
        let part = stream.archive.part(&Selection::everything(), next, PART, Extent::Whole).await?;
        let Some(last) = part.last() else { break };
        next = last.sequence + 1;
        for numbered in part.iter().filter(|numbered| numbered.sequence <= end) {
            report.look_at(numbered);
        }
        bar.set_position(next.saturating_sub(from));
    }
    bar.finish_and_clear();
    Ok(report)
}

impl Report {
    pub fn unreadable(&self) -> u64 {
        self.faults.values().map(|fault| fault.count).sum()
    }

    fn look_at(&mut self, numbered: &Numbered) {
        self.read += 1;
        let parcel = &numbered.stored.parcel;
        let read = match parcel.open() {
            Ok(message) => {
                let event = &message.recorded.event;
                Event::of_value(&message.category, &event.event_type, &event.data)
                    .map(drop)
                    .map_err(|error| error.to_string())
            }
            Err(why) => Err(why),
        };
        if let Err(why) = read {
            let subject = parcel.wire().subject.clone();
            let of = match subject.split('.').collect::<Vec<_>>()[..] {
                [_, category, _, event_type] => format!("{category}.{event_type}"),
                _ => subject.clone(),
            };
            let mut kind = Kind { of, why };
            if self.faults.len() >= MOST_KINDS && !self.faults.contains_key(&kind) {
                kind = Kind { of: "others".to_owned(), why: "for other reasons".to_owned() };
            }
            let fault = self.faults.entry(kind).or_default();
            fault.count += 1;
            if fault.examples.len() < EXAMPLES {
                fault.examples.push((numbered.sequence, subject));
            }
        }
    }

    fn print(&self, terminal: &mut Terminal) -> Result<(), Failure> {
        for (Kind { of, why }, Fault { count, examples }) in &self.faults {
            writeln!(terminal, "{of}: {count} of them: {why}")?;
            for (sequence, subject) in examples {
                writeln!(terminal, "  #{sequence} {subject}")?;
            }
            let left = count.saturating_sub(examples.len() as u64);
            if left > 0 {
                writeln!(terminal, "  and {left} more")?;
            }
        }
        let unreadable = self.unreadable();
        Ok(writeln!(terminal, "{} events read, {unreadable} could not be", self.read)?)
    }

    fn to_json(&self) -> serde_json::Value {
        let examples = |fault: &Fault| -> Vec<_> {
            let example =
                |(sequence, subject): &(u64, String)| json!({ "sequence": sequence, "subject": subject });
            fault.examples.iter().map(example).collect()
        };
        let fault = |(kind, fault): (&Kind, &Fault)| json!({ "type": kind.of, "why": kind.why, "count": fault.count, "examples": examples(fault) });
        json!({ "read": self.read, "unreadable": self.faults.iter().map(fault).collect::<Vec<_>>() })
    }
}
