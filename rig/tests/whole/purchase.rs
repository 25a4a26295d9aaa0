//! People buy: what is said, what is taken, and what a declined card leaves.

use rig::{Listing, Options, names};

use crate::{SOON, seller_and_buyer, shop};

#[tokio::test]
async fn a_purchase_is_told_in_exactly_this_order() {
    let shop = shop(Options::default()).await;
    let (seller, buyer) = seller_and_buyer(&shop).await;
    let ticket = seller.lists(&Listing::any().at_price(12_345)).await.unwrap();
    let order = buyer.gets(ticket).await.unwrap();
    buyer.payment_becomes(order, "payable", SOON).await.unwrap();

    let paid = buyer.pays(order, "pm_card_visa").await.unwrap();
    assert_eq!(paid.status, 201, "{paid}");
    let complete = buyer.order_becomes(order, "complete", SOON).await.unwrap();
    assert_eq!(complete["total"]["amount"], 12_345);
    buyer.ticket_becomes(ticket, "sold", SOON).await.unwrap();
    buyer.payment_becomes(order, "captured", SOON).await.unwrap();
    shop.settles(SOON).await.unwrap();

    let story = shop.behind().story(&[ticket, order]).await.unwrap();
    let expected = [
        "TicketCreated",
        "OrderCreated",
        "TicketReserved",
        "OrderAwaitingPayment",
        "PaymentOpened",
        "AuthorizationRequested",
        "PaymentIntentCreated",
        "PaymentAuthorized",
        "OrderAccepted",
        "CaptureRequested",
        "ChargeCreated",
        "OrderCompleted",
        "TicketSold",
    ];
    assert_eq!(names(&story), expected);
    let ledger = shop.behind().ledger().await.unwrap();
    assert_eq!((ledger.payment_intents.len(), ledger.captured["usd"], ledger.held["usd"]), (1, 12_345, 0));
}

#[tokio::test]
async fn a_declined_card_leaves_the_order_to_be_paid_with_another() {
    let shop = shop(Options::default()).await;
    let (seller, buyer) = seller_and_buyer(&shop).await;
    for declined in ["pm_card_visa_chargeDeclined", "pm_card_visa_chargeDeclinedInsufficientFunds"] {
        let ticket = seller.lists(&Listing::any()).await.unwrap();
        let order = buyer.gets(ticket).await.unwrap();

        let refused = buyer.pays(order, declined).await.unwrap();
        assert_eq!((refused.status.as_u16(), refused.problem()), (402, "card-declined"), "{refused}");
        assert_eq!(buyer.order(order).await.unwrap()["status"], "awaiting_payment");
        assert_eq!(buyer.payment(order).await.unwrap()["status"], "payable");
        assert_eq!(buyer.ticket(ticket).await.unwrap()["status"], "reserved");

        let paid = buyer.pays(order, "pm_card_visa").await.unwrap();
        assert_eq!(paid.status, 201, "{paid}");
        buyer.order_becomes(order, "complete", SOON).await.unwrap();
        buyer.ticket_becomes(ticket, "sold", SOON).await.unwrap();
    }
    let ledger = shop.behind().ledger().await.unwrap();
    assert_eq!((ledger.payment_intents.len(), ledger.captured["usd"]), (2, 25_000));
}

#[tokio::test]
async fn whoever_pays_twice_at_once_pays_once() {
    let shop = shop(Options::default()).await;
    let (seller, buyer) = seller_and_buyer(&shop).await;
    let ticket = seller.lists(&Listing::any()).await.unwrap();
    let order = buyer.gets(ticket).await.unwrap();

    let payments = (0..6).map(|_| buyer.pays(order, "pm_card_visa"));
    for answer in futures::future::join_all(payments).await {
        let answer = answer.unwrap();
        assert!(matches!(answer.status.as_u16(), 201 | 409), "{answer}");
    }
    buyer.order_becomes(order, "complete", SOON).await.unwrap();
    shop.settles(SOON).await.unwrap();
    let ledger = shop.behind().ledger().await.unwrap();
    assert_eq!((ledger.payment_intents.len(), ledger.captured["usd"]), (1, 12_500));
}

#[tokio::test]
async fn an_order_placed_again_under_its_key_is_the_same_order() {
    let shop = shop(Options::default()).await;
    let (seller, buyer) = seller_and_buyer(&shop).await;
    let ticket = seller.lists(&Listing::any()).await.unwrap();
    let place = || {
        let body = serde_json::json!({ "ticket_id": ticket });
        buyer.asks(rig::Ask::post("/api/orders", body).keyed("once").waiting(10))
    };
    let answers = futures::future::join_all((0..5).map(|_| place())).await;
    let first = place().await.unwrap();
    for answer in answers {
        let answer = answer.unwrap();
        assert_eq!((answer.status.as_u16(), answer.id()), (201, first.id()), "{answer}");
    }
    let story = shop.behind().story(&[first.id()]).await.unwrap();
    assert_eq!(names(&story)[..2], ["OrderCreated", "OrderAwaitingPayment"]);
}
