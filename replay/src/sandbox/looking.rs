//! A replay while somebody looks on: as fast as they want, and stopped where they want.

use std::io::Write as _;
use std::sync::Arc;

use super::breakpoint::Breakpoints;
use super::changes::Changes;
use super::pace::{Onlooker, Speed};
use super::plan::Plan;
use super::run::Run;
use super::tell;
use crate::Failure;
use crate::stream::Stream;
use crate::terminal::Terminal;

/// How it is looked at.
pub(super) struct Looking {
    pub speed: Speed,
    pub is_stepwise: bool,
    pub breakpoints: Breakpoints,
    pub is_batch: bool,
    pub is_told: bool,
}

pub(super) async fn replay(
    plan: &Arc<Plan>,
    changes: &Changes,
    looking: Looking,
    stream: &Stream,
    terminal: &mut Terminal,
) -> Result<Run, Failure> {
    let Looking { speed, is_stepwise, breakpoints, is_batch, is_told } = looking;
    let is_told = is_told || is_stepwise || speed != Speed::Full;
    let mut onlooker = Onlooker::new(speed, is_batch, terminal.is_watched, stream.runtime.clone());
    let mut run = Run::new(plan, changes.clone())?;
    let mut has_ended = false;
    while let Some((due, is_afterwards)) = run.next() {
        if is_afterwards && !has_ended && is_told {
            writeln!(terminal, "Here {} ends; what follows would have followed:", stream.name)?;
        }
        has_ended |= is_afterwards;
        onlooker.wait_until(due.moment).await;
        let Some(taken) = run.take(0, false) else { break };
        if is_told {
            tell::step(terminal, &run, &taken, "")?;
            terminal.flush()?;
        }
        let reached = breakpoints.reached(&run, &taken);
        if let Some(reached) = &reached {
            if !is_told {
                tell::step(terminal, &run, &taken, "")?;
            }
            writeln!(terminal, "Stopped at {}:", reached.why)?;
            tell::state(terminal, &reached.category, reached.id, &reached.state)?;
        }
        if (is_stepwise || reached.is_some()) && !onlooker.wait_for_enter()? {
            return Err(Failure::NobodyReads);
        }
    }
    Ok(run)
}
