//! Reads the whole stream, message by message, in its order.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use contracts::Event;
use eventsourcing::{RawEvent, Recorded};
use futures::StreamExt as _;
use messaging::{Message, Wire};
use uuid::Uuid;

use super::Behind;
use crate::error::{Error, Result};

const LIMIT: Duration = Duration::from_secs(60);
const FORGET_AFTER: Duration = Duration::from_secs(30);
const BATCH: usize = 500;

/// One event as it stands on the stream.
#[derive(Clone, Debug)]
pub struct Said {
    /// Its place on the stream.
    pub sequence: u64,
    pub category: String,
    /// Of its aggregate.
    pub id: Uuid,
    pub recorded: Recorded<RawEvent>,
    pub event: Event,
    /// As it was sent.
    pub body: Vec<u8>,
}

impl Said {
    pub fn name(&self) -> &str {
        &self.recorded.event.event_type
    }
}

/// The names of events, for comparing a story with what it should be.
pub fn names(said: &[Said]) -> Vec<&str> {
    said.iter().map(Said::name).collect()
}

impl Behind {
    pub async fn said(&self) -> Result<Vec<Said>> {
        tokio::time::timeout(LIMIT, self.read_stream()).await.map_err(|_| broken("NATS does not answer"))?
    }

    async fn read_stream(&self) -> Result<Vec<Said>> {
        let client = async_nats::connect(&self.nats_url).await.map_err(broken)?;
        let jetstream = async_nats::jetstream::new(client);
        let mut stream = jetstream.get_stream("EVENTS").await.map_err(broken)?;
        let last = stream.info().await.map_err(broken)?.state.last_sequence;
        let mut said = Vec::new();
        if last == 0 {
            return Ok(said);
        }
        let config = pull::Config {
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::None,
            inactive_threshold: FORGET_AFTER,
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(config).await.map_err(broken)?;
        let messages = consumer.stream().max_messages_per_batch(BATCH).messages();
        let mut messages = messages.await.map_err(broken)?;
        while let Some(message) = messages.next().await {
            let message = message.map_err(broken)?;
            let sequence = message.info().map_err(broken)?.stream_sequence;
            said.push(read(sequence, &message)?);
            if sequence >= last {
                break;
            }
        }
        Ok(said)
    }
}

fn read(sequence: u64, message: &async_nats::Message) -> Result<Said> {
    let fields = message.headers.iter().flat_map(|headers| headers.iter());
    let headers = fields.filter_map(|(name, values)| {
        Some((name.to_string().to_lowercase(), values.first()?.as_str().to_owned()))
    });
    let wire = Wire {
        subject: message.subject.to_string(),
        headers: headers.collect(),
        body: message.payload.to_vec(),
    };
    let Message { category, id, recorded } =
        Message::from_wire(&wire).map_err(|why| broken(format!("message {sequence}: {why}")))?;
    let event = Event::decode(&category, &recorded.event.event_type, &wire.body)
        .map_err(|why| broken(format!("message {sequence}: {why}")))?;
    Ok(Said { sequence, category, id, recorded, event, body: wire.body })
}

fn broken(why: impl ToString) -> Error {
    Error::Stream(why.to_string())
}
