//! Admins are told, and nobody else.

use crate::shop::{Shop, admin, somebody};

const PATHS: [&str; 3] =
    ["/api/events", "/api/events/story/00000000-0000-0000-0000-000000000001", "/api/events/live"];

#[tokio::test]
async fn nobody_is_told_anything_without_signing_in() {
    let shop = Shop::keeping_up().await;
    for path in PATHS {
        shop.get(None, path).await.assert_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn who_is_no_admin_is_told_nothing() {
    let shop = Shop::keeping_up().await;
    for path in PATHS {
        shop.get(Some(somebody()), path).await.assert_problem(403, "forbidden");
    }
}

#[tokio::test]
async fn an_admin_who_was_banned_is_told_nothing_more() {
    let shop = Shop::keeping_up().await;
    shop.shows("/api/events").await;
    shop.ban(admin());
    for path in PATHS {
        shop.get(Some(admin()), path).await.assert_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn what_no_subject_can_be_is_refused_before_the_stream_is_asked() {
    let shop = Shop::keeping_up().await;
    for (query, pointer) in [
        ("aggregate=order.%3E", "/aggregate"),
        ("aggregate=*", "/aggregate"),
        ("type=a%20b", "/type"),
        ("type=%0D%0APUB", "/type"),
    ] {
        for path in ["/api/events", "/api/events/live"] {
            let answer = shop.get(Some(admin()), &format!("{path}?{query}")).await;
            assert_eq!(answer.assert_problem(422, "validation")["errors"][0]["pointer"], pointer, "{query}");
        }
    }
    for (query, pointer) in [
        ("id=1", "/id"),
        ("correlation=x", "/correlation"),
        ("from=yesterday", "/from"),
        ("limit=101", "/limit"),
        ("cursor=-1", "/cursor"),
        ("cursor=next", "/cursor"),
    ] {
        let answer = shop.get(Some(admin()), &format!("/api/events?{query}")).await;
        assert_eq!(answer.assert_problem(422, "validation")["errors"][0]["pointer"], pointer, "{query}");
    }
    let odd = [("last-event-id", "the last")];
    let answer = shop.get_with(Some(admin()), "/api/events/live", &odd).await;
    assert_eq!(answer.assert_problem(422, "validation")["errors"][0]["pointer"], "/Last-Event-ID");
}

#[tokio::test]
async fn before_the_stream_was_read_who_asks_for_what_it_takes_is_told_to_come_back() {
    let shop = Shop::open();
    shop.says(("order", 5, "OrderCreated"), 1, 2, serde_json::json!({})).await;
    for path in PATHS[1..].iter().chain(&["/api/events?correlation=00000000-0000-0000-0000-000000000001"]) {
        let answer = shop.get(Some(admin()), path).await;
        answer.assert_problem(503, "unavailable");
        assert!(answer.headers.contains_key("retry-after"), "{path}");
    }
}
