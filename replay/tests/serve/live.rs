//! What happens is told as it happens, for as long as whoever listens may.

use std::time::Duration;

use serde_json::{Value, json};

use crate::shop::{Shop, admin, id};

const LIVE: &str = "/api/events/live";

async fn says(shop: &Shop, events: std::ops::RangeInclusive<u128>) {
    for event in events {
        let subject = if event % 2 == 0 { ("order", 1, "OrderCreated") } else { ("user", 2, "UserUpdated") };
        shop.says(subject, event, 90, json!({})).await;
    }
}

fn place((sequence, event): (u64, Value)) -> u64 {
    assert_eq!(event["sequence"], sequence);
    sequence
}

#[tokio::test]
async fn each_event_is_told_as_it_happens() {
    let shop = Shop::keeping_up().await;
    says(&shop, 1..=2).await;
    shop.knows_all().await;
    let mut listening = shop.listens(LIVE, &[]).await;
    says(&shop, 3..=4).await;
    let (sequence, event) = listening.next().await.unwrap();
    assert_eq!((sequence, &event["type"], &event["event_id"]), (3, &json!("UserUpdated"), &json!(id(3))));
    assert_eq!(listening.next().await.map(place), Some(4));
}

#[tokio::test]
async fn who_comes_back_is_told_first_what_was_missed() {
    let shop = Shop::keeping_up().await;
    says(&shop, 1..=130).await;
    shop.knows_all().await;
    let mut listening = shop.listens(LIVE, &[("last-event-id", "7")]).await;
    says(&shop, 131..=140).await;
    for expected in 8..=140 {
        assert_eq!(listening.next().await.map(place), Some(expected));
    }
}

#[tokio::test]
async fn only_what_was_asked_for_is_told() {
    let shop = Shop::keeping_up().await;
    let mut orders = shop.listens(&format!("{LIVE}?aggregate=order"), &[]).await;
    let mut users = shop.listens(&format!("{LIVE}?type=UserUpdated"), &[("last-event-id", "0")]).await;
    says(&shop, 1..=6).await;
    for expected in [2, 4, 6] {
        assert_eq!(orders.next().await.map(place), Some(expected));
    }
    for expected in [1, 3, 5] {
        assert_eq!(users.next().await.map(place), Some(expected));
    }
}

#[tokio::test]
async fn it_ends_when_the_listener_is_banned() {
    let shop = Shop::keeping_up().await;
    let mut listening = shop.listens(LIVE, &[]).await;
    says(&shop, 1..=1).await;
    assert_eq!(listening.next().await.map(place), Some(1));
    shop.ban(admin());
    says(&shop, 2..=2).await;
    assert_eq!(listening.next().await, None);
}

#[tokio::test]
async fn it_ends_when_the_token_does() {
    let shop = Shop::keeping_up().await;
    let mut listening = shop.listens(LIVE, &[]).await;
    shop.clock.advance(Duration::from_secs(15 * 60));
    assert_eq!(listening.next().await, None);
}

#[tokio::test]
async fn it_ends_with_the_process() {
    let shop = Shop::keeping_up().await;
    let mut listening = shop.listens(LIVE, &[]).await;
    shop.stop.cancel();
    assert_eq!(listening.next().await, None);
}

#[tokio::test]
async fn it_ends_when_the_stream_turns_out_to_be_another() {
    let shop = Shop::keeping_up().await;
    says(&shop, 1..=3).await;
    shop.knows_all().await;
    let mut listening = shop.listens(LIVE, &[]).await;
    shop.bus.lose_after(0);
    says(&shop, 4..=4).await;
    assert_eq!(listening.next().await, None);
}
