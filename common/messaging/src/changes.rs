//! Wakes whoever waits for an aggregate to change, whichever replica changes it.

mod newest;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use eventsourcing::{AfterCommit, Committed, Outbox};
use futures::StreamExt as _;
use runtime::Runtime;
use tokio::sync::watch;
use uuid::Uuid;

use crate::{Bus, Relay};

pub use newest::Newest;

/// A message on the way may be lost, so the store is looked at this often all the same.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
const PAUSE_AFTER_LOSS: Duration = Duration::from_millis(500);

/// Who waits for which aggregates. One plain subscription a replica serves them all.
#[derive(Clone)]
pub struct Changes {
    runtime: Runtime,
    waiting: Arc<Mutex<Waiting>>,
}

/// By aggregate, the highest version that is known to be committed.
type Versions = BTreeMap<Uuid, u64>;

#[derive(Default)]
struct Waiting {
    /// By aggregate, and by the number of who waits for it.
    watches: BTreeMap<(Uuid, u64), watch::Sender<Versions>>,
    /// How many there were so far.
    numbered: u64,
}

/// Puts commits on the bus, and wakes those of this replica who wait for them without the way over the bus.
pub struct Announcer {
    pub changes: Changes,
    pub relay: Arc<Relay>,
}

/// One who waits. Made before the command is given, so that nothing is missed.
pub struct Watch {
    changes: Changes,
    ids: BTreeSet<Uuid>,
    number: u64,
    signal: watch::Receiver<Versions>,
}

#[async_trait]
impl AfterCommit for Announcer {
    async fn committed(&self, outbox: &dyn Outbox, id: Uuid, committed: Committed) {
        let version = committed.events.last().map_or(0, |event| event.version);
        self.changes.changed(id, version);
        self.relay.committed(outbox, id, committed).await;
    }
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
                        self.changed(message.id, message.recorded.version);
                    }
                }
                Err(error) => tracing::debug!(%error, category, "cannot follow"),
            }
            self.runtime.sleep(PAUSE_AFTER_LOSS).await;
        }
    }

    pub fn watch(&self, id: impl Into<Uuid>) -> Watch {
        self.watch_all([id.into()])
    }

    pub fn watch_all(&self, ids: impl IntoIterator<Item = Uuid>) -> Watch {
        let ids = BTreeSet::from_iter(ids);
        let (sender, signal) = watch::channel(Versions::new());
        let mut waiting = self.waiting();
        waiting.numbered += 1;
        let number = waiting.numbered;
        waiting.watches.extend(ids.iter().map(|id| ((*id, number), sender.clone())));
        Watch { changes: self.clone(), ids, number, signal }
    }

    fn changed(&self, id: Uuid, version: u64) {
        for (_, sender) in self.waiting().watches.range((id, 0)..=(id, u64::MAX)) {
            sender.send_if_modified(|known| {
                let known = known.entry(id).or_default();
                std::mem::replace(known, version.max(*known)) < version
            });
        }
    }

    /// How many aggregates are waited for, each as often as it is.
    #[cfg(test)]
    pub(crate) fn watched(&self) -> usize {
        self.waiting().watches.len()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch {
    /// Probes when an aggregate has another version than was `seen`, and now and then besides, until there is an
    /// answer or the time is over.
    pub async fn until<T, E>(
        &mut self,
        limit: Duration,
        mut seen: u64,
        mut probe: impl AsyncFnMut() -> Result<Option<T>, E>,
    ) -> Result<Option<T>, E> {
        let runtime = self.changes.runtime.clone();
        let deadline = runtime.now() + limit;
        loop {
            let left = deadline.since(runtime.now());
            let newer = self.signal.wait_for(|known| known.values().any(|version| *version > seen));
            let newer = runtime.timeout(left.min(LOOK_AGAIN), newer).await;
            if let Some(known) = newer.ok().and_then(Result::ok) {
                seen = known.values().copied().max().unwrap_or(seen);
            }
            let answer = probe().await?;
            if answer.is_some() || left.is_zero() {
                return Ok(answer);
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut waiting = self.changes.waiting();
        for id in &self.ids {
            waiting.watches.remove(&(*id, self.number));
        }
    }
}
