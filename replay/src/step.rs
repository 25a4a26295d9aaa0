//! `step`: an aggregate's history event by event, with the difference that each made.

use std::io::{self, BufRead, Write as _};

use anstyle::{AnsiColor, Style};

use crate::Failure;
use crate::commands::Servers;
use crate::difference::{Difference, differences};
use crate::events::{DIM, actor, colour, cut, data, plain, short};
use crate::moment::Moment;
use crate::past::{self, Past, Step};
use crate::stream::Stream;
use crate::terminal::Terminal;

const INDENT: &str = "    ";

/// Which aggregate, and from where on.
#[derive(clap::Args, Clone, Debug)]
pub struct Arguments {
    /// `order <UUID>`; or only its id, or `#1234` for what that event is of
    #[arg(required = true, num_args = 1..=2, value_names = ["KIND", "ID"])]
    pub aggregate: Vec<String>,
    /// Begin there: at a time, how long ago (15m), a place on the stream (#1234) or a version (v3)
    #[arg(long, value_name = "MOMENT")]
    pub from: Option<Moment>,
    /// One step at a time: Enter goes on, b goes back, q ends
    #[arg(long)]
    pub interactive: bool,
}

pub(crate) async fn run(
    servers: &Servers,
    arguments: Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let stream = servers.stream.open().await?;
    go(&stream, &arguments, &mut io::stdin().lock(), terminal).await
}

/// Fails at the end where an event could not be read.
pub async fn go(
    stream: &Stream,
    arguments: &Arguments,
    keys: &mut dyn BufRead,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let from = match arguments.from {
        Some(from) => Some(past::come(stream, from).await?),
        None => None,
    };
    let pasts = Past::of_words(stream, &arguments.aggregate).await?;
    if let (Some(Moment::Version(_)), [_, _, ..]) = (from, &pasts[..]) {
        let several: Vec<&str> = pasts.iter().map(|past| past.category.as_str()).collect();
        let several = several.join(", ");
        return Err(Failure::BadInput(format!(
            "several go by this id, say whose version is meant: {several}"
        )));
    }
    let mut unreadable = 0;
    for (number, past) in pasts.iter().enumerate() {
        if number > 0 {
            writeln!(terminal)?;
        }
        let first = first(past, from)?;
        unreadable += past.steps.iter().skip(first).filter(|step| step.unreadable.is_some()).count();
        print_head(past, terminal)?;
        if arguments.interactive {
            if !walk(past, first, keys, terminal)? {
                break;
            }
        } else {
            for step in first..past.steps.len() {
                print(past, step, terminal)?;
            }
        }
    }
    terminal.flush()?;
    match unreadable {
        0 => Ok(()),
        count => Err(Failure::Found(format!("{count} of the events cannot be read by this build"))),
    }
}

/// The first step at this moment or after it.
fn first(past: &Past, from: Option<Moment>) -> Result<usize, Failure> {
    let is_before = |step: &Step| match from {
        Some(Moment::Time(time)) => step.entry.at < time,
        Some(Moment::Sequence(sequence)) => step.entry.sequence < sequence,
        Some(Moment::Version(version)) => step.entry.version < version,
        Some(Moment::Ago(_)) | None => false,
    };
    let first = past.steps.iter().take_while(|step| is_before(step)).count();
    if let (true, Some(from @ Moment::Version(_))) = (first == past.steps.len(), from) {
        // Says that there is no such version.
        past.made_at(from)?;
    }
    Ok(first)
}

/// Whether to go on with what else goes by this id.
fn walk(past: &Past, first: usize, keys: &mut dyn BufRead, terminal: &mut Terminal) -> Result<bool, Failure> {
    let mut step = first;
    while step < past.steps.len() {
        print(past, step, terminal)?;
        write!(terminal, "{DIM}{} of {}: Enter, b or q {DIM:#}", step + 1, past.steps.len())?;
        terminal.flush()?;
        let mut key = String::new();
        let is_over = keys.read_line(&mut key)? == 0;
        match key.trim() {
            "q" => return Ok(false),
            _ if is_over => return Ok(false),
            "b" => step = step.saturating_sub(1).max(first),
            _ => step += 1,
        }
    }
    Ok(true)
}

fn print_head(past: &Past, terminal: &mut Terminal) -> Result<(), Failure> {
    let service = past.steps.first().and_then(|step| step.entry.service);
    let colour = colour(service);
    let kept = match past.kind {
        Some(kind) => format!("kept by {}", kind.service),
        None => "of which no state is kept".to_owned(),
    };
    writeln!(terminal, "{colour}{} {}{colour:#}, {kept}", plain(&past.category), past.id)?;
    Ok(())
}

fn print(past: &Past, number: usize, terminal: &mut Terminal) -> Result<(), Failure> {
    let Some(Step { entry, state, unreadable }) = past.steps.get(number) else { return Ok(()) };
    let colour = colour(entry.service);
    let (event_type, by) = (plain(&entry.event_type), actor(&entry.actor));
    let head = format!("v{} {event_type}", entry.version);
    let (place, at, request) = (entry.sequence, entry.at, short(entry.correlation_id));
    writeln!(terminal)?;
    writeln!(terminal, "{colour}{head}{colour:#}  {DIM}#{place}  {at}  by {by}, request {request}{DIM:#}")?;
    let width = terminal.width.saturating_sub(INDENT.len());
    if let Some(why) = unreadable {
        let why = cut(&plain(&format!("! this build cannot read it: {why}")), width);
        let red = style(AnsiColor::Red);
        writeln!(terminal, "{INDENT}{red}{why}{red:#}")?;
    }
    if unreadable.is_some() || past.kind.is_none() {
        writeln!(terminal, "{INDENT}{}", cut(&data(&entry.data), width))?;
        return Ok(());
    }
    let made = differences(past.before(number), state);
    if made.is_empty() {
        writeln!(terminal, "{INDENT}{DIM}it changed nothing{DIM:#}")?;
    }
    for difference in &made {
        let told = cut(&plain(&difference.to_string()), width);
        let style = style_of(difference);
        writeln!(terminal, "{INDENT}{style}{told}{style:#}")?;
    }
    Ok(())
}

fn style_of(difference: &Difference) -> Style {
    style(match (&difference.before, &difference.after) {
        (None, _) => AnsiColor::Green,
        (_, None) => AnsiColor::Red,
        (Some(_), Some(_)) => AnsiColor::Yellow,
    })
}

fn style(colour: AnsiColor) -> Style {
    colour.on_default()
}
