//! An order that ends: whatever was set aside for it is given back, and nothing is taken.

use messaging::Fault;
use payments::{CardFault, Standing};

use crate::harness::{Shop, charged, held};

#[tokio::test]
async fn a_cancelled_order_gives_back_what_is_set_aside_at_whatever_stage() {
    let shop = Shop::open();
    for card in ["pm_card_visa", "pm_card_visa_chargeDeclined", "pm_card_authenticationRequired"] {
        let order = shop.payable().await;
        shop.pay(order, card).await;
        shop.cancel(order).await.unwrap();
        shop.settle().await;
        assert_eq!(shop.books(order), [Standing::Cancelled], "{card}");
        assert_eq!(shop.status(order).await, "voided", "{card}");
        shop.cancel(order).await.unwrap();
        assert_eq!(shop.said(order).last().unwrap(), "PaymentVoided");
    }
    let order = shop.payable().await;
    shop.prepare(order).await.assert_created("payable");
    shop.cancel(order).await.unwrap();
    shop.settle().await;
    assert_eq!(shop.books(order), [Standing::Cancelled]);
}

#[tokio::test]
async fn an_order_cancelled_before_it_was_payable_is_never_paid() {
    let shop = Shop::open();
    let order = contracts::OrderId(uuid::Uuid::now_v7());
    shop.cancel(order).await.unwrap();
    shop.await_payment(order).await;
    assert_eq!(shop.said(order), ["PaymentVoided"]);
    shop.pay(order, "pm_card_visa").await.assert_problem(404, "not-found");
    assert_eq!(shop.books(order), []);
}

#[tokio::test]
async fn what_was_made_unseen_is_found_again_and_cancelled() {
    let shop = Shop::open();
    let order = shop.payable().await;
    // Each try of the first call.
    shop.cards.go_wrong([CardFault::AnswerLost; 3]);
    shop.pay(order, "pm_card_visa").await.assert_problem(503, "payments-unavailable");
    assert_eq!(shop.books(order), [Standing::Open { declined: None }]);
    shop.cancel(order).await.unwrap();
    shop.settle().await;
    assert_eq!((shop.books(order), shop.status(order).await.as_str()), (vec![Standing::Cancelled], "voided"));
}

#[tokio::test]
async fn what_was_set_aside_unseen_is_given_back() {
    let shop = Shop::open();
    let order = shop.payable().await;
    shop.prepare(order).await.assert_created("payable");
    shop.cards.go_wrong([CardFault::AnswerLost; 3]);
    shop.pay(order, "pm_card_visa").await.assert_problem(503, "payments-unavailable");
    assert_eq!(shop.books(order), [held()]);
    shop.cancel(order).await.unwrap();
    shop.settle().await;
    assert_eq!((shop.books(order), shop.status(order).await.as_str()), (vec![Standing::Cancelled], "voided"));
}

#[tokio::test]
async fn an_authorisation_that_lapsed_fails_the_capture_for_good() {
    let shop = Shop::open();
    let order = shop.payable().await;
    shop.pay(order, "pm_card_visa").await.assert_created("authorized");
    shop.cards.lapse(&shop.intent(order));
    shop.accept(order).await.unwrap();
    shop.settle().await;
    assert_eq!(shop.status(order).await, "failed");
    assert_eq!(shop.said(order).last().unwrap(), "CaptureFailed");
    // Orders cancels it then.
    shop.cancel(order).await.unwrap();
    assert_eq!(shop.status(order).await, "failed");
}

#[tokio::test]
async fn what_contradicts_the_payment_is_left_for_somebody_to_look_at() {
    let shop = Shop::open();
    let order = shop.payable().await;
    assert!(matches!(shop.accept(order).await, Err(Fault::Poison(_))));
    shop.pay(order, "pm_card_visa").await.assert_created("authorized");
    shop.accept(order).await.unwrap();
    shop.settle().await;
    assert!(matches!(shop.cancel(order).await, Err(Fault::Poison(_))));
    assert_eq!(shop.books(order), [charged()]);
}

#[tokio::test]
async fn while_money_is_being_given_back_it_is_not_said_to_be_voided() {
    let shop = Shop::open();
    let order = shop.payable().await;
    shop.pay(order, "pm_card_visa").await.assert_created("authorized");
    shop.cards.set_away(true);
    shop.cancel(order).await.unwrap();
    assert_eq!((shop.status(order).await.as_str(), shop.books(order)), ("authorized", vec![held()]));
    shop.cards.set_away(false);
    shop.settle().await;
    assert_eq!(shop.status(order).await, "voided");
}
