//! Tickets as they change, for who looks at them.

use std::time::Duration;

use serde_json::json;
use testing::Told;
use uuid::Uuid;

use crate::hearing::{ORDER, cancelled, completed, created, listed};
use crate::shop::{BUYER, SELLER, Shop, path, ticket};

/// Which ticket, of which version, and how far it is.
fn seen(told: &Told) -> (String, String) {
    assert_eq!(told.name, "ticket");
    assert_eq!(told.id, format!("{}:{}", told.data["id"].as_str().unwrap(), told.data["version"]));
    (told.id.clone(), told.data["status"].as_str().unwrap().to_owned())
}

fn at(ticket: Uuid, version: u64, status: &str) -> (String, String) {
    (format!("{ticket}:{version}"), status.to_owned())
}

#[tokio::test]
async fn each_ticket_comes_at_once_in_its_public_form_and_again_at_each_change() {
    let shop = Shop::open();
    let (one, other) = (listed(&shop).await, shop.list(&ticket(&json!({}))).await);
    let mut listening = shop.listens(None, &[other, Uuid::from_u128(99), one, other]).await;
    let mut first = [listening.hears_now().unwrap(), listening.hears_now().unwrap()];
    first.sort_by_key(|told| told.data["id"] != json!(one));
    assert_eq!([seen(&first[0]), seen(&first[1])], [at(one, 1, "available"), at(other, 1, "available")]);
    assert_eq!(first[0].data, shop.get(&path(one)).await.json());
    assert_eq!(listening.hears_now(), None);

    shop.hear(&created(ORDER, one)).await.unwrap();
    shop.settle().await;
    assert_eq!(seen(&listening.hears_now().unwrap()), at(one, 2, "reserved"));
    shop.hear(&completed(ORDER, one)).await.unwrap();
    shop.settle().await;
    assert_eq!(seen(&listening.hears_now().unwrap()), at(one, 3, "sold"));
    assert_eq!(listening.hears_now(), None);
}

#[tokio::test]
async fn the_buyer_hears_no_more_than_others() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    shop.hear(&created(ORDER, id)).await.unwrap();
    shop.hear(&completed(ORDER, id)).await.unwrap();
    let told = shop.listens(Some(BUYER), &[id]).await.hears_now().unwrap();
    assert!(told.data.get("code").is_none() && told.data.get("order_id").is_none(), "{told:?}");
}

#[tokio::test]
async fn of_what_happened_meanwhile_only_the_newest_is_told() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    let mut listening = shop.listens(None, &[id]).await;
    assert_eq!(seen(&listening.hears_now().unwrap()), at(id, 1, "available"));
    for price in 1..=30 {
        let price = json!({ "price": { "amount": 1000 + price, "currency": "USD" } });
        assert_eq!(shop.patch(SELLER, id, &price).await.status, 200);
    }
    shop.hear(&created(ORDER, id)).await.unwrap();
    shop.settle().await;
    assert_eq!(seen(&listening.hears_now().unwrap()), at(id, 32, "reserved"));
    assert_eq!(listening.hears_now(), None);
}

#[tokio::test]
async fn who_comes_back_catches_up() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    drop(shop.listens(None, &[id]).await);
    shop.hear(&created(ORDER, id)).await.unwrap();
    shop.hear(&cancelled(ORDER, id)).await.unwrap();
    let told = shop.listens(None, &[id]).await.hears_now().unwrap();
    assert_eq!(seen(&told), at(id, 3, "available"));
}

#[tokio::test]
async fn what_another_replica_does_is_told_too() {
    let shop = Shop::open();
    let other = shop.replica();
    let id = listed(&shop).await;
    let mut listening = shop.listens(None, &[id]).await;
    assert_eq!(seen(&listening.hears_now().unwrap()), at(id, 1, "available"));
    other.hear(&created(ORDER, id)).await.unwrap();
    shop.settle().await;
    assert_eq!(seen(&listening.hears_now().unwrap()), at(id, 2, "reserved"));
}

#[tokio::test]
async fn a_stream_ends_with_its_callers_ban_and_nobody_elses() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    let (mut anybody, mut banned) = (shop.listens(None, &[id]).await, shop.listens(Some(BUYER), &[id]).await);
    assert!(anybody.hears_now().is_some() && banned.hears_now().is_some());
    shop.ban.set();
    shop.hear(&created(ORDER, id)).await.unwrap();
    shop.settle().await;
    assert!(banned.has_ended());
    assert_eq!(seen(&anybody.hears_now().unwrap()), at(id, 2, "reserved"));
    let again = shop.send("GET", &format!("/api/tickets/live?ids={id}"), Some(BUYER), &[], None).await;
    again.assert_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_stream_lasts_for_ten_minutes_each() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    let mut listening = shop.listens(Some(BUYER), &[id]).await;
    assert!(listening.hears_now().is_some());
    shop.clock.advance(Duration::from_secs(599));
    shop.hear(&created(ORDER, id)).await.unwrap();
    shop.settle().await;
    assert!(listening.hears_now().is_some());
    let mut later = shop.listens(Some(BUYER), &[id]).await;
    assert!(later.hears_now().is_some());
    shop.clock.advance(Duration::from_secs(2));
    shop.hear(&cancelled(ORDER, id)).await.unwrap();
    shop.settle().await;
    // Ten minutes are over for the one, and not the token of the other.
    assert!(listening.has_ended());
    assert_eq!(seen(&later.hears_now().unwrap()), at(id, 3, "available"));
}

#[tokio::test]
async fn a_stream_has_to_be_of_one_to_a_hundred_tickets() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    let ids = |count: usize| (0..count).map(|_| id.to_string()).collect::<Vec<_>>().join(",");
    for query in ["", "ids=", "ids=17", "ids=,", &format!("ids={id},"), &format!("ids={}", ids(101))] {
        let answer = shop.get(&format!("/api/tickets/live?{query}")).await;
        assert_eq!(answer.assert_problem(422, "validation"), ["/ids"], "{query}");
    }
    assert!(shop.listens(None, &[id; 100]).await.hears_now().is_some());
    assert!(shop.listens(None, &[Uuid::from_u128(99)]).await.hears_now().is_none());
}
