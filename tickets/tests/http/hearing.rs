//! What tickets does about what the orders say.

use std::time::Duration;

use contracts::orders::{CancellationReason, OrderAccepted, OrderCancelled, OrderCompleted, OrderCreated};
use contracts::{Currency, Money, OrderId, TicketId};
use messaging::{Fault, Heard};
use serde_json::json;
use uuid::Uuid;

use crate::shop::{BUYER, NOW, SELLER, STRANGER, Shop, of_order, path, ticket};

pub(crate) const ORDER: OrderId = OrderId(Uuid::from_u128(30));
pub(crate) const OTHER_ORDER: OrderId = OrderId(Uuid::from_u128(31));

pub(crate) fn created(order: OrderId, ticket: Uuid) -> Heard {
    let buyer_id = if order == ORDER { BUYER } else { STRANGER };
    let expires_at = NOW + Duration::from_secs(900);
    of_order(order, OrderCreated { ticket_id: ticket.into(), buyer_id, price: None, expires_at })
}

pub(crate) fn cancelled(order: OrderId, ticket: Uuid) -> Heard {
    of_order(order, OrderCancelled { ticket_id: ticket.into(), reason: CancellationReason::Buyer })
}

pub(crate) fn completed(order: OrderId, ticket: Uuid) -> Heard {
    of_order(order, OrderCompleted { ticket_id: ticket.into() })
}

pub(crate) async fn status(shop: &Shop, ticket: Uuid) -> String {
    shop.get(&path(ticket)).await.json()["status"].as_str().unwrap().to_owned()
}

pub(crate) async fn listed(shop: &Shop) -> Uuid {
    let id = shop.list(&ticket(&json!({ "seat": "12" }))).await;
    shop.said().await;
    id
}

#[tokio::test]
async fn a_created_order_reserves_the_ticket_once_under_its_own_cause() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    let heard = created(ORDER, id);
    shop.hear(&heard).await.unwrap();
    shop.hear(&heard).await.unwrap();
    assert_eq!(status(&shop, id).await, "reserved");
    let said = shop.said().await;
    assert_eq!(said.len(), 1);
    let (aggregate, reserved) = &said[0];
    assert_eq!((*aggregate, reserved.event.event_type.as_str()), (id, "TicketReserved"));
    assert_eq!(reserved.cause, heard.causes("tickets"));
    let data = &reserved.event.data;
    assert_eq!(
        (&data["order_id"], &data["buyer_id"], &data["seller_id"], &data["seat"], &data["expires_at"]),
        (&json!(ORDER), &json!(BUYER), &json!(SELLER), &json!("12"), &json!(NOW + Duration::from_secs(900)))
    );
}

#[tokio::test]
async fn a_refusal_is_recorded_under_the_order_and_the_ticket_stays_as_it_is() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    let other_price = Some(Money::new(1, Currency::Usd));
    let order = OrderCreated { ticket_id: id.into(), buyer_id: BUYER, price: other_price, expires_at: NOW };
    let heard = of_order(ORDER, order);
    shop.hear(&heard).await.unwrap();
    let said = shop.said().await;
    let (aggregate, rejected) = &said[0];
    assert_eq!((*aggregate, rejected.event.event_type.as_str()), (ORDER.0, "TicketReservationRejected"));
    assert_eq!(rejected.event.data, json!({ "ticket_id": id, "reason": "price_changed" }));
    assert_eq!((rejected.version, &rejected.cause), (1, &heard.causes("tickets")));
    assert_eq!(status(&shop, id).await, "available");
}

#[tokio::test]
async fn each_refusal_says_why() {
    let shop = Shop::open();
    let (own, gone) = (listed(&shop).await, shop.list(&ticket(&json!({}))).await);
    shop.delete(SELLER, gone).await;
    let past = shop.list(&ticket(&json!({ "starts_at": NOW + Duration::from_millis(1) }))).await;
    let sold = shop.list(&ticket(&json!({}))).await;
    shop.hear(&created(OTHER_ORDER, sold)).await.unwrap();
    shop.hear(&completed(OTHER_ORDER, sold)).await.unwrap();
    shop.clock.advance(Duration::from_millis(1));
    shop.said().await;
    let cases = [
        (Uuid::from_u128(99), BUYER, "ticket_not_found"),
        (own, SELLER, "own_ticket"),
        (gone, BUYER, "ticket_withdrawn"),
        (past, BUYER, "ticket_past"),
        (sold, BUYER, "ticket_sold"),
    ];
    for (number, (ticket, buyer_id, reason)) in cases.into_iter().enumerate() {
        let order = OrderId(Uuid::from_u128(100 + number as u128));
        let ticket_id = TicketId(ticket);
        let heard = of_order(order, OrderCreated { ticket_id, buyer_id, price: None, expires_at: NOW });
        shop.hear(&heard).await.unwrap();
        let said = shop.said().await;
        assert_eq!(said.len(), 1, "{reason}");
        assert_eq!((said[0].0, &said[0].1.event.data["reason"]), (order.0, &json!(reason)));
    }
}

#[tokio::test]
async fn an_order_for_a_held_ticket_waits_two_seconds_and_is_refused_then() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    shop.hear(&created(ORDER, id)).await.unwrap();
    let other = created(OTHER_ORDER, id);
    for _ in 0..2 {
        let fault = shop.hear(&other).await.unwrap_err();
        assert!(matches!(fault, Fault::NotYet(pause) if (250..=500).contains(&pause.as_millis())), "{fault}");
        shop.clock.advance(Duration::from_millis(999));
    }
    assert!(shop.hear(&other).await.is_err());
    shop.clock.advance(Duration::from_millis(2));
    assert_eq!(shop.types_said().await, ["TicketReserved"]);
    shop.hear(&other).await.unwrap();
    let said = shop.said().await;
    assert_eq!((said[0].0, &said[0].1.event.data["reason"]), (OTHER_ORDER.0, &json!("ticket_reserved")));
}

#[tokio::test]
async fn an_order_that_waited_gets_the_ticket_when_the_other_lets_go() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    shop.hear(&created(ORDER, id)).await.unwrap();
    let other = created(OTHER_ORDER, id);
    shop.hear(&other).await.unwrap_err();
    shop.hear(&cancelled(ORDER, id)).await.unwrap();
    shop.hear(&other).await.unwrap();
    assert_eq!(shop.types_said().await, ["TicketReserved", "TicketReleased", "TicketReserved"]);
}

#[tokio::test]
async fn an_order_that_was_refused_stays_refused_though_the_ticket_is_free_again() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    shop.hear(&created(ORDER, id)).await.unwrap();
    shop.clock.advance(Duration::from_secs(3));
    shop.hear(&created(OTHER_ORDER, id)).await.unwrap();
    shop.hear(&cancelled(ORDER, id)).await.unwrap();
    shop.said().await;
    shop.hear(&created(OTHER_ORDER, id)).await.unwrap();
    assert!(shop.said().await.is_empty());
    assert_eq!(status(&shop, id).await, "available");
}

#[tokio::test]
async fn a_cancelled_order_lets_go_of_its_own_hold_only() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    shop.hear(&created(ORDER, id)).await.unwrap();
    shop.hear(&cancelled(OTHER_ORDER, id)).await.unwrap();
    assert_eq!(status(&shop, id).await, "reserved");
    shop.hear(&cancelled(ORDER, id)).await.unwrap();
    shop.hear(&cancelled(ORDER, id)).await.unwrap();
    assert_eq!(status(&shop, id).await, "available");
    assert_eq!(shop.types_said().await, ["TicketReserved", "TicketReleased"]);
}

#[tokio::test]
async fn a_late_repetition_of_an_order_does_not_take_the_ticket_again() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    for heard in [created(ORDER, id), cancelled(ORDER, id), created(ORDER, id)] {
        shop.hear(&heard).await.unwrap();
    }
    assert_eq!(status(&shop, id).await, "available");
}

#[tokio::test]
async fn the_cancellation_of_an_order_for_nothing_is_nothing() {
    let shop = Shop::open();
    shop.hear(&cancelled(ORDER, Uuid::from_u128(99))).await.unwrap();
    assert!(shop.said().await.is_empty());
}

#[tokio::test]
async fn a_completed_order_gets_the_ticket_for_good() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    for heard in [created(ORDER, id), completed(ORDER, id), completed(ORDER, id), cancelled(ORDER, id)] {
        shop.hear(&heard).await.unwrap();
    }
    assert_eq!(status(&shop, id).await, "sold");
    assert_eq!(shop.types_said().await, ["TicketReserved", "TicketSold"]);
}

#[tokio::test]
async fn a_completed_order_without_the_ticket_is_an_alarm() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    assert!(matches!(shop.hear(&completed(ORDER, id)).await, Err(Fault::Poison(_))));
    shop.hear(&created(ORDER, id)).await.unwrap();
    assert!(matches!(shop.hear(&completed(OTHER_ORDER, id)).await, Err(Fault::Poison(_))));
    assert_eq!(status(&shop, id).await, "reserved");
}

#[tokio::test]
async fn a_sold_seat_may_be_offered_by_its_buyer_but_a_reserved_one_by_nobody() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    let same = ticket(&json!({ "seat": "12" }));
    shop.hear(&created(ORDER, id)).await.unwrap();
    shop.post(BUYER, &same).await.assert_problem(409, "seat-listed");
    shop.hear(&completed(ORDER, id)).await.unwrap();
    assert_eq!(shop.post(BUYER, &same).await.status, 201);
}

#[tokio::test]
async fn while_the_store_is_away_the_message_is_kept() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    shop.gate.shut();
    assert!(matches!(shop.hear(&created(ORDER, id)).await, Err(Fault::Unavailable(_))));
}

#[tokio::test]
async fn what_touches_the_same_ticket_shares_a_lane() {
    let shop = Shop::open();
    let id = Uuid::from_u128(50);
    for heard in [created(ORDER, id), created(OTHER_ORDER, id), cancelled(ORDER, id), completed(ORDER, id)] {
        assert_eq!(shop.listener().lane(&heard), id);
    }
    let unheard = of_order(ORDER, OrderAccepted { ticket_id: id.into() });
    shop.hear(&unheard).await.unwrap();
}
