//! Reads the whole stream, message by message, in its order.

use std::time::Duration;

use contracts::Event;
use eventsourcing::{RawEvent, Recorded};
use messaging::{Bus as _, JetStream, Message, Wire};
use privileges::OPERATOR;
use runtime::{Runtime, TokioTasks};
use uuid::Uuid;

use super::Behind;
use crate::error::{Error, Result};

const LIMIT: Duration = Duration::from_secs(60);
const PAGE: usize = 1_000;
/// What NATS calls one part of a subject, whatever it is.
const EVERY_CATEGORY: &str = "*";

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
        let runtime = Runtime::real(TokioTasks::default());
        let bus = JetStream::connect(&self.nats_url, OPERATOR, runtime).await.map_err(broken)?;
        let last = bus.state().await.map_err(broken)?.last_sequence;
        let mut said: Vec<Said> = Vec::new();
        loop {
            let next = said.last().map_or(1, |said| said.sequence + 1);
            if next > last {
                return Ok(said);
            }
            let page = bus.read(&[EVERY_CATEGORY], next, PAGE).await.map_err(broken)?;
            if page.is_empty() {
                return Err(broken("its end was lost while it was read"));
            }
            for (sequence, parcel) in page {
                said.push(read(sequence, &parcel.wire())?);
            }
        }
    }
}

fn read(sequence: u64, wire: &Wire) -> Result<Said> {
    let Message { category, id, recorded } =
        Message::from_wire(wire).map_err(|why| broken(format!("message {sequence}: {why}")))?;
    let event = Event::decode(&category, &recorded.event.event_type, &wire.body)
        .map_err(|why| broken(format!("message {sequence}: {why}")))?;
    Ok(Said { sequence, category, id, recorded, event, body: wire.body.clone() })
}

fn broken(why: impl ToString) -> Error {
    Error::Stream(why.to_string())
}
