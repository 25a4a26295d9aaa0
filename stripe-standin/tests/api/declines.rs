//! Every declining test method, and what the buyer can do afterwards.

use stripe::ApiErrorsType;
use stripe_core::charge::RetrieveCharge;
use stripe_core::payment_intent::ConfirmPaymentIntent;
use stripe_shared::ChargeStatus;
use stripe_shared::PaymentIntentStatus::{RequiresCapture, RequiresPaymentMethod};

use crate::harness::{Shop, code, refusal};

#[tokio::test]
async fn each_declined_card_says_why() {
    let shop = Shop::open().await;
    for (method, code, decline_code) in [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ] {
        let (error, status) = refusal(shop.authorize(method).await);
        assert_eq!(status, 402, "{method}");
        assert_eq!(error.type_, ApiErrorsType::CardError, "{method}");
        assert_eq!(error.code.unwrap().to_string(), code, "{method}");
        assert_eq!(error.decline_code.as_deref(), Some(decline_code), "{method}");
        assert!(
            error.message.is_some() && error.doc_url.is_some() && error.payment_method.is_some(),
            "{method}"
        );
        let intent = error.payment_intent.unwrap();
        assert_eq!(intent.status, RequiresPaymentMethod, "{method}");
        assert_eq!(
            intent.last_payment_error.unwrap().decline_code.as_deref(),
            Some(decline_code),
            "{method}"
        );
        let charge = RetrieveCharge::new(error.charge.unwrap()).send(&shop.client).await.unwrap();
        assert_eq!(charge.status, ChargeStatus::Failed, "{method}");
        assert_eq!(charge.failure_code.as_deref(), Some(code), "{method}");
        assert!(!charge.paid && !charge.captured, "{method}");
    }
    assert_eq!(shop.ledger().held["usd"], 0);
}

#[tokio::test]
async fn after_a_decline_another_card_may_pay_the_same_intent() {
    let shop = Shop::open().await;
    let (error, _) = refusal(shop.authorize("pm_card_visa_chargeDeclined").await);
    let id = error.payment_intent.unwrap().id;
    let paid = ConfirmPaymentIntent::new(id).payment_method("pm_card_visa").send(&shop.client).await.unwrap();
    assert_eq!(paid.status, RequiresCapture);
    assert!(paid.last_payment_error.is_none());
}

#[tokio::test]
async fn a_payment_method_nobody_published_is_missing() {
    let shop = Shop::open().await;
    let (error, status) = refusal(shop.authorize("pm_card_of_my_own").await);
    assert_eq!((status, error.param.as_deref()), (400, Some("payment_method")));
    assert_eq!(code(shop.authorize("pm_card_of_my_own").await), "resource_missing");
    assert!(shop.ledger().payment_intents.is_empty());
}
