//! From a history that breaks a promise to a smaller one that breaks the same: fewer people's deeds, then fewer things out
//! of their turn.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::order::Order;
use super::{Tried, at_random, in_order};
use crate::Failure;
use crate::sandbox::changes::Changes;
use crate::sandbox::plan::Plan;
use crate::sandbox::promises::Broken;

/// How many histories are tried without a deed before it is thought to be needed.
const TRIES: u64 = 60;
/// How many are tried for one that is closer to what was recorded.
const CLOSER: u64 = 200;

pub(super) fn shrink(
    plan: &Arc<Plan>,
    found: Tried,
    changes: &Changes,
    broken: &Broken,
    seed: u64,
) -> Result<(Tried, Changes), Failure> {
    let mut shrinking = Shrinking { plan, promise: broken.promise, best: found, changes: changes.clone() };
    shrinking.straighten()?;
    shrinking.fewer_deeds(seed)?;
    shrinking.closer(seed)?;
    let Shrinking { best, changes, .. } = shrinking;
    Ok((best, changes))
}

struct Shrinking<'a> {
    plan: &'a Arc<Plan>,
    promise: &'static str,
    best: Tried,
    changes: Changes,
}

impl Shrinking<'_> {
    fn breaks(&self, tried: &Tried) -> bool {
        tried.broken.as_ref().is_some_and(|broken| broken.promise == self.promise)
    }

    /// Without what somebody did: another order may be needed for it then.
    fn fewer_deeds(&mut self, seed: u64) -> Result<(), Failure> {
        let deeds: Vec<usize> = self.plan.inputs.given.iter().map(|input| input.event).collect();
        for deed in deeds.into_iter().rev() {
            let mut changes = self.changes.clone();
            if !changes.without.insert(deed) {
                continue;
            }
            let mut without = in_order(self.plan, &changes, &self.best.order)?;
            for number in 1..=TRIES {
                if self.breaks(&without) {
                    break;
                }
                without = at_random(self.plan, &changes, seed.wrapping_add(number))?;
            }
            if self.breaks(&without) {
                self.changes = changes;
                self.best = without;
                self.straighten()?;
            }
        }
        Ok(())
    }

    /// Others may be closer to what was recorded.
    fn closer(&mut self, seed: u64) -> Result<(), Failure> {
        for number in 1..=CLOSER {
            if self.best.order.changes() <= 1 {
                return Ok(());
            }
            let other = at_random(self.plan, &self.changes, seed.wrapping_add(TRIES + number))?;
            if !self.breaks(&other) {
                continue;
            }
            let mut others = Shrinking {
                plan: self.plan,
                promise: self.promise,
                best: other,
                changes: self.changes.clone(),
            };
            others.straighten()?;
            if weight(&others.best) < weight(&self.best) {
                self.best = others.best;
            }
        }
        Ok(())
    }

    /// Takes back, one by one and while it helps, what is out of its turn.
    fn straighten(&mut self) -> Result<(), Failure> {
        loop {
            let before = weight(&self.best);
            let order = self.best.order.clone().until(self.best.turns.len());
            let numbers: BTreeSet<usize> =
                order.places.keys().chain(order.late.keys()).chain(&order.again).copied().collect();
            for number in numbers.into_iter().rev() {
                self.try_without(number)?;
            }
            if weight(&self.best) >= before {
                return Ok(());
            }
        }
    }

    fn try_without(&mut self, number: usize) -> Result<(), Failure> {
        let mut plainer: Vec<Order> = Vec::new();
        let order = self.best.order.clone().until(self.best.turns.len());
        if let Some(place) = order.places.get(&number).copied() {
            let mut without = order.clone();
            without.places.remove(&number);
            plainer.push(without);
            if place > 1 {
                let mut less = order.clone();
                less.places.insert(number, place - 1);
                plainer.push(less);
            }
        }
        if let Some(late_ms) = order.late.get(&number).copied() {
            let mut without = order.clone();
            without.late.remove(&number);
            plainer.push(without);
            for less_ms in [late_ms / 10, late_ms / 2, late_ms - late_ms / 10] {
                let mut less = order.clone();
                less.late.insert(number, less_ms);
                plainer.push(less);
            }
        }
        if order.again.contains(&number) {
            let mut without = order;
            without.again.remove(&number);
            plainer.push(without);
        }
        // What is taken back may have taken a turn of its own, or leave one to another.
        let moved = |order: &Order| [order.clone(), order.moved(number, -1), order.moved(number, 1)];
        for order in plainer.iter().flat_map(moved) {
            let tried = in_order(self.plan, &self.changes, &order)?;
            if self.breaks(&tried) && weight(&tried) < weight(&self.best) {
                self.best = tried;
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Fewer changes first, then smaller ones, then fewer steps.
fn weight(tried: &Tried) -> (usize, u64, usize) {
    let order = &tried.order;
    let places: u64 = order.places.values().map(|place| *place as u64).sum();
    (order.changes(), places + order.late.values().sum::<u64>(), tried.turns.len())
}
