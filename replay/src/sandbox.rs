//! `sandbox`: a recorded history replayed into memory by the services themselves, as it was or as it might have been.
//!
//! - `matter` says what is replayed, `past` is it; `inputs` finds what came from outside, and gives those commands again.
//! - `shop` puts the services together over stores in memory, `cards` answers as was recorded, in the `world` of one thread.
//! - `run` goes through it step by step by its `agenda`; `promises` are held against all that is said.
//! - `changes` are the what-ifs; an `outcome` is compared with another; `search` tries other orders, and shrinks.
//! - `breakpoint` and `pace` are for who looks on; `tell` says it all.

mod agenda;
mod breakpoint;
mod cards;
mod changes;
mod inputs;
mod lacking;
mod looking;
mod matter;
mod outcome;
mod pace;
mod past;
mod plan;
mod promises;
mod run;
mod search;
mod searching;
mod shop;
mod tell;
mod world;

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use contracts::EventType as _;
use contracts::orders::{BuyerEvent, OrderEvent};
use contracts::payments::PaymentEvent;
use contracts::tickets::{ReservationEvent, SellerEvent, TicketEvent};
use contracts::timers::TimerEvent;
use contracts::users::UserEvent;
use uuid::Uuid;

use crate::Failure;
use crate::commands::Servers;
use crate::moment::Moment;
use crate::stream::Stream;
use crate::terminal::Terminal;
use breakpoint::{Breakpoints, Predicate};
use changes::{Changes, WhatIf};
use lacking::Lacking;
use looking::Looking;
use matter::Matter;
use pace::Speed;
use plan::Plan;
use run::Run;
use searching::Searching;

use outcome::Deviation;

pub(crate) use outcome::Outcome;
pub(crate) use tell::{counted, deviations};

#[derive(Args)]
pub(crate) struct Arguments {
    /// An order, a ticket, a user or a request: what belongs to it is replayed; everything, unless one is given
    #[arg(value_name = "ID", conflicts_with = "since")]
    id: Option<Uuid>,
    /// Replay only what happened since: a time, how long ago, or a place on the stream
    #[arg(long, value_name = "MOMENT")]
    since: Option<Moment>,
    #[command(flatten)]
    what_if: WhatIf,
    /// Tell every step
    #[arg(long)]
    tell: bool,
    /// full, original, or 10x as fast as it was
    #[arg(long, default_value = "full", value_name = "SPEED")]
    speed: Speed,
    /// Stop after every step, until Enter is pressed
    #[arg(long)]
    step: bool,
    /// Stop at events of this type, and show the state
    #[arg(long = "break", value_name = "TYPE")]
    break_at: Vec<String>,
    /// Stop when this comes to be so: order.status == cancelled
    #[arg(long, value_name = "CONDITION")]
    break_if: Vec<Predicate>,
    /// Print where it would stop, and go on
    #[arg(long)]
    batch: bool,
    /// Keep the outcome in this file, for `diff`
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    #[command(flatten)]
    searching: Searching,
    #[arg(long, hide = true, value_name = "SAFEGUARD")]
    lacking: Option<Lacking>,
}

pub(crate) async fn run(
    servers: &Servers,
    arguments: Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    if let Some(unknown) = arguments.break_at.iter().find(|asked| !is_type(asked)) {
        return Err(Failure::BadInput(format!("no event is of the type {unknown:?}")));
    }
    let stream = servers.stream.open().await?;
    let matter = match (arguments.id, arguments.since) {
        (Some(id), _) => Matter::Of(id),
        (None, Some(moment)) => Matter::Since(moment),
        (None, None) => Matter::Everything,
    };
    let plan = plan(&stream, &matter, arguments.lacking).await?;
    let changes = arguments.what_if.resolve(&plan.past)?;
    if arguments.searching.is_wanted() {
        return searching::run(&plan, &changes, &arguments.searching, &stream, terminal);
    }
    let looking = Looking {
        speed: arguments.speed,
        is_stepwise: arguments.step,
        breakpoints: Breakpoints { types: arguments.break_at, predicates: arguments.break_if },
        is_batch: arguments.batch,
        is_told: arguments.tell,
    };
    let replayed = looking::replay(&plan, &changes, looking, &stream, terminal).await?;
    if let Some(file) = &arguments.record {
        Outcome::of_run(&replayed, true).write(file)?;
    }
    if arguments.what_if.is_empty() {
        as_it_was(&plan, &replayed, &stream, terminal)
    } else {
        as_it_might_have_been(&plan, &replayed, terminal)
    }
}

/// Whether anybody who is replayed says such events.
fn is_type(asked: &str) -> bool {
    let types = [
        UserEvent::TYPES,
        TicketEvent::TYPES,
        ReservationEvent::TYPES,
        SellerEvent::TYPES,
        OrderEvent::TYPES,
        BuyerEvent::TYPES,
        TimerEvent::TYPES,
        PaymentEvent::TYPES,
    ];
    types.concat().contains(&asked)
}

/// Reads what is to be replayed, and finds in it what came from outside.
async fn plan(stream: &Stream, matter: &Matter, lacking: Option<Lacking>) -> Result<Arc<Plan>, Failure> {
    let past = matter::read(stream, matter).await?;
    if past.events.is_empty() {
        return Err(Failure::NotThere(format!("there is nothing to replay in {}", stream.name)));
    }
    Ok(Arc::new(Plan::new(past, lacking)))
}

/// What this build makes of a recording.
pub(crate) struct DecidedAgain {
    pub recorded: Outcome,
    /// What is decided until the end of the recording.
    pub within: Outcome,
    /// With what would have followed.
    pub whole: Outcome,
}

pub(crate) async fn decide_again(stream: &Stream) -> Result<DecidedAgain, Failure> {
    let plan = plan(stream, &Matter::Everything, None).await?;
    let mut run = Run::new(&plan, Changes::default())?;
    run.finish(|_, _| false);
    Ok(DecidedAgain {
        recorded: Outcome::of_past(&plan.past),
        within: Outcome::of_run(&run, false),
        whole: Outcome::of_run(&run, true),
    })
}

/// A history that nothing was changed in has to come out as it was recorded.
fn as_it_was(plan: &Plan, replayed: &Run, stream: &Stream, terminal: &mut Terminal) -> Result<(), Failure> {
    let (recorded, now) = (Outcome::of_past(&plan.past), Outcome::of_run(replayed, false));
    let found = recorded.deviations(&now);
    let events = tell::counted(plan.past.events.len(), "event");
    remarks(plan, replayed, terminal)?;
    let afterwards = replayed.said.iter().filter(|said| said.is_afterwards).count();
    if afterwards > 0 {
        let afterwards = tell::counted(afterwards, "event");
        writeln!(terminal, "After the end of {}, {afterwards} would have followed.", stream.name)?;
    }
    let broken = replayed.at_rest();
    if let Some(broken) = &broken {
        tell::broken(terminal, broken)?;
    }
    if !found.is_empty() {
        tell::deviations(terminal, &found)?;
        let count = tell::counted(found.len(), "difference");
        return Err(Failure::Found(format!("{events} replayed: {count} to what was recorded")));
    }
    writeln!(terminal, "{events} replayed: all as recorded.")?;
    match broken {
        Some(broken) => Err(Failure::Found(format!("a promise is not kept: {}", broken.promise))),
        None => Ok(()),
    }
}

/// Compared with the same history without the changes, each until all is at rest.
fn as_it_might_have_been(plan: &Arc<Plan>, replayed: &Run, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut was = Run::new(plan, Changes::default())?;
    was.finish(|_, _| false);
    let (before, after) = (Outcome::of_run(&was, true), Outcome::of_run(replayed, true));
    let mut events = before.deviations(&after);
    events.extend(before.different_answers(&after).into_iter().filter(Deviation::is_refusal));
    let endings = outcome::endings(&outcome::states(&was), &outcome::states(replayed));
    remarks(plan, replayed, terminal)?;
    if events.is_empty() && endings.is_empty() {
        writeln!(terminal, "Nothing would have been otherwise.")?;
    }
    if !events.is_empty() {
        writeln!(terminal, "What would have been said otherwise:")?;
        tell::deviations(terminal, &events)?;
    }
    if !endings.is_empty() {
        writeln!(terminal, "What would have ended otherwise:")?;
        tell::endings(terminal, &endings)?;
    }
    let Some(broken) = replayed.broken().or_else(|| replayed.at_rest()) else { return Ok(()) };
    tell::broken(terminal, &broken)?;
    Err(Failure::Found(format!("a promise would not have been kept: {}", broken.promise)))
}

/// What has to be known of a replay to judge it.
fn remarks(plan: &Plan, run: &Run, terminal: &mut Terminal) -> Result<(), Failure> {
    for note in &run.notes {
        writeln!(terminal, "Note: {note}.")?;
    }
    for name in run.never_happened() {
        writeln!(terminal, "Note: nobody came to ask for {name}: what its person had seen did not happen.")?;
    }
    for number in &plan.inputs.without_cause {
        let name = &plan.past.events[*number].name;
        writeln!(terminal, "Note: what led to {name} was not recorded, so it is not said again.")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
