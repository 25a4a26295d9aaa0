//! The bus in memory: what JetStream does, without a server.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use contracts::Timestamp;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use runtime::Runtime;
use tokio::sync::{broadcast, watch};
use uuid::Uuid;

use crate::bus::{
    Bus, BusError, ConsumerSpec, Delivery, LastMessage, PublishError, Receipt, StreamState, Subscription,
};
use crate::message::{Message, Wire};

/// How far who follows may lag behind before messages are missed.
const FOLLOWED: usize = 4_096;

/// A stream in memory, shared by its clones.
#[derive(Clone)]
pub struct MemoryBus {
    stream: Arc<Mutex<Stream>>,
    appended: watch::Sender<u64>,
    followed: broadcast::Sender<Message>,
    connections: watch::Sender<u64>,
    runtime: Runtime,
}

struct Stream {
    created: Timestamp,
    messages: Vec<Stored>,
    consumers: BTreeMap<String, Consumer>,
}

struct Stored {
    wire: Wire,
    message: Option<Message>,
    stored_at: Timestamp,
}

#[derive(Default)]
struct Consumer {
    delivered: u64,
    /// What is not answered yet: when it is due again, and how often it was delivered.
    pending: BTreeMap<u64, Pending>,
}

#[derive(Clone, Copy)]
struct Pending {
    due_at: Timestamp,
    attempt: u64,
}

impl MemoryBus {
    pub fn new(runtime: Runtime) -> Self {
        let stream = Stream { created: runtime.now(), messages: Vec::new(), consumers: BTreeMap::new() };
        Self {
            stream: Arc::new(Mutex::new(stream)),
            appended: watch::channel(0).0,
            followed: broadcast::channel(FOLLOWED).0,
            connections: watch::channel(1).0,
            runtime,
        }
    }

    /// Loses every message after this one, as a server does whose disk lied. 0 loses the stream and its consumers.
    pub fn lose_after(&self, sequence: u64) {
        let mut stream = self.stream();
        stream.messages.truncate(usize::try_from(sequence).unwrap_or(usize::MAX));
        if sequence == 0 {
            stream.created = self.runtime.now().max(stream.created + Duration::from_millis(1));
            stream.consumers.clear();
        }
        drop(stream);
        self.connections.send_modify(|count| *count += 1);
    }

    /// Appends what is no event of ours, as a stranger might.
    pub fn append_raw(&self, wire: Wire) -> u64 {
        let message = Message::from_wire(&wire).ok();
        let mut stream = self.stream();
        stream.messages.push(Stored { wire, message: message.clone(), stored_at: self.runtime.now() });
        let sequence = stream.messages.len() as u64;
        drop(stream);
        self.appended.send_modify(|count| *count += 1);
        if let Some(message) = message {
            // Nobody may be following.
            let _ = self.followed.send(message);
        }
        sequence
    }

    fn stream(&self) -> MutexGuard<'_, Stream> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream {
    fn last(&self, category: &str, id: Uuid) -> Option<LastMessage> {
        let of_aggregate = |(at, stored): (usize, &Stored)| {
            let message = stored.message.as_ref()?;
            (message.category == category && message.id == id).then(|| LastMessage {
                sequence: at as u64 + 1,
                version: message.recorded.version,
                event_id: message.recorded.id,
            })
        };
        self.messages.iter().enumerate().rev().find_map(of_aggregate)
    }

    fn at(&self, sequence: u64) -> Option<&Stored> {
        self.messages.get(usize::try_from(sequence.checked_sub(1)?).ok()?)
    }
}

/// Whether the subject is one of the category's, or of its type.
fn selects(subject: &str, category: &str, event_type: Option<&str>) -> bool {
    let mut parts = subject.split('.').skip(1);
    parts.next() == Some(category) && event_type.is_none_or(|event_type| parts.nth(1) == Some(event_type))
}

#[async_trait]
impl Bus for MemoryBus {
    async fn prepare(&self) -> Result<(), BusError> {
        Ok(())
    }

    async fn state(&self) -> Result<StreamState, BusError> {
        let stream = self.stream();
        Ok(StreamState { created: stream.created, last_sequence: stream.messages.len() as u64 })
    }

    async fn last(&self, category: &str, id: Uuid) -> Result<Option<LastMessage>, BusError> {
        Ok(self.stream().last(category, id))
    }

    async fn publish(&self, message: &Message, expected_last: u64) -> Result<u64, PublishError> {
        let mut stream = self.stream();
        if stream.last(&message.category, message.id).map_or(0, |last| last.sequence) != expected_last {
            return Err(PublishError::Conflict);
        }
        stream.messages.push(Stored {
            wire: message.to_wire(),
            message: Some(message.clone()),
            stored_at: self.runtime.now(),
        });
        let sequence = stream.messages.len() as u64;
        drop(stream);
        self.appended.send_modify(|count| *count += 1);
        // Nobody may be following.
        let _ = self.followed.send(message.clone());
        Ok(sequence)
    }

    async fn get(&self, sequence: u64) -> Result<Option<Wire>, BusError> {
        Ok(self.stream().at(sequence).map(|stored| stored.wire.clone()))
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
    ) -> Result<Vec<(u64, Wire)>, BusError> {
        let stream = self.stream();
        let numbered = stream.messages.iter().enumerate().map(|(at, stored)| (at as u64 + 1, stored));
        let selected = numbered.filter(|(at, stored)| {
            *at >= sequence && categories.iter().any(|category| selects(&stored.wire.subject, category, None))
        });
        Ok(selected.take(limit).map(|(at, stored)| (at, stored.wire.clone())).collect())
    }

    async fn subscribe(&self, spec: &ConsumerSpec) -> Result<Box<dyn Subscription>, BusError> {
        self.stream().consumers.entry(spec.name.to_owned()).or_default();
        Ok(Box::new(MemorySubscription { bus: self.clone(), spec: spec.clone() }))
    }

    async fn delivered(&self, consumer: &str) -> Result<Option<u64>, BusError> {
        Ok(self.stream().consumers.get(consumer).map(|consumer| consumer.delivered))
    }

    async fn forget(&self, consumer: &str) -> Result<(), BusError> {
        self.stream().consumers.remove(consumer);
        self.appended.send_modify(|count| *count += 1);
        Ok(())
    }

    async fn follow(&self, category: &str) -> Result<BoxStream<'static, Message>, BusError> {
        let category = category.to_owned();
        let messages = stream::unfold(self.followed.subscribe(), |mut receiver| async move {
            loop {
                match receiver.recv().await {
                    Ok(message) => return Some((message, receiver)),
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        });
        Ok(messages.filter(move |message| std::future::ready(message.category == category)).boxed())
    }

    fn connections(&self) -> watch::Receiver<u64> {
        self.connections.subscribe()
    }
}

struct MemorySubscription {
    bus: MemoryBus,
    spec: ConsumerSpec,
}

impl MemorySubscription {
    /// The next message that is due, or how long it is until one may be.
    fn take(&self) -> Result<Result<Delivery, Option<Duration>>, BusError> {
        let now = self.bus.runtime.now();
        let mut stream = self.bus.stream();
        let gone = || BusError("the consumer was deleted".to_owned());
        let consumer = stream.consumers.get(self.spec.name).ok_or_else(gone)?;
        let due = consumer.pending.iter().find(|(_, pending)| pending.due_at <= now);
        let (sequence, attempt) = match due {
            Some((sequence, pending)) => (*sequence, pending.attempt + 1),
            None => {
                let heard = |subject: &str| {
                    let mut hears = self.spec.hears.iter();
                    hears.any(|(category, event_type)| selects(subject, category, Some(event_type)))
                };
                let mut fresh = consumer.delivered + 1..=stream.messages.len() as u64;
                let next = fresh.find(|at| stream.at(*at).is_some_and(|stored| heard(&stored.wire.subject)));
                match next {
                    Some(sequence) => (sequence, 1),
                    None => {
                        let next_due = consumer.pending.values().map(|pending| pending.due_at).min();
                        return Ok(Err(next_due.map(|due_at| due_at.since(now))));
                    }
                }
            }
        };
        let Some(wire) = stream.at(sequence).map(|stored| stored.wire.clone()) else {
            if let Some(consumer) = stream.consumers.get_mut(self.spec.name) {
                consumer.pending.remove(&sequence);
            }
            return Ok(Err(Some(Duration::ZERO)));
        };
        if let Some(consumer) = stream.consumers.get_mut(self.spec.name) {
            consumer.delivered = consumer.delivered.max(sequence);
            consumer.pending.insert(sequence, Pending { due_at: now + self.spec.ack_wait, attempt });
        }
        let receipt = MemoryReceipt { bus: self.bus.clone(), consumer: self.spec.name, sequence };
        Ok(Ok(Delivery { sequence, attempt, wire, receipt: Box::new(receipt) }))
    }
}

#[async_trait]
impl Subscription for MemorySubscription {
    async fn next(&mut self) -> Result<Delivery, BusError> {
        let mut appended = self.bus.appended.subscribe();
        loop {
            appended.mark_unchanged();
            match self.take()? {
                Ok(delivery) => return Ok(delivery),
                Err(Some(pause)) => {
                    // Either way it is time to look again.
                    let _ = self.bus.runtime.timeout(pause, appended.changed()).await;
                }
                Err(None) => {
                    if appended.changed().await.is_err() {
                        return Err(BusError("the bus is gone".to_owned()));
                    }
                }
            }
        }
    }
}

struct MemoryReceipt {
    bus: MemoryBus,
    consumer: &'static str,
    sequence: u64,
}

impl MemoryReceipt {
    fn settle(&self, change: impl FnOnce(&mut BTreeMap<u64, Pending>)) {
        if let Some(consumer) = self.bus.stream().consumers.get_mut(self.consumer) {
            change(&mut consumer.pending);
        }
        self.bus.appended.send_modify(|count| *count += 1);
    }
}

#[async_trait]
impl Receipt for MemoryReceipt {
    async fn acknowledge(&self) -> Result<(), BusError> {
        self.settle(|pending| {
            pending.remove(&self.sequence);
        });
        Ok(())
    }

    async fn again_in(&self, pause: Duration) -> Result<(), BusError> {
        let due_at = self.bus.runtime.now() + pause;
        self.settle(|pending| {
            if let Some(pending) = pending.get_mut(&self.sequence) {
                pending.due_at = due_at;
            }
        });
        Ok(())
    }

    async fn terminate(&self) -> Result<(), BusError> {
        self.acknowledge().await
    }
}
