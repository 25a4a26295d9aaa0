//! An event as a service hears it, and what listens.

use async_trait::async_trait;
use contracts::{DecodeError, Event, Timestamp};
use eventsourcing::{Actor, Cause, RawEvent};
use uuid::Uuid;

use crate::{Fault, Message};

/// An event off the bus, decoded.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The event's own id.
    pub event_id: Uuid,
    /// Which aggregate said it.
    pub aggregate_id: Uuid,
    pub version: u64,
    pub event: Event,
    pub at: Timestamp,
    pub cause: Cause,
}

impl Heard {
    pub fn decode(message: &Message) -> Result<Self, DecodeError> {
        let recorded = &message.recorded;
        let RawEvent { event_type, data } = &recorded.event;
        Ok(Self {
            event_id: recorded.id,
            aggregate_id: message.id,
            version: recorded.version,
            event: Event::of_value(&message.category, event_type, data)?,
            at: recorded.at,
            cause: recorded.cause.clone(),
        })
    }

    /// The cause of what a service does about it.
    pub fn causes(&self, service: &str) -> Cause {
        Cause {
            causation_id: self.event_id,
            correlation_id: self.cause.correlation_id,
            actor: Actor::Service(service.to_owned()),
            traceparent: self.cause.traceparent.clone(),
        }
    }
}

/// What a service does about what it hears.
#[async_trait]
pub trait Listener: Send + Sync + 'static {
    /// The service's name, which its consumer goes by.
    fn service(&self) -> &'static str;

    /// The category and the type of each event it hears.
    fn hears(&self) -> &'static [(&'static str, &'static str)];

    /// The aggregate that will be touched: what touches the same is handled one after the other.
    fn lane(&self, heard: &Heard) -> Uuid;

    /// Returns after the effect is committed.
    async fn hear(&self, heard: &Heard) -> Result<(), Fault>;
}
