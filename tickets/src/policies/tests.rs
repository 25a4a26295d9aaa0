//! What is heard, and what follows, against the catalogue of all events.

use contracts::catalogue::catalogue;
use contracts::{Event, Timestamp};
use eventsourcing::{Actor, Cause};
use messaging::Heard;
use uuid::Uuid;

use super::{HEARS, whenever};

fn heard(event: Event) -> Heard {
    Heard {
        event_id: Uuid::from_u128(1),
        aggregate_id: Uuid::from_u128(2),
        version: 1,
        event,
        at: Timestamp::default(),
        cause: Cause {
            causation_id: Uuid::from_u128(3),
            correlation_id: Uuid::from_u128(4),
            actor: Actor::Service("orders".to_owned()),
            traceparent: None,
        },
    }
}

#[test]
fn something_follows_from_just_the_events_that_are_heard() {
    for entry in catalogue() {
        let name = (entry.category, entry.example.event_type());
        let follows = whenever(&heard(entry.example), Timestamp::default()).is_some();
        assert_eq!(follows, HEARS.contains(&name), "{name:?}");
    }
}

#[test]
fn everything_heard_is_in_the_catalogue() {
    for name in HEARS {
        assert!(
            catalogue().iter().any(|entry| (entry.category, entry.example.event_type()) == *name),
            "{name:?}"
        );
    }
}
