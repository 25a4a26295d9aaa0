//! What happened to an order.

use contracts::OrderId;
use eventsourcing::Outbox as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::shop::{Person, Shop, admin, buyer, ticket};

async fn history(shop: &Shop, person: Person, order: OrderId) -> Vec<Value> {
    let answer = shop.get(person, &format!("/api/orders/{order}/history")).await;
    assert_eq!(answer.status, 200);
    answer.json()["items"].as_array().unwrap().clone()
}

fn types(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["type"].as_str().unwrap()).collect()
}

const PURCHASE: [&str; 4] = ["OrderCreated", "OrderAwaitingPayment", "OrderAccepted", "OrderCompleted"];

#[tokio::test]
async fn the_history_says_what_happened_when_and_why_the_oldest_first() {
    let shop = Shop::open();
    let complete = history(&shop, buyer(1), shop.bought(buyer(1), ticket(1)).await).await;
    assert_eq!(types(&complete), PURCHASE);
    let versions: Vec<_> = complete.iter().map(|item| item["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, [1, 2, 3, 4]);
    assert!(complete.iter().all(|item| item["at"].is_string() && item.get("reason").is_none()));

    let order = shop.placed(buyer(1), ticket(2)).await;
    shop.cancel(buyer(1), order, &[]).await;
    let cancelled = history(&shop, buyer(1), order).await;
    assert_eq!(types(&cancelled), ["OrderCreated", "OrderCancelled"]);
    assert_eq!(cancelled[1]["reason"], "buyer");
    // Nobody's id, no price: only what is said here.
    let fields: Vec<_> = cancelled[1].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["at", "reason", "type", "version"]);
}

#[tokio::test]
async fn what_was_moved_out_of_the_document_is_told_too() {
    let shop = Shop::open();
    let order = shop.bought(buyer(1), ticket(1)).await;
    // Only what is published is moved.
    assert_eq!(shop.said(order).await.len(), 4);
    shop.store.archive(order.0, 1).await.unwrap();
    assert_eq!(shop.store.head(order.0).await.unwrap().unwrap().held, 1);
    assert_eq!(types(&history(&shop, buyer(1), order).await), PURCHASE);
}

#[tokio::test]
async fn a_history_is_its_buyers_and_the_admins() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    assert_eq!(types(&history(&shop, admin(), order).await), ["OrderCreated"]);
    let path = format!("/api/orders/{order}/history");
    shop.get(buyer(2), &path).await.assert_problem(404, "not-found");
    for person in [buyer(1), admin()] {
        let nothing = format!("/api/orders/{}/history", Uuid::from_u128(99));
        shop.get(person, &nothing).await.assert_problem(404, "not-found");
        shop.get(person, "/api/orders/17/history").await.assert_problem(404, "not-found");
    }
    // An admin sees the history, and not the order as its buyer does.
    shop.get(admin(), &format!("/api/orders/{order}")).await.assert_problem(404, "not-found");
    let all = shop.get(admin(), "/api/orders/all").await.json();
    assert_eq!(all["items"][0]["id"], json!(order));
}
