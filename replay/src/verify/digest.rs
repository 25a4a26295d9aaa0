//! An event in eight bytes, alike for the store and for the stream: what differs in anything differs here.

use std::hash::{DefaultHasher, Hasher as _};

use eventsourcing::{RawEvent, Recorded};
use messaging::Seen;
use uuid::Uuid;

/// Of an aggregate's events so far, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Digest(u64);

impl Digest {
    #[must_use]
    pub(super) fn and(self, event: u64) -> Self {
        Self((self.0.rotate_left(7) ^ event).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }
}

/// As it stands on the stream.
pub(super) fn of_seen(seen: &Seen<'_>, body: &[u8]) -> u64 {
    let ids = [&seen.event_id, &seen.correlation_id, &seen.causation_id];
    of(seen.version, ids, [seen.event_type, seen.at, seen.actor, seen.traceparent.unwrap_or_default()], body)
}

/// As it stands in a store; `body` is how its data would be published.
pub(super) fn of_recorded(recorded: &Recorded<RawEvent>, body: &[u8]) -> u64 {
    let cause = &recorded.cause;
    let (at, actor) = (recorded.at.to_string(), cause.actor.to_string());
    let traceparent = cause.traceparent.as_deref().unwrap_or_default();
    let ids = [&recorded.id, &cause.correlation_id, &cause.causation_id];
    of(recorded.version, ids, [&recorded.event.event_type, &at, &actor, traceparent], body)
}

fn of(version: u64, ids: [&Uuid; 3], words: [&str; 4], body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write_u64(version);
    ids.iter().for_each(|id| hasher.write(id.as_bytes()));
    for word in words {
        hasher.write(word.as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.write(body);
    hasher.finish()
}
