//! The bus, at the far end of a network.

mod following;
mod subscription;

use std::sync::Arc;

use async_trait::async_trait;
use contracts::Timestamp;
use futures::stream::BoxStream;
use futures::{FutureExt as _, StreamExt as _};
use messaging::{
    Bus, BusError, ConsumerSpec, Following, LastMessage, MemoryBus, Message, Parcel, PublishError, Stored,
    StreamState, Subscription,
};
use tokio::sync::watch;
use uuid::Uuid;

use self::following::SimulatedFollowing;
use self::subscription::SimulatedSubscription;
use super::link::{Link, Lost};
use crate::faults::Fault;
use crate::machine::OUTSIDE;
use crate::mutant::Mutant;
use crate::sometimes::Sometimes;
use crate::story::short;
use crate::world::World;

/// One process's connection to the bus.
pub(crate) struct SimulatedBus {
    inner: MemoryBus,
    link: Link,
}

impl SimulatedBus {
    pub(crate) fn new(inner: MemoryBus, link: Link) -> Self {
        Self { inner, link }
    }

    /// What was sent over a connection arrives over that one or not at all.
    async fn send(
        &self,
        connection: Option<u64>,
        message: &Message,
        expected_last: u64,
    ) -> Result<u64, PublishError> {
        let lost = |Lost| PublishError::Unavailable("no answer".to_owned());
        let world = &self.link.world;
        self.link.there().await.map_err(lost)?;
        if let Some(late_us) = self.link.late_us() {
            let (inner, later, message) = (self.inner.clone(), Arc::clone(world), message.clone());
            world.inside.spawn(OUTSIDE, async move {
                later.inside.sleep_us(late_us).await;
                if later.is_connected_as(connection) {
                    let _ = append(&inner, &later, &message, expected_last);
                }
            });
            return Err(lost(Lost));
        }
        if !world.is_connected_as(connection) {
            return Err(lost(Lost));
        }
        let outcome = append(&self.inner, world, message, expected_last);
        self.link.back().await.map_err(lost)?;
        outcome
    }
}

/// What the server does about a publication that has arrived.
fn append(
    inner: &MemoryBus,
    world: &World,
    message: &Message,
    expected_last: u64,
) -> Result<u64, PublishError> {
    let last = || {
        let last = inner.last(&message.category, message.id).now_or_never().and_then(Result::ok).flatten();
        last.map_or(0, |last| last.sequence)
    };
    let length = world.audit().stream_length();
    let outcome =
        if world.lacks(Mutant::BusCheck) || (world.lacks(Mutant::MessageId) && last() == expected_last) {
            Ok(inner.append_raw(message.to_wire()))
        } else if world.lacks(Mutant::MessageId) {
            Err(PublishError::Conflict)
        } else {
            let outcome = inner.publish(message, expected_last).now_or_never();
            outcome.unwrap_or_else(|| Err(PublishError::Unavailable("it waits".to_owned())))
        };
    match &outcome {
        Ok(sequence) if *sequence > length => {
            world.audit().published(message);
            let told = || {
                format!(
                    "#{sequence} {} v{} {}",
                    message.recorded.event.event_type,
                    message.recorded.version,
                    short(message.id)
                )
            };
            world.tell(|story| story.note(world.inside.now_us(), Some("bus"), told()));
        }
        Ok(_) => world.met(Sometimes::DuplicateIgnored),
        Err(PublishError::Conflict | PublishError::Unavailable(_)) => {}
    }
    outcome
}

fn unavailable(_: Lost) -> BusError {
    BusError("no answer".to_owned())
}

#[async_trait]
impl Bus for SimulatedBus {
    async fn prepare(&self) -> Result<(), BusError> {
        self.link.ask().await.map_err(unavailable)?;
        self.inner.prepare().await
    }

    async fn state(&self) -> Result<StreamState, BusError> {
        self.link.ask().await.map_err(unavailable)?;
        self.inner.state().await
    }

    async fn last(&self, category: &str, id: Uuid) -> Result<Option<LastMessage>, BusError> {
        self.link.ask().await.map_err(unavailable)?;
        self.inner.last(category, id).await
    }

    async fn publish(&self, message: &Message, expected_last: u64) -> Result<u64, PublishError> {
        self.send(None, message, expected_last).await
    }

    async fn publish_over(
        &self,
        connection: u64,
        message: &Message,
        expected_last: u64,
    ) -> Result<u64, PublishError> {
        let world = &self.link.world;
        let is_any = world.lacks(Mutant::ConnectionCheck) || world.lacks(Mutant::MessageId);
        self.send((!is_any).then_some(connection), message, expected_last).await
    }

    async fn get(&self, sequence: u64) -> Result<Option<Stored>, BusError> {
        self.link.ask().await.map_err(unavailable)?;
        self.inner.get(sequence).await
    }

    async fn sequence_at(&self, time: Timestamp) -> Result<u64, BusError> {
        self.link.ask().await.map_err(unavailable)?;
        self.inner.sequence_at(time).await
    }

    async fn read(
        &self,
        categories: &[&str],
        sequence: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Parcel)>, BusError> {
        if self.link.world.lacks(Mutant::BehindGate) {
            return Ok(Vec::new());
        }
        self.link.ask().await.map_err(unavailable)?;
        self.inner.read(categories, sequence, limit).await
    }

    async fn subscribe(&self, spec: &ConsumerSpec) -> Result<Box<dyn Subscription>, BusError> {
        self.link.there().await.map_err(unavailable)?;
        let inner = self.inner.subscribe(spec).await?;
        Ok(Box::new(SimulatedSubscription::new(inner, self.link.clone())))
    }

    async fn delivered(&self, consumer: &str) -> Result<Option<u64>, BusError> {
        self.link.ask().await.map_err(unavailable)?;
        self.inner.delivered(consumer).await
    }

    async fn rewind(&self, consumer: &str, sequence: u64) -> Result<(), BusError> {
        if self.link.world.lacks(Mutant::ConsumerRewind) {
            return Ok(());
        }
        self.link.there().await.map_err(unavailable)?;
        self.link.world.met(Sometimes::ConsumerRewound);
        self.inner.rewind(consumer, sequence).await
    }

    async fn forget(&self, consumer: &str) -> Result<(), BusError> {
        let world = &self.link.world;
        if world.lacks(Mutant::ConsumerReset) || world.lacks(Mutant::TimerRebuild) {
            return Ok(());
        }
        self.link.there().await.map_err(unavailable)?;
        self.link.world.met(Sometimes::ConsumerReset);
        self.inner.forget(consumer).await
    }

    async fn follow(&self, category: &str) -> Result<BoxStream<'static, Message>, BusError> {
        self.link.there().await.map_err(unavailable)?;
        let (messages, world) = (self.inner.follow(category).await?, Arc::clone(&self.link.world));
        let heard = move |_: &Message| std::future::ready(!world.strikes(Fault::SubscriptionBroken));
        Ok(messages.take_while(heard).boxed())
    }

    async fn follow_from(
        &self,
        hears: &'static [(&'static str, &'static str)],
        since: Timestamp,
    ) -> Result<Box<dyn Following>, BusError> {
        self.link.there().await.map_err(unavailable)?;
        let inner = self.inner.follow_from(hears, since).await?;
        Ok(Box::new(SimulatedFollowing::new(inner, self.link.clone())))
    }

    async fn mention(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError> {
        self.link.there().await.map_err(unavailable)?;
        self.inner.mention(subject, body).await
    }

    async fn overhear(&self, subject: &str) -> Result<BoxStream<'static, Vec<u8>>, BusError> {
        self.link.there().await.map_err(unavailable)?;
        let (mentions, world) = (self.inner.overhear(subject).await?, Arc::clone(&self.link.world));
        let heard = move |_: &Vec<u8>| std::future::ready(!world.strikes(Fault::SubscriptionBroken));
        Ok(mentions.take_while(heard).boxed())
    }

    fn connections(&self) -> watch::Receiver<u64> {
        self.link.world.connections.subscribe()
    }
}
