//! What payments hears of all that is said, and what it makes of it.

use contracts::catalogue::catalogue;
use contracts::{Currency, Event, Money, OrderId, Timestamp, UserId};
use eventsourcing::{Actor, Cause};
use messaging::Heard;
use uuid::Uuid;

use super::{HEARS, Then, whenever};
use crate::payment::{PaymentCommand, Terms};

const ORDER: Uuid = Uuid::from_u128(5);

fn heard(event: Event) -> Heard {
    Heard {
        event_id: Uuid::from_u128(1),
        aggregate_id: ORDER,
        version: 1,
        event,
        at: Timestamp::default(),
        cause: Cause {
            causation_id: Uuid::from_u128(2),
            correlation_id: Uuid::from_u128(3),
            actor: Actor::Service("orders".to_owned()),
            traceparent: None,
        },
    }
}

fn commanded(event_type: &str) -> PaymentCommand {
    let entries = catalogue();
    let entry = entries.iter().find(|entry| entry.example.event_type() == event_type).unwrap();
    let Then { order_id, command } = whenever(&heard(entry.example.clone())).unwrap();
    assert_eq!(order_id, OrderId(ORDER));
    command
}

#[test]
fn something_follows_from_what_is_heard_and_from_nothing_else() {
    for entry in catalogue() {
        let event_type = entry.example.event_type();
        let is_heard = HEARS.contains(&(entry.category, event_type));
        assert_eq!(whenever(&heard(entry.example)).is_some(), is_heard, "{event_type}");
    }
}

#[test]
fn an_order_that_awaits_payment_is_payable_by_its_buyer_until_it_expires() {
    let terms = Terms {
        buyer_id: UserId(Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0003)),
        amount: Money::new(12_500, Currency::Usd),
        expires_at: Timestamp::from_millis(1_800_000_900_000),
    };
    assert_eq!(commanded("OrderAwaitingPayment"), PaymentCommand::Open(terms));
}

#[test]
fn an_accepted_order_is_captured_and_a_cancelled_one_voided() {
    assert_eq!(commanded("OrderAccepted"), PaymentCommand::Capture);
    assert_eq!(commanded("OrderCancelled"), PaymentCommand::Void);
}
