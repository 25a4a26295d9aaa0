//! The stream as one who follows it reads it: by a consumer of its own that nobody shares and nothing outlives.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, push};
use async_trait::async_trait;
use contracts::Timestamp;
use futures::StreamExt as _;
use tokio::sync::watch;

use super::subscription::{HEARTBEAT, lost};
use super::{JetStream, stored_since, subjects, timestamp, unavailable, wire};
use crate::Parcel;
use crate::archive::Numbered;
use crate::bus::{BusError, Following, Stored};

/// Nobody listens any more for so long: the server forgets the consumer.
const GONE_AFTER: Duration = Duration::from_secs(30);

pub(super) async fn open(
    bus: JetStream,
    hears: &[(&str, &str)],
    since: Timestamp,
) -> Result<Box<dyn Following>, BusError> {
    Ok(Box::new(follow(bus, subjects(hears), stored_since(since)?).await?))
}

/// No subject at all means everything.
pub(super) async fn follow(
    bus: JetStream,
    filter_subjects: Vec<String>,
    deliver_policy: DeliverPolicy,
) -> Result<Followed, BusError> {
    let losses = bus.losses();
    let stream = bus.stream().await?;
    // Nobody may ask for what a consumer without a name holds: it is sent to our own inbox.
    let config = push::Config {
        deliver_subject: bus.client.new_inbox(),
        deliver_policy,
        ack_policy: AckPolicy::None,
        idle_heartbeat: HEARTBEAT,
        filter_subjects,
        inactive_threshold: GONE_AFTER,
        memory_storage: true,
        ..push::Config::default()
    };
    let consumer = bus.within(stream.create_consumer(config)).await?;
    let behind = consumer.cached_info().num_pending;
    let messages = bus.within(consumer.messages()).await?;
    Ok(Followed { messages, losses, came: 0, behind })
}

pub(super) struct Followed {
    messages: push::Messages,
    losses: watch::Receiver<u64>,
    /// How many messages the server has sent.
    came: u64,
    behind: u64,
}

impl Followed {
    pub(super) async fn next_numbered(&mut self) -> Result<Numbered, BusError> {
        let message = tokio::select! {
            biased;
            _ = self.losses.changed() => return Err(lost()),
            message = self.messages.next() => message,
        };
        let message = message.ok_or_else(|| BusError("the consumer has ended".to_owned()))?;
        let message = message.map_err(unavailable)?;
        let info = message.info().map_err(unavailable)?;
        self.came += 1;
        // What got lost on the way nobody sends again.
        if info.consumer_sequence != self.came {
            return Err(BusError(format!("message {} came as number {}", info.consumer_sequence, self.came)));
        }
        self.behind = info.pending;
        let wire = wire(&message.subject, message.headers.as_ref(), &message.payload);
        let stored = Stored { parcel: Parcel::Wired(wire), stored_at: timestamp(info.published) };
        Ok(Numbered { sequence: info.stream_sequence, stored })
    }
}

#[async_trait]
impl Following for Followed {
    fn behind(&self) -> u64 {
        self.behind
    }

    async fn next(&mut self) -> Result<Stored, BusError> {
        self.next_numbered().await.map(|numbered| numbered.stored)
    }
}
