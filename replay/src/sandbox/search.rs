//! All orders in which a history could have happened, at random under a seed, until a promise is broken: a message is
//! late, or comes twice; a person is slow. What causes comes before what it causes in every one of them.

pub(super) mod order;
mod shrink;

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng as _, SeedableRng as _};

use super::changes::Changes;
use super::promises::Broken;
use super::run::{Plan, Run, Taken};
use crate::Failure;
use order::Order;

/// What comes within this time of the next thing may come before it.
const CLOSE: Duration = Duration::from_secs(60);
/// A history in which more happens than this for each event that was recorded does not come to rest.
const STEPS_EACH: usize = 50;

/// One history as it was tried.
pub(super) struct Tried {
    pub order: Order,
    pub taken: Vec<Taken>,
    /// What was said, and what was found to be broken by it.
    pub run: Run,
    pub broken: Option<Broken>,
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
            let shrunk_from = tried.taken.len();
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
    let (out_of_turn, twice) = match chance.below(3) {
        0 => (60, 10),
        1 => (200, 30),
        _ => (500, 60),
    };
    tried(plan, changes, |run| {
        let close = if chance.below(20) == 0 { run.agenda.len() } else { run.agenda.within(CLOSE) };
        let place = match chance.below(1_000) < out_of_turn {
            true => chance.below(close as u64) as usize,
            false => 0,
        };
        let again = chance.below(1_000) < twice;
        (place, again)
    })
}

/// The history of this order.
pub(super) fn in_order(plan: &Arc<Plan>, changes: &Changes, order: &Order) -> Result<Tried, Failure> {
    let mut number = 0;
    tried(plan, changes, |run| {
        number += 1;
        let place = order.places.get(&number).copied().unwrap_or(0);
        (place.min(run.agenda.len().saturating_sub(1)), order.again.contains(&number))
    })
}

fn tried(
    plan: &Arc<Plan>,
    changes: &Changes,
    mut choose: impl FnMut(&Run) -> (usize, bool),
) -> Result<Tried, Failure> {
    let mut run = Run::new(plan, changes.clone())?;
    run.is_persistent = true;
    let (mut order, mut taken) = (Order::default(), Vec::new());
    let most = STEPS_EACH * (plan.past.events.len() + 10);
    while run.agenda.next().is_some() {
        let (place, again) = choose(&run);
        let again = again && run.agenda.is_hearing(place);
        let Some(step) = run.take(place, again) else { break };
        let number = taken.len() + 1;
        if place > 0 {
            order.places.insert(number, place);
        }
        if again {
            order.again.insert(number);
        }
        let broken = step.broken.clone();
        taken.push(step);
        if broken.is_some() || taken.len() > most {
            let broken = broken.or_else(|| Some(unending(most)));
            return Ok(Tried { order, taken, run, broken });
        }
    }
    let broken = run.at_rest();
    Ok(Tried { order, taken, run, broken })
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
