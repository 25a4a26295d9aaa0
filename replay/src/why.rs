//! `why`: why a ticket or an order is as it is, in sentences, each with the event that says so. From the events alone.
//!
//! - `ticket.rs` and `order.rs` say what is so; `payment.rs` what an order's payment waits for.
//! - `wishes.rs` is who else wanted the ticket lately.
//! - `words.rs` is how it is put.

mod order;
mod payment;
mod ticket;
mod wishes;
mod words;

use std::io::Write as _;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use contracts::Timestamp;
use history::Entry;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::Failure;
use crate::commands::Servers;
use crate::events::{DIM, plain};
use crate::ls::json;
use crate::past::{Named, Past};
use crate::stream::Stream;
use crate::terminal::Terminal;

/// Nothing that the shop does by itself takes as long.
const LONG: Duration = Duration::from_secs(60);

/// Which ticket or order.
#[derive(clap::Args, Clone, Debug)]
pub struct Arguments {
    /// Of a ticket or an order; or `#1234` for what that event is of
    #[arg(value_name = "ID")]
    pub id: Named,
    /// One line of JSON
    #[arg(long)]
    pub json: bool,
}

/// Why something is as it is.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// `ticket` or `order`.
    pub kind: &'static str,
    pub id: Uuid,
    pub status: String,
    /// What it is, in words.
    pub title: Option<String>,
    /// The moment that this is said of.
    pub at: Timestamp,
    pub sentences: Vec<Sentence>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sentence {
    pub text: String,
    /// The event that says so.
    pub sequence: Option<u64>,
    /// It has lasted for longer than it ever should.
    pub is_too_long: bool,
    /// It breaks a promise.
    pub is_wrong: bool,
}

pub(crate) async fn run(
    servers: &Servers,
    arguments: Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let stream = servers.stream.open().await?;
    let at = stream.as_of().await?;
    show(&stream, &arguments, at, terminal).await
}

pub async fn show(
    stream: &Stream,
    arguments: &Arguments,
    at: Timestamp,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let explanation = explain(stream, arguments.id, at).await?;
    if arguments.json {
        writeln!(terminal, "{}", json(&explanation))?;
    } else {
        print(&explanation, terminal)?;
    }
    Ok(terminal.flush()?)
}

/// As of this moment.
pub async fn explain(stream: &Stream, named: Named, at: Timestamp) -> Result<Explanation, Failure> {
    let (_, id) = named.found(stream).await?;
    let pasts = Past::all_of(stream, None, id).await?;
    let (kind, (status, title, sentences)) = if let Some(past) = of(&pasts, "ticket") {
        ("ticket", ticket::explain(stream, past, at).await?)
    } else if let Some(past) = of(&pasts, "order") {
        ("order", order::explain(stream, past, &pasts, at).await?)
    } else if let Some(other) = pasts.first() {
        let what = &other.category;
        return Err(Failure::BadInput(format!(
            "{id} is the id of a {what}: why tells of tickets and orders"
        )));
    } else {
        return Err(Failure::NotThere(format!("nothing on {} goes by the id {id}", stream.name)));
    };
    Ok(Explanation { kind, id, status, title, at, sentences })
}

/// The status, what it is, and why it is so.
type Told = (String, Option<String>, Vec<Sentence>);

fn of<'a>(pasts: &'a [Past], category: &str) -> Option<&'a Past> {
    pasts.iter().find(|past| past.category == category)
}

/// The state as its service has it. Fails where this build cannot read all that led to it.
fn state<S: DeserializeOwned>(past: &Past) -> Result<S, Failure> {
    let unreadable = past.steps.iter().find(|step| step.unreadable.is_some());
    if let Some(step) = unreadable {
        let (category, place) = (&past.category, step.entry.sequence);
        return Err(Failure::Found(format!(
            "this build cannot read #{place}, so it cannot say why the {category} is as it is"
        )));
    }
    let last = past.steps.last().map_or(&past.beginning, |last| &last.state);
    serde_json::from_value(last.clone()).map_err(|error| {
        Failure::Found(format!("the state of {} {} is odd: {error}", past.category, past.id))
    })
}

/// The last event of one of these types.
fn last<'a>(past: &'a Past, types: &[&str]) -> Option<&'a Entry> {
    let mut entries = past.steps.iter().rev().map(|step| &step.entry);
    entries.find(|entry| types.contains(&entry.event_type.as_str()))
}

impl Sentence {
    fn new(text: impl Into<String>, says: Option<&Entry>) -> Self {
        Self {
            text: text.into(),
            sequence: says.map(|entry| entry.sequence),
            is_too_long: false,
            is_wrong: false,
        }
    }

    /// Something that the shop does by itself is waited for since this event was said.
    fn waiting(text: &str, says: Option<&Entry>, at: Timestamp) -> Self {
        let Some(entry) = says else { return Self::new(format!("{text}."), says) };
        let waited = at.since(entry.at);
        let text = format!("{text}, for {} now.", words::lasting(waited));
        Self { is_too_long: waited > LONG, ..Self::new(text, says) }
    }
}

fn print(explanation: &Explanation, terminal: &mut Terminal) -> Result<(), Failure> {
    let Explanation { kind, id, status, title, at, sentences } = explanation;
    let (bold, red) = (Style::new().bold(), AnsiColor::Red.on_default());
    writeln!(terminal, "{bold}{kind} {id}{bold:#} is {}", words::status(status))?;
    let width = terminal.width;
    for line in title.iter().flat_map(|title| words::wrapped(&plain(title), width)) {
        writeln!(terminal, "{DIM}{line}{DIM:#}")?;
    }
    writeln!(terminal, "{DIM}as of {at}{DIM:#}")?;
    writeln!(terminal)?;
    for Sentence { text, sequence, is_too_long, is_wrong } in sentences {
        let mut text = plain(text);
        if let Some(sequence) = sequence {
            text = format!("{text} (#{sequence})");
        }
        let style = if *is_wrong { red } else { Style::new() };
        for line in words::wrapped(&text, width) {
            writeln!(terminal, "{style}{line}{style:#}")?;
        }
        if *is_too_long {
            writeln!(terminal, "{red}! That is longer than {} s: it is stuck.{red:#}", LONG.as_secs())?;
        }
    }
    Ok(())
}
