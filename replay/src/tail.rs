//! `tail`: events as they come. It goes on for ever, whatever becomes of the connection, unless it is told when to end.

use std::io::Write as _;
use std::time::Duration;

use contracts::Timestamp;
use history::{Ended, Entry, History, Reader};
use messaging::Selection;

use crate::Failure;
use crate::commands::Servers;
use crate::events::Lines;
use crate::events::filter::{Filter, place_from};
use crate::ls::{self, json};
use crate::moment::Moment;
use crate::serve::views::EventResource;
use crate::stream::Stream;
use crate::terminal::Terminal;

/// Before it is tried again to read what cannot be read.
const PAUSE: Duration = Duration::from_millis(250);
/// Who follows needs to know of no request what it led to.
const INDEXED: usize = 1;

/// Which events, and how long.
#[derive(clap::Args, Clone, Debug)]
pub struct Arguments {
    #[command(flatten)]
    pub filter: Filter,
    /// Begin earlier: at a time, how long ago (15m), or at a place on the stream (#1234)
    #[arg(long, value_name = "MOMENT")]
    pub since: Option<Moment>,
    /// End after this long, such as 10s
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub lasting: Option<Duration>,
    /// End after so many events
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
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
    let stopped = service::stop::on_signals();
    tokio::select! {
        biased;
        () = stopped.cancelled() => Ok(()),
        ended = follow(&stream, &arguments, terminal) => ended,
    }
}

/// Until it is to end.
pub async fn follow(stream: &Stream, arguments: &Arguments, terminal: &mut Terminal) -> Result<(), Failure> {
    if stream.is_over {
        return what_there_is(stream, arguments, terminal).await;
    }
    let selection = arguments.filter.selection()?;
    let after = match arguments.since {
        Some(since) => Some(place_from(stream, since).await?.saturating_sub(1)),
        None => None,
    };
    let until = arguments.lasting.map(|lasting| stream.runtime.now() + lasting);
    let mut coming = Coming::open(stream, selection, after).await?;
    let mut lines = Lines::default();
    let mut found = 0;
    while arguments.count.is_none_or(|count| found < count) {
        let Some(entry) = coming.next(until).await? else { break };
        if !arguments.filter.selects(&entry) {
            continue;
        }
        found += 1;
        if arguments.json {
            writeln!(terminal, "{}", json(&EventResource::from(&entry)))?;
        } else {
            let mut text = Vec::new();
            lines.write(&entry, terminal.width, &mut text)?;
            terminal.write_all(&text)?;
        }
        terminal.flush()?;
    }
    Ok(())
}

/// Nothing comes to a recording: what is in it is all there will be.
async fn what_there_is(
    stream: &Stream,
    arguments: &Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let Arguments { filter, since, count, json, .. } = arguments.clone();
    let limit = count.unwrap_or(1);
    let all = count.is_none();
    let listed = ls::Arguments { filter, since, until: None, limit, all, newest: false, json };
    ls::list(stream, &listed, terminal).await.map(drop)
}

/// What comes, over however many connections.
struct Coming {
    history: History,
    stream: Stream,
    selection: Selection,
    reader: Reader,
    is_cut_off: bool,
}

impl Coming {
    async fn open(stream: &Stream, selection: Selection, after: Option<u64>) -> Result<Self, Failure> {
        let history = History::new(stream.archive.clone(), stream.runtime.clone(), INDEXED);
        let kept_up = history.clone();
        stream.runtime.spawn("tail", async move { kept_up.keep_up().await });
        has_read(&history).await;
        let reader = history.follow(selection.clone(), after).await?;
        Ok(Self { history, stream: stream.clone(), selection, reader, is_cut_off: false })
    }

    /// None when the time is over.
    async fn next(&mut self, until: Option<Timestamp>) -> Result<Option<Entry>, Failure> {
        let runtime = self.stream.runtime.clone();
        let Some(until) = until else { return self.next_whenever().await.map(Some) };
        match runtime.timeout(until.since(runtime.now()), self.next_whenever()).await {
            Ok(entry) => entry.map(Some),
            Err(_) => Ok(None),
        }
    }

    async fn next_whenever(&mut self) -> Result<Entry, Failure> {
        loop {
            match self.reader.next().await {
                Ok(entry) => {
                    self.is_cut_off = false;
                    return Ok(Entry::clone(&entry));
                }
                Err(Ended::AnotherStream) => {
                    anstream::eprintln!("the stream is another than it was: what comes from now on is shown");
                    has_read(&self.history).await;
                    self.reader = self.history.follow(self.selection.clone(), None).await?;
                }
                Err(Ended::Bus(error)) => {
                    if !self.is_cut_off {
                        anstream::eprintln!("the stream cannot be read, and is tried again: {}", error.0);
                    }
                    self.is_cut_off = true;
                    self.stream.runtime.sleep(PAUSE).await;
                }
            }
        }
    }
}

async fn has_read(history: &History) {
    let mut progress = history.progress();
    while !progress.is_complete {
        progress = history.progress_after(progress).await;
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(Moment::Ago(duration)) => Ok(duration),
        _ => Err(format!("{text:?} is no length of time: write 10s, 15m, 2h or 1d")),
    }
}
