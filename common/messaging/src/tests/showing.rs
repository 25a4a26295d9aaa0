//! Who wants to see the newest sees it at once, once, and never anything older.

use std::sync::Arc;
use std::time::Duration;

use contracts::Timestamp;
use contracts::users::{UserBanned, UserEvent};
use eventsourcing::{
    Actor, AfterCommit, Aggregates, Cause, Committed, Decider, Gate, MemoryStore, Outbox, Schema,
};
use futures::{FutureExt as _, StreamExt as _};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::listening::World;
use crate::conformance::id;
use crate::{Changes, Newest, Relay};

/// How often it was banned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Count(u64);

impl Decider for Count {
    type Command = ();
    type Event = UserEvent;
    type Rejection = ();
    type Private = ();

    fn decide(&self, (): &()) -> Result<Vec<UserEvent>, ()> {
        Ok(vec![UserBanned { banned_at: Timestamp::default() }.into()])
    }

    fn evolve(self, _: &UserEvent) -> Self {
        Self(self.0 + 1)
    }
}

/// Tells nobody.
struct Silence;

#[async_trait::async_trait]
impl AfterCommit for Silence {
    async fn committed(&self, _: &dyn Outbox, _: Uuid, _: Committed) {}
}

/// Two replicas over one store and one bus; what happens, happens through the other one.
struct Replicas {
    world: World,
    here: Aggregates<Count>,
    there: Aggregates<Count>,
    changes: Changes,
}

impl Replicas {
    /// Whether the other one says what it does.
    async fn new(says: bool) -> Self {
        let world = World::new();
        let store = Arc::new(MemoryStore::<Count>::new(Schema::default()));
        let aggregates = |after_commit: Arc<dyn AfterCommit>| {
            Aggregates::new(store.clone(), world.runtime.clone(), after_commit, Gate::default())
        };
        let relay = Relay::new(Arc::new(world.bus.clone()), world.runtime.clone());
        let there = aggregates(if says { Arc::new(relay) } else { Arc::new(Silence) });
        let here = aggregates(Arc::new(Silence));
        let changes = Changes::new(world.runtime.clone());
        let (following, bus) = (changes.clone(), world.bus.clone());
        world.runtime.spawn("changes", async move { following.follow(&bus, "user").await });
        world.clock.settle().await;
        Self { world, here, there, changes }
    }

    fn newest(&self, ids: &[u128]) -> Newest<Count> {
        Newest::new(&self.changes, self.here.clone(), ids.iter().map(|number| id(*number)))
    }

    async fn count(&self, number: u128) {
        let cause = Cause {
            causation_id: self.world.runtime.new_id(),
            correlation_id: Uuid::nil(),
            actor: Actor::Service("auth".to_owned()),
            traceparent: None,
        };
        let (counted, ()) =
            tokio::join!(self.there.execute(id(number), cause, ()), self.world.clock.settle());
        counted.unwrap();
        self.world.clock.settle().await;
    }
}

/// By the ids' numbers.
fn versions(found: &[eventsourcing::Snapshot<Count>]) -> Vec<(u128, u64)> {
    found.iter().map(|snapshot| (snapshot.id.as_u128(), snapshot.version)).collect()
}

#[tokio::test]
async fn what_there_is_comes_first_and_then_what_changes() {
    let replicas = Replicas::new(true).await;
    replicas.count(1).await;
    let begun_at = replicas.world.runtime.now();
    let mut newest = replicas.newest(&[1, 2, 3]);
    assert_eq!(versions(&newest.next().await.unwrap()), [(1, 1)]);
    replicas.count(4).await;
    replicas.count(2).await;
    replicas.count(1).await;
    let changed = newest.next().now_or_never().expect("it is there").unwrap();
    assert_eq!(versions(&changed), [(1, 2), (2, 1)]);
    assert_eq!(replicas.world.runtime.now(), begun_at);
}

#[tokio::test]
async fn of_many_changes_at_once_only_the_last_is_shown_and_it_once() {
    let replicas = Replicas::new(true).await;
    let mut newest = Box::pin(replicas.newest(&[1]).stream());
    assert_eq!(newest.next().await.map(|found| found.len()), Some(0));
    for _ in 0..20 {
        replicas.count(1).await;
    }
    let shown = newest.next().now_or_never().expect("it is there").unwrap();
    assert_eq!(versions(&shown), [(1, 20)]);
    let again = tokio::select! {
        biased;
        found = newest.next() => found,
        () = replicas.world.pass(20_000) => None,
    };
    assert!(again.is_none());
}

#[tokio::test]
async fn a_change_of_which_no_message_came_is_found_within_seconds() {
    let replicas = Replicas::new(false).await;
    let mut newest = replicas.newest(&[1]);
    assert!(newest.next().await.unwrap().is_empty());
    replicas.count(1).await;
    assert!(newest.next().now_or_never().is_none());
    let begun_at = replicas.world.runtime.now();
    let seen_at = async {
        assert_eq!(newest.next().await.unwrap().len(), 1);
        replicas.world.runtime.now()
    };
    let (seen_at, ()) = tokio::join!(seen_at, replicas.world.pass(20_000));
    assert_eq!(seen_at.since(begun_at), Duration::from_secs(5));
}

#[tokio::test]
async fn who_looks_no_more_is_forgotten() {
    let changes = Changes::new(World::new().runtime.clone());
    let (one, other) = (changes.watch_all([id(1), id(2)]), changes.watch(id(1)));
    assert_eq!(changes.watched(), 3);
    drop(one);
    assert_eq!(changes.watched(), 1);
    drop(other);
    assert_eq!(changes.watched(), 0);
}
