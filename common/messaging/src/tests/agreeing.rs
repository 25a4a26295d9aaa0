//! A stream that goes on while it is looked at is no other stream, and nobody hears it from its beginning.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use contracts::Timestamp;
use eventsourcing::{
    AfterCommit, Aggregates, Committed, Gate, Head, MemoryStore, Outbox, RawEvent, Recorded, Schema,
    StoreError, Tail,
};

use futures::FutureExt as _;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::listening::World;
use crate::conformance::{CutBus, Profile, Say, cause, id, message, of_type};
use crate::reconcile::{Agreement, ReconcileError, Reconciliation, Scope};
use crate::{
    Bus, ConsumerSpec, LastSeen, Marker, Markers, MemoryBus, MemoryDeadLetters, MemoryMarkers, Messenger,
    MessengerParts, Relay,
};

const SPEC: ConsumerSpec =
    ConsumerSpec { name: "echo", hears: &[("user", "UserUpdated")], ack_wait: Duration::from_secs(8) };

/// While it is asked, somebody says something more, the consumer hears it, and another replica notes it.
struct Meanwhile(MemoryBus);

#[async_trait]
impl Markers for Meanwhile {
    async fn load(&self) -> Result<Option<Marker>, StoreError> {
        let failed = |_| StoreError::Unavailable("the bus".to_owned());
        let user = u128::from(self.0.state().await.map_err(failed)?.last_sequence) + 1;
        let said = message(user, 1);
        self.0.publish(&said, 0).await.map_err(|_| StoreError::Unavailable("the bus".to_owned()))?;
        let mut subscription = self.0.subscribe(&SPEC).await.map_err(failed)?;
        let heard = subscription.next().await.map_err(failed)?;
        heard.receipt.acknowledge().await.map_err(failed)?;
        let state = self.0.state().await.map_err(failed)?;
        let (created, last_sequence) = (state.created, state.last_sequence);
        let stored = self.0.get(last_sequence).await.map_err(failed)?.expect("it was said just now");
        let last = Some(LastSeen { event_id: Some(said.recorded.id), stored_at: stored.stored_at });
        Ok(Some(Marker { created, last_sequence, last, seen_at: created }))
    }

    async fn save(&self, _: &Marker) -> Result<(), StoreError> {
        Ok(())
    }
}

/// A comparison of what one service keeps with the stream of this world.
fn between<'a>(
    world: &'a World,
    relay: &'a Relay,
    outboxes: &'a [Arc<dyn Outbox>],
    markers: &'a dyn Markers,
    gate: &'a Gate,
) -> Reconciliation<'a> {
    let (bus, rewinds, runtime) = (&world.bus, &world.rewinds, &world.runtime);
    Reconciliation { bus, relay, outboxes, markers, gate, rewinds, runtime, consumer: None }
}

/// Over the connection that there is now.
async fn check(reconciliation: &Reconciliation<'_>, scope: Scope) -> Result<Agreement, ReconcileError> {
    let connection = *reconciliation.bus.connections().borrow();
    reconciliation.check(connection, scope).await
}

#[tokio::test]
async fn a_stream_that_goes_on_while_it_is_looked_at_is_the_same() {
    let world = World::new();
    let bus = world.bus.clone();
    let relay = Relay::new(Arc::new(bus.clone()), world.runtime.clone());
    let (markers, gate) = (Meanwhile(bus.clone()), Gate::default());
    let reconciliation =
        Reconciliation { consumer: Some(SPEC.name), ..between(&world, &relay, &[], &markers, &gate) };
    for looks in 1..=3 {
        assert_eq!(check(&reconciliation, Scope::Identity).await.unwrap(), Agreement::Agree);
        assert_eq!(bus.delivered(SPEC.name).await.unwrap(), Some(looks), "the consumer was forgotten");
    }
}

#[tokio::test]
async fn what_is_told_where_a_lost_message_was_heard_is_heard() {
    let world = World::new();
    let bus = world.bus.clone();
    let relay = Relay::new(Arc::new(bus.clone()), world.runtime.clone());
    let (markers, gate) = (MemoryMarkers::default(), Gate::default());
    let reconciliation =
        Reconciliation { consumer: Some(SPEC.name), ..between(&world, &relay, &[], &markers, &gate) };
    let heard = async |wanted: u64| {
        let mut subscription = bus.subscribe(&SPEC).await.unwrap();
        let delivery = subscription.next().now_or_never().expect("it is there").unwrap();
        assert_eq!(delivery.sequence, wanted);
        delivery.receipt.acknowledge().await.unwrap();
        delivery.parcel.event_id()
    };
    bus.publish(&message(1, 1), 0).await.unwrap();
    assert_eq!(check(&reconciliation, Scope::Recent).await.unwrap(), Agreement::Agree);
    heard(1).await;
    for user in [2, 3] {
        bus.publish(&message(user, 1), 0).await.unwrap();
    }
    heard(2).await;
    heard(3).await;

    // What came after the marker is lost, and others have told their part before this service looks again.
    bus.lose_after(1);
    for user in [4, 5] {
        bus.publish(&message(user, 1), 0).await.unwrap();
    }
    assert_eq!(check(&reconciliation, Scope::Recent).await.unwrap(), Agreement::Agree);
    assert_eq!(heard(2).await, Some(message(4, 1).recorded.id));
    assert_eq!(heard(3).await, Some(message(5, 1).recorded.id));
}

#[tokio::test]
async fn a_consumer_of_a_service_that_lost_its_marker_hears_everything_again() {
    let world = World::new();
    let bus = world.bus.clone();
    let relay = Relay::new(Arc::new(bus.clone()), world.runtime.clone());
    let gate = Gate::default();
    for user in [1, 2] {
        bus.publish(&message(user, 1), 0).await.unwrap();
        let heard = bus.subscribe(&SPEC).await.unwrap().next().await.unwrap();
        heard.receipt.acknowledge().await.unwrap();
    }
    // While nobody looks the second is lost, and another one comes to stand there.
    bus.lose_after(1);
    bus.publish(&message(3, 1), 0).await.unwrap();
    let markers = MemoryMarkers::default();
    let reconciliation =
        Reconciliation { consumer: Some(SPEC.name), ..between(&world, &relay, &[], &markers, &gate) };
    assert_eq!(check(&reconciliation, Scope::Recent).await.unwrap(), Agreement::Agree);
    let mut subscription = bus.subscribe(&SPEC).await.unwrap();
    for user in [1, 3] {
        let delivery = subscription.next().now_or_never().expect("it is heard again").unwrap();
        assert_eq!(delivery.parcel.event_id(), Some(message(user, 1).recorded.id));
    }
}

#[tokio::test]
async fn what_could_not_be_told_again_at_once_is_told_at_the_next_look() {
    let world = World::new();
    let bus = world.bus.clone();
    let store = Arc::new(MemoryStore::<Profile>::new(Schema::default()));
    let outboxes: [Arc<dyn Outbox>; 1] = [store.clone()];
    let uncut = Arc::new(Relay::new(Arc::new(bus.clone()), world.runtime.clone()));
    let users = Aggregates::new(store, world.runtime.clone(), uncut, Gate::default());
    let cut = Arc::new(CutBus::new(Arc::new(bus.clone())));
    let relay = Relay::new(cut.clone(), world.runtime.clone());
    let (markers, gate) = (MemoryMarkers::default(), Gate::default());
    let reconciliation = between(&world, &relay, &outboxes, &markers, &gate);
    assert_eq!(check(&reconciliation, Scope::Recent).await.unwrap(), Agreement::Agree);
    users.execute(id(1), cause(1), Say(3)).await.unwrap();
    world.clock.settle().await;
    assert_eq!(bus.state().await.unwrap().last_sequence, 3);

    // It is still the stream that was seen when it was empty, and the first publication gets through.
    bus.lose_after(1);
    cut.lose_request_after(1);
    assert_eq!(check(&reconciliation, Scope::Recent).await.unwrap(), Agreement::Untold(1));
    assert_eq!(bus.state().await.unwrap().last_sequence, 2);
    assert_eq!(check(&reconciliation, Scope::Recent).await.unwrap(), Agreement::Agree);
    assert_eq!(bus.state().await.unwrap().last_sequence, 3);
}

/// When the first marker is saved, all that was told in that comparison is lost again.
struct LostBySaving {
    bus: MemoryBus,
    kept: MemoryMarkers,
    has_lost: Arc<AtomicBool>,
}

#[async_trait]
impl Markers for LostBySaving {
    async fn load(&self) -> Result<Option<Marker>, StoreError> {
        self.kept.load().await
    }

    async fn save(&self, marker: &Marker) -> Result<(), StoreError> {
        if !self.has_lost.swap(true, Ordering::SeqCst) {
            self.bus.lose_after(1);
        }
        self.kept.save(marker).await
    }
}

/// Leaves what is committed to the first comparison.
struct Unsaid;

#[async_trait]
impl AfterCommit for Unsaid {
    async fn committed(&self, _: &dyn Outbox, _: Uuid, _: Committed) {}
}

#[tokio::test]
async fn what_is_lost_during_the_first_comparison_is_told_again() {
    let world = World::new();
    let bus: Arc<dyn Bus> = Arc::new(world.bus.clone());
    bus.publish(&of_type("session", "SessionRevoked", 9, 1), 0).await.unwrap();
    let relay = Arc::new(Relay::new(Arc::clone(&bus), world.runtime.clone()));
    let store = Arc::new(MemoryStore::<Profile>::new(Schema::default()));
    let gate = Gate::default();
    let users = Aggregates::new(store.clone(), world.runtime.clone(), Arc::new(Unsaid), gate.clone());
    users.execute(id(1), cause(1), Say(3)).await.unwrap();
    let has_lost = Arc::new(AtomicBool::new(false));
    let markers = LostBySaving {
        bus: world.bus.clone(),
        kept: MemoryMarkers::default(),
        has_lost: Arc::clone(&has_lost),
    };
    let messenger = Messenger::new(MessengerParts {
        service: SPEC.name,
        bus: Arc::clone(&bus),
        relay,
        outboxes: vec![store],
        listener: None,
        dead_letters: Arc::new(MemoryDeadLetters::default()),
        markers: Arc::new(markers),
        gate,
        runtime: world.runtime.clone(),
    });
    world.runtime.spawn("messenger", async move { messenger.run(CancellationToken::new()).await });
    world.clock.pass(Duration::from_secs(30)).await;
    assert!(has_lost.load(Ordering::SeqCst));
    assert_eq!(bus.state().await.unwrap().last_sequence, 4);
}

/// While it is asked for the first time the stream is lost, and told by others.
struct LostMeanwhile {
    bus: MemoryBus,
    store: MemoryStore<Profile>,
    has_lost: AtomicBool,
}

#[async_trait]
impl Outbox for LostMeanwhile {
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
        if !self.has_lost.swap(true, Ordering::SeqCst) {
            self.bus.lose_after(1);
            let told = of_type("session", "SessionRevoked", 8, 1);
            self.bus.publish(&told, 0).await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        }
        self.store.changed_since(since, after, limit).await
    }
}

#[tokio::test]
async fn what_was_seen_of_two_streams_is_no_marker() {
    let world = World::new();
    let bus = world.bus.clone();
    for session in [1, 2] {
        bus.publish(&of_type("session", "SessionRevoked", session, 1), 0).await.unwrap();
    }
    let relay = Relay::new(Arc::new(bus.clone()), world.runtime.clone());
    let (markers, gate) = (MemoryMarkers::default(), Gate::default());
    let store = MemoryStore::new(Schema::default());
    let outboxes: [Arc<dyn Outbox>; 1] =
        [Arc::new(LostMeanwhile { bus: bus.clone(), store, has_lost: AtomicBool::new(false) })];
    let reconciliation = between(&world, &relay, &outboxes, &markers, &gate);
    assert!(check(&reconciliation, Scope::Recent).await.is_err());
    assert_eq!(markers.load().await.unwrap(), None);
    assert_eq!(check(&reconciliation, Scope::Recent).await.unwrap(), Agreement::Agree);
    let told = of_type("session", "SessionRevoked", 8, 1).recorded.id;
    let last = markers.load().await.unwrap().unwrap().last;
    assert_eq!(last.and_then(|last| last.event_id), Some(told));
}

/// What a service with users keeps, and tells.
struct Kept {
    outboxes: [Arc<dyn Outbox>; 1],
    relay: Arc<Relay>,
    users: Aggregates<Profile>,
    markers: MemoryMarkers,
    gate: Gate,
}

impl Kept {
    fn told_at_once(world: &World) -> Self {
        let relay = Arc::new(Relay::new(Arc::new(world.bus.clone()), world.runtime.clone()));
        Self::told_by(world, relay.clone(), relay)
    }

    fn told_by_the_sweep(world: &World) -> Self {
        let relay = Arc::new(Relay::new(Arc::new(world.bus.clone()), world.runtime.clone()));
        Self::told_by(world, relay, Arc::new(Unsaid))
    }

    fn told_by(world: &World, relay: Arc<Relay>, after_commit: Arc<dyn AfterCommit>) -> Self {
        let store = Arc::new(MemoryStore::<Profile>::new(Schema::default()));
        let outboxes: [Arc<dyn Outbox>; 1] = [store.clone()];
        let users = Aggregates::new(store, world.runtime.clone(), after_commit, Gate::default());
        Self { outboxes, relay, users, markers: MemoryMarkers::default(), gate: Gate::default() }
    }

    fn beside<'a>(&'a self, world: &'a World) -> Reconciliation<'a> {
        between(world, &self.relay, &self.outboxes, &self.markers, &self.gate)
    }
}

#[tokio::test]
async fn what_was_told_again_long_after_it_happened_and_lost_once_more_is_told_again() {
    let world = World::new();
    let bus = world.bus.clone();
    let kept = Kept::told_at_once(&world);
    let (users, reconciliation) = (&kept.users, kept.beside(&world));
    users.execute(id(1), cause(1), Say(3)).await.unwrap();
    world.clock.settle().await;
    assert_eq!(check(&reconciliation, Scope::Recent).await.unwrap(), Agreement::Agree);
    world.clock.pass(Duration::from_secs(3_600)).await;
    for losses in 1..=3 {
        bus.lose_after(1);
        assert_eq!(check(&reconciliation, Scope::Recent).await.unwrap(), Agreement::Agree);
        assert_eq!(bus.state().await.unwrap().last_sequence, 3, "after {losses} losses");
        world.clock.pass(Duration::from_secs(1)).await;
    }
}

#[tokio::test]
async fn what_was_published_long_after_it_happened_and_lost_is_told_again() {
    let world = World::new();
    let bus = world.bus.clone();
    let kept = Kept::told_by_the_sweep(&world);
    let (users, reconciliation) = (&kept.users, kept.beside(&world));
    bus.publish(&of_type("session", "SessionRevoked", 9, 1), 0).await.unwrap();
    assert_eq!(check(&reconciliation, Scope::Recent).await.unwrap(), Agreement::Agree);
    users.execute(id(1), cause(1), Say(3)).await.unwrap();
    world.clock.pass(Duration::from_secs(3_600)).await;
    assert_eq!(check(&reconciliation, Scope::Identity).await.unwrap(), Agreement::Agree);
    assert_eq!(kept.relay.sweep(kept.outboxes[0].as_ref()).await.unwrap(), 0);
    assert_eq!(bus.state().await.unwrap().last_sequence, 4);

    bus.lose_after(1);
    assert_eq!(check(&reconciliation, Scope::Recent).await.unwrap(), Agreement::Agree);
    assert_eq!(bus.state().await.unwrap().last_sequence, 4);
}

#[tokio::test]
async fn an_event_told_again_where_it_stood_does_not_hide_what_was_lost_before_it() {
    let world = World::new();
    let bus = world.bus.clone();
    let kept = Kept::told_at_once(&world);
    let (users, reconciliation) = (&kept.users, kept.beside(&world));
    let told_by_others = |session| of_type("session", "SessionRevoked", session, 1);
    bus.publish(&told_by_others(7), 0).await.unwrap();
    users.execute(id(1), cause(1), Say(1)).await.unwrap();
    world.clock.settle().await;
    bus.publish(&told_by_others(8), 0).await.unwrap();
    world.clock.pass(Duration::from_secs(3_600)).await;
    assert_eq!(check(&reconciliation, Scope::Recent).await.unwrap(), Agreement::Agree);
    assert_eq!(bus.state().await.unwrap().last_sequence, 3);

    bus.lose_after(1);
    bus.publish(&told_by_others(9), 0).await.unwrap();
    bus.publish(&told_by_others(8), 0).await.unwrap();
    assert_eq!(check(&reconciliation, Scope::Recent).await.unwrap(), Agreement::Agree);
    assert_eq!(bus.state().await.unwrap().last_sequence, 4);
}
