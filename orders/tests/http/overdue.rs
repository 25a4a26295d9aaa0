//! What ends without anybody saying so, and what waits too long.

use std::time::Duration;

use crate::shop::{Shop, buyer, ticket};

const RESERVATION: Duration = Duration::from_secs(900);

#[tokio::test]
async fn overdue_orders_are_ended_once() {
    let shop = Shop::open();
    let pending = shop.placed(buyer(1), ticket(1)).await;
    let awaiting = shop.placed(buyer(2), ticket(2)).await;
    shop.ticket_reserved(awaiting, ticket(2)).await;
    let accepted = shop.placed(buyer(3), ticket(3)).await;
    shop.ticket_reserved(accepted, ticket(3)).await;
    shop.payment_authorized(accepted).await;
    assert_eq!(shop.orders.sweep_overdue().await.unwrap(), 0);

    shop.clock.advance(RESERVATION + Duration::from_secs(1));
    shop.placed(buyer(4), ticket(4)).await;
    assert_eq!(shop.orders.sweep_overdue().await.unwrap(), 2);
    assert_eq!(shop.orders.sweep_overdue().await.unwrap(), 0);
    assert_eq!(shop.show(buyer(1), pending).await["reason"], "expired");
    assert_eq!(shop.show(buyer(2), awaiting).await["reason"], "expired");
    assert_eq!(shop.show(buyer(3), accepted).await["status"], "accepted");
    assert_eq!(shop.said(pending).await, ["OrderCreated", "OrderCancelled"]);
}

#[tokio::test]
async fn a_pass_ends_a_hundred_orders_at_most() {
    let shop = Shop::open();
    for number in 0..101 {
        shop.placed(buyer(number), ticket(number)).await;
    }
    shop.clock.advance(RESERVATION + Duration::from_secs(1));
    assert_eq!(shop.orders.sweep_overdue().await.unwrap(), 100);
    assert_eq!(shop.orders.sweep_overdue().await.unwrap(), 1);
}

#[tokio::test]
async fn while_no_command_is_taken_nothing_ends() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    shop.clock.advance(RESERVATION + Duration::from_secs(1));
    shop.gate.shut();
    assert!(shop.orders.sweep_overdue().await.is_err());
    assert_eq!(shop.show(buyer(1), order).await["status"], "pending");
}

#[tokio::test]
async fn what_waits_for_over_a_minute_is_counted() {
    let shop = Shop::open();
    let minute = Duration::from_secs(61);
    shop.placed(buyer(1), ticket(1)).await;
    let awaiting = shop.placed(buyer(2), ticket(2)).await;
    shop.ticket_reserved(awaiting, ticket(2)).await;
    let accepted = shop.placed(buyer(3), ticket(3)).await;
    shop.ticket_reserved(accepted, ticket(3)).await;
    shop.payment_authorized(accepted).await;
    shop.bought(buyer(4), ticket(4)).await;
    assert_eq!(shop.orders.waiting().await.unwrap(), 0);
    shop.clock.advance(minute);
    assert_eq!(shop.orders.waiting().await.unwrap(), 2);
    shop.charge_created(accepted).await;
    assert_eq!(shop.orders.waiting().await.unwrap(), 1);
    shop.clock.advance(RESERVATION);
    assert_eq!(shop.orders.waiting().await.unwrap(), 2);
}
