//! Creating, confirming, capturing and cancelling PaymentIntents.

use std::collections::HashMap;

use stripe_core::charge::RetrieveCharge;
use stripe_core::payment_intent::{
    CancelPaymentIntent, CancelPaymentIntentCancellationReason, CapturePaymentIntent, ConfirmPaymentIntent,
    CreatePaymentIntent, RetrievePaymentIntent, UpdatePaymentIntent,
};
use stripe_shared::PaymentIntentStatus::{
    Canceled, RequiresCapture, RequiresConfirmation, RequiresPaymentMethod, Succeeded,
};
use stripe_shared::{ChargeStatus, PaymentIntentCancellationReason};
use stripe_types::{Currency, Expandable};

use crate::harness::{Shop, code, id_of, manual, refusal};

#[tokio::test]
async fn a_card_is_authorised_then_captured() {
    let shop = Shop::open().await;
    let intent = shop.authorized().await;
    assert_eq!(intent.status, RequiresCapture);
    assert_eq!((intent.amount, intent.amount_capturable, intent.amount_received), (5000, 5000, 0));
    assert_eq!(intent.metadata["order_id"], "order-1");
    assert!(intent.client_secret.unwrap().starts_with(&format!("{}_secret_", intent.id)));

    let captured = shop.capture(&intent.id).await.unwrap();
    assert_eq!(captured.status, Succeeded);
    assert_eq!((captured.amount_capturable, captured.amount_received), (0, 5000));
    let charge = id_of(&captured.latest_charge.unwrap());
    let charge = RetrieveCharge::new(charge).send(&shop.client).await.unwrap();
    assert!(charge.captured && charge.paid && !charge.refunded);
    assert_eq!((charge.amount_captured, charge.amount_refunded), (5000, 0));
    assert_eq!(charge.outcome.unwrap().type_, "authorized");
    assert_eq!(charge.status, ChargeStatus::Succeeded);
    assert_eq!(shop.ledger().captured["usd"], 5000);
}

#[tokio::test]
async fn an_automatic_payment_succeeds_at_once() {
    let shop = Shop::open().await;
    let intent = CreatePaymentIntent::new(700, Currency::EUR)
        .payment_method("pm_card_mastercard")
        .return_url("https://shop.example/back")
        .confirm(true)
        .send(&shop.client)
        .await
        .unwrap();
    assert_eq!((intent.status, intent.amount_received), (Succeeded, 700));
}

#[tokio::test]
async fn an_intent_goes_from_no_method_to_a_method_to_an_authorisation() {
    let shop = Shop::open().await;
    let intent = manual("order-1").send(&shop.client).await.unwrap();
    assert_eq!(intent.status, RequiresPaymentMethod);
    assert_eq!(
        code(ConfirmPaymentIntent::new(intent.id.clone()).send(&shop.client).await),
        "payment_intent_unexpected_state"
    );

    let metadata =
        HashMap::from([("order_id".to_owned(), String::new()), ("seat".to_owned(), "A1".to_owned())]);
    let updated = UpdatePaymentIntent::new(intent.id.clone())
        .payment_method("pm_card_visa")
        .amount(6000)
        .metadata(metadata)
        .send(&shop.client)
        .await
        .unwrap();
    assert_eq!((updated.status, updated.amount), (RequiresConfirmation, 6000));
    assert_eq!(updated.metadata, HashMap::from([("seat".to_owned(), "A1".to_owned())]));

    let confirmed = ConfirmPaymentIntent::new(intent.id.clone()).send(&shop.client).await.unwrap();
    assert_eq!((confirmed.status, confirmed.amount_capturable), (RequiresCapture, 6000));
    assert_eq!(
        code(UpdatePaymentIntent::new(intent.id.clone()).amount(1000).send(&shop.client).await),
        "payment_intent_unexpected_state"
    );
    assert_eq!(
        code(ConfirmPaymentIntent::new(intent.id).send(&shop.client).await),
        "payment_intent_unexpected_state"
    );
}

#[tokio::test]
async fn a_part_is_captured_and_the_rest_released() {
    let shop = Shop::open().await;
    let intent = shop.authorized().await;
    let too_much =
        CapturePaymentIntent::new(intent.id.clone()).amount_to_capture(5001).send(&shop.client).await;
    assert_eq!(code(too_much), "amount_too_large");
    let part = CapturePaymentIntent::new(intent.id.clone())
        .amount_to_capture(1200)
        .send(&shop.client)
        .await
        .unwrap();
    assert_eq!((part.status, part.amount_received, part.amount_capturable), (Succeeded, 1200, 0));
    let (error, status) = refusal(shop.capture(&intent.id).await);
    assert_eq!(status, 400);
    assert_eq!(error.payment_intent.unwrap().id, intent.id);
    assert_eq!(shop.ledger().captured["usd"], 1200);
}

#[tokio::test]
async fn a_cancelled_authorisation_is_released_and_never_captured() {
    let shop = Shop::open().await;
    let intent = shop.authorized().await;
    let cancelled = CancelPaymentIntent::new(intent.id.clone())
        .cancellation_reason(CancelPaymentIntentCancellationReason::Abandoned)
        .send(&shop.client)
        .await
        .unwrap();
    assert_eq!((cancelled.status, cancelled.amount_capturable), (Canceled, 0));
    assert_eq!(cancelled.cancellation_reason, Some(PaymentIntentCancellationReason::Abandoned));
    assert!(cancelled.canceled_at.is_some());
    assert_eq!(code(shop.capture(&intent.id).await), "payment_intent_unexpected_state");
    assert_eq!(code(shop.cancel(&intent.id).await), "payment_intent_unexpected_state");
    let expanded = RetrievePaymentIntent::new(intent.id)
        .expand(vec!["latest_charge".to_owned()])
        .send(&shop.client)
        .await
        .unwrap();
    let Some(Expandable::Object(charge)) = expanded.latest_charge else {
        panic!("the charge was not expanded")
    };
    assert!(charge.refunded && !charge.captured);
    let ledger = shop.ledger();
    assert_eq!((ledger.captured["usd"], ledger.refunded["usd"], ledger.held["usd"]), (0, 0, 0));
}

#[tokio::test]
async fn an_intent_without_a_charge_is_cancelled_too_and_a_captured_one_is_not() {
    let shop = Shop::open().await;
    let intent = manual("order-1").send(&shop.client).await.unwrap();
    assert_eq!(shop.cancel(&intent.id).await.unwrap().status, Canceled);
    let captured = shop.captured().await;
    assert_eq!(code(shop.cancel(&captured.id).await), "payment_intent_unexpected_state");
}

#[tokio::test]
async fn an_authorisation_that_lapsed_is_refused_for_good() {
    let shop = Shop::open().await;
    let intent = shop.authorized().await;
    let path = format!("/_standin/payment_intents/{}/expire", intent.id);
    assert_eq!(shop.control(&path, serde_json::json!({})).await, 200);
    let (error, status) = refusal(shop.capture(&intent.id).await);
    assert_eq!((error.code.unwrap().to_string().as_str(), status), ("payment_intent_unexpected_state", 400));
    let intent = shop.retrieve(&intent.id).await;
    assert_eq!(intent.cancellation_reason, Some(PaymentIntentCancellationReason::Automatic));
    assert_eq!(shop.ledger().captured["usd"], 0);
}
