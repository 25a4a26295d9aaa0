//! The bus in memory: what JetStream does, without a server.

mod archive;
mod following;
mod stream;
mod subscription;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use contracts::Timestamp;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use runtime::Runtime;
use tokio::sync::{broadcast, watch};
use uuid::Uuid;

use self::stream::{Durable, Stream, selects};
use crate::bus::{
    Bus, BusError, ConsumerSpec, Following, LastMessage, PublishError, Stored, StreamState, Subscription,
};
use crate::message::{Message, Parcel, Wire};

/// How far who follows may lag behind before messages are missed.
const FOLLOWED: usize = 128;

/// A subject, and what is mentioned there.
type Mention = Arc<(String, Vec<u8>)>;

/// A stream in memory, shared by its clones.
#[derive(Clone)]
pub struct MemoryBus {
    stream: Arc<Mutex<Stream>>,
    followed: broadcast::Sender<Arc<Message>>,
    mentioned: broadcast::Sender<Mention>,
    connections: watch::Sender<u64>,
    runtime: Runtime,
}

impl MemoryBus {
    pub fn new(runtime: Runtime) -> Self {
        Self {
            stream: Arc::new(Mutex::new(Stream::new(runtime.now()))),
            followed: broadcast::channel(FOLLOWED).0,
            mentioned: broadcast::channel(FOLLOWED).0,
            connections: watch::channel(1).0,
            runtime,
        }
    }

    /// Loses every message after this one, as a server does whose disk lied. 0 loses the stream and its consumers.
    pub fn lose_after(&self, sequence: u64) {
        self.stream().lose_after(sequence, self.runtime.now());
        self.connections.send_modify(|count| *count += 1);
    }

    /// Appends what is no event of ours, as a stranger might.
    pub fn append_raw(&self, wire: Wire) -> u64 {
        let message = Message::from_wire(&wire).ok().map(Arc::new);
        let parcel = message.clone().map_or(Parcel::Wired(wire), Parcel::Handed);
        let sequence = self.stream().append(parcel, self.runtime.now());
        if let Some(message) = message {
            self.announce(message);
        }
        sequence
    }

    fn announce(&self, message: Arc<Message>) {
        // Nobody may be following.
        let _ = self.followed.send(message);
    }

    fn stream(&self) -> MutexGuard<'_, Stream> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Bus for MemoryBus {
    async fn prepare(&self) -> Result<(), BusError> {
        Ok(())
    }

    async fn state(&self) -> Result<StreamState, BusError> {
        let stream = self.stream();
        Ok(StreamState { created: stream.created, last_sequence: stream.last_sequence() })
    }

    async fn last(&self, category: &str, id: Uuid) -> Result<Option<LastMessage>, BusError> {
        Ok(self.stream().last(category, id))
    }

    async fn publish(&self, message: &Message, expected_last: u64) -> Result<u64, PublishError> {
        let mut stream = self.stream();
        if let Some(sequence) = stream.knows(message.recorded.id, self.runtime.now()) {
            return Ok(sequence);
        }
        if stream.last(&message.category, message.id).map_or(0, |last| last.sequence) != expected_last {
            return Err(PublishError::Conflict);
        }
        let message = Arc::new(message.clone());
        let sequence = stream.append(Parcel::Handed(Arc::clone(&message)), self.runtime.now());
        drop(stream);
        self.announce(message);
        Ok(sequence)
    }

    async fn get(&self, sequence: u64) -> Result<Option<Stored>, BusError> {
        Ok(self.stream().at(sequence).cloned())
    }

    async fn sequence_at(&self, time: Timestamp) -> Result<u64, BusError> {
        let stream = self.stream();
        Ok(stream.messages.partition_point(|stored| stored.stored_at < time) as u64 + 1)
    }

    async fn read(
        &self,
        categories: &[&str],
        sequence: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Parcel)>, BusError> {
        let stream = self.stream();
        let selected = stream
            .numbered_from(sequence)
            .filter(|(_, stored)| categories.iter().any(|category| selects(&stored.parcel, category, None)));
        Ok(selected.take(limit).map(|(at, stored)| (at, stored.parcel.clone())).collect())
    }

    async fn subscribe(&self, spec: &ConsumerSpec) -> Result<Box<dyn Subscription>, BusError> {
        Ok(Box::new(subscription::open(self.clone(), spec)))
    }

    async fn delivered(&self, consumer: &str) -> Result<Option<u64>, BusError> {
        let stream = self.stream();
        Ok(stream
            .durables(consumer)
            .filter_map(|name| stream.consumers.get(name))
            .map(Durable::delivered)
            .max())
    }

    async fn rewind(&self, consumer: &str, sequence: u64) -> Result<(), BusError> {
        self.stream().rewind(consumer, sequence);
        Ok(())
    }

    async fn forget(&self, consumer: &str) -> Result<(), BusError> {
        self.stream().forget(consumer);
        Ok(())
    }

    async fn follow(&self, category: &str) -> Result<BoxStream<'static, Message>, BusError> {
        let from = (self.followed.subscribe(), category.to_owned());
        let messages = futures::stream::unfold(from, |(mut receiver, category)| async move {
            loop {
                match receiver.recv().await {
                    Ok(message) if message.category == category => {
                        return Some((Arc::unwrap_or_clone(message), (receiver, category)));
                    }
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        });
        Ok(messages.boxed())
    }

    async fn follow_from(
        &self,
        hears: &'static [(&'static str, &'static str)],
        since: Timestamp,
    ) -> Result<Box<dyn Following>, BusError> {
        Ok(Box::new(following::open(self.clone(), hears, since)))
    }

    async fn mention(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError> {
        // Nobody may be listening.
        let _ = self.mentioned.send(Arc::new((subject.to_owned(), body)));
        Ok(())
    }

    async fn overhear(&self, subject: &str) -> Result<BoxStream<'static, Vec<u8>>, BusError> {
        let from = (self.mentioned.subscribe(), subject.to_owned());
        let mentions = futures::stream::unfold(from, |(mut receiver, subject)| async move {
            loop {
                match receiver.recv().await {
                    Ok(mention) if mention.0 == subject => {
                        return Some((mention.1.clone(), (receiver, subject)));
                    }
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        });
        Ok(mentions.boxed())
    }

    fn connections(&self) -> watch::Receiver<u64> {
        self.connections.subscribe()
    }
}
