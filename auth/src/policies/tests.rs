//! What follows from each event there is.

use contracts::catalogue::catalogue;
use eventsourcing::{Actor, Cause};

use super::*;

const SAID_BY: Uuid = Uuid::from_u128(1);
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn heard(event: Event) -> Heard {
    let cause = Cause {
        causation_id: Uuid::from_u128(2),
        correlation_id: Uuid::from_u128(3),
        actor: Actor::Service("test".to_owned()),
        traceparent: None,
    };
    Heard { event_id: Uuid::from_u128(4), aggregate_id: SAID_BY, version: 1, event, at: NOW, cause }
}

#[test]
fn sessions_end_with_a_ban_and_with_nothing_else() {
    let followed: Vec<_> = catalogue()
        .into_iter()
        .filter(|entry| whenever(&heard(entry.example.clone())).is_some())
        .map(|entry| (entry.category, entry.example.event_type()))
        .collect();
    assert_eq!(followed, [("user", "UserBanned")]);
    assert!(HEARS.contains(&followed[0]));
}

#[test]
fn it_is_looked_once_more_when_a_request_from_before_the_ban_is_over() {
    assert_eq!(left(NOW, NOW), Some(ONCE_MORE_AFTER));
    assert_eq!(left(NOW, NOW + Duration::from_secs(29)), Some(Duration::from_secs(1)));
    assert_eq!(left(NOW, NOW + ONCE_MORE_AFTER), None);
    // Heard late, once is enough.
    assert_eq!(left(NOW, NOW + Duration::from_secs(3600)), None);
}
