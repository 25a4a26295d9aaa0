//! What is in hand, and the word to the bus that it still is. So the bus may wait for an answer only a short while:
//! what a killed process had in hand comes to another one soon, and what takes long comes to nobody twice.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use runtime::Runtime;

use crate::Receipt;

const TELL_EVERY: Duration = Duration::from_secs(1);

/// Messages in hand by their sequence. Clones are one.
#[derive(Clone, Default)]
pub(super) struct Holding {
    receipts: Arc<Mutex<BTreeMap<u64, Arc<dyn Receipt>>>>,
}

impl Holding {
    pub(super) fn hold(&self, sequence: u64, receipt: &Arc<dyn Receipt>) {
        self.receipts().insert(sequence, Arc::clone(receipt));
    }

    /// Before it is answered: afterwards the bus must not hear that it is in hand.
    pub(super) fn let_go(&self, sequence: u64) {
        self.receipts().remove(&sequence);
    }

    /// For as long as it is polled.
    pub(super) async fn tell(&self, runtime: &Runtime) {
        loop {
            runtime.sleep(TELL_EVERY).await;
            let held: Vec<Arc<dyn Receipt>> = self.receipts().values().cloned().collect();
            // A word that is lost only means another delivery.
            join_all(held.iter().map(|receipt| receipt.in_hand())).await;
        }
    }

    fn receipts(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<dyn Receipt>>> {
        self.receipts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
