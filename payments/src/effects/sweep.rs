//! What a crash or an absent processor left undone is found in the store and gone on with; and payments that wait for
//! the buyer are looked at, since nobody can be relied on to tell how they went.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use contracts::{OrderId, Timestamp};
use eventsourcing::{Query, Snapshot, StoreError};
use futures::StreamExt as _;

use super::Effects;
use crate::payment::Payment;
use crate::views;

/// How many payments are gone on with at once.
const AT_ONCE: usize = 8;
/// Whoever gave the command is making the call: a replica that looks at once would only make it a second time.
const GRACE: Duration = Duration::from_secs(1);
/// The pauses before a waiting payment is looked at, in seconds; the last is kept to.
const LOOKS: [u64; 6] = [2, 5, 10, 20, 40, 60];
/// Somebody who asks for a payment again and again does not make us ask the processor each time.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// When which payment is looked at next.
#[derive(Clone, Default)]
pub(super) struct Watches {
    watches: Arc<Mutex<BTreeMap<OrderId, Watch>>>,
}

struct Watch {
    /// A payment that has changed is looked at often again.
    version: u64,
    looks: usize,
    next_at: Timestamp,
    looked_at: Option<Timestamp>,
}

impl Effects {
    /// Goes on with every payment whose call is due, but those that failed a moment ago. How many are settled.
    pub(crate) async fn sweep_due(&self) -> Result<usize, StoreError> {
        let now = self.runtime.now();
        let mut due = self.all(views::due).await?;
        due.retain(|payment| payment.updated_at + GRACE <= now);
        let due = due.into_iter().map(|payment| OrderId(payment.id));
        let due: Vec<_> = due.filter(|order_id| !self.retries.is_resting(*order_id, now)).collect();
        self.each(due, Self::go_on).await
    }

    /// Looks at payments that wait for the buyer: after 2, 5, 10 … s. How many had changed.
    pub(crate) async fn sweep_waiting(&self) -> Result<usize, StoreError> {
        let waiting = self.all(views::waiting).await?;
        let due = self.watches.due(&waiting, self.runtime.now());
        self.each(due, Self::look_and_tell).await
    }

    /// Takes the step for several payments at once, each in a task of its own. How many came to something.
    async fn each<F>(&self, payments: Vec<OrderId>, step: fn(Self, OrderId) -> F) -> Result<usize, StoreError>
    where
        F: Future<Output = bool> + Send + 'static,
    {
        let steps =
            payments.into_iter().map(|order_id| self.runtime.run("payment", step(self.clone(), order_id)));
        let done = futures::stream::iter(steps).buffer_unordered(AT_ONCE);
        Ok(done.filter(|outcome| std::future::ready(*outcome == Ok(true))).count().await)
    }

    async fn go_on(self, order_id: OrderId) -> bool {
        let lane = self.lanes.lane(order_id);
        // What is left undone is logged there, and swept up again.
        match lane.try_enter() {
            Some(_alone) => self.carry_out_alone(order_id).await.is_ok(),
            None => false,
        }
    }

    /// Looks at once, for somebody who asks, unless that was done a moment ago.
    pub(crate) async fn look_for_caller(&self, payment: &Snapshot<Payment>) {
        let order_id = OrderId(payment.id);
        if payment.state.waits_for_the_buyer().is_some()
            && self.watches.is_due_for_caller(payment, self.runtime.now())
        {
            self.clone().look_and_tell(order_id).await;
        }
    }

    async fn look_and_tell(self, order_id: OrderId) -> bool {
        match self.look(order_id).await {
            Ok(has_changed) => has_changed,
            Err(unfinished) => {
                tracing::warn!(order.id = %order_id, "payment of order {order_id} cannot be looked at: {unfinished}");
                false
            }
        }
    }

    /// All documents that meet the query, page by page.
    async fn all(&self, query: fn() -> Query) -> Result<Vec<Snapshot<Payment>>, StoreError> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let query = query().after(cursor.take());
            let page = self.payments.find(&query).await?;
            let is_last = page.len() < query.limit;
            cursor = page.last().and_then(|last| query.cursor(last.id, last));
            all.extend(page);
            if is_last || cursor.is_none() {
                return Ok(all);
            }
        }
    }
}

impl Watches {
    /// Which of those that wait are to be looked at now. Those that wait no longer are forgotten.
    fn due(&self, waiting: &[Snapshot<Payment>], now: Timestamp) -> Vec<OrderId> {
        let mut watches = self.watches();
        let mut kept = BTreeMap::new();
        let mut due = Vec::new();
        for payment in waiting {
            let order_id = OrderId(payment.id);
            let mut watch = watches
                .remove(&order_id)
                .filter(|watch| watch.version == payment.version)
                .unwrap_or_else(|| Watch::new(payment));
            if watch.next_at <= now {
                watch.looked(now);
                due.push(order_id);
            }
            kept.insert(order_id, watch);
        }
        *watches = kept;
        due
    }

    fn is_due_for_caller(&self, payment: &Snapshot<Payment>, now: Timestamp) -> bool {
        let mut watches = self.watches();
        let watch = watches.entry(OrderId(payment.id)).or_insert_with(|| Watch::new(payment));
        if watch.looked_at.is_some_and(|at| now < at + LOOK_AGAIN) {
            return false;
        }
        watch.looked_at = Some(now);
        true
    }

    fn watches(&self) -> MutexGuard<'_, BTreeMap<OrderId, Watch>> {
        self.watches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch {
    fn new(payment: &Snapshot<Payment>) -> Self {
        let next_at = payment.updated_at + pause(0);
        Self { version: payment.version, looks: 0, next_at, looked_at: None }
    }

    fn looked(&mut self, now: Timestamp) {
        self.looks += 1;
        self.next_at = now + pause(self.looks);
        self.looked_at = Some(now);
    }
}

fn pause(looks: usize) -> Duration {
    Duration::from_secs(LOOKS[looks.min(LOOKS.len() - 1)])
}
