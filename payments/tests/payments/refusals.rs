//! Whom payments refuses, and with which problem.

use std::time::Duration;

use axum::http::Method;
use contracts::{OrderId, UserId};
use serde_json::json;
use uuid::Uuid;

use crate::harness::{BUYER, STRANGER, Shop, TIME_TO_PAY, path};

const ADMIN: UserId = UserId(Uuid::from_u128(3));

#[tokio::test]
async fn nobody_pays_or_sees_what_is_not_theirs() {
    let shop = Shop::open();
    let order = shop.payable().await;
    let body = json!({ "order_id": order, "payment_method": "pm_card_visa" });
    shop.post(STRANGER, &[], body.clone()).await.assert_problem(404, "not-found");
    shop.post(ADMIN, &[], body).await.assert_problem(404, "not-found");
    let get = async |user, path: &str| shop.send(Method::GET, path, user, &[], String::new()).await;
    get(Some(STRANGER), &path(order)).await.assert_problem(404, "not-found");
    get(None, &path(order)).await.assert_problem(401, "unauthenticated");
    get(Some(BUYER), "/api/payments/nonsense").await.assert_problem(404, "not-found");
    get(Some(ADMIN), &path(OrderId(Uuid::now_v7()))).await.assert_problem(404, "not-found");

    assert!(shop.prepare(order).await.json()["client_secret"].is_string());
    let seen = get(Some(ADMIN), &path(order)).await;
    assert_eq!((seen.status.as_u16(), seen.json().get("client_secret")), (200, None));
    let anonymous = shop.send(Method::POST, "/api/payments", None, &[], String::new()).await;
    anonymous.assert_problem(401, "unauthenticated");
}

#[tokio::test]
async fn an_order_that_nobody_has_heard_of_is_not_found_after_a_while() {
    let shop = Shop::open();
    let started = std::time::Instant::now();
    shop.pay(OrderId(Uuid::now_v7()), "pm_card_visa").await.assert_problem(404, "not-found");
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(1_900), "{took:?}");
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_pointed_at() {
    let shop = Shop::open();
    let order = shop.payable().await;
    let long = format!("pm_{}", "x".repeat(256));
    for (body, pointer) in [
        (json!({}), "/order_id"),
        (json!({ "order_id": "nonsense" }), "/order_id"),
        (json!({ "order_id": order, "amount": 1 }), "/amount"),
        (json!({ "order_id": order, "payment_method": 1 }), "/payment_method"),
        (json!({ "order_id": order, "payment_method": "" }), "/payment_method"),
        (json!({ "order_id": order, "payment_method": "pm_" }), "/payment_method"),
        (json!({ "order_id": order, "payment_method": "tok_visa" }), "/payment_method"),
        (json!({ "order_id": order, "payment_method": "pm_card/../visa" }), "/payment_method"),
        (json!({ "order_id": order, "payment_method": "pm_ü" }), "/payment_method"),
        (json!({ "order_id": order, "payment_method": long }), "/payment_method"),
    ] {
        let problem = shop.post(BUYER, &[], body.clone()).await.assert_problem(422, "validation");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}");
    }
    let text = shop.send(Method::POST, "/api/payments", Some(BUYER), &[], "{}".to_owned()).await;
    text.assert_problem(415, "unsupported-media-type");
    let json = [("content-type", "application/json")];
    let broken = shop.send(Method::POST, "/api/payments", Some(BUYER), &json, "{".to_owned()).await;
    broken.assert_problem(400, "malformed-json");
    let key = "x".repeat(256);
    let body = json!({ "order_id": order, "payment_method": "pm_card_visa" });
    let answer = shop.post(BUYER, &[("idempotency-key", &key)], body).await;
    answer.assert_problem(422, "validation");
    assert_eq!(shop.said(order), ["PaymentOpened"]);
}

#[tokio::test]
async fn an_order_is_not_payable_when_its_time_is_over_or_it_is_paid_or_cancelled() {
    let shop = Shop::open();
    let expired = shop.payable().await;
    shop.clock.advance(TIME_TO_PAY);
    shop.pay(expired, "pm_card_visa").await.assert_problem(409, "order-not-payable");
    shop.prepare(expired).await.assert_problem(409, "order-not-payable");

    let paid = shop.payable().await;
    shop.pay(paid, "pm_card_visa").await.assert_created("authorized");
    shop.pay(paid, "pm_card_visa").await.assert_problem(409, "order-not-payable");
    shop.prepare(paid).await.assert_problem(409, "order-not-payable");

    let cancelled = shop.payable().await;
    shop.cancel(cancelled).await.unwrap();
    shop.pay(cancelled, "pm_card_visa").await.assert_problem(409, "order-not-payable");
    assert_eq!((shop.status(cancelled).await.as_str(), shop.books(cancelled)), ("voided", vec![]));
}

#[tokio::test]
async fn while_the_processor_is_away_the_wish_is_kept() {
    let shop = Shop::open();
    let (with_card, without) = (shop.payable().await, shop.payable().await);
    shop.cards.set_away(true);
    let answer = shop.pay(with_card, "pm_card_visa").await;
    answer.assert_problem(503, "payments-unavailable");
    assert!(answer.header("retry-after").is_some());
    shop.prepare(without).await.assert_problem(503, "payments-unavailable");
    assert_eq!(shop.status(with_card).await, "authorizing");
    assert_eq!(shop.status(without).await, "payable");

    shop.cards.set_away(false);
    shop.settle().await;
    assert_eq!(shop.status(with_card).await, "authorized");
    assert!(shop.get(without).await.json()["client_secret"].is_string());
}

#[tokio::test]
async fn while_the_store_is_behind_the_stream_nothing_is_asked_of_the_processor() {
    let shop = Shop::open();
    let order = shop.payable().await;
    shop.cards.set_away(true);
    shop.pay(order, "pm_card_visa").await.assert_problem(503, "payments-unavailable");
    shop.cards.set_away(false);
    shop.gate.shut();
    shop.pay(order, "pm_card_visa").await.assert_problem(503, "unavailable");
    shop.settle().await;
    assert_eq!(shop.books(order), []);
}
