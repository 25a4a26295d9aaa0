//! A store in memory whose commits go wrong as those of a server far away do.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use contracts::Timestamp;
use uuid::Uuid;

use crate::conformance::{Counter, CounterEvent, schema};
use crate::{
    Commit, CommitError, Decider, EventStore, Head, Loaded, MemoryStore, Outbox, Query, RawEvent, Recorded,
    Snapshot, StoreError, Tail,
};

/// What happens to a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Applied, and the answer lost.
    Applied,
    /// Lost on the way.
    NotApplied,
    /// Reported as unknown, and applied before the next read.
    AppliedBeforeTheNextRead,
    /// Reported as unknown, and applied after the next read, before the next commit.
    AppliedBeforeTheNextCommit,
    /// Reported as unknown, and arriving when the next commit is through.
    AppliedAfterTheNextCommit,
}

pub(super) struct FaultyStore {
    store: MemoryStore<Counter>,
    faults: Mutex<VecDeque<Fault>>,
    late: Mutex<Vec<(Fault, Owned)>>,
}

struct Owned {
    id: Uuid,
    expected_version: u64,
    state: Counter,
    private: Option<<Counter as Decider>::Private>,
    events: Vec<Recorded<CounterEvent>>,
    at: Timestamp,
}

impl FaultyStore {
    /// The first commits go wrong in this way, the others succeed.
    pub(super) fn new(faults: impl IntoIterator<Item = Fault>) -> Self {
        let faults = Mutex::new(faults.into_iter().collect());
        Self { store: MemoryStore::new(schema()), faults, late: Mutex::default() }
    }

    async fn arrive(&self, when: Fault) {
        let (arriving, waiting) = std::mem::take(&mut *self.late.lock().unwrap())
            .into_iter()
            .partition(|(fault, _)| *fault == when);
        *self.late.lock().unwrap() = waiting;
        let arriving: Vec<(Fault, Owned)> = arriving;
        for (_, commit) in arriving {
            // What comes too late is refused, and nobody hears of it.
            let _ = self.store.commit(commit.borrowed()).await;
        }
    }
}

impl Owned {
    fn of(commit: &Commit<'_, Counter>) -> Self {
        Self {
            id: commit.id,
            expected_version: commit.expected_version,
            state: commit.state.clone(),
            private: commit.private.cloned(),
            events: commit.events.to_vec(),
            at: commit.at,
        }
    }

    fn borrowed(&self) -> Commit<'_, Counter> {
        Commit {
            id: self.id,
            expected_version: self.expected_version,
            state: &self.state,
            private: self.private.as_ref(),
            events: &self.events,
            at: self.at,
        }
    }
}

#[async_trait]
impl EventStore<Counter> for FaultyStore {
    async fn load(&self, id: Uuid) -> Result<Option<Loaded<Counter>>, StoreError> {
        self.arrive(Fault::AppliedBeforeTheNextRead).await;
        self.store.load(id).await
    }

    async fn commit(&self, commit: Commit<'_, Counter>) -> Result<(), CommitError> {
        let Some(fault) = self.faults.lock().unwrap().pop_front() else {
            self.arrive(Fault::AppliedBeforeTheNextCommit).await;
            let outcome = self.store.commit(commit).await;
            self.arrive(Fault::AppliedAfterTheNextCommit).await;
            return outcome;
        };
        match fault {
            Fault::Applied => self.store.commit(commit).await?,
            Fault::NotApplied => {}
            late => self.late.lock().unwrap().push((late, Owned::of(&commit))),
        }
        Err(CommitError::Unknown("the connection was lost".to_owned()))
    }

    async fn archived_cause(&self, id: Uuid, causation_id: Uuid) -> Result<bool, StoreError> {
        self.store.archived_cause(id, causation_id).await
    }

    async fn find(&self, query: &Query) -> Result<Vec<Snapshot<Counter>>, StoreError> {
        self.store.find(query).await
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.store.count(query).await
    }
}

#[async_trait]
impl Outbox for FaultyStore {
    fn category(&self) -> &'static str {
        self.store.category()
    }

    async fn unpublished(
        &self,
        before: Timestamp,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Uuid>, StoreError> {
        self.store.unpublished(before, after, limit).await
    }

    async fn head(&self, id: Uuid) -> Result<Option<Head>, StoreError> {
        self.store.head(id).await
    }

    async fn events_from(&self, id: Uuid, version: u64) -> Result<Vec<Recorded<RawEvent>>, StoreError> {
        self.store.events_from(id, version).await
    }

    async fn mark_published(&self, id: Uuid, version: u64) -> Result<(), StoreError> {
        self.store.mark_published(id, version).await
    }

    async fn archive(&self, id: Uuid, keep: usize) -> Result<(), StoreError> {
        self.store.archive(id, keep).await
    }

    async fn changed_since(
        &self,
        since: Option<Timestamp>,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Tail>, StoreError> {
        self.store.changed_since(since, after, limit).await
    }
}
