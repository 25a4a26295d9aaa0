//! 3-D Secure: the intent waits, the bank's page decides.

use stripe_core::payment_intent::{ConfirmPaymentIntent, CreatePaymentIntentOffSession};
use stripe_shared::PaymentIntent;
use stripe_shared::PaymentIntentStatus::{RequiresAction, RequiresCapture, RequiresPaymentMethod};

use crate::harness::{Shop, authorization, raw, refusal};

const BACK: &str = "https://shop.example/orders/1?tab=payment";

fn page(intent: &PaymentIntent) -> String {
    let action = intent.next_action.as_ref().unwrap();
    assert_eq!(action.type_, "redirect_to_url");
    action.redirect_to_url.as_ref().unwrap().url.clone().unwrap()
}

async fn waiting(shop: &Shop, method: &str) -> PaymentIntent {
    let intent = authorization("order-1", method).return_url(BACK).send(&shop.client).await.unwrap();
    assert_eq!(intent.status, RequiresAction, "{method}");
    intent
}

#[tokio::test]
async fn a_passed_check_authorises_the_payment_and_leads_back_to_the_shop() {
    let shop = Shop::open().await;
    for method in [
        "pm_card_authenticationRequired",
        "pm_card_authenticationRequiredOnSetup",
        "pm_card_authenticationRequiredSetupForOffSession",
        "pm_card_threeDSecure2Required",
        "pm_card_threeDSecureRequired",
    ] {
        let intent = waiting(&shop, method).await;
        let shown = raw(shop.http.get(page(&intent))).await;
        assert!(shown.text.contains("Complete authentication"), "{method}");
        let answer = raw(shop.http.post(page(&intent)).form(&[("outcome", "pass")])).await;
        assert_eq!(answer.status, 303, "{method}");
        let location = answer.headers["location"].to_str().unwrap();
        assert!(location.starts_with(&format!("{BACK}&payment_intent={}", intent.id)), "{location}");
        assert!(location.ends_with("&redirect_status=succeeded"), "{location}");
        assert_eq!(shop.retrieve(&intent.id).await.status, RequiresCapture, "{method}");
    }
}

#[tokio::test]
async fn a_failed_check_asks_for_another_method() {
    let shop = Shop::open().await;
    let intent = waiting(&shop, "pm_card_authenticationRequired").await;
    for _ in 0..2 {
        let answer = raw(shop.http.post(page(&intent)).form(&[("outcome", "fail")])).await;
        assert!(answer.headers["location"].to_str().unwrap().ends_with("&redirect_status=failed"));
    }
    let failed = shop.retrieve(&intent.id).await;
    assert_eq!(failed.status, RequiresPaymentMethod);
    let error = failed.last_payment_error.unwrap();
    assert_eq!(error.code.unwrap().to_string(), "payment_intent_authentication_failure");
    assert_eq!(shop.ledger().payment_intents[0].charges, 0);
}

#[tokio::test]
async fn a_card_may_be_declined_after_a_passed_check() {
    let shop = Shop::open().await;
    let method = "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds";
    let intent = waiting(&shop, method).await;
    raw(shop.http.post(page(&intent)).form(&[("outcome", "pass")])).await;
    let declined = shop.retrieve(&intent.id).await;
    assert_eq!(declined.status, RequiresPaymentMethod);
    assert_eq!(declined.last_payment_error.unwrap().decline_code.as_deref(), Some("insufficient_funds"));
}

#[tokio::test]
async fn without_a_return_url_the_page_is_for_the_sdk_and_a_stranger_does_not_see_it() {
    let shop = Shop::open().await;
    let intent = shop.authorize("pm_card_authenticationRequired").await.unwrap();
    assert_eq!(intent.next_action.unwrap().type_, "use_stripe_sdk");
    let stranger = format!("/3d_secure/{}?client_secret=guessed", intent.id);
    assert_eq!(shop.get(&stranger).await.status, 404);
}

#[tokio::test]
async fn an_absent_buyer_cannot_authenticate() {
    let shop = Shop::open().await;
    let request = authorization("order-1", "pm_card_authenticationRequired")
        .off_session(CreatePaymentIntentOffSession::Bool(true));
    let (error, status) = refusal(request.send(&shop.client).await);
    assert_eq!((status, error.decline_code.as_deref()), (402, Some("authentication_required")));

    let set_up = authorization("order-2", "pm_card_authenticationRequiredSetupForOffSession")
        .off_session(CreatePaymentIntentOffSession::Bool(true));
    assert_eq!(set_up.send(&shop.client).await.unwrap().status, RequiresCapture);
}

#[tokio::test]
async fn another_card_replaces_the_one_that_waits() {
    let shop = Shop::open().await;
    let intent = waiting(&shop, "pm_card_authenticationRequired").await;
    let paid = ConfirmPaymentIntent::new(intent.id.clone())
        .payment_method("pm_card_visa")
        .send(&shop.client)
        .await
        .unwrap();
    assert_eq!(paid.status, RequiresCapture);
    raw(shop.http.post(page(&intent)).form(&[("outcome", "pass")])).await;
    assert_eq!(shop.ledger().payment_intents[0].charges, 1);
}
