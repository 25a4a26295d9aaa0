//! How a service gives commands to its aggregates and asks after them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use runtime::Runtime;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::execute::{Amend, Execution, ExecutionError, Expectation, Instruction, execute};
use crate::store::{EventStore, Outbox, Snapshot, StoreError};
use crate::{Cause, Decider, Query, RawEvent, Recorded};

/// Told of every commit, in the task that made it, after its caller was answered.
#[async_trait]
pub trait AfterCommit: Send + Sync + 'static {
    async fn committed(&self, outbox: &dyn Outbox, id: Uuid, committed: Committed);
}

/// What one commit added to an aggregate.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The id of the event before the first of these.
    pub previous: Option<Uuid>,
    /// At least one.
    pub events: Vec<Recorded<RawEvent>>,
}

/// Shut while the store is not known to hold all that its service said before: until then no command is taken.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    shut: Arc<AtomicBool>,
}

impl Gate {
    pub fn shut(&self) {
        self.shut.store(true, Ordering::SeqCst);
    }

    pub fn open(&self) {
        self.shut.store(false, Ordering::SeqCst);
    }

    pub fn is_shut(&self) -> bool {
        self.shut.load(Ordering::SeqCst)
    }
}

/// What decides.
pub type Rules<D> = Arc<
    dyn Fn(&D, &<D as Decider>::Command) -> Result<Vec<<D as Decider>::Event>, <D as Decider>::Rejection>
        + Send
        + Sync,
>;

/// All aggregates of one kind.
pub struct Aggregates<D: Decider> {
    store: Arc<dyn EventStore<D>>,
    runtime: Runtime,
    after_commit: Arc<dyn AfterCommit>,
    gate: Gate,
    rules: Rules<D>,
}

impl<D: Decider> Clone for Aggregates<D> {
    fn clone(&self) -> Self {
        Self {
            store: Arc::clone(&self.store),
            runtime: self.runtime.clone(),
            after_commit: Arc::clone(&self.after_commit),
            gate: self.gate.clone(),
            rules: Arc::clone(&self.rules),
        }
    }
}

impl<D: Decider> Aggregates<D> {
    pub fn new(
        store: Arc<dyn EventStore<D>>,
        runtime: Runtime,
        after_commit: Arc<dyn AfterCommit>,
        gate: Gate,
    ) -> Self {
        Self { store, runtime, after_commit, gate, rules: Arc::new(D::decide) }
    }

    /// The same under other rules than the decider's own: for who asks what a rule is good for.
    #[must_use]
    pub fn under(mut self, rules: Rules<D>) -> Self {
        self.rules = rules;
        self
    }

    /// Gives a command to an aggregate. It is carried out once, however often its cause comes.
    pub async fn execute(
        &self,
        id: impl Into<Uuid>,
        cause: Cause,
        command: D::Command,
    ) -> Result<Execution<D>, ExecutionError<D::Rejection>> {
        self.run(Expectation::Exists, id.into(), cause, command, None).await
    }

    /// The same, with a change to what is private, in the same write.
    pub async fn execute_and_amend(
        &self,
        id: impl Into<Uuid>,
        cause: Cause,
        command: D::Command,
        amend: impl Fn(&mut D::Private) + Send + Sync + 'static,
    ) -> Result<Execution<D>, ExecutionError<D::Rejection>> {
        self.run(Expectation::Exists, id.into(), cause, command, Some(Box::new(amend))).await
    }

    /// The same for an aggregate that most likely does not exist yet.
    pub async fn create(
        &self,
        id: impl Into<Uuid>,
        cause: Cause,
        command: D::Command,
        amend: impl Fn(&mut D::Private) + Send + Sync + 'static,
    ) -> Result<Execution<D>, ExecutionError<D::Rejection>> {
        self.run(Expectation::IsNew, id.into(), cause, command, Some(Box::new(amend))).await
    }

    pub async fn load(&self, id: impl Into<Uuid>) -> Result<Option<Snapshot<D>>, StoreError> {
        Ok(self.store.load(id.into()).await?.map(|loaded| loaded.snapshot))
    }

    /// All that happened to it, the oldest first; nothing where it does not exist.
    pub async fn history(&self, id: impl Into<Uuid>) -> Result<Vec<Recorded<RawEvent>>, StoreError> {
        self.store.events_from(id.into(), 1).await
    }

    pub async fn find(&self, query: &Query) -> Result<Vec<Snapshot<D>>, StoreError> {
        self.store.find(query).await
    }

    pub async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.store.count(query).await
    }

    /// In a task of its own: a caller who goes away must not cut a commit off from its events.
    async fn run(
        &self,
        expectation: Expectation,
        id: Uuid,
        cause: Cause,
        command: D::Command,
        amend: Option<Box<Amend<D>>>,
    ) -> Result<Execution<D>, ExecutionError<D::Rejection>> {
        if self.gate.is_shut() {
            return Err(ExecutionError::Unavailable(
                "the store is not known to agree with the stream".to_owned(),
            ));
        }
        let this = self.clone();
        let (answer, answered) = oneshot::channel();
        self.runtime.spawn("command", async move {
            let store = this.store.as_ref();
            let instruction = Instruction {
                id,
                cause: &cause,
                command: &command,
                amend: amend.as_deref(),
                rules: &this.rules,
            };
            let result = execute(store, &this.runtime, expectation, instruction).await;
            let committed = result.as_ref().ok().map(|execution| Committed {
                previous: execution.previous,
                events: execution.events.iter().filter_map(|event| event.raw().ok()).collect(),
            });
            // The caller may have gone away: what was committed is published all the same.
            let _ = answer.send(result);
            if let Some(committed) = committed.filter(|committed| !committed.events.is_empty()) {
                this.after_commit.committed(store, id, committed).await;
            }
        });
        answered.await.unwrap_or_else(|_| {
            Err(ExecutionError::Broken("the command panicked, or its process is ending".to_owned()))
        })
    }
}
