//! One at a time for each payment: within a process no call is made twice at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use contracts::OrderId;

type Lock = Arc<tokio::sync::Mutex<()>>;

#[derive(Clone, Default)]
pub(super) struct Lanes {
    locks: Arc<Mutex<BTreeMap<OrderId, Lock>>>,
}

/// The way to one payment, kept for as long as anybody is on it.
pub(super) struct Lane {
    lanes: Lanes,
    order_id: OrderId,
    lock: Lock,
}

impl Lanes {
    pub(super) fn lane(&self, order_id: OrderId) -> Lane {
        let lock = Arc::clone(self.locks().entry(order_id).or_default());
        Lane { lanes: self.clone(), order_id, lock }
    }

    fn locks(&self) -> MutexGuard<'_, BTreeMap<OrderId, Lock>> {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    pub(super) async fn enter(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.lock.lock().await
    }

    /// Unless somebody is at it already.
    pub(super) fn try_enter(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        self.lock.try_lock().ok()
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let mut locks = self.lanes.locks();
        // The map's own and this one.
        if Arc::strong_count(&self.lock) <= 2 {
            locks.remove(&self.order_id);
        }
    }
}
