//! The worker over timers and a bus in memory.

use std::sync::Arc;
use std::time::Duration;

use contracts::orders::{OrderAccepted, OrderCreated, OrderEvent};
use contracts::{Event, EventType as _, TicketId, Timestamp, UserId};
use eventsourcing::{Actor, Cause, Recorded};
use messaging::{Bus as _, Heard, Listener as _, MemoryBus, Message};
use runtime::Runtime;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{LONG, SOON, order, runtime, timer};
use crate::policies::Policies;
use crate::{MemoryTimers, Timers as _, Worker, rebuild};

struct Scene {
    runtime: Runtime,
    bus: MemoryBus,
    timers: Arc<MemoryTimers>,
    was_set: Arc<Notify>,
}

impl Scene {
    fn new() -> Self {
        let runtime = runtime();
        let timers = Arc::new(MemoryTimers::new(runtime.clone()));
        Self { bus: MemoryBus::new(runtime.clone()), timers, was_set: Arc::default(), runtime }
    }

    fn worker(&self) -> Worker {
        Worker {
            timers: self.timers.clone(),
            bus: Arc::new(self.bus.clone()),
            runtime: self.runtime.clone(),
            was_set: self.was_set.clone(),
            reservation: LONG,
        }
    }

    /// Lets the worker work until so many timers went off, and says when each was due and when it was said.
    async fn until_expired(&self, count: usize) -> Vec<(Timestamp, Timestamp)> {
        let (worker, replica) = (self.worker(), self.worker());
        let said = async {
            loop {
                let said = self.bus.read(&["timer"], 1, 100).await.unwrap();
                if said.len() >= count && self.timers.count().await.unwrap() == 0 {
                    return said;
                }
                self.runtime.sleep(Duration::from_millis(5)).await;
            }
        };
        let said = tokio::select! {
            () = worker.run() => panic!("it ended"),
            () = replica.run() => panic!("it ended"),
            said = self.runtime.timeout(Duration::from_secs(20), said) => said.expect("timers go off"),
        };
        let read = |(_, parcel): &(u64, messaging::Parcel)| {
            let message = parcel.open().unwrap();
            let due: Timestamp =
                serde_json::from_value(message.recorded.event.data["expires_at"].clone()).unwrap();
            (due, message.recorded.at)
        };
        said.iter().map(read).collect()
    }

    async fn says(&self, event: OrderEvent, version: u64) -> Message {
        let raw = serde_json::from_value(serde_json::to_value(&event).unwrap()).unwrap();
        let cause = Cause {
            causation_id: Uuid::from_u128(1),
            correlation_id: Uuid::from_u128(1),
            actor: Actor::Service("orders".to_owned()),
            traceparent: None,
        };
        let at = self.runtime.now();
        let recorded = Recorded { id: Uuid::from_u128(u128::from(version)), version, event: raw, at, cause };
        let message = Message { category: OrderEvent::CATEGORY.to_owned(), id: order(1).0, recorded };
        let last = self.bus.last("order", order(1).0).await.unwrap().map_or(0, |last| last.sequence);
        self.bus.publish(&message, last).await.unwrap();
        message
    }

    async fn placed(&self) -> Message {
        let (ticket_id, buyer_id) = (TicketId(Uuid::from_u128(2)), UserId(Uuid::from_u128(3)));
        let expires_at = self.runtime.now() + SOON;
        self.says(OrderCreated { ticket_id, buyer_id, price: None, expires_at }.into(), 1).await
    }
}

#[tokio::test]
async fn each_timer_goes_off_once_and_never_early_with_two_replicas() {
    let scene = Scene::new();
    for number in 1..=20_u32 {
        let due_at = scene.runtime.now() + Duration::from_millis(10) * number;
        scene.timers.set(&timer(u128::from(number), due_at)).await.unwrap();
    }
    let said = scene.until_expired(20).await;
    assert_eq!(said.len(), 20);
    for (due, at) in said {
        assert!(at >= due, "said at {at}, due at {due}");
    }
}

#[tokio::test]
async fn a_timer_that_was_said_before_a_crash_is_not_said_again() {
    let scene = Scene::new();
    scene.timers.set(&timer(1, scene.runtime.now() - SOON)).await.unwrap();
    scene.until_expired(1).await;
    scene.timers.set(&timer(1, scene.runtime.now() - SOON)).await.unwrap();
    assert_eq!(scene.until_expired(1).await.len(), 1);
}

#[tokio::test]
async fn a_timer_that_is_set_while_the_worker_sleeps_wakes_it() {
    let scene = Scene::new();
    let policies = Policies {
        timers: scene.timers.clone(),
        runtime: scene.runtime.clone(),
        was_set: scene.was_set.clone(),
    };
    let placed = Heard::decode(&scene.placed().await).unwrap();
    assert!(matches!(placed.event, Event::Order(_)));
    policies.hear(&placed).await.unwrap();
    assert_eq!(scene.until_expired(1).await.len(), 1);
}

#[tokio::test]
async fn lost_timers_are_set_again_from_the_event_log() {
    let scene = Scene::new();
    scene.placed().await;
    assert_eq!(scene.until_expired(1).await.len(), 1, "set by nothing but the log");
}

#[tokio::test]
async fn an_accepted_order_gets_no_timer_from_the_log() {
    let scene = Scene::new();
    scene.placed().await;
    scene.says(OrderAccepted { ticket_id: TicketId(Uuid::from_u128(2)) }.into(), 2).await;
    let set = rebuild(scene.timers.as_ref(), &scene.bus, &scene.runtime, LONG).await.unwrap();
    assert_eq!((set, scene.timers.count().await.unwrap()), (0, 0));
}
