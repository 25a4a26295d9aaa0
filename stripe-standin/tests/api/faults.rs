//! Faults on demand, seen from the caller.

use std::time::Instant;

use serde_json::json;
use stripe::StripeError;
use stripe_core::payment_intent::SearchPaymentIntent;
use stripe_standin::Faults;

use crate::harness::{Shop, authorization, code, refusal};

fn next(fault: &str, path: &str, when: &str) -> serde_json::Value {
    json!({ "next": [{ "fault": fault, "path": path, "when": when }] })
}

#[tokio::test]
async fn a_cut_before_the_execution_has_no_effect_and_one_after_it_has() {
    let shop = Shop::open().await;
    let request = authorization("order-1", "pm_card_visa");
    for (when, intents) in [("before", 0), ("after", 1)] {
        shop.control("/_standin/faults", next("cut", "/payment_intents", when)).await;
        let cut = request.send(&shop.keyed("key")).await;
        assert!(matches!(cut, Err(StripeError::ClientError(_))), "{cut:?}");
        assert_eq!(shop.ledger().payment_intents.len(), intents, "{when}");
    }
    request.send(&shop.keyed("key")).await.unwrap();
    assert_eq!(shop.ledger().payment_intents.len(), 1);
}

#[tokio::test]
async fn a_500_or_429_before_the_execution_can_be_tried_again() {
    let shop = Shop::open().await;
    let request = authorization("order-1", "pm_card_visa");
    for (fault, expected) in [("status_500", 500), ("rate_limit", 429)] {
        shop.control("/_standin/faults", next(fault, "/payment_intents", "before")).await;
        let (_, status) = refusal(request.send(&shop.keyed("key")).await);
        assert_eq!(status, expected);
    }
    request.send(&shop.keyed("key")).await.unwrap();
    assert_eq!(shop.ledger().payment_intents.len(), 1);
}

#[tokio::test]
async fn a_capture_is_refused_for_good_when_the_authorisation_lapses() {
    let shop = Shop::open().await;
    let intent = shop.authorized().await;
    shop.control("/_standin/faults", next("authorization_expired", "/capture", "before")).await;
    assert_eq!(code(shop.capture(&intent.id).await), "payment_intent_unexpected_state");
    assert_eq!(code(shop.capture(&intent.id).await), "payment_intent_unexpected_state");
    assert_eq!(shop.ledger().captured["usd"], 0);
}

#[tokio::test]
async fn requests_are_slow_until_the_faults_are_cleared() {
    let shop = Shop::open().await;
    shop.control("/_standin/faults", json!({ "slow_ms": 200 })).await;
    let start = Instant::now();
    shop.authorized().await;
    assert!(start.elapsed().as_millis() >= 200);
    let cleared = shop.http.delete(shop.url("/_standin/faults")).send().await.unwrap();
    assert_eq!(cleared.status().as_u16(), 204);
    assert_eq!(shop.get("/_standin/faults").await.json["slow_ms"], 0);
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_stop_what_it_began() {
    let shop = Shop::open().await;
    shop.stand_in.set_faults(Faults { slow_ms: 200, ..Faults::default() });
    let request = authorization("order-1", "pm_card_visa");
    let impatient =
        tokio::time::timeout(std::time::Duration::from_millis(50), request.send(&shop.client)).await;
    assert!(impatient.is_err());
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    assert_eq!(shop.ledger().held["usd"], 5000);
}

#[tokio::test]
async fn a_search_may_lag_behind() {
    let shop = Shop::open().await;
    shop.authorized().await;
    let search = SearchPaymentIntent::new("metadata['order_id']:'order-1'");
    assert_eq!(search.send(&shop.client).await.unwrap().data.len(), 1);
    shop.stand_in.set_faults(Faults { search_lag_seconds: 60, ..Faults::default() });
    assert!(search.send(&shop.client).await.unwrap().data.is_empty());
}

#[tokio::test]
async fn unknown_faults_are_refused() {
    let shop = Shop::open().await;
    assert_eq!(shop.control("/_standin/faults", json!({ "slowms": 200 })).await, 422);
}
