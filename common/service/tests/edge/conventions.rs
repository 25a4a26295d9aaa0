//! What handlers take and give: ids, keys, versions, lists, preferences.

use axum::body::Body;
use axum::http::{Request, header};
use contracts::UserId;
use serde_json::{Value, json};
use service::http::{Page, body_hash};
use uuid::Uuid;

use crate::harness::{Shop, claims, sign, token, token_header};

async fn post_with(shop: &Shop, path: &str, headers: &[(&str, &str)]) -> crate::harness::Answer {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    shop.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_request_keeps_its_id_or_gets_one() {
    let shop = Shop::open();
    let given = "0197c2a4-0000-7000-8000-000000000001";
    let answer = shop.get_with("/request", "x-request-id", given).await;
    assert_eq!((answer.header("x-request-id"), answer.json()), (Some(given), json!(given)));
    for answer in [shop.get("/request").await, shop.get_with("/request", "x-request-id", "my own").await] {
        let made: Uuid = answer.header("x-request-id").unwrap().parse().unwrap();
        assert_eq!((answer.json(), made.is_nil()), (json!(made), false));
    }
    assert_eq!(shop.get("/nowhere").await.header("x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn a_preference_to_wait_is_taken_when_it_makes_sense() {
    let shop = Shop::open();
    for (prefer, expected) in [
        (&["wait=5"][..], json!(5)),
        (&["respond-async, wait=3"], json!(3)),
        (&["respond-async", "Wait = 3 ; foo=bar"], json!(3)),
        (&["wait=\"4\""], json!(4)),
        (&["wait=0"], json!(0)),
        (&["wait=11"], json!(10)),
        (&["wait=99999999999999999999999"], json!(10)),
        (&["wait=2, wait=9"], json!(2)),
        (&["wait=-1"], json!(null)),
        (&["wait=1.5"], json!(null)),
        (&["wait=soon"], json!(null)),
        (&["wait="], json!(null)),
        (&["wait"], json!(null)),
        (&["waiting=5"], json!(null)),
        (&[], json!(null)),
    ] {
        let headers: Vec<(&str, &str)> = prefer.iter().map(|value| ("prefer", *value)).collect();
        assert_eq!(post_with(&shop, "/wait", &headers).await.json(), expected, "{prefer:?}");
    }
}

#[tokio::test]
async fn a_key_gives_the_same_id_to_the_same_user_alone() {
    let shop = Shop::open();
    let id = async |key: &str, token: &str| {
        let bearer = format!("Bearer {token}");
        post_with(&shop, "/key", &[("authorization", &bearer), ("idempotency-key", key)]).await.json()
    };
    let mut other = claims();
    other.sub = UserId(Uuid::from_u128(9));
    let other = sign(&token_header(), &other, 1);

    let first = id("a key", &token()).await;
    // The ids of keys used before have to stay what they are.
    assert_eq!(first, json!("150fde83-348d-5f07-8100-68224a37a3da"));
    assert_eq!(id("a key", &token()).await, first);
    assert_ne!(id("another", &token()).await, first);
    assert_ne!(id("a key", &other).await, first);
}

#[tokio::test]
async fn a_key_has_up_to_255_visible_characters() {
    let shop = Shop::open();
    let bearer = format!("Bearer {}", token());
    for (key, taken) in [
        ("x".repeat(255), true),
        ("ü".repeat(255), true),
        ("x".repeat(256), false),
        (String::new(), false),
        (" ".to_owned(), false),
        ("a\tb".to_owned(), false),
    ] {
        let request = Request::post("/key")
            .header("authorization", &bearer)
            .header("idempotency-key", header::HeaderValue::from_bytes(key.as_bytes()).unwrap());
        let answer = shop.send(request.body(Body::empty()).unwrap()).await;
        if taken {
            assert_eq!(answer.status, 200, "{key:?}");
        } else {
            answer.assert_problem(422, "validation");
        }
    }
    assert_eq!(post_with(&shop, "/key", &[("authorization", &bearer)]).await.json(), Value::Null);
}

#[test]
fn bodies_are_the_same_when_their_hashes_are() {
    let hash = body_hash(&json!({ "title": "a" }));
    assert_eq!(hash, "c66a6f9e3a6339f6c80c5fb40a9c15c11878e8aae519469861478ff8643b0f4f");
    assert_ne!(hash, body_hash(&json!({ "title": "b" })));
}

#[tokio::test]
async fn a_resource_shows_its_version_and_a_change_names_it() {
    let shop = Shop::open();
    let path = format!("/things/{}", Uuid::from_u128(1));
    let answer = shop.get(&path).await;
    assert_eq!((answer.header("etag"), answer.json()), (Some("\"3\""), json!(Uuid::from_u128(1))));
    for (if_match, expected) in [
        (None, Some(json!(null))),
        (Some("\"3\""), Some(json!(3))),
        (Some("*"), Some(json!(null))),
        (Some("3"), None),
        (Some("W/\"3\""), None),
        (Some("\"three\""), None),
        (Some(""), None),
    ] {
        let mut request = Request::patch(&path);
        if let Some(value) = if_match {
            request = request.header(header::IF_MATCH, value);
        }
        let answer = shop.send(request.body(Body::empty()).unwrap()).await;
        match expected {
            Some(version) => assert_eq!(answer.json(), version, "{if_match:?}"),
            None => drop(answer.assert_problem(412, "stale")),
        }
    }
}

#[tokio::test]
async fn a_list_has_twenty_items_unless_told() {
    let shop = Shop::open();
    assert_eq!(shop.get("/list").await.json(), json!([20, null]));
    assert_eq!(shop.get("/list?limit=100&cursor=abc&q=x").await.json(), json!([100, "abc"]));
    assert_eq!(shop.get("/list?cursor=").await.json(), json!([20, null]));
    let page = Page { items: vec![1, 2], next_cursor: None }.map(|item| item * 2);
    assert_eq!(serde_json::to_value(page).unwrap(), json!({ "items": [2, 4], "next_cursor": null }));
}

#[tokio::test]
async fn a_body_may_be_absent_where_it_is_optional() {
    let shop = Shop::open();
    assert_eq!(post_with(&shop, "/maybe", &[]).await.json(), json!(false));
    let body = r#"{"title": "a", "price": {"amount": 1, "currency": "USD"}}"#;
    assert_eq!(shop.post("/maybe", body).await.json(), json!(true));
    shop.post("/maybe", "{}").await.assert_problem(422, "validation");
}
