//! An event as a line that opens: what was said, by whom, about what, and all that is known of it.

use contracts::{Timestamp, UserId};
use uuid::Uuid;

use super::short;
use crate::api::Entry;

/// Everything written as it is shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Event {
    pub sequence: u64,
    pub event_id: Uuid,
    pub kind: String,
    /// Who said it; empty where nobody is known to.
    pub service: String,
    pub aggregate: String,
    pub aggregate_id: Uuid,
    pub aggregate_short: String,
    pub version: u64,
    pub at: Timestamp,
    /// `2030-05-01`.
    pub day: String,
    /// `19:30:00.000`, in UTC.
    pub clock: String,
    /// On whose behalf; a person by the end of the id.
    pub actor: String,
    /// The one on whose behalf, if it is a person.
    pub person: Option<UserId>,
    pub causation_id: Uuid,
    pub correlation_id: Uuid,
    /// Empty where none was begun.
    pub trace: String,
    /// As JSON, to be read.
    pub data: String,
}

impl Event {
    pub(super) fn of(entry: &Entry) -> Self {
        let at = entry.at.to_string();
        let (day, clock) = at.split_once('T').unwrap_or((&at, ""));
        let person: Option<UserId> = entry.actor.strip_prefix("user:").and_then(|id| id.parse().ok());
        let service = entry.actor.strip_prefix("service:").unwrap_or(&entry.actor);
        Self {
            sequence: entry.sequence,
            event_id: entry.event_id,
            kind: entry.r#type.clone(),
            service: entry.service.clone().unwrap_or_default(),
            aggregate: entry.aggregate.clone(),
            aggregate_id: entry.aggregate_id,
            aggregate_short: short(entry.aggregate_id),
            version: entry.version,
            at: entry.at,
            day: day.to_owned(),
            clock: clock.trim_end_matches('Z').to_owned(),
            actor: person.map_or_else(|| service.to_owned(), short),
            person,
            causation_id: entry.causation_id,
            correlation_id: entry.correlation_id,
            trace: entry.traceparent.clone().unwrap_or_default(),
            data: serde_json::to_string_pretty(&entry.data).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the service answers.
    fn entry(actor: &str) -> Entry {
        serde_json::from_value(serde_json::json!({
            "sequence": 7, "stored_at": "2030-05-01T19:30:00.125Z", "aggregate": "order",
            "aggregate_id": "01970000-0000-7000-8000-00000000abcd", "service": "orders",
            "event_id": "01970000-0000-7000-8000-000000000002", "type": "OrderAccepted", "version": 3,
            "data": {}, "at": "2030-05-01T19:30:00.120Z",
            "correlation_id": "01970000-0000-7000-8000-000000000003",
            "causation_id": "01970000-0000-7000-8000-000000000004", "actor": actor, "traceparent": null
        }))
        .unwrap()
    }

    #[test]
    fn an_event_is_read_as_the_service_answers_and_written_for_people() {
        let event = Event::of(&entry("service:orders"));
        assert_eq!((event.day.as_str(), event.clock.as_str()), ("2030-05-01", "19:30:00.120"));
        assert_eq!(event.aggregate_short, "…0000abcd");
        assert_eq!((event.actor.as_str(), event.person), ("orders", None));
    }

    #[test]
    fn whoever_it_was_said_for_can_be_looked_up_if_it_is_a_person() {
        let event = Event::of(&entry("user:01970000-0000-7000-8000-0000000000ff"));
        assert_eq!(event.actor, "…000000ff");
        assert_eq!(event.person.unwrap().to_string(), "01970000-0000-7000-8000-0000000000ff");
        assert_eq!(Event::of(&entry("user:somebody")).person, None);
    }
}
