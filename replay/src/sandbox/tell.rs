//! A replay in words.

use std::io::{self, Write as _};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde_json::Value;
use uuid::Uuid;

use super::outcome::{Deviation, Ending, Fact};
use super::past::short;
use super::promises::Broken;
use super::run::{Came, Run, Taken};
use crate::terminal::Terminal;

const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();
const CAME: Style = AnsiColor::Green.on_default();
const WENT: Style = AnsiColor::Red.on_default();
const OTHERWISE: Style = AnsiColor::Yellow.on_default();

/// One step, with what was said in it. A mark where it is not in its turn.
pub(super) fn step(terminal: &mut Terminal, run: &Run, taken: &Taken, mark: &str) -> io::Result<()> {
    let clock = taken.clock.to_string();
    let time = clock.get(11..23).unwrap_or(&clock);
    write!(terminal, "{DIM}{time}{DIM:#} {mark:1} {}", taken.what)?;
    match &taken.came {
        Came::Done if taken.said.is_empty() => writeln!(terminal, "{DIM}: nothing follows{DIM:#}")?,
        Came::Done => writeln!(terminal)?,
        other => {
            let why = other.in_words().unwrap_or_default();
            writeln!(terminal, ": {OTHERWISE}{why}{OTHERWISE:#}")?;
        }
    }
    for said in &run.said[taken.said.clone()] {
        writeln!(terminal, "               {BOLD}{}{BOLD:#}", said.name)?;
    }
    if let Some(found) = &taken.broken {
        broken(terminal, found)?;
    }
    Ok(())
}

/// A step that is put off.
pub(super) fn late(terminal: &mut Terminal, what: &str, by: Duration) -> io::Result<()> {
    writeln!(terminal, "{:12} {OTHERWISE}> {by:?} later than it might be: {what}{OTHERWISE:#}", "")
}

pub(super) fn broken(terminal: &mut Terminal, broken: &Broken) -> io::Result<()> {
    let Broken { promise, told } = broken;
    writeln!(terminal, "{WENT}broken: {promise}{WENT:#}: {told}")
}

/// An aggregate as it is where a replay stops.
pub(super) fn state(terminal: &mut Terminal, category: &str, id: Uuid, state: &Value) -> io::Result<()> {
    let state = serde_json::to_string_pretty(state).unwrap_or_default();
    writeln!(terminal, "{BOLD}{category} {id}{BOLD:#}\n{state}")
}

pub(crate) fn deviations(terminal: &mut Terminal, deviations: &[Deviation]) -> io::Result<()> {
    for deviation in deviations {
        match deviation {
            Deviation::Came(fact) => writeln!(terminal, "{CAME}+ {}{CAME:#}{}", fact.name, because(fact))?,
            Deviation::Went(fact) => writeln!(terminal, "{WENT}- {}{WENT:#}{}", fact.name, because(fact))?,
            Deviation::Changed { before, after } => {
                writeln!(terminal, "{OTHERWISE}~ {}{OTHERWISE:#}", after.name)?;
                changed(terminal, before, after)?;
            }
            Deviation::Answered { asked, before, after } => {
                let word = |answer: &Option<String>| answer.clone().unwrap_or_else(|| "done".to_owned());
                writeln!(
                    terminal,
                    "{OTHERWISE}~ {asked}{OTHERWISE:#}\n    was {}\n    is  {}",
                    word(before),
                    word(after)
                )?;
            }
        }
    }
    Ok(())
}

fn because(fact: &Fact) -> String {
    fact.cause.as_ref().map(|cause| format!(", upon {cause}")).unwrap_or_default()
}

fn changed(terminal: &mut Terminal, before: &Fact, after: &Fact) -> io::Result<()> {
    if before.version != after.version {
        writeln!(terminal, "    version was {}, is {}", before.version, after.version)?;
    }
    if before.data != after.data {
        writeln!(terminal, "    was {}\n    is  {}", before.data, after.data)?;
    }
    if before.cause != after.cause {
        let word = |fact: &Fact| {
            fact.cause.as_ref().map_or_else(|| "something outside".to_owned(), ToString::to_string)
        };
        writeln!(terminal, "    followed from {}, follows from {}", word(before), word(after))?;
    }
    Ok(())
}

/// What ends otherwise.
pub(super) fn endings(terminal: &mut Terminal, endings: &[Ending]) -> io::Result<()> {
    for Ending { category, aggregate_id, fields } in endings {
        writeln!(terminal, "{BOLD}{category} {aggregate_id}{BOLD:#}")?;
        for difference in fields {
            writeln!(terminal, "  {difference}")?;
        }
    }
    Ok(())
}

/// `1 event`, `2 events`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Who is who, where only the ends of ids are told.
pub(super) fn cast(terminal: &mut Terminal, run: &Run) -> io::Result<()> {
    let mut told = std::collections::BTreeSet::new();
    for said in &run.said {
        let (category, id) = (said.name.category.as_str(), said.name.aggregate_id);
        if matches!(category, "ticket" | "order" | "user") && told.insert((category, id)) {
            writeln!(terminal, "{DIM}{category} {} is {id}{DIM:#}", short(id))?;
        }
    }
    Ok(())
}
