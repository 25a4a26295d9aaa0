//! `ls`: every filter counts, everything is listed part by part, and JSON is JSON.

use replay::Failure;
use replay::ls::{Arguments, list};
use serde_json::Value;

use crate::kept::{Paper, assert_kept, typed};
use crate::shop::{BUYER, ORDER, Shop, TICKET, request};

async fn listed(shop: &Shop, words: &str) -> Vec<Value> {
    let paper = Paper::default();
    let arguments: Arguments = typed(&format!("{words} --json"));
    list(&shop.stream, &arguments, &mut paper.terminal(120)).await.unwrap();
    paper.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn places(shop: &Shop, words: &str) -> Vec<u64> {
    listed(shop, words).await.iter().map(|event| event["sequence"].as_u64().unwrap()).collect()
}

async fn failure(shop: &Shop, words: &str) -> Failure {
    list(&shop.stream, &typed(words), &mut Paper::default().terminal(120)).await.unwrap_err()
}

#[tokio::test]
async fn events_are_listed_one_in_a_line() {
    let shop = Shop::trades().await;
    for width in [80, 120, 160] {
        let paper = Paper::default();
        let arguments: Arguments = typed("");
        assert_eq!(list(&shop.stream, &arguments, &mut paper.terminal(width)).await.unwrap(), 15);
        assert_kept(&format!("ls-{width}.txt"), &paper.text());
        let longest = paper.text().lines().map(|line| line.chars().count()).max().unwrap();
        assert!(longest <= width, "{longest}");
    }
}

#[tokio::test]
async fn every_filter_counts() {
    let shop = Shop::trades().await;
    assert_eq!(places(&shop, "").await, (1..=15).collect::<Vec<_>>());
    assert_eq!(places(&shop, "--aggregate order").await, [4, 6, 11, 14]);
    assert_eq!(places(&shop, &format!("--id {TICKET}")).await, [3, 5, 15]);
    assert_eq!(places(&shop, "--type TicketReserved").await, [5]);
    assert_eq!(places(&shop, &format!("--actor user:{BUYER}")).await, [2, 4, 8]);
    assert_eq!(places(&shop, "--actor service:tickets").await, [5, 15]);
    assert_eq!(places(&shop, &format!("--correlation {}", request(4))).await, [4, 5, 6, 7]);
    assert_eq!(places(&shop, &format!("--correlation {} --aggregate order", request(4))).await, [4, 6]);
    let all = format!("--aggregate payment --id {ORDER} --type ChargeCreated --actor service:payments");
    assert_eq!(places(&shop, &all).await, [13]);
    assert!(places(&shop, "--type TicketWithdrawn").await.is_empty());
}

#[tokio::test]
async fn moments_bound_what_is_listed() {
    let shop = Shop::trades().await;
    let at = |event: &Value| event["stored_at"].as_str().unwrap().to_owned();
    let all = listed(&shop, "").await;
    assert_eq!(places(&shop, "--since #12").await, [12, 13, 14, 15]);
    assert_eq!(places(&shop, "--until 3").await, [1, 2, 3]);
    assert_eq!(places(&shop, "--since 5 --until #6").await, [5, 6]);
    assert_eq!(places(&shop, &format!("--since {}", at(&all[13]))).await, [14, 15]);
    assert_eq!(places(&shop, &format!("--until {}", at(&all[2]))).await, [1, 2, 3]);
    assert!(places(&shop, "--since 1s").await.is_empty());
}

#[tokio::test]
async fn so_many_are_listed_from_either_end() {
    let shop = Shop::trades().await;
    assert_eq!(places(&shop, "--limit 2").await, [1, 2]);
    assert_eq!(places(&shop, "--newest --limit 3").await, [15, 14, 13]);
    assert_eq!(places(&shop, "--newest --until #4 --limit 2 --aggregate user").await, [2, 1]);
    let buyer = format!("--actor user:{BUYER} --newest --limit 2");
    assert_eq!(places(&shop, &buyer).await, [8, 4]);
}

#[tokio::test]
async fn however_many_there_are_they_are_read_part_by_part() {
    let shop = Shop::open();
    for number in 0..1_203 {
        let subject = ("user", uuid::Uuid::from_u128(number), "UserUpdated");
        let why = crate::shop::Why::Asked(BUYER, u64::try_from(number).unwrap());
        shop.writes(0, why, subject, serde_json::json!({ "roles": [] })).await;
    }
    assert_eq!(places(&shop, "--all").await, (1..=1_203).collect::<Vec<_>>());
    assert_eq!(places(&shop, "--all --newest").await, (1..=1_203).rev().collect::<Vec<_>>());
    assert_eq!(places(&shop, "--limit 1001").await, (1..=1_001).collect::<Vec<_>>());
    assert_eq!(places(&shop, "").await.len(), 100);
}

#[tokio::test]
async fn a_line_of_json_is_what_admins_are_served() {
    let shop = Shop::trades().await;
    let events = listed(&shop, "--type OrderCreated").await;
    let fields: Vec<&str> = events[0].as_object().unwrap().keys().map(String::as_str).collect();
    let served = [
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
    assert_eq!(fields, served);
    assert_eq!(events[0]["data"]["buyer_id"], BUYER.to_string());
}

#[tokio::test]
async fn what_cannot_be_is_said_in_a_sentence() {
    let shop = Shop::trades().await;
    let id = uuid::Uuid::from_u128(1);
    for (words, sentence) in [
        (format!("--id {id}"), format!("nothing that was asked for goes by the id {id}")),
        (format!("--correlation {id}"), format!("nothing that was asked for goes by the id {id}")),
        ("--type OrderEaten".to_owned(), "no event is called OrderEaten".to_owned()),
        ("--since #99".to_owned(), "the stream ends at #15: there is no #99".to_owned()),
    ] {
        let failure = failure(&shop, &words).await;
        assert!(matches!(failure, Failure::NotThere(_)), "{failure:?}");
        assert_eq!(failure.to_string(), sentence);
    }
    let unknown = failure(&shop, "--aggregate ordre").await;
    assert!(
        unknown.to_string().starts_with("nothing is called ordre: there are user, session,"),
        "{unknown}"
    );
    for (words, sentence) in [
        ("--since 2999-01-01T00:00:00Z", "has not come yet"),
        ("--until 2999-01-01T00:00:00Z", "has not come yet"),
        ("--since v3", "v3 is a version of one aggregate"),
        ("--since #9 --until #3", "--until is before --since"),
        ("--aggregate order.>", "\"order.>\" has to be"),
        ("--type *", "\"*\" has to be"),
    ] {
        let failure = failure(&shop, words).await;
        assert!(matches!(failure, Failure::BadInput(_)), "{failure:?}");
        assert!(failure.to_string().contains(sentence), "{failure}");
    }
}
