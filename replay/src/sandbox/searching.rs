//! `--search`, as it is asked for and told.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::changes::Changes;
use super::plan::Plan;
use super::search::order::Order;
use super::search::{Found, Tried, Turn, in_order, search};
use super::tell;
use crate::Failure;
use crate::stream::Stream;
use crate::terminal::Terminal;

#[derive(Args, Clone, Debug)]
pub(crate) struct Searching {
    /// Try other orders in which it could have happened, until a promise is broken
    #[arg(long)]
    search: bool,
    /// The seed of the first order that is tried
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// How many orders are tried at most
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    histories: u64,
    /// For how long
    #[arg(long, default_value_t = 60, value_name = "N")]
    seconds: u64,
    /// Tell the history of one order, as a search has found it
    #[arg(long, value_name = "ORDER", conflicts_with = "search")]
    order: Option<Order>,
}

impl Searching {
    pub(super) fn is_wanted(&self) -> bool {
        self.search || self.order.is_some()
    }
}

pub(super) fn run(
    plan: &Arc<Plan>,
    changes: &Changes,
    searching: &Searching,
    stream: &Stream,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    if let Some(order) = &searching.order {
        return told(&in_order(plan, changes, order)?, terminal);
    }
    let Searching { seed, histories, seconds, .. } = *searching;
    let (bar, runtime) = (terminal.progress("trying orders", histories), stream.runtime.clone());
    let until = runtime.now() + Duration::from_secs(seconds);
    let goes_on = |number| {
        bar.set_position(number);
        runtime.now() < until
    };
    let (found, tried) = search(plan, changes, seed, histories, goes_on)?;
    bar.finish_and_clear();
    let Some(found) = found else {
        writeln!(terminal, "{tried} orders tried from seed {seed}: every promise is kept in all of them.")?;
        return Ok(());
    };
    let Found { tried, changes, seed, histories, shrunk_from } = found;
    let steps = tell::counted(tried.turns.len(), "step");
    let counted = tell::counted(usize::try_from(histories).unwrap_or(usize::MAX), "order");
    writeln!(
        terminal,
        "Found after {counted}, under seed {seed}; shrunk from {shrunk_from} steps to {steps}:"
    )?;
    let mut again = format!("--order '{}'", tried.order);
    if let Some(lacking) = plan.lacking.as_ref().and_then(clap::ValueEnum::to_possible_value) {
        again.push_str(&format!(" --lacking {}", lacking.get_name()));
    }
    for number in &changes.without {
        let recorded = &plan.past.events[*number];
        again.push_str(&format!(" --without '#{}'", recorded.entry.sequence));
        writeln!(terminal, "without {}", recorded.name)?;
    }
    let failure = told(&tried, terminal);
    writeln!(terminal, "To see it again: {again}")?;
    failure
}

/// The steps up to the one that breaks a promise; `*` marks what is out of its turn, `+` what comes again.
fn told(tried: &Tried, terminal: &mut Terminal) -> Result<(), Failure> {
    for (number, turn) in tried.turns.iter().enumerate() {
        let number = number + 1;
        match turn {
            Turn::Late { what, by } => tell::late(terminal, what, *by)?,
            Turn::Taken(taken) if tried.order.places.contains_key(&number) => {
                tell::step(terminal, &tried.run, taken, "*")?;
            }
            Turn::Taken(taken) => {
                let mark = if tried.order.again.contains(&number) { "+" } else { "" };
                tell::step(terminal, &tried.run, taken, mark)?;
            }
        }
    }
    tell::cast(terminal, &tried.run)?;
    let Some(broken) = &tried.broken else {
        writeln!(terminal, "Every promise is kept.")?;
        return Ok(());
    };
    if !matches!(tried.turns.last(), Some(Turn::Taken(last)) if last.broken.is_some()) {
        tell::broken(terminal, broken)?;
    }
    Err(Failure::Found(format!("a promise is broken: {}", broken.promise)))
}
