//! The whole stream, gone through as fast as it comes: nothing is copied of what passes by.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, push};
use futures::StreamExt as _;

use super::reading::cut_short;
use super::{JetStream, LIMIT, unavailable};
use crate::bus::BusError;
use crate::glimpse::Glimpse;

/// As nothing is acknowledged, so many come by one consumer. A slow reader has all of them in memory at some time.
const PAGE: u64 = 8_192;
/// What has come already is looked at together.
const TOGETHER: usize = 256;

pub(super) async fn pass(
    bus: &JetStream,
    from: u64,
    until: u64,
    each: &mut (dyn for<'a> FnMut(Glimpse<'a>) + Send),
) -> Result<(), BusError> {
    let mut next = from.max(1);
    while next <= until {
        let Some(last) = pass_page(bus, next, until, each).await? else { break };
        next = last + 1;
    }
    Ok(())
}

/// Says where it ended; none where nothing came.
async fn pass_page(
    bus: &JetStream,
    from: u64,
    until: u64,
    each: &mut (dyn for<'a> FnMut(Glimpse<'a>) + Send),
) -> Result<Option<u64>, BusError> {
    let stream = bus.stream().await?;
    let config = push::Config {
        deliver_subject: bus.client.new_inbox(),
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: from },
        ack_policy: AckPolicy::Explicit,
        max_ack_pending: i64::try_from(PAGE).unwrap_or(i64::MAX),
        max_deliver: 1,
        inactive_threshold: Duration::from_secs(10),
        memory_storage: true,
        ..push::Config::default()
    };
    let consumer = bus.within(stream.create_consumer(config)).await?;
    let wanted = consumer.cached_info().num_pending.min(PAGE);
    if wanted == 0 {
        return Ok(None);
    }
    let messages = bus.within(consumer.messages()).await?;
    let mut chunks = messages.ready_chunks(TOGETHER);
    let (mut came, mut last) = (0, from);
    while came < wanted {
        let chunk = bus.runtime.timeout(LIMIT, chunks.next()).await;
        let Ok(Some(chunk)) = chunk else { return Err(cut_short()) };
        for message in chunk {
            let message = message.map_err(unavailable)?;
            let place = place(&message).ok_or_else(cut_short)?;
            came += 1;
            // One may have been lost with a connection.
            if place.of_consumer != came {
                return Err(cut_short());
            }
            last = place.of_stream;
            if last > until {
                return Ok(Some(last));
            }
            let headers = message.headers.iter().flat_map(HeaderMap::iter);
            let headers =
                headers.filter_map(|(name, values)| Some((name.as_ref(), values.first()?.as_str())));
            each(Glimpse::new(last, &message.subject, headers, &message.payload));
        }
    }
    Ok(Some(last))
}

struct Place {
    of_stream: u64,
    of_consumer: u64,
}

/// Of all that the answer's address says only that:
/// `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<delivered>.<of stream>.<of consumer>.<time>.<pending>[.<token>]`.
fn place(message: &Message) -> Option<Place> {
    let reply = message.reply.as_ref()?.as_str();
    let skipped = if reply.split('.').count() == 9 { 5 } else { 7 };
    let mut parts = reply.split('.').skip(skipped);
    let mut number = || parts.next()?.parse().ok();
    Some(Place { of_stream: number()?, of_consumer: number()? })
}
