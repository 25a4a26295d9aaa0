//! `state`: an aggregate as it is, or was, folded from its events.

use std::io::Write as _;

use contracts::Timestamp;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::Failure;
use crate::commands::Servers;
use crate::events::{DIM, colour, plain};
use crate::ls::json;
use crate::moment::Moment;
use crate::past::{self, Past, Step};
use crate::stream::Stream;
use crate::terminal::Terminal;

/// Which aggregate, and when.
#[derive(clap::Args, Clone, Debug)]
pub struct Arguments {
    /// `order <UUID>`; or only its id, or `#1234` for what that event is of
    #[arg(required = true, num_args = 1..=2, value_names = ["KIND", "ID"])]
    pub aggregate: Vec<String>,
    /// As it was then: a time, how long ago (15m), a place on the stream (#1234) or a version (v3)
    #[arg(long, value_name = "MOMENT")]
    pub at: Option<Moment>,
    /// A line of JSON for each aggregate
    #[arg(long)]
    pub json: bool,
}

/// An aggregate as it was at some moment.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    pub aggregate: String,
    pub aggregate_id: Uuid,
    pub service: Option<&'static str>,
    pub version: u64,
    /// Of the last event, as are the type and the time.
    pub sequence: u64,
    pub r#type: String,
    pub at: Timestamp,
    /// How many events came after it.
    pub later: usize,
    pub state: Value,
    /// The sequences of events that this build cannot read: the state is as if they had not been said.
    pub unreadable: Vec<u64>,
}

pub(crate) async fn run(
    servers: &Servers,
    arguments: Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let stream = servers.stream.open().await?;
    show(&stream, &arguments, terminal).await
}

pub async fn show(stream: &Stream, arguments: &Arguments, terminal: &mut Terminal) -> Result<(), Failure> {
    let found = standing(stream, arguments).await?;
    for (number, standing) in found.iter().enumerate() {
        if arguments.json {
            writeln!(terminal, "{}", json(standing))?;
            continue;
        }
        if number > 0 {
            writeln!(terminal)?;
        }
        print(standing, terminal)?;
    }
    terminal.flush()?;
    let unreadable: usize = found.iter().map(|standing| standing.unreadable.len()).sum();
    match unreadable {
        0 => Ok(()),
        count => Err(Failure::Found(format!("{count} of the events cannot be read by this build"))),
    }
}

/// Of each aggregate that is meant and has a state.
pub async fn standing(stream: &Stream, arguments: &Arguments) -> Result<Vec<Standing>, Failure> {
    let at = match arguments.at {
        Some(at) => Some(past::come(stream, at).await?),
        None => None,
    };
    let mut pasts = Past::of_words(stream, &arguments.aggregate).await?;
    pasts.retain(|past| past.kind.is_some());
    if pasts.is_empty() {
        let words = arguments.aggregate.join(" ");
        return Err(Failure::NotThere(format!(
            "{words} has no state: all there is of it is its events (ls)"
        )));
    }
    if let (Some(Moment::Version(_)), [_, _, ..]) = (at, &pasts[..]) {
        let several: Vec<&str> = pasts.iter().map(|past| past.category.as_str()).collect();
        let several = several.join(", ");
        return Err(Failure::BadInput(format!(
            "several go by this id, say whose version is meant: {several}"
        )));
    }
    let mut found = Vec::new();
    let mut not_yet = None;
    for past in &pasts {
        let made = at.map_or(Ok(past.steps.len()), |at| past.made_at(at));
        match made {
            Ok(made) => found.extend(Standing::after(past, made)),
            Err(failure) => not_yet = Some(failure),
        }
    }
    // Some of those that go by an id began later than others.
    match not_yet.filter(|_| found.is_empty()) {
        Some(failure) => Err(failure),
        None => Ok(found),
    }
}

impl Standing {
    fn after(past: &Past, made: usize) -> Option<Self> {
        let (done, later) = past.steps.split_at_checked(made)?;
        let Step { entry, state, .. } = done.last()?;
        let unreadable = done.iter().filter(|step| step.unreadable.is_some());
        Some(Self {
            aggregate: past.category.clone(),
            aggregate_id: past.id,
            service: entry.service,
            version: entry.version,
            sequence: entry.sequence,
            r#type: entry.event_type.clone(),
            at: entry.at,
            later: later.len(),
            state: state.clone(),
            unreadable: unreadable.map(|step| step.entry.sequence).collect(),
        })
    }
}

fn print(standing: &Standing, terminal: &mut Terminal) -> Result<(), Failure> {
    let Standing { aggregate, aggregate_id, version, sequence, r#type, at, later, state, .. } = standing;
    let colour = colour(standing.service);
    writeln!(terminal, "{colour}{aggregate} {aggregate_id}{colour:#} at v{version}")?;
    let later = match later {
        0 => String::new(),
        1 => ", and an event came after it".to_owned(),
        count => format!(", and {count} events came after it"),
    };
    let last = plain(r#type);
    writeln!(terminal, "{DIM}since {last} (#{sequence}) at {at}{later}{DIM:#}")?;
    for place in &standing.unreadable {
        writeln!(terminal, "#{place} cannot be read by this build: the state is as if it had not been said")?;
    }
    let pretty = serde_json::to_string_pretty(state).unwrap_or_default();
    for line in pretty.lines() {
        writeln!(terminal, "{}", plain(line))?;
    }
    Ok(())
}
