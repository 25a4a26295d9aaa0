//! Refunds and their limits.

use std::collections::HashMap;

use stripe_core::refund::{CreateRefund, CreateRefundReason, ListRefund, RetrieveRefund};
use stripe_shared::RefundReason;

use crate::harness::{Shop, code, id_of, refusal};

#[tokio::test]
async fn a_payment_is_refunded_in_parts_and_never_beyond_what_was_captured() {
    let shop = Shop::open().await;
    let intent = shop.captured().await;
    let first = CreateRefund::new()
        .payment_intent(intent.id.to_string())
        .amount(2000)
        .reason(CreateRefundReason::RequestedByCustomer)
        .metadata(HashMap::from([("order_id".to_owned(), "order-1".to_owned())]))
        .send(&shop.client)
        .await
        .unwrap();
    assert_eq!((first.amount, first.status.as_deref()), (2000, Some("succeeded")));
    assert_eq!(first.reason, Some(RefundReason::RequestedByCustomer));

    let refund = || CreateRefund::new().payment_intent(intent.id.to_string());
    let (error, status) = refusal(refund().amount(3001).send(&shop.client).await);
    assert_eq!((status, error.param.as_deref()), (400, Some("amount")));
    assert_eq!(refund().send(&shop.client).await.unwrap().amount, 3000);
    assert_eq!(code(refund().send(&shop.client).await), "charge_already_refunded");

    let charge = id_of(&first.charge.unwrap());
    assert_eq!(code(CreateRefund::new().charge(&charge).send(&shop.client).await), "charge_already_refunded");
    let again = RetrieveRefund::new(first.id.clone()).send(&shop.client).await.unwrap();
    assert_eq!(again.metadata.unwrap()["order_id"], "order-1");
    let listed = ListRefund::new().payment_intent(intent.id.to_string()).send(&shop.client).await.unwrap();
    assert_eq!(listed.data.iter().map(|refund| refund.amount).collect::<Vec<_>>(), [3000, 2000]);
    let ledger = shop.ledger();
    assert_eq!((ledger.captured["usd"], ledger.refunded["usd"]), (5000, 5000));
}

#[tokio::test]
async fn what_was_not_captured_is_not_refunded() {
    let shop = Shop::open().await;
    let intent = shop.authorized().await;
    let refund = CreateRefund::new().payment_intent(intent.id.to_string());
    assert_eq!(code(refund.send(&shop.client).await), "charge_not_refundable");
    shop.cancel(&intent.id).await.unwrap();
    assert_eq!(code(refund.send(&shop.client).await), "charge_already_refunded");
    let missing = CreateRefund::new().payment_intent("pi_missing");
    assert_eq!(code(missing.send(&shop.client).await), "resource_missing");
    assert_eq!(code(CreateRefund::new().send(&shop.client).await), "parameter_missing");
}
