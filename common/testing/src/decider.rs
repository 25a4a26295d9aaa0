//! Given these events, when this command, then those: over the production store port and its execution.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that goes wrong is to stop")]

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use contracts::Timestamp;
use eventsourcing::{
    Actor, AfterCommit, Aggregates, Cause, Commit, Committed, Decider, EventStore, ExecutionError, Gate,
    MemoryStore, Outbox, Recorded, Schema,
};
use runtime::{Runtime, TokioTasks};
use uuid::Uuid;

/// An aggregate with a past.
pub struct Given<D: Decider> {
    past: Vec<D::Event>,
}

/// What came of a command.
pub struct Then<D: Decider> {
    outcome: Result<Vec<D::Event>, D::Rejection>,
    state: D,
}

/// An aggregate to which these events happened.
pub fn given<D: Decider>(past: impl IntoIterator<Item = D::Event>) -> Given<D> {
    Given { past: past.into_iter().collect() }
}

impl<D> Given<D>
where
    D: Decider,
    D::Event: PartialEq + Debug,
    D::Rejection: PartialEq + Debug,
{
    /// Gives the command, and gives it once more under the same cause, which must change nothing.
    pub fn when(self, command: D::Command) -> Then<D> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(self.carry_out(command))
    }

    async fn carry_out(self, command: D::Command) -> Then<D> {
        let id = Uuid::from_u128(1);
        let store = Arc::new(MemoryStore::<D>::new(Schema::default()));
        self.remember(&store, id).await;
        let past = self.past.len() as u64;
        let runtime = Runtime::real(TokioTasks::default());
        let aggregates = Aggregates::<D>::new(store, runtime, Arc::new(Unheard), Gate::default());

        let first = aggregates.execute(id, cause(u128::MAX), command.clone()).await;
        let again = aggregates.execute(id, cause(u128::MAX), command).await;
        let now = aggregates.load(id).await.expect("the store in memory answers");
        let version = now.as_ref().map_or(0, |snapshot| snapshot.version);
        let state = now.map(|snapshot| snapshot.state).unwrap_or_default();
        let outcome = match first {
            Ok(execution) => {
                let events: Vec<_> = execution.events.into_iter().map(|recorded| recorded.event).collect();
                if !events.is_empty() {
                    let silence = again.is_ok_and(|execution| execution.events.is_empty());
                    assert!(silence, "the same cause had a second effect");
                }
                assert_eq!(version, past + events.len() as u64, "versions have no holes");
                Ok(events)
            }
            Err(ExecutionError::Rejected(rejection)) => Err(rejection),
            Err(error) => panic!("the store in memory failed: {error}"),
        };
        Then { outcome, state }
    }

    async fn remember(&self, store: &MemoryStore<D>, id: Uuid) {
        for (index, event) in self.past.iter().enumerate() {
            let version = index as u64 + 1;
            let recorded = Recorded {
                id: Uuid::from_u128(u128::from(version)),
                version,
                event: event.clone(),
                at: Timestamp::default(),
                cause: cause(u128::from(version)),
            };
            let state = D::fold(&self.past[..=index]);
            let commit = Commit {
                id,
                expected_version: version - 1,
                state: &state,
                private: Some(&D::Private::default()),
                events: &[recorded],
                at: Timestamp::default(),
            };
            store.commit(commit).await.expect("the past can be told");
        }
    }
}

impl<D> Then<D>
where
    D: Decider,
    D::Event: PartialEq + Debug,
    D::Rejection: PartialEq + Debug,
{
    /// Just these events happened. Hands on the state after them.
    #[track_caller]
    pub fn then(self, events: impl IntoIterator<Item = D::Event>) -> D {
        assert_eq!(self.outcome, Ok(events.into_iter().collect()));
        self.state
    }

    /// It was so already.
    #[track_caller]
    pub fn then_nothing(self) -> D {
        self.then([])
    }

    /// The aggregate said no, and why.
    #[track_caller]
    pub fn then_rejected(self, rejection: D::Rejection) {
        assert_eq!(self.outcome, Err(rejection));
    }
}

fn cause(causation_id: u128) -> Cause {
    Cause {
        causation_id: Uuid::from_u128(causation_id),
        correlation_id: Uuid::from_u128(0),
        actor: Actor::Service("test".to_owned()),
        traceparent: None,
    }
}

struct Unheard;

#[async_trait]
impl AfterCommit for Unheard {
    async fn committed(&self, _outbox: &dyn Outbox, _id: Uuid, _committed: Committed) {}
}
