//! Everybody's accounts, as admins see them.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{House, Person, request};

async fn emails(house: &House, admin: &Person, query: &str) -> Vec<String> {
    let answer = house.get(admin, &format!("/api/users?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let items = answer.body["items"].as_array().unwrap();
    items.iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect()
}

async fn house_with_three() -> (House, Person) {
    let house = House::open();
    house.stop_clock();
    let admin = house.admin().await;
    for email in ["Ada@Example.com", "eve+shop@example.org"] {
        house.put_clock_forward(Duration::from_secs(1));
        house.sign_up(email).await;
    }
    (house, admin)
}

#[tokio::test]
async fn everybody_is_found_by_a_part_of_name_or_address_the_newest_first() {
    let (house, admin) = house_with_three().await;
    let all = ["eve+shop@example.org", "Ada@Example.com", "admin@example.com"];
    for (query, expected) in [
        ("", &all[..]),
        ("q=", &all),
        ("q=%20", &all),
        ("q=EXAMPLE.COM", &all[1..]),
        ("q=eve%2Bshop", &all[..1]),
        ("q=Admin", &all[2..]),
        ("q=.*", &[]),
        ("q=nobody", &[]),
    ] {
        assert_eq!(emails(&house, &admin, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn everybody_is_listed_in_parts() {
    let (house, admin) = house_with_three().await;
    let (mut path, mut seen) = ("/api/users?limit=2".to_owned(), Vec::new());
    loop {
        let answer = house.get(&admin, &path).await;
        seen.push(answer.body["items"].as_array().unwrap().len());
        let Some(cursor) = answer.body["next_cursor"].as_str() else { break };
        path = format!("/api/users?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, [2, 1]);
    for (query, pointer) in [
        ("limit=0".to_owned(), "/limit"),
        ("cursor=nonsense".to_owned(), "/cursor"),
        (format!("q={}", "a".repeat(201)), "/q"),
    ] {
        let answer = house.get(&admin, &format!("/api/users?{query}")).await;
        assert_eq!(answer.problem(), (422, "validation"), "{query}");
        assert_eq!(answer.pointers(), [pointer], "{query}");
    }
}

#[tokio::test]
async fn an_account_is_shown_as_its_owner_sees_it() {
    let (house, admin) = house_with_three().await;
    let ada = house.sign_in("ada@example.com", crate::harness::PASSWORD).await.person();
    let answer = house.get(&admin, &format!("/api/users/{}", ada.id())).await;
    assert_eq!((answer.status, &answer.body), (StatusCode::OK, &ada.user));
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(answer.body["roles"], json!(["user"]));
    for id in [Uuid::from_u128(1).to_string().as_str(), "nobody"] {
        assert_eq!(
            house.get(&admin, &format!("/api/users/{id}")).await.problem(),
            (404, "not-found"),
            "{id}"
        );
    }
}

#[tokio::test]
async fn nobody_but_an_admin_sees_others() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    for path in ["/api/users", "/api/users?q=eve", "/api/users/nobody", "/api/users/audit"] {
        assert_eq!(house.get(&ada, path).await.problem(), (403, "forbidden"), "{path}");
        let answer = house.send(request("GET", path, &[], None)).await;
        assert_eq!(answer.problem(), (401, "unauthenticated"), "{path}");
    }
    let own = house.get(&ada, &format!("/api/users/{}", ada.id())).await;
    assert_eq!(own.problem(), (403, "forbidden"));
    assert_ne!(own.body, Value::Null);
}
