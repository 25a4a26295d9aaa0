//! Cancelling orders.

use serde_json::json;

use crate::shop::{Shop, admin, buyer, ticket};

#[tokio::test]
async fn a_buyer_cancels_an_order_that_is_not_paid() {
    let shop = Shop::open();
    let pending = shop.placed(buyer(1), ticket(1)).await;
    let awaiting = shop.placed(buyer(1), ticket(2)).await;
    shop.ticket_reserved(awaiting, ticket(2)).await;
    for order in [pending, awaiting] {
        let answer = shop.cancel(buyer(1), order, &[]).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
        let shown = shop.show(buyer(1), order).await;
        assert_eq!((&shown["status"], &shown["reason"]), (&json!("cancelled"), &json!("buyer")));
    }
}

#[tokio::test]
async fn cancelling_again_is_as_good_and_says_nothing_new() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    let seen = [("if-match", "\"1\"")];
    for _ in 0..3 {
        assert_eq!(shop.cancel(buyer(1), order, &seen).await.status, 204);
    }
    assert_eq!(shop.said(order).await, ["OrderCreated", "OrderCancelled"]);
}

#[tokio::test]
async fn an_order_whose_payment_was_accepted_is_not_cancelled() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    shop.ticket_reserved(order, ticket(1)).await;
    shop.payment_authorized(order).await;
    shop.cancel(buyer(1), order, &[]).await.assert_problem(409, "payment-accepted");
    shop.charge_created(order).await;
    shop.cancel(buyer(1), order, &[]).await.assert_problem(409, "payment-accepted");
    assert_eq!(shop.show(buyer(1), order).await["status"], "complete");
}

#[tokio::test]
async fn who_has_seen_another_version_cancels_nothing() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    shop.ticket_reserved(order, ticket(1)).await;
    for stale in ["\"1\"", "\"3\"", "2", "nonsense"] {
        shop.cancel(buyer(1), order, &[("if-match", stale)]).await.assert_problem(412, "stale");
    }
    assert_eq!(shop.show(buyer(1), order).await["status"], "awaiting_payment");
    assert_eq!(shop.cancel(buyer(1), order, &[("if-match", "\"2\"")]).await.status, 204);
}

#[tokio::test]
async fn nobody_cancels_what_is_not_theirs_or_does_not_exist() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    for person in [buyer(2), admin()] {
        shop.cancel(person, order, &[]).await.assert_problem(404, "not-found");
    }
    let nothing = shop.runtime.new_id().into();
    shop.cancel(buyer(1), nothing, &[]).await.assert_problem(404, "not-found");
    assert_eq!(shop.show(buyer(1), order).await["status"], "pending");
}
