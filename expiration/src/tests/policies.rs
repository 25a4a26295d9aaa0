//! What follows from which event.

use std::time::Duration;

use contracts::orders::{CancellationReason, OrderAccepted, OrderCancelled, OrderCreated};
use contracts::{Event, TicketId, Timestamp, UserId};
use eventsourcing::{Actor, Cause};
use messaging::Heard;
use uuid::Uuid;

use super::order;
use crate::policies::{HEARS, Then, whenever};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn heard(event: Event) -> Heard {
    Heard {
        event_id: Uuid::from_u128(7),
        aggregate_id: order(1).0,
        version: 1,
        event,
        at: NOW,
        cause: Cause {
            causation_id: Uuid::from_u128(8),
            correlation_id: Uuid::from_u128(9),
            actor: Actor::Service("orders".to_owned()),
            traceparent: None,
        },
    }
}

fn placed(expires_at: Timestamp) -> Event {
    let (ticket_id, buyer_id) = (TicketId(Uuid::from_u128(2)), UserId(Uuid::from_u128(3)));
    Event::Order(OrderCreated { ticket_id, buyer_id, price: None, expires_at }.into())
}

#[test]
fn what_it_hears_is_what_has_a_consequence() {
    for entry in contracts::catalogue::catalogue() {
        let event_type = entry.example.event_type();
        let follows = whenever(&heard(entry.example), Timestamp::default()).is_some();
        assert_eq!(follows, HEARS.contains(&(entry.category, event_type)), "{event_type}");
    }
}

#[test]
fn an_order_sets_a_timer_for_the_end_of_its_time() {
    let expires_at = NOW + Duration::from_secs(900);
    let Some(Then::Set(timer)) = whenever(&heard(placed(expires_at)), NOW) else { panic!("no timer") };
    assert_eq!((timer.order_id, timer.due_at), (order(1), expires_at));
    assert_eq!((timer.causation_id, timer.correlation_id), (Uuid::from_u128(7), Uuid::from_u128(9)));
}

#[test]
fn an_order_whose_time_is_over_already_sets_none() {
    assert_eq!(whenever(&heard(placed(NOW)), NOW), Some(Then::TooLate));
}

#[test]
fn an_accepted_or_cancelled_order_needs_no_timer() {
    let ticket_id = TicketId(Uuid::from_u128(2));
    let accepted = Event::Order(OrderAccepted { ticket_id }.into());
    let cancelled = Event::Order(OrderCancelled { ticket_id, reason: CancellationReason::Buyer }.into());
    for event in [accepted, cancelled] {
        assert_eq!(whenever(&heard(event), NOW), Some(Then::Cancel(order(1))));
    }
}
