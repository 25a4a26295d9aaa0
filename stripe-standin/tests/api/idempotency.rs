//! The same key gives the same answer, and one effect.

use serde_json::json;
use stripe_core::payment_intent::CapturePaymentIntent;
use stripe_core::refund::CreateRefund;

use crate::harness::{Shop, authorization, code, refusal};

const CREATE: &str =
    "amount=5000&currency=usd&payment_method_types[]=card&payment_method=pm_card_visa&confirm=true";

#[tokio::test]
async fn each_operation_repeated_under_its_key_has_one_effect() {
    let shop = Shop::open().await;
    let create = authorization("order-1", "pm_card_visa");
    let intent = create.send(&shop.keyed("create")).await.unwrap();
    assert_eq!(create.send(&shop.keyed("create")).await.unwrap().id, intent.id);
    let capture = CapturePaymentIntent::new(intent.id.clone());
    let captured = capture.send(&shop.keyed("capture")).await.unwrap();
    assert_eq!(capture.send(&shop.keyed("capture")).await.unwrap().status, captured.status);
    let refund = CreateRefund::new().payment_intent(intent.id.to_string()).amount(100);
    let first = refund.send(&shop.keyed("refund")).await.unwrap();
    assert_eq!(refund.send(&shop.keyed("refund")).await.unwrap().id, first.id);
    let ledger = shop.ledger();
    assert_eq!((ledger.captured["usd"], ledger.refunded["usd"]), (5000, 100));
    assert_eq!(ledger.payment_intents.len(), 1);
}

#[tokio::test]
async fn a_replay_is_the_same_to_the_byte_and_says_so() {
    let shop = Shop::open().await;
    let first = shop.post("/v1/payment_intents", CREATE, Some("key-1")).await;
    let reordered =
        "confirm=true&amount=5000&currency=usd&payment_method=pm_card_visa&payment_method_types[]=card";
    let again = shop.post("/v1/payment_intents", reordered, Some("key-1")).await;
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert!(!first.headers.contains_key("idempotent-replayed"));
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.headers["original-request"], first.headers["request-id"]);
    assert_ne!(again.headers["request-id"], first.headers["request-id"]);
}

#[tokio::test]
async fn a_decline_is_replayed_and_a_validation_error_is_not_kept() {
    let shop = Shop::open().await;
    let declined = authorization("order-1", "pm_card_visa_chargeDeclined");
    let (first, _) = refusal(declined.send(&shop.keyed("decline")).await);
    let (again, status) = refusal(declined.send(&shop.keyed("decline")).await);
    assert_eq!((again.charge, status), (first.charge, 402));
    assert_eq!(shop.ledger().payment_intents.len(), 1);

    let invalid = shop.post("/v1/payment_intents", "currency=usd", Some("key-1")).await;
    assert_eq!(invalid.json["error"]["code"], "parameter_missing");
    assert_eq!(shop.post("/v1/payment_intents", CREATE, Some("key-1")).await.status, 200);
}

#[tokio::test]
async fn a_key_is_bound_to_its_parameters_and_its_endpoint() {
    let shop = Shop::open().await;
    let intent = authorization("order-1", "pm_card_visa").send(&shop.keyed("key")).await.unwrap();
    let (other, status) = refusal(authorization("order-2", "pm_card_visa").send(&shop.keyed("key")).await);
    assert_eq!((other.type_.to_string().as_str(), status), ("idempotency_error", 400));
    let (elsewhere, _) = refusal(CapturePaymentIntent::new(intent.id).send(&shop.keyed("key")).await);
    assert_eq!(elsewhere.type_.to_string(), "idempotency_error");
}

#[tokio::test]
async fn a_key_in_use_is_a_conflict() {
    let shop = Shop::open().await;
    shop.control("/_standin/faults", json!({ "slow_ms": 300 })).await;
    let request = authorization("order-1", "pm_card_visa");
    let client = shop.keyed("key");
    let (one, other) = tokio::join!(request.send(&client), request.send(&client));
    let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
    let (error, status) = refusal(lost);
    assert_eq!((error.code.unwrap().to_string().as_str(), status), ("idempotency_key_in_use", 409));
    assert_eq!(request.send(&shop.keyed("key")).await.unwrap().id, won.unwrap().id);
}

#[tokio::test]
async fn a_500_after_the_execution_is_what_the_key_gives_from_then_on() {
    let shop = Shop::open().await;
    let fault = json!({ "next": [{ "path": "/payment_intents", "fault": "status_500", "when": "after" }] });
    shop.control("/_standin/faults", fault).await;
    let request = authorization("order-1", "pm_card_visa");
    for _ in 0..2 {
        let (error, status) = refusal(request.send(&shop.keyed("key")).await);
        assert_eq!((error.type_.to_string().as_str(), status), ("api_error", 500));
    }
    assert_eq!(shop.ledger().held["usd"], 5000);
}

#[tokio::test]
async fn a_request_that_is_refused_by_the_state_is_kept() {
    let shop = Shop::open().await;
    let intent = shop.captured().await;
    let capture = CapturePaymentIntent::new(intent.id);
    for _ in 0..2 {
        assert_eq!(code(capture.send(&shop.keyed("late")).await), "payment_intent_unexpected_state");
    }
}
