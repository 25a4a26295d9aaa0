//! A service's durable consumers as one sequence of deliveries.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::Consumer;
use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::message::Acker;
use async_nats::jetstream::{AckKind, Message};
use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::{SelectAll, select_all};
use tokio::sync::watch;

use super::{JetStream, unavailable, wire};
use crate::Parcel;
use crate::bus::{BusError, Delivery, Receipt, Subscription};

/// A pull request ends after this time, so that a server that forgot it is asked again.
const EXPIRES: Duration = Duration::from_secs(5);
pub(super) const HEARTBEAT: Duration = Duration::from_secs(2);
const BATCH: usize = 200;

/// Asks for messages, as many at a time as one replica can have in hand.
pub(super) async fn open(
    consumers: Vec<Consumer<pull::Config>>,
    bus: JetStream,
) -> Result<Box<dyn Subscription>, BusError> {
    let losses = bus.losses();
    let mut streams = Vec::with_capacity(consumers.len());
    for consumer in consumers {
        let stream =
            consumer.stream().max_messages_per_batch(BATCH).expires(EXPIRES).heartbeat(HEARTBEAT).messages();
        streams.push(bus.within(stream).await?);
    }
    Ok(Box::new(Pulled { messages: select_all(streams), bus, losses }))
}

struct Pulled {
    messages: SelectAll<pull::Stream>,
    bus: JetStream,
    /// It ends with the connection it was made over, and so do the answers to what it delivered: behind the next one
    /// may be another stream, which numbers its messages alike.
    losses: watch::Receiver<u64>,
}

#[async_trait]
impl Subscription for Pulled {
    async fn next(&mut self) -> Result<Delivery, BusError> {
        let message = tokio::select! {
            biased;
            _ = self.losses.changed() => return Err(lost()),
            message = self.messages.next() => message,
        };
        let message = message.ok_or_else(|| BusError("the consumer has ended".to_owned()))?;
        let message: Message = message.map_err(unavailable)?;
        let info = message.info().map_err(unavailable)?;
        let (sequence, attempt) = (info.stream_sequence, u64::try_from(info.delivered).unwrap_or(1));
        let wire = wire(&message.subject, message.headers.as_ref(), &message.payload);
        let (_, acker) = message.split();
        Ok(Delivery {
            sequence,
            attempt,
            parcel: Parcel::Wired(wire),
            receipt: Arc::new(Acknowledgement { acker, bus: self.bus.clone(), losses: self.losses.clone() }),
        })
    }
}

struct Acknowledgement {
    acker: Acker,
    bus: JetStream,
    losses: watch::Receiver<u64>,
}

pub(super) fn lost() -> BusError {
    BusError("the connection it was delivered over is lost".to_owned())
}

impl Acknowledgement {
    async fn answer(&self, kind: AckKind) -> Result<(), BusError> {
        if self.losses.has_changed().unwrap_or(true) {
            return Err(lost());
        }
        self.bus.within(self.acker.ack_with(kind)).await
    }
}

#[async_trait]
impl Receipt for Acknowledgement {
    async fn acknowledge(&self) -> Result<(), BusError> {
        self.answer(AckKind::Ack).await
    }

    async fn again_in(&self, pause: Duration) -> Result<(), BusError> {
        self.answer(AckKind::Nak(Some(pause))).await
    }

    async fn in_hand(&self) -> Result<(), BusError> {
        self.answer(AckKind::Progress).await
    }

    async fn terminate(&self) -> Result<(), BusError> {
        self.answer(AckKind::Term).await
    }
}
