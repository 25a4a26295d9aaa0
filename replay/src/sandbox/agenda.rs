//! What is still to happen, by when it does.

use std::collections::BTreeMap;
use std::time::Duration;

use contracts::{OrderId, Timestamp};

use super::cards::Call;
use super::shop::Service;

/// When something happens: by the clock, then by its place on the recorded stream, then by when it was planned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    pub moment: Timestamp,
    pub sequence: u64,
    pub rank: u64,
}

/// No replay plans so much.
const BEHIND: u64 = 1 << 40;

/// One thing that happens.
pub(super) enum Step {
    /// Something from outside, by its place among the inputs.
    Input(usize),
    /// A service hears what was said, by its place in what was said.
    Hear { said: usize, service: Service, again: bool },
    /// The cards answer.
    Answer(Call),
    /// A timer goes off that was set in this replay.
    Timer(Box<expiration::Timer>),
    /// Orders looks for what is overdue, should this one still be.
    Sweep(OrderId),
}

/// A step with what was recorded of it.
pub(super) struct Planned {
    pub step: Step,
    /// What the clock says then.
    pub clock: Timestamp,
    /// The first event that was recorded of it.
    pub expects: Option<usize>,
    pub tries: u32,
}

#[derive(Default)]
pub(super) struct Agenda {
    planned: BTreeMap<Due, Planned>,
    /// What may be called off.
    timers: BTreeMap<OrderId, Due>,
    sweeps: BTreeMap<OrderId, Due>,
    ranks: u64,
}

impl Agenda {
    pub(super) fn plan(&mut self, moment: Timestamp, sequence: u64, planned: Planned) {
        self.ranks += 1;
        self.insert(Due { moment, sequence, rank: self.ranks }, planned);
    }

    /// Behind all else that happens just then.
    pub(super) fn plan_behind(&mut self, moment: Timestamp, sequence: u64, planned: Planned) {
        self.ranks += 1;
        self.insert(Due { moment, sequence, rank: BEHIND + self.ranks }, planned);
    }

    /// Has the next thing happen so much later.
    pub(super) fn hold(&mut self, late: Duration) {
        let Some((due, planned)) = self.planned.pop_first() else { return };
        self.ranks += 1;
        let due = Due { moment: due.moment + late, rank: BEHIND + self.ranks, ..due };
        let planned = Planned { clock: planned.clock + late, ..planned };
        self.insert(due, planned);
    }

    /// How long it is from the next thing to the one behind so many others.
    pub(super) fn until(&self, place: usize) -> Duration {
        let first = self.planned.keys().next();
        let other = self.planned.keys().nth(place);
        first.zip(other).map_or(Duration::ZERO, |(first, other)| other.moment.since(first.moment))
    }

    /// When the next thing happens.
    pub(super) fn next(&self) -> Option<(Due, &Planned)> {
        self.planned.first_key_value().map(|(due, planned)| (*due, planned))
    }

    pub(super) fn len(&self) -> usize {
        self.planned.len()
    }

    /// How many of the next things happen within this time.
    pub(super) fn within(&self, time: Duration) -> usize {
        let Some((first, _)) = self.next() else { return 0 };
        self.planned.keys().take_while(|due| due.moment <= first.moment + time).count()
    }

    /// Whether the one behind so many others is a message that has not come again yet.
    pub(super) fn is_hearing(&self, place: usize) -> bool {
        self.planned
            .values()
            .nth(place)
            .is_some_and(|planned| matches!(planned.step, Step::Hear { again: false, .. }))
    }

    /// Takes the one behind so many others.
    pub(super) fn take(&mut self, place: usize) -> Option<(Due, Planned)> {
        let due = *self.planned.keys().nth(place)?;
        self.planned.remove(&due).map(|planned| (due, planned))
    }

    /// The order's timer does not go off.
    pub(super) fn forget_timer(&mut self, order_id: OrderId) {
        if let Some(due) = self.timers.remove(&order_id) {
            self.planned.remove(&due);
        }
    }

    /// The order is over: it is not looked for.
    pub(super) fn forget_sweep(&mut self, order_id: OrderId) {
        if let Some(due) = self.sweeps.remove(&order_id) {
            self.planned.remove(&due);
        }
    }

    fn insert(&mut self, due: Due, planned: Planned) {
        match &planned.step {
            Step::Timer(timer) => drop(self.timers.insert(timer.order_id, due)),
            Step::Sweep(order_id) => drop(self.sweeps.insert(*order_id, due)),
            Step::Input(_) | Step::Hear { .. } | Step::Answer(_) => {}
        }
        self.planned.insert(due, planned);
    }
}

/// A time that is later, or earlier, by so many milliseconds.
pub(super) fn shifted(time: Timestamp, by_ms: i64) -> Timestamp {
    Timestamp::from_millis(time.as_millis().saturating_add(by_ms))
}

/// How many milliseconds one time is behind another.
pub(super) fn shift(now: Timestamp, then: Timestamp) -> i64 {
    now.as_millis().saturating_sub(then.as_millis())
}
