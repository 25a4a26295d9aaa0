//! The port behind which the stream of events lives.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use contracts::Timestamp;
use futures::stream::BoxStream;
use tokio::sync::watch;
use uuid::Uuid;

use crate::message::{Message, Parcel};

/// An event that was stored no longer ago than this is not stored again. By the message that it follows a publication
/// is refused for ever; this is for a stream that was replaced, in which that message may stand where it did.
pub(crate) const DUPLICATES: Duration = Duration::from_secs(600);

/// One durable stream of all events, in one order.
#[async_trait]
pub trait Bus: Send + Sync + 'static {
    /// Makes the stream, where it is missing.
    async fn prepare(&self) -> Result<(), BusError>;

    async fn state(&self) -> Result<StreamState, BusError>;

    /// The aggregate's last message.
    async fn last(&self, category: &str, id: Uuid) -> Result<Option<LastMessage>, BusError>;

    /// Appends, if the aggregate's last message still stands at this sequence (0: it has none), and says where.
    async fn publish(&self, message: &Message, expected_last: u64) -> Result<u64, PublishError>;

    /// The same, if the connection is still the one over which that sequence was learned: behind the next one may be a
    /// stream in which something else stands there.
    async fn publish_over(
        &self,
        connection: u64,
        message: &Message,
        expected_last: u64,
    ) -> Result<u64, PublishError> {
        if *self.connections().borrow() == connection {
            self.publish(message, expected_last).await
        } else {
            Err(PublishError::Conflict)
        }
    }

    /// The message at this sequence.
    async fn get(&self, sequence: u64) -> Result<Option<Stored>, BusError>;

    /// The sequence of the first message that was stored at this time or later, or the next that will be.
    async fn sequence_at(&self, time: Timestamp) -> Result<u64, BusError>;

    /// Up to `limit` of the messages of these categories, from `sequence` on, as they are.
    async fn read(
        &self,
        categories: &[&str],
        sequence: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Parcel)>, BusError>;

    /// The durable consumer of this name, made where it is missing.
    async fn subscribe(&self, spec: &ConsumerSpec) -> Result<Box<dyn Subscription>, BusError>;

    /// How far the durable consumer was delivered; none where it does not exist.
    async fn delivered(&self, consumer: &str) -> Result<Option<u64>, BusError>;

    /// Delivers to the durable consumer again what comes after this sequence, and what it did not acknowledge before.
    /// What it has in hand is not waited for any more.
    async fn rewind(&self, consumer: &str, sequence: u64) -> Result<(), BusError>;

    /// Forgets the durable consumer: the next `subscribe` begins with the first message.
    async fn forget(&self, consumer: &str) -> Result<(), BusError>;

    /// What is published from now on in this category: nothing is acknowledged, and some may be missed.
    async fn follow(&self, category: &str) -> Result<BoxStream<'static, Message>, BusError>;

    /// What was stored at this time or later of these categories and types, and then all that comes: in the stream's
    /// order, with nothing left out and nothing to be acknowledged.
    async fn follow_from(
        &self,
        hears: &'static [(&'static str, &'static str)],
        since: Timestamp,
    ) -> Result<Box<dyn Following>, BusError>;

    /// Says it to whoever listens on this subject just now; nothing is kept. Fails while there is no connection:
    /// nobody is told later what was so before.
    async fn mention(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError>;

    /// What is mentioned on this subject from now on; some may be missed.
    async fn overhear(&self, subject: &str) -> Result<BoxStream<'static, Vec<u8>>, BusError>;

    /// How often the connection was made; changes when it was lost and is there again.
    fn connections(&self) -> watch::Receiver<u64>;
}

/// Which stream it is and how far it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamState {
    pub created: Timestamp,
    pub last_sequence: u64,
}

/// A message on the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub parcel: Parcel,
    /// By the server's clock.
    pub stored_at: Timestamp,
}

/// Where an aggregate's messages end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastMessage {
    pub sequence: u64,
    pub version: u64,
    pub event_id: Uuid,
}

/// A durable consumer: who, and what it hears.
#[derive(Clone, Debug)]
pub struct ConsumerSpec {
    pub name: &'static str,
    /// Category and type of each event.
    pub hears: &'static [(&'static str, &'static str)],
    /// What is neither acknowledged nor refused by then is delivered again.
    pub ack_wait: Duration,
}

/// A consumer's messages as they come.
#[async_trait]
pub trait Subscription: Send {
    /// Any error ends the subscription: make a new one.
    async fn next(&mut self) -> Result<Delivery, BusError>;
}

/// Messages of the stream, one after the other.
#[async_trait]
pub trait Following: Send {
    /// How many stood on the stream, when that was last known, and have not come yet.
    fn behind(&self) -> u64;

    /// Any error ends it: make a new one. It ends with its connection.
    async fn next(&mut self) -> Result<Stored, BusError>;
}

/// One message, to be answered.
pub struct Delivery {
    pub sequence: u64,
    /// 1 the first time.
    pub attempt: u64,
    pub parcel: Parcel,
    pub receipt: Arc<dyn Receipt>,
}

/// The answer to a delivery. One that is lost only means another delivery.
#[async_trait]
pub trait Receipt: Send + Sync {
    async fn acknowledge(&self) -> Result<(), BusError>;
    /// Deliver it again after a pause.
    async fn again_in(&self, pause: Duration) -> Result<(), BusError>;
    /// It is being worked on: the time to answer begins again.
    async fn in_hand(&self) -> Result<(), BusError>;
    /// Never deliver it again.
    async fn terminate(&self) -> Result<(), BusError>;
}

/// The bus could not be asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the bus is unavailable: {0}")]
pub struct BusError(pub String);

/// Why a message is not known to be on the stream.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PublishError {
    #[error("the aggregate's last message is another one")]
    Conflict,
    /// It may be stored all the same.
    #[error("the bus is unavailable: {0}")]
    Unavailable(String),
}
