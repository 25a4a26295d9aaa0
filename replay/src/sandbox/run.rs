//! One replay: step by step, what happens next, what was said, and what that leads to.

mod planning;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use contracts::{Event, OrderId, Timestamp};
use eventsourcing::{Actor, RawEvent};
use history::Entry;
use messaging::{Fault, Heard, Message};

use super::agenda::{Agenda, Due, Planned, Step};
use super::cards::{Asked, Call, Said as CardsSaid};
use super::changes::Changes;
use super::inputs::{self, Act, Inputs, Refusal};
use super::lacking::Lacking;
use super::past::{Name, Names, Past};
use super::promises::{Broken, Promises};
use super::shop::{Service, Shop};
use super::world::{Machine, World};
use crate::Failure;

/// What is tried again more often than this never comes to an end.
const TRIES: u32 = 200;
/// What cannot be followed is tried again so often before it is a dead letter.
const POISON_TRIES: u32 = 3;

/// What is replayed, for as many replays as are wanted.
pub(super) struct Plan {
    pub past: Past,
    pub inputs: Inputs,
    pub lacking: Option<Lacking>,
    ended: BTreeMap<OrderId, Timestamp>,
    expired: BTreeSet<OrderId>,
    /// What the cards say to which attempt, where a history is made up.
    #[cfg(test)]
    pub scripted: BTreeMap<(OrderId, u32), CardsSaid>,
}

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
    there: BTreeSet<Name>,
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

impl Plan {
    pub(super) fn new(past: Past, lacking: Option<Lacking>) -> Self {
        let inputs = Inputs::of(&past);
        let (mut ended, mut expired) = (BTreeMap::new(), BTreeSet::new());
        for recorded in &past.events {
            let order_id = OrderId(recorded.entry.aggregate_id);
            match recorded.entry.event_type.as_str() {
                "OrderCancelled" | "OrderCompleted" | "OrderAccepted" => {
                    ended.insert(order_id, recorded.moment);
                }
                "OrderExpired" => {
                    expired.insert(order_id);
                }
                _ => {}
            }
        }
        Self {
            past,
            inputs,
            lacking,
            ended,
            expired,
            #[cfg(test)]
            scripted: BTreeMap::new(),
        }
    }
}

impl Plan {
    /// What the cards were recorded to answer, and the event that it led to.
    fn answer_to(&self, call: &Call) -> (Option<usize>, Option<CardsSaid>) {
        #[cfg(test)]
        if let Asked::Confirm { attempt } = call.asked
            && let Some(said) = self.scripted.get(&(call.order_id, attempt))
        {
            return (None, Some(said.clone()));
        }
        inputs::recorded_answer(&self.past, call)
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
            there: BTreeSet::new(),
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
            self.there.insert(name.clone());
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
    pub(super) fn to_the_end(&mut self, mut look: impl FnMut(&Self, &Taken) -> bool) {
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

    fn carry_out(
        &mut self,
        planned: Planned,
        clock: Timestamp,
        again: bool,
    ) -> (String, Option<Broken>, Came) {
        let what = self.told(&planned.step);
        let expects = planned.expects;
        let came = match planned.step {
            Step::Input(input) => return self.give(what, input, planned.tries, clock),
            Step::Hear { said, service, again: is_again } => {
                if again && !is_again {
                    self.plan_again(said, service);
                }
                self.hear(said, service, is_again, planned.tries)
            }
            Step::Answer(call) => {
                let (order_id, said) = (call.order_id, self.plan.answer_to(&call).1);
                let matters = matches!(call.asked, Asked::Confirm { .. } | Asked::Capture);
                if said.is_none() && expects.is_none() && matters {
                    self.notes.push(format!("{what}: this was never recorded, so all is well with the card"));
                }
                let taken = self.shop.cards.answer(call, said);
                self.machine.carry_out(std::future::ready(()));
                let broken = taken.and_then(|amount| self.promises.capture(order_id.0, amount).err());
                return (what, broken, Came::Done);
            }
            Step::Timer(timer) => {
                self.world.say([super::shop::expired(&timer, clock)]);
                Came::Done
            }
            Step::Sweep(_) => self.sweep(),
        };
        (what, None, came)
    }

    fn give(
        &mut self,
        what: String,
        number: usize,
        tries: u32,
        clock: Timestamp,
    ) -> (String, Option<Broken>, Came) {
        let plan = Arc::clone(&self.plan);
        let input = &plan.inputs.given[number];
        if !self.may_happen(number) {
            self.waiting.insert(number);
            return (what, None, Came::Refused("what its person had seen has not happened".to_owned()));
        }
        let recorded = &plan.past.events[input.event];
        let order_id = OrderId(recorded.entry.aggregate_id);
        let came = match &input.act {
            Act::Timer => {
                self.world.say([inputs::message_of(&recorded.entry, clock)]);
                Came::Done
            }
            Act::Sweep => self.sweep(),
            Act::Look(said) => {
                self.shop.cards.come_back(order_id, said);
                let look = self.shop.payment_service.look(order_id);
                match self.machine.carry_out(look) {
                    Some(Err(error)) => Came::Refused(error.to_string()),
                    _ => Came::Done,
                }
            }
            Act::Command => match self.machine.carry_out(inputs::give(&self.shop, recorded, clock)) {
                Some(Ok(())) => {
                    if recorded.entry.category == "payment" {
                        self.carry_out_payment(order_id);
                    }
                    Came::Done
                }
                Some(Err(Refusal::Taken(_))) if self.is_persistent && tries < 6 => {
                    self.plan_once_more(number, tries + 1);
                    return (what, None, Came::Refused("taken; once more a moment later".to_owned()));
                }
                Some(Err(Refusal::Taken(index))) => {
                    Came::Refused(format!("another holds what {index} guards"))
                }
                Some(Err(Refusal::Rejected(why))) => Came::Refused(why),
                None => Came::Refused("it never came to an end".to_owned()),
            },
        };
        self.done.insert(number);
        (what, None, came)
    }

    fn hear(&mut self, said: usize, service: Service, again: bool, tries: u32) -> Came {
        let Ok(heard) = Heard::decode(&self.said[said].message) else {
            return Came::Poison("it cannot be decoded".to_owned());
        };
        if service == Service::Expiration {
            self.set_timer(&heard);
            return Came::Done;
        }
        let fault = match self.machine.carry_out(self.shop.hear(service, &heard)) {
            Some(Ok(())) => return Came::Done,
            Some(Err(fault)) => fault,
            None => Fault::Poison("it never came to an end".to_owned()),
        };
        match fault {
            Fault::NotYet(pause) if tries < TRIES => {
                self.plan_later(said, service, again, pause, tries + 1);
                Came::NotYet(pause)
            }
            Fault::Poison(why) | Fault::Unavailable(why) if tries < POISON_TRIES => {
                self.plan_later(said, service, again, Duration::from_secs(1), tries + 1);
                Came::Poison(why)
            }
            Fault::NotYet(_) => self.dead(said, service, "it is never the time".to_owned()),
            Fault::Poison(why) | Fault::Unavailable(why) => self.dead(said, service, why),
        }
    }

    fn dead(&mut self, said: usize, service: Service, why: String) -> Came {
        self.letters.push(format!("{} cannot follow {}: {why}", service.name(), self.said[said].name));
        Came::Poison(why)
    }

    /// What expiration does, by its own policy.
    fn set_timer(&mut self, heard: &Heard) {
        match expiration::whenever(heard, self.world.now()) {
            Some(expiration::Then::Set(timer)) => self.plan_timer(timer),
            Some(expiration::Then::Cancel(order_id)) => {
                self.agenda.retain(|step| !matches!(step, Step::Timer(timer) if timer.order_id == order_id))
            }
            Some(expiration::Then::TooLate) | None => {}
        }
    }

    fn sweep(&mut self) -> Came {
        match self.machine.carry_out(self.shop.order_service.sweep_overdue()) {
            Some(Err(error)) => Came::Refused(error.to_string()),
            _ => Came::Done,
        }
    }

    /// Makes the calls that are due; each waits for its answer, which is a step of its own.
    fn carry_out_payment(&mut self, order_id: OrderId) {
        let payments = self.shop.payment_service.clone();
        super::world::runtime(&self.world).spawn("payment", async move {
            // What is left undone is seen at rest.
            let _ = payments.carry_out(order_id).await;
        });
        self.machine.carry_out(std::future::ready(()));
    }

    fn note(&mut self, message: Message) -> Option<Broken> {
        let RawEvent { event_type, .. } = &message.recorded.event;
        let name = self.names.next(&message.category, message.id, event_type);
        self.there.insert(name.clone());
        let broken = self.promises.hear(&message).err();
        let is_over = message.category == "order"
            && matches!(event_type.as_str(), "OrderCancelled" | "OrderAccepted" | "OrderCompleted");
        if is_over {
            let over = OrderId(message.id);
            self.agenda.retain(|step| !matches!(step, Step::Sweep(order_id) if *order_id == over));
        }
        let cause_id = message.recorded.cause.causation_id;
        let cause = self.said.iter().rev().find(|said| said.message.recorded.id == cause_id);
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
        input.after.iter().all(|name| self.there.contains(name)) && input.after_input.is_none_or(did)
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What people did not come to do.
    pub(super) fn never_happened(&self) -> impl Iterator<Item = &Name> {
        self.waiting.iter().map(|input| &self.plan.past.events[self.plan.inputs.given[*input].event].name)
    }

    /// A step in words.
    pub(super) fn told(&self, step: &Step) -> String {
        match step {
            Step::Input(number) => {
                let input = &self.plan.inputs.given[*number];
                let recorded = &self.plan.past.events[input.event];
                told_input(&input.act, &recorded.entry, &recorded.name)
            }
            Step::Hear { said, service, again } => {
                let again = if *again { " again" } else { "" };
                format!("{} hears {}{again}", service.name(), self.said[*said].name)
            }
            Step::Answer(call) => {
                let order = super::past::short(call.order_id.0);
                let what = match &call.asked {
                    Asked::Create { .. } => "knows of the payment",
                    Asked::Confirm { .. } => "answers about the card",
                    Asked::Capture => "answers about the capture",
                    Asked::Cancel => "gives back what it holds",
                };
                format!("the card processor {what} of order {order}")
            }
            Step::Timer(timer) => {
                format!("the timer of order {} goes off", super::past::short(timer.order_id.0))
            }
            Step::Sweep(_) => "orders looks for what is overdue".to_owned(),
        }
    }
}

fn told_input(act: &Act, entry: &Entry, name: &Name) -> String {
    let who = match &entry.actor {
        Actor::User(user) => format!("user {}", super::past::short(user.0)),
        Actor::Service(service) => service.clone(),
    };
    match act {
        Act::Command => format!("{who} asks for {name}"),
        Act::Timer => format!("the timer of order {} goes off", super::past::short(entry.aggregate_id)),
        Act::Sweep => "orders looks for what is overdue".to_owned(),
        Act::Look(_) => format!("payments looks at order {}", super::past::short(entry.aggregate_id)),
    }
}

/// What a message says, typed; none where this build cannot read it.
pub(super) fn event_of(message: &Message) -> Option<Event> {
    let RawEvent { event_type, data } = &message.recorded.event;
    Event::of_value(&message.category, event_type, data).ok()
}
