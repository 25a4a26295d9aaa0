//! One replay: step by step, what happens next, what was said, and what that leads to.

mod carrying_out;
mod planning;
mod telling;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use contracts::{Event, OrderId, Timestamp};
use eventsourcing::RawEvent;
use messaging::Message;
use uuid::Uuid;

use super::agenda::{Agenda, Due};
use super::changes::Changes;
use super::inputs;
use super::past::{Name, Names};
use super::plan::Plan;
use super::promises::{Broken, Promises};
use super::shop::Shop;
use super::world::{Machine, World};
use crate::Failure;

/// A replay under way.
pub(super) struct Run {
    plan: Arc<Plan>,
    changes: Changes,
    world: Arc<World>,
    machine: Machine,
    shop: Shop,
    pub agenda: Agenda,
    /// Inputs whose people have not seen yet what they act upon.
    waiting: BTreeSet<usize>,
    done: BTreeSet<usize>,
    names: Names,
    /// Where each stands in what was said.
    there: BTreeMap<Name, usize>,
    by_id: BTreeMap<Uuid, usize>,
    pub said: Vec<Said>,
    pub promises: Promises,
    pub notes: Vec<String>,
    pub letters: Vec<String>,
    /// What was answered where nothing was said, by what was asked.
    pub answers: BTreeMap<String, String>,
    broken: Option<Broken>,
    now: Due,
    /// People who find a ticket taken try again.
    pub is_persistent: bool,
}

/// What was said in this replay.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub message: Message,
    pub name: Name,
    /// The name of the event that caused it, where one did.
    pub cause: Option<Name>,
    pub moment: Timestamp,
    /// After all that was recorded.
    pub is_afterwards: bool,
}

/// One step, as it was taken.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub what: String,
    pub clock: Timestamp,
    /// What was said, by its place in all that was.
    pub said: std::ops::Range<usize>,
    pub came: Came,
    pub broken: Option<Broken>,
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Came {
    Done,
    Refused(String),
    NotYet(Duration),
    Poison(String),
}

impl Came {
    /// None where it was done.
    pub(super) fn in_words(&self) -> Option<String> {
        match self {
            Self::Done => None,
            Self::Refused(why) => Some(format!("refused: {why}")),
            Self::NotYet(pause) => Some(format!("not yet, again in {pause:?}")),
            Self::Poison(why) => Some(format!("cannot be followed: {why}")),
        }
    }
}

impl Run {
    pub(super) fn new(plan: &Arc<Plan>, changes: Changes) -> Result<Self, Failure> {
        let world = Arc::new(World::default());
        let mut run = Self {
            shop: Shop::new(&world, plan.lacking),
            machine: Machine::new(&world),
            plan: Arc::clone(plan),
            world,
            changes,
            agenda: Agenda::default(),
            waiting: BTreeSet::new(),
            done: BTreeSet::new(),
            names: Names::default(),
            there: BTreeMap::new(),
            by_id: BTreeMap::new(),
            said: Vec::new(),
            promises: Promises::default(),
            notes: Vec::new(),
            letters: Vec::new(),
            answers: BTreeMap::new(),
            broken: None,
            now: Due::default(),
            is_persistent: false,
        };
        run.begin()?;
        Ok(run)
    }

    fn begin(&mut self) -> Result<(), Failure> {
        let plan = Arc::clone(&self.plan);
        self.shop.remember(&mut self.machine, &plan.past.before)?;
        if let Some(first) = plan.past.events.first() {
            self.now.moment = first.moment;
        }
        self.world.set(self.now.moment);
        for entry in &plan.past.before {
            let message = inputs::message_of(entry, entry.at);
            let name = self.names.of(entry);
            self.there.insert(name.clone(), self.said.len());
            self.by_id.insert(entry.event_id, self.said.len());
            // What was broken before is not this replay's doing.
            let _ = self.promises.hear(&message);
            self.said.push(Said { message, name, cause: None, moment: entry.at, is_afterwards: false });
            self.plan_what_follows(self.said.len() - 1, Some(entry));
        }
        for (order_id, payment) in self.promises.payments.clone() {
            if payment.due().is_some() {
                self.carry_out_payment(OrderId(order_id));
            }
        }
        for input in 0..plan.inputs.given.len() {
            self.plan_input(input);
        }
        self.plan_calls();
        Ok(())
    }

    /// When the next step is taken, and whether that is after all that was recorded.
    pub(super) fn next(&self) -> Option<(Due, bool)> {
        let (due, _) = self.agenda.next()?;
        Some((due, self.is_afterwards(due)))
    }

    fn is_afterwards(&self, due: Due) -> bool {
        let last = self.plan.past.events.last().map_or(0, |last| last.entry.sequence);
        (due.moment, due.sequence) > (self.plan.past.ends_at(), last)
    }

    /// Takes the step behind so many others: with 0 the one that is due. `again` has it planned once more.
    pub(super) fn take(&mut self, place: usize, again: bool) -> Option<Taken> {
        let (due, planned) = self.agenda.take(place)?;
        let clock = if due.moment < self.now.moment { self.now.moment } else { planned.clock };
        self.now = Due { rank: due.rank, ..due.max(Due { rank: 0, ..self.now }) };
        self.world.set(clock);
        let before = self.said.len();
        let (what, mut broken, came) = self.carry_out(planned, clock, again);
        for message in self.world.take_said() {
            let found = self.note(message);
            broken = broken.or(found);
        }
        self.broken = self.broken.take().or_else(|| broken.clone());
        for said in before..self.said.len() {
            self.plan_what_follows(said, None);
        }
        self.plan_calls();
        self.plan_who_waited();
        if let Some(answered) = came.in_words() {
            self.answers.insert(what.clone(), answered);
        }
        Some(Taken { what, clock, said: before..self.said.len(), came, broken })
    }

    /// Has the next step be taken so much later. Says which it is.
    pub(super) fn hold(&mut self, late: Duration) -> Option<String> {
        let what = self.agenda.next().map(|(_, planned)| self.told(&planned.step));
        self.agenda.hold(late);
        what
    }

    /// Everything until nothing is left. Stops where `look` says so.
    pub(super) fn finish(&mut self, mut look: impl FnMut(&Self, &Taken) -> bool) {
        while let Some(taken) = self.take(0, false) {
            if look(self, &taken) {
                return;
            }
        }
    }

    /// The first promise that was broken on the way.
    pub(super) fn broken(&self) -> Option<Broken> {
        self.broken.clone()
    }

    /// What is not as promised, now that nothing is left to happen.
    pub(super) fn at_rest(&self) -> Option<Broken> {
        if let Some(letter) = self.letters.first() {
            return Some(Broken {
                promise: "no message is left that cannot be followed",
                told: letter.clone(),
            });
        }
        self.promises.at_rest(&self.shop.cards.ledger()).err()
    }

    fn note(&mut self, message: Message) -> Option<Broken> {
        let RawEvent { event_type, .. } = &message.recorded.event;
        let name = self.names.next(&message.category, message.id, event_type);
        self.there.insert(name.clone(), self.said.len());
        self.by_id.insert(message.recorded.id, self.said.len());
        let broken = self.promises.hear(&message).err();
        let is_over = message.category == "order"
            && matches!(event_type.as_str(), "OrderCancelled" | "OrderAccepted" | "OrderCompleted");
        if is_over {
            let over = OrderId(message.id);
            self.agenda.forget_sweep(over);
        }
        let cause_id = message.recorded.cause.causation_id;
        let cause = self.by_id.get(&cause_id).map(|number| &self.said[*number]);
        // What came from outside names its cause as it was recorded.
        let cause = cause.map(|said| &said.name).or_else(|| self.plan.past.name_of(cause_id)).cloned();
        let is_afterwards = self.is_afterwards(self.now);
        self.said.push(Said { message, name, cause, moment: self.now.moment, is_afterwards });
        broken
    }

    /// Everybody whose person has seen enough, and has done what they did before.
    fn may_happen(&self, number: usize) -> bool {
        let input = &self.plan.inputs.given[number];
        let did = |earlier: usize| {
            self.done.contains(&earlier)
                || self.changes.without.contains(&self.plan.inputs.given[earlier].event)
        };
        input.after.iter().all(|name| self.there.contains_key(name)) && input.after_input.is_none_or(did)
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What people did not come to do.
    pub(super) fn never_happened(&self) -> impl Iterator<Item = &Name> {
        self.waiting.iter().map(|input| &self.plan.past.events[self.plan.inputs.given[*input].event].name)
    }
}

/// What a message says, typed; none where this build cannot read it.
pub(super) fn event_of(message: &Message) -> Option<Event> {
    let RawEvent { event_type, data } = &message.recorded.event;
    Event::of_value(&message.category, event_type, data).ok()
}
