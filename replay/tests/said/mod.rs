//! What somebody says, and why, put on a stream in memory. Shared by the suites beside it.

use contracts::Timestamp;
use eventsourcing::{Actor, Cause, RawEvent, Recorded};
use messaging::{Bus as _, MemoryBus, Message};
use serde_json::Value;
use uuid::Uuid;

pub(crate) struct Say<'a> {
    /// The kind of aggregate, its id, and the event's type.
    pub(crate) subject: (&'a str, Uuid, &'a str),
    pub(crate) event_id: Uuid,
    pub(crate) causation_id: Uuid,
    pub(crate) correlation_id: Uuid,
    pub(crate) actor: Actor,
    pub(crate) at: Timestamp,
    pub(crate) data: Value,
}

impl Say<'_> {
    /// Behind what its aggregate said before. Says where it stands.
    pub(crate) async fn on(self, bus: &MemoryBus) -> u64 {
        let (category, id, event_type) = self.subject;
        let last = bus.last(category, id).await.unwrap();
        let recorded = Recorded {
            id: self.event_id,
            version: last.map_or(1, |last| last.version + 1),
            event: RawEvent { event_type: event_type.to_owned(), data: self.data },
            at: self.at,
            cause: Cause {
                causation_id: self.causation_id,
                correlation_id: self.correlation_id,
                actor: self.actor,
                traceparent: None,
            },
        };
        let message = Message { category: category.to_owned(), id, recorded };
        bus.publish(&message, last.map_or(0, |last| last.sequence)).await.unwrap()
    }
}
