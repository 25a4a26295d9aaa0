//! A service's durable consumers in memory, as one sequence of deliveries.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use contracts::Timestamp;
use tokio::sync::watch;

use super::MemoryBus;
use super::stream::{Durable, Turn};
use crate::bus::{BusError, ConsumerSpec, Delivery, Receipt, Subscription};

pub(super) fn open(bus: MemoryBus, spec: &ConsumerSpec) -> MemorySubscription {
    let (consumers, rings) = bus.stream().subscribe(spec);
    MemorySubscription { bus, consumers, rings, ack_wait: spec.ack_wait }
}

pub(super) struct MemorySubscription {
    bus: MemoryBus,
    consumers: Vec<String>,
    rings: watch::Receiver<()>,
    ack_wait: Duration,
}

impl MemorySubscription {
    /// The next message that is due, or when one may be.
    fn take(&self, now: Timestamp) -> Result<Result<Delivery, Option<Timestamp>>, BusError> {
        let mut stream = self.bus.stream();
        let mut next: Option<Timestamp> = None;
        for consumer in &self.consumers {
            let turn = stream.take(consumer, now, self.ack_wait);
            match turn.ok_or_else(|| BusError("the consumer was deleted".to_owned()))? {
                Turn::Deliver { sequence, attempt, parcel } => {
                    let (bus, consumer, ack_wait) = (self.bus.clone(), consumer.clone(), self.ack_wait);
                    let receipt = MemoryReceipt { bus, consumer, sequence, ack_wait };
                    return Ok(Ok(Delivery { sequence, attempt, parcel, receipt: Arc::new(receipt) }));
                }
                Turn::At(due_at) => next = Some(next.map_or(due_at, |next| next.min(due_at))),
                Turn::Nothing => {}
            }
        }
        Ok(Err(next))
    }
}

#[async_trait]
impl Subscription for MemorySubscription {
    async fn next(&mut self) -> Result<Delivery, BusError> {
        loop {
            self.rings.mark_unchanged();
            let now = self.bus.runtime.now();
            match self.take(now)? {
                Ok(delivery) => return Ok(delivery),
                Err(Some(due_at)) => {
                    // Either way it is time to look again.
                    let _ = self.bus.runtime.timeout(due_at.since(now), self.rings.changed()).await;
                }
                Err(None) => {
                    if self.rings.changed().await.is_err() {
                        return Err(BusError("the bus is gone".to_owned()));
                    }
                }
            }
        }
    }
}

struct MemoryReceipt {
    bus: MemoryBus,
    consumer: String,
    sequence: u64,
    ack_wait: Duration,
}

impl MemoryReceipt {
    fn settle(&self, change: impl FnOnce(&mut Durable)) {
        if let Some(durable) = self.bus.stream().consumers.get_mut(&self.consumer) {
            change(durable);
        }
    }
}

#[async_trait]
impl Receipt for MemoryReceipt {
    async fn acknowledge(&self) -> Result<(), BusError> {
        self.settle(|durable| {
            durable.pending.remove(&self.sequence);
        });
        Ok(())
    }

    async fn again_in(&self, pause: Duration) -> Result<(), BusError> {
        let due_at = self.bus.runtime.now() + pause;
        self.settle(|durable| {
            if let Some(pending) = durable.pending.get_mut(&self.sequence) {
                pending.due_at = due_at;
            }
            durable.ring();
        });
        Ok(())
    }

    async fn in_hand(&self) -> Result<(), BusError> {
        self.again_in(self.ack_wait).await
    }

    async fn terminate(&self) -> Result<(), BusError> {
        self.acknowledge().await
    }
}
