//! What orders does about what it hears: each event twice, early, late and out of order.

use std::time::Duration;

use contracts::tickets::ReservationRefusal;
use contracts::{Event, OrderId};
use messaging::Fault;
use serde_json::json;

use crate::shop::{Shop, authorized, buyer, capture_failed, charged, expired, heard, reserved, ticket};

const RESERVATION: Duration = Duration::from_secs(900);

#[tokio::test]
async fn a_purchase_goes_from_event_to_event() {
    let shop = Shop::open();
    let order = shop.bought(buyer(1), ticket(1)).await;
    let shown = shop.show(buyer(1), order).await;
    assert_eq!((&shown["status"], &shown["version"]), (&json!("complete"), &json!(4)));
    assert_eq!(shown["seconds_left"], 0);
    let purchase = ["OrderCreated", "OrderAwaitingPayment", "OrderAccepted", "OrderCompleted"];
    assert_eq!(shop.said(order).await, purchase);
}

#[tokio::test]
async fn what_is_delivered_twice_has_one_effect() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    let later = [reserved(order), authorized(), charged()];
    for event in later {
        let aggregate = if matches!(event, Event::Ticket(_)) { ticket(1).0 } else { order.0 };
        let delivery = heard(aggregate, event.clone(), shop.runtime.new_id());
        shop.listener.hear(&delivery).await.unwrap();
        shop.listener.hear(&delivery).await.unwrap();
        shop.hear(aggregate, event).await.unwrap();
    }
    assert_eq!(shop.show(buyer(1), order).await["version"], 4);
}

#[tokio::test]
async fn a_cancelled_order_lets_go_of_what_it_is_given_late() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    shop.cancel(buyer(1), order, &[]).await;
    shop.ticket_reserved(order, ticket(1)).await;
    shop.payment_authorized(order).await;
    assert_eq!(
        shop.said(order).await,
        ["OrderCreated", "OrderCancelled", "OrderCancelled", "OrderCancelled"]
    );
    assert_eq!(shop.show(buyer(1), order).await["reason"], "buyer");
}

#[tokio::test]
async fn a_late_payment_ends_the_order() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    shop.ticket_reserved(order, ticket(1)).await;
    shop.clock.advance(RESERVATION + Duration::from_secs(1));
    shop.payment_authorized(order).await;
    assert_eq!(shop.show(buyer(1), order).await["reason"], "expired");
    shop.ticket_refused(order, ReservationRefusal::TicketSold).await;
    assert_eq!(shop.show(buyer(1), order).await["reason"], "expired");
}

#[tokio::test]
async fn an_order_expires_when_it_is_due() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    let due = expired(shop.runtime.now() + RESERVATION);
    let Err(Fault::NotYet(pause)) = shop.hear(order, due.clone()).await else { panic!("it is early") };
    assert!(pause <= RESERVATION && pause > RESERVATION - Duration::from_secs(10), "{pause:?}");

    shop.clock.advance(RESERVATION);
    shop.hear(order, due).await.unwrap();
    assert_eq!(shop.show(buyer(1), order).await["reason"], "expired");
}

#[tokio::test]
async fn an_order_whose_capture_failed_gives_the_ticket_back() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    shop.ticket_reserved(order, ticket(1)).await;
    shop.payment_authorized(order).await;
    shop.hear(order, capture_failed()).await.unwrap();
    assert_eq!(shop.show(buyer(1), order).await["reason"], "payment_failed");
    shop.placed(buyer(2), ticket(1)).await;
}

#[tokio::test]
async fn a_payment_before_the_tickets_answer_waits_for_it() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    assert!(matches!(shop.hear(order, authorized()).await, Err(Fault::NotYet(_))));
    shop.ticket_reserved(order, ticket(1)).await;
    shop.payment_authorized(order).await;
    assert_eq!(shop.show(buyer(1), order).await["status"], "accepted");
}

#[tokio::test]
async fn what_cannot_be_is_poison() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    assert!(matches!(shop.hear(order, charged()).await, Err(Fault::Poison(_))));
    let unknown: OrderId = shop.runtime.new_id().into();
    for event in [reserved(unknown), authorized(), charged(), expired(shop.runtime.now())] {
        assert!(matches!(shop.hear(unknown, event).await, Err(Fault::Poison(_))));
    }
}

#[tokio::test]
async fn what_does_not_concern_orders_is_passed_over() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    for entry in contracts::catalogue::catalogue() {
        let kind = (entry.category, entry.example.event_type());
        if !shop.listener.hears().contains(&kind) {
            shop.hear(order, entry.example).await.unwrap();
        }
    }
    assert_eq!(shop.show(buyer(1), order).await["version"], 1);
}

#[tokio::test]
async fn while_no_command_is_taken_nothing_is_given_up() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    shop.gate.shut();
    assert!(matches!(shop.hear(ticket(1), reserved(order)).await, Err(Fault::Unavailable(_))));
}

#[tokio::test]
async fn what_touches_one_order_is_handled_in_one_lane() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    let from_the_ticket = heard(ticket(1), reserved(order), shop.runtime.new_id());
    let from_the_payment = heard(order, authorized(), shop.runtime.new_id());
    assert_eq!(shop.listener.lane(&from_the_ticket), shop.listener.lane(&from_the_payment));
}
