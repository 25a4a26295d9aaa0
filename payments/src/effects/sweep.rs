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
    /// Goes on with every payment whose call is due, but those that failed a moment ago. How many it touched.
    pub(crate) async fn sweep_due(&self) -> Result<usize, StoreError> {
        let now = self.runtime.now();
        let due: Vec<_> = self
            .all(views::due)
            .await?
            .iter()
            .filter(|payment| payment.updated_at + GRACE <= now)
            .map(|payment| OrderId(payment.id))
            .filter(|order_id| !self.retries.is_resting(*order_id, now))
            .collect();
        let count = due.len();
        futures::stream::iter(due)
            .for_each_concurrent(AT_ONCE, async |order_id| {
                let lane = self.lanes.lane(order_id);
                if let Some(_alone) = lane.try_enter() {
                    // What is left undone is logged there, and swept up again.
                    let _ = self.carry_out_alone(order_id).await;
                }
            })
            .await;
        Ok(count)
    }

    /// Looks at payments that wait for the buyer: after 2, 5, 10 … s. How many it looked at.
    pub(crate) async fn sweep_waiting(&self) -> Result<usize, StoreError> {
        let now = self.runtime.now();
        let waiting = self.all(views::waiting).await?;
        let due = self.watches.due(&waiting, now);
        let count = due.len();
        futures::stream::iter(due)
            .for_each_concurrent(AT_ONCE, async |order_id| self.look_and_tell(order_id).await)
            .await;
        Ok(count)
    }

    /// Looks at once, for somebody who asks, unless that was done a moment ago.
    pub(crate) async fn look_for_caller(&self, payment: &Snapshot<Payment>) {
        let order_id = OrderId(payment.id);
        if payment.state.waits_for_the_buyer().is_some()
            && self.watches.is_due_for_caller(payment, self.runtime.now())
        {
            self.look_and_tell(order_id).await;
        }
    }

    async fn look_and_tell(&self, order_id: OrderId) {
        if let Err(unfinished) = self.look(order_id).await {
            tracing::warn!(order.id = %order_id, "payment of order {order_id} cannot be looked at: {unfinished}");
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
