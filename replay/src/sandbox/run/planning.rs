//! When what follows happens: when it was recorded to, later by as much as its cause came later; and what never was
//! recorded, a moment after its cause.

use std::time::Duration;

use contracts::orders::OrderEvent;
use contracts::{Event, OrderId, Timestamp};
use expiration::Timer;
use history::Entry;
use messaging::Heard;

use super::{Run, event_of};
use crate::sandbox::agenda::{Planned, Step, shift, shifted};
use crate::sandbox::inputs;
use crate::sandbox::shop::Service;

/// How long a message takes of which nothing was recorded.
const LATENCY: Duration = Duration::from_millis(3);
/// What was said so shortly before the recording's end may be heard after it.
const UNSEEN: Duration = Duration::from_secs(2);
/// How often orders looks for what is overdue, as the service has it; and a moment, for what is due just then.
const SWEEP: Duration = Duration::from_millis(15_001);
/// By then expiration has heard that an order is over.
const LOST: Duration = Duration::from_secs(1);
/// What was recorded so much later than it might have come is what came.
const LATE: Duration = Duration::from_secs(60);

impl Run {
    /// An input at its own time.
    pub(super) fn plan_input(&mut self, number: usize) {
        let event = self.plan.inputs.given[number].event;
        self.plan_recorded(event, 0, Step::Input(number));
    }

    /// A step that was recorded to say this, by `shift_ms` later. What is not to happen is not planned.
    fn plan_recorded(&mut self, event: usize, shift_ms: i64, step: Step) {
        if self.changes.without.contains(&event) {
            return;
        }
        let place = self.changes.instead.get(&event).copied().unwrap_or(event);
        let late = self.changes.delay.get(&event).copied().unwrap_or_default();
        let recorded = &self.plan.past.events[place];
        let moment = shifted(recorded.moment, shift_ms) + late;
        let clock = shifted(recorded.clock, shift_ms) + late;
        let sequence = recorded.entry.sequence;
        self.agenda.plan(moment, sequence, Planned { step, clock, expects: Some(event), tries: 0 });
    }

    /// A step that nobody recorded.
    fn plan_at(&mut self, moment: Timestamp, step: Step, tries: u32) {
        let sequence = self.now.sequence;
        self.agenda.plan(moment, sequence, Planned { step, clock: moment, expects: None, tries });
    }

    /// Everybody who hears it; `before` is where it was said before the replay began.
    pub(super) fn plan_what_follows(&mut self, said: usize, before: Option<&Entry>) {
        self.plan_sweep(said);
        let (category, event_type) = {
            let message = &self.said[said].message;
            (message.category.clone(), message.recorded.event.event_type.clone())
        };
        for service in Service::ALL {
            if !self.shop.hears(service, &category, &event_type) {
                continue;
            }
            match before {
                Some(entry) => self.plan_hearing_of_before(said, service, entry),
                None => self.plan_hearing(said, service),
            }
        }
    }

    fn plan_hearing(&mut self, said: usize, service: Service) {
        let step = |again| Step::Hear { said, service, again };
        let Some(number) = self.plan.past.by_name(&self.said[said].name) else {
            return self.plan_at(self.now.moment + LATENCY, step(false), 0);
        };
        let recorded = &self.plan.past.events[number];
        let shift_ms = shift(self.said[said].moment, recorded.moment);
        let is_twice = self.changes.twice.contains(&number);
        let effects = self.plan.past.effects(recorded.entry.event_id, service.name());
        // What expiration says it says by a timer, later.
        let effects: Vec<usize> = effects.filter(|_| service != Service::Expiration).collect();
        if let Some(lost) = effects.iter().find(|effect| self.changes.without.contains(effect)) {
            let lost = &self.plan.past.events[*lost].name;
            let told = format!("{} never hears {}: {lost} is not said", service.name(), self.said[said].name);
            self.notes.push(told);
            return;
        }
        match effects.first() {
            Some(first) => {
                self.plan_recorded(*first, shift_ms, step(false));
                if is_twice {
                    self.plan_recorded(*first, shift_ms + 1, step(true));
                }
            }
            None => {
                let (moment, sequence) = self.unseen(said, service, number);
                let moment = shifted(moment, shift_ms);
                for again in std::iter::once(false).chain(is_twice.then_some(true)) {
                    let planned = Planned { step: step(again), clock: moment, expects: None, tries: 0 };
                    self.agenda.plan_behind(moment, sequence, planned);
                }
            }
        }
    }

    /// When a service heard what it did nothing about: behind all that its aggregate said later, for that may be why, and
    /// what has ended stays so. What was said at the recording's end may not have been heard when it was taken.
    fn unseen(&self, said: usize, service: Service, number: usize) -> (Timestamp, u64) {
        let past = &self.plan.past;
        let recorded = &past.events[number];
        let own = (recorded.moment, recorded.entry.sequence);
        if service == Service::Expiration {
            return own;
        }
        if recorded.moment + UNSEEN > past.ends_at() {
            return (past.ends_at().max(recorded.moment), u64::MAX);
        }
        let lane = Heard::decode(&self.said[said].message).map(|heard| self.shop.lane(service, &heard));
        let Ok(lane) = lane else { return own };
        let behind = past.under(lane).map(|(at, later)| (at > number, later));
        let behind = behind.filter(|(is_later, it)| *is_later && it.entry.service == Some(service.name()));
        behind.map(|(_, later)| (later.moment, later.entry.sequence)).max().unwrap_or(own)
    }

    /// What was said before, and heard only now.
    fn plan_hearing_of_before(&mut self, said: usize, service: Service, entry: &Entry) {
        if service == Service::Expiration {
            if let Ok(heard) = Heard::decode(&self.said[said].message) {
                self.set_timer(&heard);
            }
            return;
        }
        let first = self.plan.past.effects(entry.event_id, service.name()).next();
        if let Some(effect) = first {
            self.plan_recorded(effect, 0, Step::Hear { said, service, again: false });
        }
    }

    /// A message that comes once more, a moment later.
    pub(super) fn plan_again(&mut self, said: usize, service: Service) {
        self.plan_at(self.now.moment + LATENCY, Step::Hear { said, service, again: true }, 0);
    }

    /// A message that came too early: when it was recorded to have had an effect, or after its pause.
    pub(super) fn plan_later(
        &mut self,
        said: usize,
        service: Service,
        again: bool,
        pause: Duration,
        tries: u32,
    ) {
        let soonest = self.now.moment + pause.max(Duration::from_millis(1));
        let past = &self.plan.past;
        let recorded = past.by_name(&self.said[said].name).map(|number| past.events[number].entry.event_id);
        let effect = recorded.and_then(|event_id| {
            past.effects(event_id, service.name()).map(|effect| &past.events[effect]).find(|effect| {
                effect.moment > self.now.moment
                    && effect.moment <= soonest + LATE
                    && !self.there.contains_key(&effect.name)
            })
        });
        let step = Step::Hear { said, service, again };
        match effect {
            Some(effect) if self.changes == super::Changes::default() => {
                let (moment, clock, sequence) = (effect.moment, effect.clock, effect.entry.sequence);
                self.agenda.plan(moment, sequence, Planned { step, clock, expects: None, tries });
            }
            _ => self.plan_at(soonest, step, tries),
        }
    }

    pub(super) fn plan_once_more(&mut self, number: usize, tries: u32) {
        self.plan_at(self.now.moment + Duration::from_millis(700), Step::Input(number), tries);
    }

    /// Inputs whose people have seen now what they act upon, as long after it as they took then.
    pub(super) fn plan_who_waited(&mut self) {
        let ready: Vec<usize> =
            self.waiting.iter().copied().filter(|input| self.may_happen(*input)).collect();
        for number in ready {
            self.waiting.remove(&number);
            let input = &self.plan.inputs.given[number];
            let past = &self.plan.past;
            let seen = input.after.iter().filter_map(|name| past.by_name(name));
            let seen = seen.chain(input.after_input.map(|earlier| self.plan.inputs.given[earlier].event));
            let seen = seen.map(|event| past.events[event].moment).max();
            let took = seen.map_or(LATENCY, |seen| past.events[input.event].moment.since(seen));
            self.plan_at(self.now.moment + took, Step::Input(number), 0);
        }
    }

    /// One that was recorded to go off does so then; the others when they are due.
    pub(super) fn plan_timer(&mut self, timer: Timer) {
        let order_id = timer.order_id;
        if self.plan.expired.contains(&order_id) {
            return;
        }
        self.agenda.forget_timer(order_id);
        // One that did not go off though its order was open was lost; the order ended all the same.
        let ended = self.plan.ended.get(&order_id).copied().filter(|ended| *ended > timer.due_at);
        let due = ended.map_or(timer.due_at, |ended| ended + LOST).max(self.now.moment);
        self.plan_at(due, Step::Timer(Box::new(timer)), 0);
    }

    /// Orders that nobody ends are found.
    fn plan_sweep(&mut self, said: usize) {
        let message = &self.said[said].message;
        let order_id = OrderId(message.id);
        let Some(Event::Order(OrderEvent::OrderCreated(created))) = event_of(message) else { return };
        let recorded = self.plan.ended.get(&order_id).copied().unwrap_or_default();
        let moment = (created.expires_at + SWEEP).max(recorded + SWEEP).max(self.now.moment);
        self.plan_at(moment, Step::Sweep(order_id), 0);
    }

    /// The cards answer each call that was made: when they were recorded to, or a moment after.
    pub(super) fn plan_calls(&mut self) {
        for call in self.shop.cards.asked() {
            let (number, _) = self.plan.answer_to(&call);
            let order_id = call.order_id;
            let recorded =
                number.filter(|number| !self.there.contains_key(&self.plan.past.events[*number].name));
            if let Some(number) = recorded {
                let shift_ms = self.shift_of_payment(number, order_id);
                self.plan_recorded(number, shift_ms, Step::Answer(call));
                continue;
            }
            let (moment, sequence) = self.unseen_answer(order_id);
            let planned = Planned { step: Step::Answer(call), clock: moment, expects: None, tries: 0 };
            self.agenda.plan_behind(moment, sequence, planned);
        }
    }

    /// By how much later than recorded the payment said what it said before this.
    fn shift_of_payment(&self, number: usize, order_id: OrderId) -> i64 {
        let asked = self.plan.past.of_payment(order_id.0).rev().find(|(at, _)| *at < number);
        let said = asked.and_then(|(_, asked)| {
            let said = *self.there.get(&asked.name)?;
            Some(shift(self.said[said].moment, asked.moment))
        });
        said.unwrap_or(0)
    }

    /// An answer that led to nothing came behind what the payment said next, which is why.
    fn unseen_answer(&self, order_id: OrderId) -> (Timestamp, u64) {
        let next = self.plan.past.of_payment(order_id.0).map(|(_, recorded)| recorded).find(|recorded| {
            !self.there.contains_key(&recorded.name)
                && recorded.moment >= self.now.moment
                && inputs::said(&recorded.entry).is_none()
        });
        match next {
            Some(next) => (next.moment, next.entry.sequence),
            None => (self.now.moment + LATENCY, self.now.sequence),
        }
    }
}
