//! Orders as callers see them.

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::order::OrderPrivate;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const EXPIRES_AT: Timestamp = Timestamp::from_millis(1_800_000_900_000);

fn placement() -> Placement {
    Placement {
        ticket_id: TicketId(Uuid::from_u128(2)),
        buyer_id: UserId(Uuid::from_u128(3)),
        price: None,
        expires_at: EXPIRES_AT,
    }
}

fn agreement() -> Agreement {
    let price = Money::new(12_500, contracts::Currency::Usd);
    let ticket = TicketDetails {
        title: "The Paper Lanterns".to_owned(),
        category: Category::Concert,
        venue: "Harbour Hall".to_owned(),
        city: "Lisbon".to_owned(),
        starts_at: EXPIRES_AT,
        section: None,
        row: Some("F".to_owned()),
        seat: Some("12".to_owned()),
        price,
    };
    Agreement { placement: placement(), seller_id: UserId(Uuid::from_u128(4)), total: price, ticket }
}

fn snapshot(state: Order) -> Snapshot<Order> {
    let private = OrderPrivate::default();
    Snapshot { id: Uuid::from_u128(1), version: 2, state, private, created_at: NOW, updated_at: NOW }
}

fn seen(state: Order, now: Timestamp) -> Value {
    serde_json::to_value(OrderResource::of(&snapshot(state), now).unwrap()).unwrap()
}

#[test]
fn an_order_has_the_fields_of_the_contract() {
    let price = json!({ "amount": 12_500, "currency": "USD" });
    assert_eq!(
        seen(Order::AwaitingPayment(agreement()), NOW),
        json!({
            "id": Uuid::from_u128(1),
            "buyer_id": Uuid::from_u128(3),
            "ticket": {
                "id": Uuid::from_u128(2),
                "title": "The Paper Lanterns",
                "category": "concert",
                "venue": "Harbour Hall",
                "city": "Lisbon",
                "starts_at": EXPIRES_AT,
                "section": null,
                "row": "F",
                "seat": "12",
                "price": price,
            },
            "total": price,
            "status": "awaiting_payment",
            "reason": null,
            "refunded": null,
            "expires_at": EXPIRES_AT,
            "seconds_left": 900,
            "version": 2,
            "created_at": NOW,
            "updated_at": NOW,
        })
    );
}

#[test]
fn a_pending_order_knows_nothing_of_the_ticket_yet() {
    let order = seen(Order::Pending(placement()), NOW);
    assert_eq!(
        (&order["status"], &order["ticket"], &order["total"]),
        (&json!("pending"), &json!(null), &json!(null))
    );
}

#[test]
fn a_cancelled_order_says_why() {
    let reason = CancellationReason::TicketSold;
    let cancelled = Cancellation { placement: placement(), reason, total: None, ticket: None };
    let order = seen(Order::Cancelled(cancelled), NOW);
    assert_eq!((&order["status"], &order["reason"]), (&json!("cancelled"), &json!("ticket_sold")));
    assert_eq!(order["seconds_left"], 0);
}

#[test]
fn seconds_left_are_0_just_when_the_time_or_the_order_is_over() {
    for (before, seconds_left) in [(900_000, 900), (1_001, 2), (1_000, 1), (1, 1), (0, 0), (-5_000, 0)] {
        let now = Timestamp::from_millis(EXPIRES_AT.as_millis() - before);
        assert_eq!(
            seen(Order::Pending(placement()), now)["seconds_left"],
            seconds_left,
            "{before} ms before"
        );
    }
    assert_eq!(seen(Order::Complete(agreement()), NOW)["seconds_left"], 0);
}

#[test]
fn what_was_never_placed_is_not_seen() {
    assert_eq!(OrderResource::of(&snapshot(Order::None), NOW), None);
}
