//! An order as it changes, for its buyer.

use testing::Told;
use uuid::Uuid;

use crate::shop::{Shop, admin, buyer, ticket};

/// How far the order is, and at which version.
fn seen(told: Option<Told>) -> (String, u64) {
    let Told { name, id, data } = told.unwrap();
    let (order, version) = (data["id"].as_str().unwrap(), data["version"].as_u64().unwrap());
    assert_eq!((name.as_str(), id), ("order", format!("{order}:{version}")));
    (data["status"].as_str().unwrap().to_owned(), version)
}

fn at(status: &str, version: u64) -> (String, u64) {
    (status.to_owned(), version)
}

#[tokio::test]
async fn the_order_comes_at_once_and_again_at_each_change() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    let mut listening = shop.listens(buyer(1), order).await;
    let told = listening.next().await;
    assert_eq!(told.clone().unwrap().data["expires_at"], shop.show(buyer(1), order).await["expires_at"]);
    assert_eq!(seen(told), at("pending", 1));
    shop.ticket_reserved(order, ticket(1)).await;
    assert_eq!(seen(listening.next().await), at("awaiting_payment", 2));
    shop.payment_authorized(order).await;
    assert_eq!(seen(listening.next().await), at("accepted", 3));
    shop.charge_created(order).await;
    assert_eq!(seen(listening.next().await), at("complete", 4));
}

#[tokio::test]
async fn what_another_replica_does_is_told_and_of_many_changes_the_last() {
    let shop = Shop::open();
    let other = shop.replica();
    let order = shop.placed(buyer(1), ticket(1)).await;
    let mut listening = shop.listens(buyer(1), order).await;
    assert_eq!(seen(listening.next().await), at("pending", 1));
    other.ticket_reserved(order, ticket(1)).await;
    other.payment_authorized(order).await;
    other.charge_created(order).await;
    // All of it stands on the bus before anybody listens on.
    assert_eq!(other.said(order).await.len(), 4);
    assert_eq!(seen(listening.next().await), at("complete", 4));
    assert_eq!(listening.hears_now(), None);
}

#[tokio::test]
async fn who_comes_back_catches_up() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    drop(shop.listens(buyer(1), order).await);
    shop.cancel(buyer(1), order, &[]).await;
    let mut listening = shop.listens(buyer(1), order).await;
    assert_eq!(seen(listening.next().await), at("cancelled", 2));
}

#[tokio::test]
async fn nobody_else_listens_to_an_order() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    let live = |order: &str| format!("/api/orders/{order}/live");
    for stranger in [buyer(2), admin()] {
        shop.get(stranger, &live(&order.to_string())).await.assert_problem(404, "not-found");
    }
    for nothing in [Uuid::from_u128(99).to_string(), "17".to_owned()] {
        shop.get(buyer(1), &live(&nothing)).await.assert_problem(404, "not-found");
    }
}

#[tokio::test]
async fn a_ban_ends_the_stream_and_who_comes_back_is_told_so() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    let mut listening = shop.listens(buyer(1), order).await;
    assert_eq!(seen(listening.next().await), at("pending", 1));
    shop.revocations.set();
    // Nothing happens to the order: the stream ends by itself.
    assert_eq!(listening.next().await, None);
    let again = shop.get(buyer(1), &format!("/api/orders/{order}/live")).await;
    again.assert_problem(401, "unauthenticated");
}
