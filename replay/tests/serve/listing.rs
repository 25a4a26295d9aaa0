//! The list of events: the newest first, filtered, part by part.

use std::time::Duration;

use serde_json::{Value, json};

use crate::shop::{Shop, id};

fn sequences(page: &Value) -> Vec<u64> {
    page["items"].as_array().unwrap().iter().map(|item| item["sequence"].as_u64().unwrap()).collect()
}

async fn listed(shop: &Shop, query: &str) -> Vec<u64> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = shop.shows(&format!("/api/events?limit=2&cursor={cursor}&{query}")).await;
        found.extend(sequences(&page));
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return found,
        }
    }
}

#[tokio::test]
async fn an_event_is_shown_with_what_is_listed_and_nothing_else() {
    let shop = Shop::keeping_up().await;
    shop.says(("order", 1, "OrderCreated"), 10, 20, json!({ "ticket_id": id(7) })).await;
    let page = shop.shows("/api/events").await;
    let event = &page["items"][0];
    let fields: Vec<&str> = event.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "actor",
        "aggregate",
        "aggregate_id",
        "at",
        "causation_id",
        "correlation_id",
        "data",
        "event_id",
        "sequence",
        "service",
        "stored_at",
        "traceparent",
        "type",
        "version",
    ];
    assert_eq!(fields, expected);
    assert_eq!(event["sequence"], 1);
    assert_eq!(event["aggregate"], "order");
    assert_eq!(event["aggregate_id"], json!(id(1)));
    assert_eq!(event["service"], "orders");
    assert_eq!(event["type"], "OrderCreated");
    assert_eq!(event["data"]["ticket_id"], json!(id(7)));
    assert_eq!(event["causation_id"], json!(id(20)));
    assert_eq!(event["actor"], format!("user:{}", crate::shop::somebody().id));
    assert_eq!(page["next_cursor"], Value::Null);
}

#[tokio::test]
async fn the_newest_come_first_and_every_filter_counts() {
    let shop = Shop::keeping_up().await;
    for event in 1..=5 {
        shop.says(("order", event, "OrderCreated"), event, 90, json!({})).await;
    }
    shop.says(("payment", 3, "PaymentOpened"), 6, 90, json!({})).await;
    shop.says(("order", 3, "OrderAccepted"), 7, 90, json!({})).await;
    shop.knows_all().await;
    assert_eq!(listed(&shop, "").await, [7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(listed(&shop, "aggregate=order").await, [7, 5, 4, 3, 2, 1]);
    assert_eq!(listed(&shop, &format!("id={}", id(3))).await, [7, 6, 3]);
    assert_eq!(listed(&shop, "type=OrderCreated").await, [5, 4, 3, 2, 1]);
    assert_eq!(listed(&shop, &format!("aggregate=order&id={}&type=OrderAccepted", id(3))).await, [7]);
    assert_eq!(listed(&shop, &format!("correlation={}", id(0xc0))).await, [7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(listed(&shop, &format!("correlation={}&aggregate=payment", id(0xc0))).await, [6]);
    assert!(listed(&shop, "aggregate=unheard-of").await.is_empty());
    assert!(listed(&shop, &format!("correlation={}", id(0xc1))).await.is_empty());
}

#[tokio::test]
async fn what_was_stored_before_is_left_out() {
    let shop = Shop::keeping_up().await;
    shop.says(("order", 1, "OrderCreated"), 1, 90, json!({})).await;
    shop.clock.advance(Duration::from_secs(60));
    shop.says(("order", 2, "OrderCreated"), 2, 90, json!({})).await;
    let page = shop.shows("/api/events").await;
    let stored_at = page["items"][0]["stored_at"].as_str().unwrap();
    assert_eq!(listed(&shop, &format!("from={stored_at}")).await, [2]);
    assert_eq!(listed(&shop, "from=2020-01-01T00:00:00Z").await, [2, 1]);
    assert!(listed(&shop, "from=2120-01-01T00:00:00Z").await.is_empty());
}
