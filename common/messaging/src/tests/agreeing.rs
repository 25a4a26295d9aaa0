//! A stream that goes on while it is looked at is no other stream, and nobody hears it from its beginning.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use eventsourcing::{AfterCommit, Aggregates, Committed, Gate, MemoryStore, Outbox, Schema, StoreError};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::listening::World;
use crate::conformance::{CutBus, Profile, Say, cause, id, message, of_type};
use crate::consumer::Rewinds;
use crate::reconcile::{Agreement, Reconciliation, Scope};
use crate::{
    Bus, ConsumerSpec, Marker, Markers, MemoryBus, MemoryDeadLetters, MemoryMarkers, Messenger,
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
        Ok(Some(Marker { created, last_sequence, last_event: Some(said.recorded.id), seen_at: created }))
    }

    async fn save(&self, _: &Marker) -> Result<(), StoreError> {
        Ok(())
    }
}

#[tokio::test]
async fn a_stream_that_goes_on_while_it_is_looked_at_is_the_same() {
    let world = World::new();
    let bus = world.bus.clone();
    let relay = Relay::new(Arc::new(bus.clone()), world.runtime.clone());
    let (markers, gate) = (Meanwhile(bus.clone()), Gate::default());
    let rewinds = Rewinds::default();
    let reconciliation = Reconciliation {
        bus: &bus,
        relay: &relay,
        outboxes: &[],
        markers: &markers,
        gate: &gate,
        rewinds: &rewinds,
        runtime: &world.runtime,
        consumer: Some(SPEC.name),
    };
    for looks in 1..=3 {
        assert_eq!(reconciliation.check(Scope::Identity).await.unwrap(), Agreement::Agree);
        assert_eq!(bus.delivered(SPEC.name).await.unwrap(), Some(looks), "the consumer was forgotten");
    }
}

#[tokio::test]
async fn what_is_told_where_a_lost_message_was_heard_is_heard() {
    let world = World::new();
    let bus = world.bus.clone();
    let relay = Relay::new(Arc::new(bus.clone()), world.runtime.clone());
    let (markers, gate, rewinds) = (MemoryMarkers::default(), Gate::default(), Rewinds::default());
    let reconciliation = Reconciliation {
        bus: &bus,
        relay: &relay,
        outboxes: &[],
        markers: &markers,
        gate: &gate,
        rewinds: &rewinds,
        runtime: &world.runtime,
        consumer: Some(SPEC.name),
    };
    let heard = async |wanted: u64| {
        let mut subscription = bus.subscribe(&SPEC).await.unwrap();
        let delivery = subscription.next().await.unwrap();
        assert_eq!(delivery.sequence, wanted);
        delivery.receipt.acknowledge().await.unwrap();
        delivery.parcel.event_id()
    };
    bus.publish(&message(1, 1), 0).await.unwrap();
    heard(1).await;
    assert_eq!(reconciliation.check(Scope::Recent).await.unwrap(), Agreement::Agree);
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
    assert_eq!(reconciliation.check(Scope::Recent).await.unwrap(), Agreement::Agree);
    assert_eq!(heard(2).await, Some(message(4, 1).recorded.id));
    assert_eq!(heard(3).await, Some(message(5, 1).recorded.id));
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
    let (markers, gate, rewinds) = (MemoryMarkers::default(), Gate::default(), Rewinds::default());
    let reconciliation = Reconciliation {
        bus: &bus,
        relay: &relay,
        outboxes: &outboxes,
        markers: &markers,
        gate: &gate,
        rewinds: &rewinds,
        runtime: &world.runtime,
        consumer: None,
    };
    assert_eq!(reconciliation.check(Scope::Recent).await.unwrap(), Agreement::Agree);
    users.execute(id(1), cause(1), Say(3)).await.unwrap();
    world.clock.settle().await;
    assert_eq!(bus.state().await.unwrap().last_sequence, 3);

    // It is still the stream that was seen when it was empty, and the first publication gets through.
    bus.lose_after(1);
    cut.lose_request_after(1);
    assert_eq!(reconciliation.check(Scope::Recent).await.unwrap(), Agreement::Untold(1));
    assert_eq!(bus.state().await.unwrap().last_sequence, 2);
    assert_eq!(reconciliation.check(Scope::Recent).await.unwrap(), Agreement::Agree);
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
