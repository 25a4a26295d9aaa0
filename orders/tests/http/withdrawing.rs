//! What becomes of an order when whoever sells the ticket does so no more.

use contracts::OrderId;
use messaging::Fault;

use crate::shop::{Shop, buyer, heard, reserved, ticket, withdrawal_requested};

#[tokio::test]
async fn an_order_that_is_not_paid_lets_go_of_a_ticket_that_is_to_be_withdrawn() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    shop.ticket_reserved(order, ticket(1)).await;
    let request = heard(ticket(1), withdrawal_requested(order), shop.runtime.new_id());
    shop.listener.hear(&request).await.unwrap();
    shop.listener.hear(&request).await.unwrap();
    assert_eq!(shop.show(buyer(1), order).await["reason"], "ticket_withdrawn");
    assert_eq!(shop.said(order).await, ["OrderCreated", "OrderAwaitingPayment", "OrderCancelled"]);
}

#[tokio::test]
async fn an_order_that_hears_of_it_before_the_reservation_lets_go_twice() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    shop.hear(ticket(1), withdrawal_requested(order)).await.unwrap();
    shop.ticket_reserved(order, ticket(1)).await;
    assert_eq!(shop.said(order).await, ["OrderCreated", "OrderCancelled", "OrderCancelled"]);
    assert_eq!(shop.show(buyer(1), order).await["reason"], "ticket_withdrawn");
}

#[tokio::test]
async fn an_order_whose_payment_was_accepted_gets_its_ticket_all_the_same() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    shop.ticket_reserved(order, ticket(1)).await;
    shop.payment_authorized(order).await;
    shop.hear(ticket(1), withdrawal_requested(order)).await.unwrap();
    shop.charge_created(order).await;
    shop.hear(ticket(1), withdrawal_requested(order)).await.unwrap();
    assert_eq!(shop.show(buyer(1), order).await["status"], "complete");
    assert_eq!(shop.show(buyer(1), order).await["version"], 4);
}

#[tokio::test]
async fn a_request_for_an_order_that_never_was_is_poison() {
    let shop = Shop::open();
    let unknown: OrderId = shop.runtime.new_id().into();
    let answer = shop.hear(ticket(1), withdrawal_requested(unknown)).await;
    assert!(matches!(answer, Err(Fault::Poison(_))));
}

#[tokio::test]
async fn it_shares_the_orders_lane() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    let request = heard(ticket(1), withdrawal_requested(order), shop.runtime.new_id());
    let reservation = heard(ticket(1), reserved(order), shop.runtime.new_id());
    assert_eq!(shop.listener.lane(&request), shop.listener.lane(&reservation));
}
