//! A service's documents, at the far end of a network.

use std::sync::Arc;

use async_trait::async_trait;
use contracts::Timestamp;
use eventsourcing::{
    Commit, CommitError, EventStore, Head, Loaded, MemoryStore, Outbox, Query, RawEvent, Recorded, Snapshot,
    StoreError, Tail,
};
use futures::FutureExt as _;
use uuid::Uuid;

use super::link::{Link, Lost};
use crate::audit::Watched;
use crate::faults::Fault;
use crate::machine::OUTSIDE;
use crate::mutant::Mutant;
use crate::sometimes::Sometimes;
use crate::world::World;

/// One process's view of the documents of one category.
pub(crate) struct SimulatedStore<D: Watched> {
    inner: Arc<MemoryStore<D>>,
    link: Link,
    hasty: Option<Hasty<D>>,
}

/// What a mutant does before a commit that it should do after.
pub(crate) type Hasty<D> = Arc<dyn Fn(&Commit<'_, D>) + Send + Sync>;

/// A commit that goes on without whoever made it.
struct Owned<D: Watched> {
    id: Uuid,
    expected_version: u64,
    state: D,
    private: Option<D::Private>,
    events: Vec<Recorded<D::Event>>,
    at: Timestamp,
}

impl<D: Watched> SimulatedStore<D> {
    pub(crate) fn new(inner: Arc<MemoryStore<D>>, link: Link, hasty: Option<Hasty<D>>) -> Self {
        Self { inner, link, hasty }
    }

    /// What the server does about a commit that has arrived.
    fn carry_out(&self, commit: Commit<'_, D>) -> Result<(), CommitError> {
        let world = &self.link.world;
        let told = Commit { ..copy(&commit) };
        let commit = if world.lacks(Mutant::VersionCheck) {
            let head = self.inner.head(commit.id).now_or_never().and_then(Result::ok).flatten();
            Commit { expected_version: head.map_or(0, |head| head.version), ..commit }
        } else {
            commit
        };
        let outcome = self.inner.commit(commit).now_or_never();
        let outcome = outcome.unwrap_or_else(|| Err(CommitError::Unknown("it waits".to_owned())));
        match &outcome {
            Ok(()) => world.committed(self.link.pid, &told),
            Err(CommitError::Conflict) => world.met(Sometimes::VersionConflict),
            Err(CommitError::Taken(_)) => world.met(Sometimes::IndexRefused),
            Err(_) => {}
        }
        outcome
    }

    fn carry_out_late(&self, commit: &Commit<'_, D>, late_us: u64) {
        let world = Arc::clone(&self.link.world);
        let this = Self::new(Arc::clone(&self.inner), self.link.clone(), None);
        let owned = Owned::of(commit);
        let (pid, replaced) = (self.link.pid, world.times_replaced(self.link.pid));
        self.link.world.inside.spawn(OUTSIDE, async move {
            world.inside.sleep_us(late_us).await;
            let arrives = world.times_replaced(pid) == replaced;
            if arrives && this.carry_out(owned.commit()).is_ok() {
                world.met(Sometimes::WrittenLate);
            }
        });
    }

    /// The server that took the write is not the one that the others follow.
    async fn roll_back(&self, commit: Commit<'_, D>) -> Result<(), CommitError> {
        let world = &self.link.world;
        world.met(Sometimes::RolledBack);
        let is_seen = world.lacks(Mutant::MajorityRead) || world.lacks(Mutant::MajorityWrite);
        if is_seen {
            let id = commit.id;
            let (document, record) =
                (self.inner.copy_of(id), D::records(&mut world.audit()).get(&id).cloned());
            self.carry_out(commit)?;
            let (inner, outside) = (Arc::clone(&self.inner), Arc::clone(world));
            world.inside.spawn(OUTSIDE, async move {
                outside.inside.sleep_us(outside.how(|how| how.spread(500, 2_000_000))).await;
                inner.put_back(id, document);
                outside.audit().taken_back::<D>(id, record);
            });
            if world.lacks(Mutant::MajorityWrite) {
                return Ok(());
            }
        }
        world.inside.sleep_us(world.how(|how| how.spread(500, 2_000_000))).await;
        Err(CommitError::Unknown("the primary stepped down".to_owned()))
    }
}

fn copy<'a, D: Watched>(commit: &Commit<'a, D>) -> Commit<'a, D> {
    let Commit { id, expected_version, state, private, events, at } = *commit;
    Commit { id, expected_version, state, private, events, at }
}

impl<D: Watched> Owned<D> {
    fn of(commit: &Commit<'_, D>) -> Self {
        Self {
            id: commit.id,
            expected_version: commit.expected_version,
            state: commit.state.clone(),
            private: commit.private.cloned(),
            events: commit.events.to_vec(),
            at: commit.at,
        }
    }

    fn commit(&self) -> Commit<'_, D> {
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

/// What the server does about a mark that has arrived.
fn mark<D: Watched>(inner: &MemoryStore<D>, world: &World, id: Uuid, version: u64) {
    let version = if world.lacks(Mutant::MarkAtVersion) {
        let head = inner.head(id).now_or_never().and_then(Result::ok).flatten();
        head.map_or(version, |head| head.version)
    } else {
        version
    };
    let _ = inner.mark_published(id, version).now_or_never();
}

fn unavailable(_: Lost) -> StoreError {
    StoreError::Unavailable("no answer".to_owned())
}

#[async_trait]
impl<D: Watched> EventStore<D> for SimulatedStore<D> {
    async fn load(&self, id: Uuid) -> Result<Option<Loaded<D>>, StoreError> {
        self.link.ask().await.map_err(unavailable)?;
        let mut loaded = self.inner.load(id).await?;
        if let Some(loaded) = loaded.as_mut().filter(|_| self.link.world.lacks(Mutant::CauseCheck)) {
            loaded.causes.clear();
        }
        Ok(loaded)
    }

    async fn commit(&self, commit: Commit<'_, D>) -> Result<(), CommitError> {
        let unknown = || CommitError::Unknown("no answer".to_owned());
        let world = &self.link.world;
        if let Some(hasty) = &self.hasty {
            hasty(&commit);
        }
        if self.link.there().await.is_err() {
            if let Some(late_us) = self.link.late_us() {
                self.carry_out_late(&commit, late_us);
            }
            return Err(unknown());
        }
        if world.strikes(Fault::RolledBack) {
            return self.roll_back(commit).await;
        }
        if let Some(late_us) = self.link.late_us() {
            self.carry_out_late(&commit, late_us);
            world.inside.sleep_us(world.how(|how| how.spread(500, 2_000_000))).await;
            return Err(unknown());
        }
        let outcome = self.carry_out(commit);
        if self.link.back().await.is_err() {
            if outcome.is_ok() {
                world.met(Sometimes::WrittenUnseen);
            }
            return Err(unknown());
        }
        outcome
    }

    async fn archived_cause(&self, id: Uuid, causation_id: Uuid) -> Result<bool, StoreError> {
        self.link.ask().await.map_err(unavailable)?;
        self.inner.archived_cause(id, causation_id).await
    }

    async fn find(&self, query: &Query) -> Result<Vec<Snapshot<D>>, StoreError> {
        self.link.ask().await.map_err(unavailable)?;
        self.inner.find(query).await
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.link.ask().await.map_err(unavailable)?;
        self.inner.count(query).await
    }
}

#[async_trait]
impl<D: Watched> Outbox for SimulatedStore<D> {
    fn category(&self) -> &'static str {
        D::CATEGORY
    }

    async fn unpublished(
        &self,
        before: Timestamp,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Uuid>, StoreError> {
        if self.link.world.lacks(Mutant::Sweep) {
            return Ok(Vec::new());
        }
        self.link.ask().await.map_err(unavailable)?;
        self.inner.unpublished(before, after, limit).await
    }

    async fn head(&self, id: Uuid) -> Result<Option<Head>, StoreError> {
        self.link.ask().await.map_err(unavailable)?;
        self.inner.head(id).await
    }

    async fn events_from(&self, id: Uuid, version: u64) -> Result<Vec<Recorded<RawEvent>>, StoreError> {
        self.link.ask().await.map_err(unavailable)?;
        self.inner.events_from(id, version).await
    }

    async fn mark_published(&self, id: Uuid, version: u64) -> Result<(), StoreError> {
        self.link.there().await.map_err(unavailable)?;
        if let Some(late_us) = self.link.late_us() {
            let (inner, world) = (Arc::clone(&self.inner), Arc::clone(&self.link.world));
            let (pid, replaced) = (self.link.pid, world.times_replaced(self.link.pid));
            self.link.world.inside.spawn(OUTSIDE, async move {
                world.inside.sleep_us(late_us).await;
                if world.times_replaced(pid) == replaced {
                    mark(&inner, &world, id, version);
                }
            });
            return Err(unavailable(Lost));
        }
        mark(&self.inner, &self.link.world, id, version);
        self.link.back().await.map_err(unavailable)
    }

    async fn archive(&self, id: Uuid, keep: usize) -> Result<(), StoreError> {
        self.link.there().await.map_err(unavailable)?;
        self.inner.archive(id, keep).await
    }

    async fn changed_since(
        &self,
        since: Option<Timestamp>,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Tail>, StoreError> {
        if self.link.world.lacks(Mutant::Reconcile) {
            return Ok(Vec::new());
        }
        self.link.ask().await.map_err(unavailable)?;
        self.inner.changed_since(since, after, limit).await
    }
}
