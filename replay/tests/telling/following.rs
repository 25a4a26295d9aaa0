//! `tail`: what comes is shown as it comes, until it is to end.

use std::time::Duration;

use replay::tail::{Arguments, follow};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::kept::{Paper, typed};
use crate::shop::{BUYER, ORDER, SELLER, Shop, Why};

const SOON: Duration = Duration::from_secs(20);

fn places(paper: &Paper) -> Vec<u64> {
    let events = paper.text();
    let events = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    events.map(|event| event["sequence"].as_u64().unwrap()).collect()
}

/// What is shown of what comes meanwhile.
async fn followed(shop: &Shop, words: &str, meanwhile: impl Future<Output = ()>) -> Vec<u64> {
    let paper = Paper::default();
    let arguments: Arguments = typed(&format!("{words} --json"));
    let mut terminal = paper.terminal(120);
    let following = shop.stream.runtime.timeout(SOON, follow(&shop.stream, &arguments, &mut terminal));
    let (ended, ()) = tokio::join!(following, meanwhile);
    ended.expect("it ends").unwrap();
    places(&paper)
}

/// When whoever follows has begun to.
async fn says(shop: &Shop, events: u128) {
    shop.stream.runtime.sleep(Duration::from_millis(300)).await;
    for number in 0..events {
        let (category, who) = if number % 2 == 0 { ("order", BUYER) } else { ("seller", SELLER) };
        shop.writes(0, Why::Asked(who, 90), (category, Uuid::from_u128(number), "Odd"), json!({})).await;
    }
}

#[tokio::test]
async fn what_comes_is_shown_as_it_comes() {
    let shop = Shop::trades().await;
    assert_eq!(followed(&shop, "--count 4", says(&shop, 6)).await, [16, 17, 18, 19]);
}

#[tokio::test]
async fn what_was_said_since_comes_first() {
    let shop = Shop::trades().await;
    assert_eq!(followed(&shop, "--since #14 --count 4", says(&shop, 2)).await, [14, 15, 16, 17]);
    let hour = "--since 2026-01-15T19:31:06Z --count 6";
    assert_eq!(followed(&shop, hour, async {}).await, [10, 11, 12, 13, 14, 15]);
}

#[tokio::test]
async fn every_filter_counts() {
    let shop = Shop::trades().await;
    let count = "--since #1 --count";
    assert_eq!(
        followed(&shop, &format!("--aggregate order {count} 5"), says(&shop, 1)).await,
        [4, 6, 11, 14, 16]
    );
    assert_eq!(followed(&shop, &format!("--type Odd {count} 1"), async {}).await, [16]);
    assert_eq!(followed(&shop, &format!("--id {ORDER} {count} 3"), async {}).await, [4, 6, 7]);
    assert_eq!(followed(&shop, &format!("--actor user:{BUYER} {count} 3"), async {}).await, [2, 4, 8]);
    let request = crate::shop::request(5);
    assert_eq!(followed(&shop, &format!("--correlation {request} {count} 3"), async {}).await, [8, 9, 10]);
}

#[tokio::test]
async fn it_ends_when_its_time_is_over() {
    let shop = Shop::trades().await;
    assert_eq!(followed(&shop, "--for 1s", says(&shop, 2)).await, [16, 17]);
}

#[tokio::test]
async fn it_goes_on_with_the_stream_that_takes_the_place_of_another() {
    let shop = Shop::trades().await;
    let meanwhile = async {
        says(&shop, 2).await;
        shop.stream.runtime.sleep(Duration::from_millis(300)).await;
        shop.bus.lose_after(0);
        shop.stream.runtime.sleep(Duration::from_secs(1)).await;
        says(&shop, 2).await;
    };
    assert_eq!(followed(&shop, "--count 4", meanwhile).await, [16, 17, 1, 2]);
}

#[tokio::test]
async fn a_recording_ends_where_it_does() {
    let mut shop = Shop::trades().await;
    shop.stream.is_over = true;
    assert_eq!(followed(&shop, "", async {}).await, (1..=15).collect::<Vec<_>>());
    assert_eq!(followed(&shop, "--count 2", async {}).await, [1, 2]);
    assert_eq!(followed(&shop, "--since #15", async {}).await, [15]);
}
