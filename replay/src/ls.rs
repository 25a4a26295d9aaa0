//! `ls`: events that were said, one in a line. They are read and printed part by part, however many they are.

use std::io::Write as _;

use history::{Order, Query};
use messaging::Selection;

use crate::Failure;
use crate::commands::Servers;
use crate::events::Lines;
use crate::events::filter::{Filter, place_behind, place_from};
use crate::moment::Moment;
use crate::serve::views::EventResource;
use crate::stream::Stream;
use crate::terminal::Terminal;

/// So many are read at a time.
const PART: usize = 500;

/// Which events, and how they are shown.
#[derive(clap::Args, Clone, Debug)]
pub struct Arguments {
    #[command(flatten)]
    pub filter: Filter,
    /// Only what was stored then or later: a time, how long ago (15m), or a place on the stream (#1234)
    #[arg(long, value_name = "MOMENT")]
    pub since: Option<Moment>,
    /// Only what was stored then or before
    #[arg(long, value_name = "MOMENT")]
    pub until: Option<Moment>,
    /// How many at most
    #[arg(long, value_name = "COUNT", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: u64,
    /// However many there are
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
    /// The newest first
    #[arg(long)]
    pub newest: bool,
    /// A line of JSON for each
    #[arg(long)]
    pub json: bool,
}

pub(crate) async fn run(
    servers: &Servers,
    arguments: Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let stream = servers.stream.open().await?;
    list(&stream, &arguments, terminal).await.map(drop)
}

/// Says how many there were. Fails where nothing could be what was asked for.
pub async fn list(stream: &Stream, arguments: &Arguments, terminal: &mut Terminal) -> Result<u64, Failure> {
    let Arguments { filter, limit, newest, .. } = arguments;
    let selection = filter.selection()?;
    let limit = if arguments.all { u64::MAX } else { *limit };
    let mut query = query(stream, arguments, selection).await?;
    if filter.correlation.is_some() {
        stream.index(terminal).await?;
    }
    let mut lines = Lines::default();
    let mut found = 0;
    loop {
        let slice = stream.history.slice(&query).await?;
        let mut text = Vec::new();
        for entry in slice.entries.iter().filter(|entry| filter.selects(entry)) {
            if found == limit {
                terminal.write_all(&text)?;
                hint(limit, entry.sequence, *newest);
                return Ok(found);
            }
            found += 1;
            if arguments.json {
                writeln!(text, "{}", json(&EventResource::from(entry)))?;
            } else {
                lines.write(entry, terminal.width, &mut text)?;
            }
        }
        terminal.write_all(&text)?;
        match (slice.goes_on, query.order) {
            (None, _) => break,
            (before, Order::Newest) => query.before = before,
            (Some(after), Order::Oldest) => query.after = after,
        }
    }
    terminal.flush()?;
    if found == 0 {
        if let Some(failure) = filter.names_nothing() {
            return Err(failure);
        }
        anstream::eprintln!("nothing on {} is like that", stream.name);
    }
    Ok(found)
}

/// What is serialised is made of texts and numbers: it always can be.
pub(crate) fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

async fn query(stream: &Stream, arguments: &Arguments, selection: Selection) -> Result<Query, Failure> {
    let from = match arguments.since {
        Some(since) => place_from(stream, since).await?,
        None => 1,
    };
    let before = match arguments.until {
        Some(until) => Some(place_behind(stream, until).await?),
        None => None,
    };
    if arguments.since.is_some() && before.is_some_and(|before| before < from) {
        return Err(Failure::BadInput("--until is before --since: nothing is between them".to_owned()));
    }
    let wanted = if arguments.all { PART } else { usize::try_from(arguments.limit).unwrap_or(PART) };
    Ok(Query {
        selection,
        correlation_id: arguments.filter.correlation,
        after: from.saturating_sub(1),
        before,
        // One more tells that there is more.
        limit: wanted.saturating_add(1).min(PART),
        order: if arguments.newest { Order::Newest } else { Order::Oldest },
        ..Query::default()
    })
}

fn hint(limit: u64, next: u64, newest: bool) {
    let on = if newest { "--until" } else { "--since" };
    anstream::eprintln!("there are more than {limit}: go on with {on} '#{next}', or give a --limit or --all");
}
