//! Wakes whoever waits for an aggregate to change, whichever replica changes it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::StreamExt as _;
use runtime::Runtime;
use tokio::sync::watch;
use uuid::Uuid;

use crate::Bus;

/// A message on the way may be lost, so the store is looked at this often all the same.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
const PAUSE_AFTER_LOSS: Duration = Duration::from_millis(500);

/// Who waits for which aggregate. One plain subscription a replica serves them all.
#[derive(Clone)]
pub struct Changes {
    runtime: Runtime,
    waiting: Arc<Mutex<BTreeMap<Uuid, watch::Sender<u64>>>>,
}

/// One who waits. Made before the command is given, so that nothing is missed.
pub struct Watch {
    changes: Changes,
    id: Uuid,
    signal: watch::Receiver<u64>,
}

impl Changes {
    pub fn new(runtime: Runtime) -> Self {
        Self { runtime, waiting: Arc::default() }
    }

    /// Passes on what is published in this category, for as long as it is polled.
    pub async fn follow(&self, bus: &dyn Bus, category: &str) {
        loop {
            match bus.follow(category).await {
                Ok(mut messages) => {
                    while let Some(message) = messages.next().await {
                        self.changed(message.id);
                    }
                }
                Err(error) => tracing::debug!(%error, category, "cannot follow"),
            }
            self.runtime.sleep(PAUSE_AFTER_LOSS).await;
        }
    }

    pub fn watch(&self, id: impl Into<Uuid>) -> Watch {
        let id = id.into();
        let mut waiting = self.waiting();
        let signal = waiting.entry(id).or_insert_with(|| watch::channel(0).0).subscribe();
        Watch { changes: self.clone(), id, signal }
    }

    fn changed(&self, id: Uuid) {
        if let Some(sender) = self.waiting().get(&id) {
            sender.send_modify(|count| *count += 1);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<Uuid, watch::Sender<u64>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch {
    /// Probes at each change, and now and then besides, until there is an answer or the time is over.
    pub async fn until<T, E>(
        &mut self,
        limit: Duration,
        mut probe: impl AsyncFnMut() -> Result<Option<T>, E>,
    ) -> Result<Option<T>, E> {
        let runtime = self.changes.runtime.clone();
        let deadline = runtime.now() + limit;
        loop {
            self.signal.mark_unchanged();
            if let Some(answer) = probe().await? {
                return Ok(Some(answer));
            }
            let left = deadline.since(runtime.now());
            if left.is_zero() {
                return Ok(None);
            }
            // Either way it is time to look.
            let _ = runtime.timeout(left.min(LOOK_AGAIN), self.signal.changed()).await;
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut waiting = self.changes.waiting();
        // This one's own receiver is still counted.
        if waiting.get(&self.id).is_some_and(|sender| sender.receiver_count() <= 1) {
            waiting.remove(&self.id);
        }
    }
}
