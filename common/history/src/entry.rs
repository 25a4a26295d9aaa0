//! An event as it stands on the stream, with all that is known of it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use contracts::Timestamp;
use contracts::catalogue::catalogue;
use eventsourcing::Actor;
use messaging::{Numbered, Selection};
use serde_json::Value;
use uuid::Uuid;

/// Who says the events of each category.
static SPEAKERS: LazyLock<BTreeMap<&'static str, &'static str>> =
    LazyLock::new(|| catalogue().into_iter().map(|entry| (entry.category, entry.speaker)).collect());

/// One event, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub sequence: u64,
    /// By the clock of the stream's server.
    pub stored_at: Timestamp,
    /// The kind of aggregate, such as `order`.
    pub category: String,
    pub aggregate_id: Uuid,
    /// Who said it; none where the contracts do not know the category.
    pub service: Option<&'static str>,
    pub event_id: Uuid,
    pub event_type: String,
    /// The aggregate's version after this event.
    pub version: u64,
    pub data: Value,
    /// By the clock of who said it.
    pub at: Timestamp,
    pub correlation_id: Uuid,
    pub causation_id: Uuid,
    pub actor: Actor,
    pub traceparent: Option<String>,
}

impl Entry {
    /// None of what is no event of ours.
    pub fn read(numbered: &Numbered) -> Option<Self> {
        let message = match numbered.stored.parcel.open() {
            Ok(message) => message.into_owned(),
            Err(error) => {
                tracing::debug!(sequence = numbered.sequence, error, "no event of ours");
                return None;
            }
        };
        let recorded = message.recorded;
        Some(Self {
            sequence: numbered.sequence,
            stored_at: numbered.stored.stored_at,
            service: SPEAKERS.get(message.category.as_str()).copied(),
            category: message.category,
            aggregate_id: message.id,
            event_id: recorded.id,
            event_type: recorded.event.event_type,
            version: recorded.version,
            data: recorded.event.data,
            at: recorded.at,
            correlation_id: recorded.cause.correlation_id,
            causation_id: recorded.cause.causation_id,
            actor: recorded.cause.actor,
            traceparent: recorded.cause.traceparent,
        })
    }

    pub fn is_of(&self, selection: &Selection) -> bool {
        selection.selects(&self.category, self.aggregate_id, &self.event_type)
    }

    /// The id that stands in the event's data under this name.
    pub fn names(&self, field: &str) -> Option<Uuid> {
        self.data.get(field)?.as_str()?.parse().ok()
    }
}
