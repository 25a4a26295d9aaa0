//! Orders that come to nothing, each for its own reason, and leave the ticket as it should be.

use std::time::Duration;

use rig::{Ask, Listing, Options, in_seconds};
use serde_json::json;
use uuid::Uuid;

use crate::{SOON, seller_and_buyer, shop};

#[tokio::test]
async fn what_its_buyer_cancels_goes_to_another() {
    let shop = shop(Options::default()).await;
    let (seller, buyer) = seller_and_buyer(&shop).await;
    let other = shop.person().await.unwrap();
    let ticket = seller.lists(&Listing::any()).await.unwrap();
    let order = buyer.gets(ticket).await.unwrap();

    assert_eq!(buyer.cancels(order).await.unwrap().status, 204);
    let cancelled = buyer.order(order).await.unwrap();
    assert_eq!((&cancelled["status"], &cancelled["reason"]), (&json!("cancelled"), &json!("buyer")));
    let late = buyer.pays(order, "pm_card_visa").await.unwrap();
    assert_eq!((late.status.as_u16(), late.problem()), (409, "order-not-payable"), "{late}");
    assert_eq!(buyer.cancels(order).await.unwrap().status, 204, "cancelled is cancelled");

    // The moment the first let go is enough: the ticket itself waits for its release.
    let second = other.gets(ticket).await.unwrap();
    assert_eq!(other.pays(second, "pm_card_visa").await.unwrap().status, 201);
    other.order_becomes(second, "complete", SOON).await.unwrap();
    let too_late = other.cancels(second).await.unwrap();
    assert_eq!((too_late.status.as_u16(), too_late.problem()), (409, "payment-accepted"), "{too_late}");
    other.ticket_becomes(ticket, "sold", SOON).await.unwrap();
}

#[tokio::test]
async fn a_held_and_a_sold_ticket_are_refused_at_once() {
    let shop = shop(Options::default()).await;
    let (seller, buyer) = seller_and_buyer(&shop).await;
    let other = shop.person().await.unwrap();
    let ticket = seller.lists(&Listing::any()).await.unwrap();
    let order = buyer.gets(ticket).await.unwrap();

    let refused = other.orders(ticket).await.unwrap();
    assert_eq!((refused.status.as_u16(), refused.problem()), (409, "ticket-reserved"), "{refused}");
    assert!(refused.took < Duration::from_secs(1), "{:?}", refused.took);

    buyer.pays(order, "pm_card_visa").await.unwrap().expect(201, "paying").unwrap();
    buyer.order_becomes(order, "complete", SOON).await.unwrap();
    let refused = other.orders(ticket).await.unwrap();
    assert_eq!((refused.status.as_u16(), refused.problem()), (409, "ticket-sold"), "{refused}");
    assert!(refused.took < Duration::from_secs(1), "{:?}", refused.took);
}

#[tokio::test]
async fn the_ticket_says_why_it_is_not_to_be_had() {
    let shop = shop(Options::default()).await;
    let (seller, buyer) = seller_and_buyer(&shop).await;

    let own = seller.lists(&Listing::any()).await.unwrap();
    let withdrawn = seller.lists(&Listing::any()).await.unwrap();
    seller.asks(Ask::delete(format!("/api/tickets/{withdrawn}"))).await.unwrap().expect(204, "").unwrap();
    let past = seller.lists(&Listing::any().starting_at(in_seconds(2))).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2_100)).await;

    for (who, ticket, status, problem, reason) in [
        (&seller, own, 422, "own-ticket", "own_ticket"),
        (&buyer, withdrawn, 409, "ticket-withdrawn", "ticket_withdrawn"),
        (&buyer, past, 409, "ticket-past", "ticket_past"),
        (&buyer, Uuid::new_v4(), 404, "no-such-ticket", "ticket_not_found"),
    ] {
        let answer = who.orders(ticket).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.problem()), (status, problem), "{answer}");

        // Whoever does not wait is told by the order.
        let pending = who.asks(Ask::post("/api/orders", json!({ "ticket_id": ticket }))).await.unwrap();
        assert_eq!((pending.status.as_u16(), pending.text("status")), (201, "pending"), "{pending}");
        let order = who.order_becomes(pending.id(), "cancelled", SOON).await.unwrap();
        assert_eq!(order["reason"], reason);
    }
}

#[tokio::test]
async fn at_another_price_than_the_buyer_saw_there_is_no_sale() {
    let shop = shop(Options::default()).await;
    let (seller, buyer) = seller_and_buyer(&shop).await;
    let ticket = seller.lists(&Listing::any().at_price(10_000)).await.unwrap();
    let seen = json!({ "amount": 10_000, "currency": "USD" });
    let raise = json!({ "price": { "amount": 15_000, "currency": "USD" } });
    let raised = seller.asks(Ask::patch(format!("/api/tickets/{ticket}"), raise)).await.unwrap();
    assert_eq!(raised.status, 200, "{raised}");

    let body = json!({ "ticket_id": ticket, "price": seen });
    let refused = buyer.asks(Ask::post("/api/orders", body).waiting(10)).await.unwrap();
    assert_eq!(refused.status, 201, "{refused}");
    assert_eq!((refused.text("status"), refused.text("reason")), ("cancelled", "price_changed"), "{refused}");

    let order = buyer.gets(ticket).await.unwrap();
    assert_eq!(buyer.order(order).await.unwrap()["total"]["amount"], 15_000);
    let lower = json!({ "price": { "amount": 1_000, "currency": "USD" } });
    let refused = seller.asks(Ask::patch(format!("/api/tickets/{ticket}"), lower)).await.unwrap();
    assert_eq!((refused.status.as_u16(), refused.problem()), (409, "ticket-reserved"), "{refused}");
}
