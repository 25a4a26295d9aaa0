//! The service as it hears what others say on the bus, delivered by the bus itself.

use std::sync::Arc;
use std::time::Duration;

use contracts::{Event, EventType as _, OrderId, users::UserEvent};
use eventsourcing::Recorded;
use messaging::{
    Bus as _, Heard, MemoryDeadLetters, MemoryMarkers, Message, Messenger, MessengerParts, Relay,
};
use tokio_util::sync::CancellationToken;

use super::{Person, Shop};

impl Shop {
    /// Lets the service hear what stands on the bus, and what comes there, until the test ends.
    pub(crate) fn listen(&self) {
        let bus = Arc::new(self.bus.clone());
        let messenger = Messenger::new(MessengerParts {
            service: orders::SERVICE,
            bus: bus.clone(),
            relay: Arc::new(Relay::new(bus, self.runtime.clone())),
            outboxes: Vec::new(),
            listener: Some(self.listener.clone()),
            dead_letters: Arc::new(MemoryDeadLetters::default()),
            markers: Arc::new(MemoryMarkers::default()),
            gate: self.gate.clone(),
            runtime: self.runtime.clone(),
        });
        self.runtime.spawn("messenger", async move { messenger.run(CancellationToken::new()).await });
    }

    /// Puts on the bus what auth says.
    pub(crate) async fn auth_says(&self, heard: &Heard) {
        let Event::User(event) = &heard.event else { panic!("auth says nothing else") };
        let recorded = Recorded {
            id: heard.event_id,
            version: heard.version,
            event: serde_json::from_value(serde_json::to_value(event).unwrap()).unwrap(),
            at: heard.at,
            cause: heard.cause.clone(),
        };
        let message = Message { category: UserEvent::CATEGORY.to_owned(), id: heard.aggregate_id, recorded };
        let last = self.bus.last(UserEvent::CATEGORY, heard.aggregate_id).await.unwrap();
        self.bus.publish(&message, last.map_or(0, |last| last.sequence)).await.unwrap();
    }

    /// Waits until the order is this far.
    pub(crate) async fn becomes(&self, person: Person, order: OrderId, status: &str) {
        let so = async {
            while self.show(person, order).await["status"] != status {
                self.runtime.sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(self.runtime.timeout(Duration::from_secs(30), so).await.is_ok(), "it never is {status}");
    }
}
