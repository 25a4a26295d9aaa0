//! How often a call came to nothing, and when it is tried again. Kept in memory: a restart begins with the first key
//! and without a pause, which is harmless.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use contracts::{OrderId, Timestamp};

use crate::payment::Call;

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

#[derive(Clone, Default)]
pub(super) struct Retries {
    entries: Arc<Mutex<BTreeMap<OrderId, Entry>>>,
}

#[derive(Default)]
struct Entry {
    failures: u32,
    not_before: Timestamp,
    /// How many keys of each call give a failure for ever.
    spent: BTreeMap<String, u32>,
}

impl Retries {
    /// The key to make the call under: its own, until the processor has failed under it.
    pub(super) fn key(&self, order_id: OrderId, call: &Call) -> String {
        let key = call.key(order_id);
        let spent = self.entries().get(&order_id).and_then(|entry| entry.spent.get(&key)).copied();
        match spent {
            None => key,
            Some(spent) => format!("{key}-again-{spent}"),
        }
    }

    /// The present key of the call is of no use any more.
    pub(super) fn spend(&self, order_id: OrderId, call: &Call) {
        *self.entries().entry(order_id).or_default().spent.entry(call.key(order_id)).or_default() += 1;
    }

    /// Nothing is due any more.
    pub(super) fn done(&self, order_id: OrderId) {
        self.entries().remove(&order_id);
    }

    /// Notes a failure, and says how long to leave it alone.
    pub(super) fn failed(&self, order_id: OrderId, now: Timestamp) -> Duration {
        let mut entries = self.entries();
        let entry = entries.entry(order_id).or_default();
        let pause = FIRST_PAUSE.saturating_mul(1 << entry.failures.min(6)).min(LONGEST_PAUSE);
        entry.failures += 1;
        entry.not_before = now + pause;
        pause
    }

    pub(super) fn is_resting(&self, order_id: OrderId, now: Timestamp) -> bool {
        self.entries().get(&order_id).is_some_and(|entry| now < entry.not_before)
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<OrderId, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
