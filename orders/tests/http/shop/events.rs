//! What the other services say, as orders hears it.

use contracts::payments::{CaptureFailed, ChargeCreated, PaymentAuthorized, PaymentEvent};
use contracts::tickets::{
    Category, ReservationEvent, ReservationRefusal, TicketDetails, TicketEvent, TicketReservationRejected,
    TicketReserved, TicketWithdrawalRequested,
};
use contracts::timers::{OrderExpired, TimerEvent};
use contracts::users::{UserBanned, UserEvent, UserUnbanned};
use contracts::{Event, OrderId, Timestamp};
use eventsourcing::{Actor, Cause};
use messaging::Heard;
use uuid::Uuid;

use super::{PRICE, Person, SELLER, buyer, ticket};

pub(crate) fn details() -> TicketDetails {
    TicketDetails {
        title: "The Paper Lanterns".to_owned(),
        category: Category::Concert,
        venue: "Harbour Hall".to_owned(),
        city: "Lisbon".to_owned(),
        starts_at: Timestamp::from_millis(4_000_000_000_000),
        section: None,
        row: Some("F".to_owned()),
        seat: Some("12".to_owned()),
        price: PRICE,
    }
}

pub(crate) fn reserved(order_id: OrderId) -> Event {
    Event::Ticket(TicketEvent::TicketReserved(TicketReserved {
        order_id,
        buyer_id: buyer(1).id,
        seller_id: SELLER,
        expires_at: Timestamp::from_millis(4_000_000_000_000),
        details: details(),
    }))
}

pub(crate) fn refused(reason: ReservationRefusal) -> Event {
    let event = TicketReservationRejected { ticket_id: ticket(1), reason };
    Event::Reservation(ReservationEvent::TicketReservationRejected(event))
}

pub(crate) fn withdrawal_requested(order_id: OrderId) -> Event {
    Event::Ticket(TicketEvent::TicketWithdrawalRequested(TicketWithdrawalRequested { order_id }))
}

pub(crate) fn authorized() -> Event {
    let event = PaymentAuthorized { payment_intent: "pi_1".to_owned(), amount: PRICE };
    Event::Payment(PaymentEvent::PaymentAuthorized(event))
}

pub(crate) fn charged() -> Event {
    Event::Payment(PaymentEvent::ChargeCreated(ChargeCreated {
        payment_intent: "pi_1".to_owned(),
        charge: "ch_1".to_owned(),
        amount: PRICE,
    }))
}

pub(crate) fn capture_failed() -> Event {
    Event::Payment(PaymentEvent::CaptureFailed(CaptureFailed { code: "expired".to_owned() }))
}

pub(crate) fn expired(expires_at: Timestamp) -> Event {
    Event::Timer(TimerEvent::OrderExpired(OrderExpired { expires_at }))
}

/// What auth said with this version; the same delivery each time.
pub(crate) fn banned(person: Person, version: u64, banned_at: Timestamp) -> Heard {
    of_user(person, version, UserBanned { banned_at }.into())
}

pub(crate) fn unbanned(person: Person, version: u64) -> Heard {
    of_user(person, version, UserUnbanned {}.into())
}

fn of_user(person: Person, version: u64, event: UserEvent) -> Heard {
    let event_id = Uuid::new_v5(&person.id.0, &version.to_be_bytes());
    Heard { version, ..heard(person.id, Event::User(event), event_id) }
}

pub(crate) fn heard(aggregate_id: impl Into<Uuid>, event: Event, event_id: Uuid) -> Heard {
    let actor = Actor::Service("test".to_owned());
    let cause = Cause { causation_id: event_id, correlation_id: event_id, actor, traceparent: None };
    let at = Timestamp::from_millis(0);
    Heard { event_id, aggregate_id: aggregate_id.into(), version: 1, event, at, cause }
}
