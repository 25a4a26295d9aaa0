//! All orders in which a history could have happened, at random under a seed, until a promise is broken: a message is
//! late, or comes twice; a person is slow. What causes comes before what it causes in every one of them.

pub(super) mod order;
mod shrink;

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng as _, SeedableRng as _};

use super::changes::Changes;
use super::plan::Plan;
use super::promises::Broken;
use super::run::{Run, Taken};
use crate::Failure;
use order::Order;

/// What comes within this time of the next thing may come before it.
const CLOSE: Duration = Duration::from_secs(60);
/// What is put off comes so many milliseconds behind another.
const BEHIND_IT_MS: [u64; 6] = [1, 5, 20, 100, 1_000, 5_000];
/// A history in which more happens than this for each event that was recorded does not come to rest.
const STEPS_EACH: usize = 50;

/// One history as it was tried.
pub(super) struct Tried {
    pub order: Order,
    pub turns: Vec<Turn>,
    /// What was said, and what was found to be broken by it.
    pub run: Run,
    pub broken: Option<Broken>,
}

/// What becomes of the next step.
pub(super) enum Turn {
    Taken(Taken),
    /// It is put off.
    Late {
        what: String,
        by: Duration,
    },
}

/// Which step comes next.
#[derive(Clone, Copy, Default)]
struct Choice {
    /// Behind so many others.
    place: usize,
    /// Its message comes again.
    again: bool,
    late: Option<Duration>,
}

/// What was looked for, and found.
pub(super) struct Found {
    pub tried: Tried,
    /// What does not happen in it.
    pub changes: Changes,
    /// The seed of the history that it was first found in.
    pub seed: u64,
    /// How many were tried until then, and altogether.
    pub histories: u64,
    pub shrunk_from: usize,
}

/// Tries so many histories, or until it is told to stop. None of them broke a promise where there is nothing found.
pub(super) fn search(
    plan: &Arc<Plan>,
    changes: &Changes,
    seed: u64,
    histories: u64,
    mut goes_on: impl FnMut(u64) -> bool,
) -> Result<(Option<Found>, u64), Failure> {
    for number in 0..histories {
        if !goes_on(number) {
            return Ok((None, number));
        }
        let seed = seed.wrapping_add(number);
        let tried = at_random(plan, changes, seed)?;
        if let Some(broken) = tried.broken.clone() {
            let shrunk_from = tried.turns.len();
            let (tried, changes) = shrink::shrink(plan, tried, changes, &broken, seed)?;
            let found = Found { tried, changes, seed, histories: number + 1, shrunk_from };
            return Ok((Some(found), number + 1));
        }
    }
    Ok((None, histories))
}

/// One history of this seed.
pub(super) fn at_random(plan: &Arc<Plan>, changes: &Changes, seed: u64) -> Result<Tried, Failure> {
    let mut chance = Chance(Xoshiro256PlusPlus::seed_from_u64(seed));
    // Most of what goes wrong needs little: a few things out of their turn, in a history that is else as it was.
    let (otherwise, twice) = match chance.below(3) {
        0 => (60, 10),
        1 => (200, 30),
        _ => (400, 60),
    };
    tried(plan, changes, |run| {
        let again = chance.below(1_000) < twice;
        if chance.below(1_000) >= otherwise {
            return Choice { again, ..Choice::default() };
        }
        // What is far away is a matter of waiting, and seldom.
        let close = if chance.below(5) == 0 { run.agenda.len() } else { run.agenda.within(CLOSE) };
        let place = chance.below(close as u64) as usize;
        if chance.below(2) == 0 {
            return Choice { place, again, late: None };
        }
        let longer = BEHIND_IT_MS[chance.below(BEHIND_IT_MS.len() as u64) as usize];
        let late = run.agenda.until(place) + Duration::from_millis(longer);
        Choice { late: Some(late), ..Choice::default() }
    })
}

/// The history of this order.
pub(super) fn in_order(plan: &Arc<Plan>, changes: &Changes, order: &Order) -> Result<Tried, Failure> {
    let mut number = 0;
    tried(plan, changes, |run| {
        number += 1;
        let place = order.places.get(&number).copied().unwrap_or(0);
        Choice {
            place: place.min(run.agenda.len().saturating_sub(1)),
            again: order.again.contains(&number),
            late: order.late.get(&number).copied().map(Duration::from_millis),
        }
    })
}

fn tried(
    plan: &Arc<Plan>,
    changes: &Changes,
    mut choose: impl FnMut(&Run) -> Choice,
) -> Result<Tried, Failure> {
    let mut run = Run::new(plan, changes.clone())?;
    run.is_persistent = true;
    let (mut order, mut turns) = (Order::default(), Vec::new());
    let most = STEPS_EACH * (plan.past.events.len() + 10);
    while run.agenda.next().is_some() {
        let Choice { place, again, late } = choose(&run);
        let number = turns.len() + 1;
        if let Some(by) = late {
            let Some(what) = run.hold(by) else { break };
            order.late.insert(number, u64::try_from(by.as_millis()).unwrap_or(u64::MAX));
            turns.push(Turn::Late { what, by });
        } else {
            let again = again && run.agenda.is_hearing(place);
            let Some(step) = run.take(place, again) else { break };
            if place > 0 {
                order.places.insert(number, place);
            }
            if again {
                order.again.insert(number);
            }
            let broken = step.broken.clone();
            turns.push(Turn::Taken(step));
            if broken.is_some() {
                return Ok(Tried { order, turns, run, broken });
            }
        }
        if turns.len() > most {
            return Ok(Tried { order, turns, run, broken: Some(unending(most)) });
        }
    }
    let broken = run.at_rest();
    Ok(Tried { order, turns, run, broken })
}

fn unending(most: usize) -> Broken {
    Broken { promise: "everything comes to rest", told: format!("it has not after {most} steps") }
}

/// What is left to chance, from a seed: the same on every machine.
struct Chance(Xoshiro256PlusPlus);

impl Chance {
    /// From 0 to `end`, without it.
    fn below(&mut self, end: u64) -> u64 {
        // The high half of a product: as good as even for ends this small.
        ((u128::from(self.0.next_u64()) * u128::from(end.max(1))) >> 64) as u64
    }
}
