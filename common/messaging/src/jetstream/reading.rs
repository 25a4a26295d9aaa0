//! A part of the stream, read once: by a consumer that nobody else can ask, and that ends with the reading.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, push};
use futures::StreamExt as _;

use super::{JetStream, LIMIT, timestamp, unavailable, wire};
use crate::archive::{Extent, Numbered};
use crate::bus::{BusError, Stored};
use crate::message::{IDS, Parcel, SUBJECT_PREFIX, Wire};

pub(super) async fn read(
    bus: &JetStream,
    categories: &[&str],
    sequence: u64,
    limit: usize,
) -> Result<Vec<(u64, Parcel)>, BusError> {
    // To the server no filter at all would mean everything.
    if categories.is_empty() {
        return Ok(Vec::new());
    }
    let subjects = categories.iter().map(|category| format!("{SUBJECT_PREFIX}.{category}.>")).collect();
    let part = part(bus, subjects, sequence, limit, Extent::Whole).await?;
    Ok(part.into_iter().map(|numbered| (numbered.sequence, numbered.stored.parcel)).collect())
}

/// No subject at all means everything.
pub(super) async fn part(
    bus: &JetStream,
    filter_subjects: Vec<String>,
    sequence: u64,
    limit: usize,
    extent: Extent,
) -> Result<Vec<Numbered>, BusError> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let stream = bus.stream().await?;
    // Nobody may ask for what a consumer without a name holds: it is sent to our own inbox.
    let config = push::Config {
        deliver_subject: bus.client.new_inbox(),
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: sequence.max(1) },
        ack_policy: AckPolicy::Explicit,
        // As nothing is acknowledged, so many are sent, and each once.
        max_ack_pending: i64::try_from(limit).unwrap_or(i64::MAX),
        max_deliver: 1,
        filter_subjects,
        headers_only: extent == Extent::Ids,
        inactive_threshold: Duration::from_secs(10),
        memory_storage: true,
        ..push::Config::default()
    };
    let consumer = bus.within(stream.create_consumer(config)).await?;
    let pending = usize::try_from(consumer.cached_info().num_pending).unwrap_or(usize::MAX);
    let wanted = pending.min(limit);
    let mut messages = Vec::with_capacity(wanted);
    if wanted > 0 {
        let mut sent = bus.within(consumer.messages()).await?;
        while messages.len() < wanted {
            let next = bus.runtime.timeout(LIMIT, sent.next()).await;
            let Ok(Some(message)) = next else { return Err(cut_short()) };
            let message = message.map_err(unavailable)?;
            let info = message.info().map_err(unavailable)?;
            // One may have been lost with a connection.
            if usize::try_from(info.consumer_sequence) != Ok(messages.len() + 1) {
                return Err(cut_short());
            }
            let wire = match extent {
                Extent::Whole => wire(&message.subject, message.headers.as_ref(), &message.payload),
                Extent::Ids => wire_of_ids(&message),
            };
            let stored = Stored { parcel: Parcel::Wired(wire), stored_at: timestamp(info.published) };
            messages.push(Numbered { sequence: info.stream_sequence, stored });
        }
    }
    Ok(messages)
}

fn wire_of_ids(message: &async_nats::jetstream::Message) -> Wire {
    let headers = message.headers.as_ref();
    let header = |name: &&str| Some(((*name).to_owned(), headers?.get(*name)?.as_str().to_owned()));
    Wire {
        subject: message.subject.to_string(),
        headers: IDS.iter().filter_map(header).collect(),
        body: Vec::new(),
    }
}

pub(super) fn cut_short() -> BusError {
    BusError("reading the stream was cut short".to_owned())
}
