//! What a buyer can do, and what the buyer is told.

use std::time::Duration;

use axum::http::Method;
use contracts::OrderId;
use payments::CardProcessor as _;
use serde_json::json;
use uuid::Uuid;

use crate::harness::{BUYER, Shop, charged, held, path};

#[tokio::test]
async fn a_paid_order_is_authorised_then_captured_when_the_order_accepts() {
    let shop = Shop::open();
    let order = shop.payable().await;
    assert_eq!(shop.status(order).await, "payable");

    let answer = shop.pay(order, "pm_card_visa").await;
    let payment = answer.assert_created("authorized");
    assert_eq!(answer.header("location"), Some(path(order).as_str()));
    assert_eq!(answer.header("etag"), Some(format!("\"{}\"", payment["version"]).as_str()));
    assert_eq!(payment["amount"], json!({ "amount": 12_500, "currency": "USD" }));
    assert_eq!(payment["refunded"], json!({ "amount": 0, "currency": "USD" }));
    assert_eq!((&payment["order_id"], payment.get("client_secret")), (&json!(order), None));
    assert_eq!(payment["stripe_payment_intent"], json!(shop.intent(order)));
    assert_eq!(shop.books(order), [held()]);

    shop.accept(order).await.unwrap();
    shop.settle().await;
    assert_eq!((shop.status(order).await.as_str(), shop.books(order)), ("captured", vec![charged()]));
    assert_eq!(
        shop.said(order),
        [
            "PaymentOpened",
            "AuthorizationRequested",
            "PaymentIntentCreated",
            "PaymentAuthorized",
            "CaptureRequested",
            "ChargeCreated"
        ]
    );
}

#[tokio::test]
async fn a_declined_card_is_told_with_its_code_and_another_may_be_tried() {
    let shop = Shop::open();
    let order = shop.payable().await;
    for (card, code) in [
        ("pm_card_visa_chargeDeclined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_unknown", "resource_missing"),
    ] {
        let problem = shop.pay(order, card).await.assert_problem(402, "card-declined");
        assert!(problem["detail"].as_str().unwrap().contains(code), "{problem}");
        assert_eq!(shop.status(order).await, "payable");
    }
    shop.pay(order, "pm_card_visa").await.assert_created("authorized");
    assert_eq!(shop.books(order), [held()]);
}

#[tokio::test]
async fn a_buyer_whose_bank_asks_gets_the_secret_and_the_outcome_is_found_out() {
    let shop = Shop::open();
    for (passed, status) in [(true, "authorized"), (false, "payable")] {
        let order = shop.payable().await;
        let payment =
            shop.pay(order, "pm_card_authenticationRequired").await.assert_created("requires_action");
        assert!(payment["client_secret"].is_string());
        assert_eq!(shop.status(order).await, "requires_action");
        shop.cards.authenticate(&shop.intent(order), passed);
        shop.clock.advance(Duration::from_secs(2));
        assert_eq!(shop.status(order).await, status, "asked for");

        let order = shop.payable().await;
        shop.pay(order, "pm_card_authenticationRequired").await.assert_created("requires_action");
        shop.cards.authenticate(&shop.intent(order), passed);
        assert_eq!(shop.payments.sweep_waiting().await.unwrap(), 0, "it is too early");
        shop.clock.advance(Duration::from_secs(3));
        assert_eq!(shop.payments.sweep_waiting().await.unwrap(), 1, "swept");
        let said = shop.said(order);
        assert_eq!(said.last().unwrap(), if passed { "PaymentAuthorized" } else { "PaymentDeclined" });
    }
}

#[tokio::test]
async fn a_buyer_whose_bank_asks_may_take_another_card_instead() {
    let shop = Shop::open();
    let order = shop.payable().await;
    shop.pay(order, "pm_card_authenticationRequired").await.assert_created("requires_action");
    shop.pay(order, "pm_card_visa").await.assert_created("authorized");
}

#[tokio::test]
async fn without_a_card_the_secret_is_for_the_processors_own_form() {
    let shop = Shop::open();
    let order = shop.payable().await;
    let payment = shop.prepare(order).await.assert_created("payable");
    assert!(payment["client_secret"].is_string());
    assert_eq!(shop.prepare(order).await.assert_created("payable"), payment);
    assert_eq!(shop.get(order).await.json(), payment);

    // What the buyer's browser does there.
    shop.cards.confirm("the browser's", &shop.intent(order), "pm_card_visa").await.unwrap();
    shop.clock.advance(Duration::from_secs(1));
    let payment = shop.get(order).await.json();
    assert_eq!((payment["status"].as_str(), payment.get("client_secret")), (Some("authorized"), None));
}

#[tokio::test]
async fn an_order_not_heard_of_yet_is_waited_for() {
    let shop = Shop::open();
    let order = OrderId(Uuid::now_v7());
    let (answer, ()) = tokio::join!(shop.pay(order, "pm_card_visa"), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        shop.await_payment(order).await;
    });
    answer.assert_created("authorized");
}

#[tokio::test]
async fn the_same_key_is_the_same_request() {
    let shop = Shop::open();
    let (order, key) = (shop.payable().await, [("idempotency-key", "mine")]);
    let body = |card: &str| json!({ "order_id": order, "payment_method": card });
    let first = shop.post(BUYER, &key, body("pm_card_visa_chargeDeclined")).await;
    first.assert_problem(402, "card-declined");
    let again = shop.post(BUYER, &key, body("pm_card_visa_chargeDeclined")).await;
    again.assert_problem(402, "card-declined");
    let attempts = shop.said(order).iter().filter(|said| *said == "AuthorizationRequested").count();
    assert_eq!(attempts, 1);
    shop.post(BUYER, &key, body("pm_card_visa")).await.assert_problem(422, "idempotency-mismatch");
    assert_eq!(shop.status(order).await, "payable");

    let key = [("idempotency-key", "another")];
    let first = shop.post(BUYER, &key, body("pm_card_visa")).await.assert_created("authorized");
    let again = shop.post(BUYER, &key, body("pm_card_visa")).await.assert_created("authorized");
    assert_eq!(first, again);
    shop.accept(order).await.unwrap();
    shop.settle().await;
    shop.post(BUYER, &key, body("pm_card_visa")).await.assert_created("captured");
}

#[tokio::test]
async fn many_requests_at_once_are_one_attempt() {
    let shop = Shop::open();
    let order = shop.payable().await;
    let requests = (0..6).map(|_| shop.pay(order, "pm_card_visa"));
    for answer in futures::future::join_all(requests).await {
        // Whoever comes when it is paid already is told so.
        if answer.status.as_u16() != 409 {
            answer.assert_created("authorized");
        }
    }
    let attempts = shop.said(order).iter().filter(|said| *said == "AuthorizationRequested").count();
    assert_eq!((attempts, shop.books(order)), (1, vec![held()]));
}

#[tokio::test]
async fn what_follows_belongs_to_the_request_it_began_with() {
    let shop = Shop::open();
    let (order, request) = (shop.payable().await, Uuid::now_v7());
    let body = json!({ "order_id": order, "payment_method": "pm_card_visa" });
    shop.post(BUYER, &[("x-request-id", &request.to_string())], body).await.assert_created("authorized");
    let events = shop.events(order);
    let authorized = events.last().unwrap();
    assert_eq!(
        (authorized.event.event_type.as_str(), authorized.cause.correlation_id),
        ("PaymentAuthorized", request)
    );
}

#[tokio::test]
async fn no_event_has_a_card_or_a_secret_in_it() {
    let shop = Shop::open();
    let order = shop.payable().await;
    shop.pay(order, "pm_card_visa_chargeDeclined").await;
    shop.pay(order, "pm_card_authenticationRequired").await;
    shop.cancel(order).await.unwrap();
    shop.settle().await;
    let events = serde_json::to_string(&shop.events(order)).unwrap();
    assert!(!events.contains("pm_") && !events.contains("secret"), "{events}");
}

#[tokio::test]
async fn the_routes_are_described() {
    let shop = Shop::open();
    let answer = shop.send(Method::GET, "/api/payments/openapi.json", None, &[], String::new()).await;
    let document = answer.json();
    for pointer in ["/paths/~1api~1payments/post", "/paths/~1api~1payments~1{order_id}/get"] {
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}
