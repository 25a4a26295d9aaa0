//! The caller's own account.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Answer, House, Person, request};

async fn update(house: &House, person: &Person, if_match: Option<&str>, body: Value) -> Answer {
    let cookies = person.cookies();
    let mut headers = vec![("cookie", cookies.as_str())];
    headers.extend(if_match.map(|tag| ("if-match", tag)));
    house.send(request("PATCH", "/api/users/me", &headers, Some(body))).await
}

async fn show(house: &House, person: &Person) -> Answer {
    house.send(request("GET", "/api/users/me", &[("cookie", &person.cookies())], None)).await
}

#[tokio::test]
async fn everybody_sees_their_own_account() {
    let house = House::open();
    let (ada, eve) = (house.sign_up("ada@example.com").await, house.sign_up("eve@example.com").await);
    for person in [&ada, &eve] {
        let answer = show(&house, person).await;
        assert_eq!((answer.status, &answer.body), (StatusCode::OK, &person.user));
        assert_eq!(answer.header("etag"), Some("\"1\""));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let bearer = format!("Bearer {}", ada.access_token);
    let answer = house.send(request("GET", "/api/users/me", &[("authorization", &bearer)], None)).await;
    assert_eq!(answer.body, ada.user);
}

#[tokio::test]
async fn a_new_name_is_there_at_once_and_in_no_event() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let answer = update(&house, &ada, None, json!({ "name": " Ada King " })).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!((&answer.body["name"], &answer.body["version"]), (&json!("Ada King"), &json!(2)));
    assert_eq!(answer.header("etag"), Some("\"2\""));
    assert_eq!(show(&house, &ada).await.body, answer.body);
    assert_eq!(house.heard().await, ["UserCreated", "SessionStarted", "UserUpdated"]);
}

#[tokio::test]
async fn what_is_so_already_is_no_change() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    for body in [json!({}), json!({ "name": "Ada" }), json!({ "name": " Ada " })] {
        let answer = update(&house, &ada, Some("\"1\""), body).await;
        assert_eq!((answer.status, &answer.body), (StatusCode::OK, &ada.user));
    }
    assert_eq!(house.heard().await, ["UserCreated", "SessionStarted"]);
}

#[tokio::test]
async fn only_the_version_that_was_seen_is_changed() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    assert_eq!(update(&house, &ada, Some("\"1\""), json!({ "name": "Ada King" })).await.status, 200);
    for stale in ["\"1\"", "\"3\"", "W/\"2\"", "2", "nonsense"] {
        let answer = update(&house, &ada, Some(stale), json!({ "name": "Ada Byron" })).await;
        assert_eq!(answer.problem(), (412, "stale"), "{stale}");
    }
    for good in ["\"2\"", "*"] {
        let answer = update(&house, &ada, Some(good), json!({ "name": format!("Ada {good}") })).await;
        assert_eq!(answer.status, 200, "{good}");
    }
}

#[tokio::test]
async fn of_many_changes_to_one_version_one_is_made() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let changes =
        (0..8).map(|number| update(&house, &ada, Some("\"1\""), json!({ "name": number.to_string() })));
    let answers = futures::future::join_all(changes).await;
    let made = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(made, 1);
    assert_eq!(show(&house, &ada).await.body["version"], 2);
}

#[tokio::test]
async fn only_the_name_can_be_changed() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    for (body, pointer) in [
        (json!({ "name": "" }), "/name"),
        (json!({ "name": "  " }), "/name"),
        (json!({ "name": "a".repeat(101) }), "/name"),
        (json!({ "name": null }), "/name"),
        (json!({ "name": 7 }), "/name"),
        (json!({ "email": "eve@example.com" }), "/email"),
        (json!({ "name": "Ada", "roles": ["admin"] }), "/roles"),
        (json!({ "banned": false }), "/banned"),
        (json!({ "password": "correct-horse-battery" }), "/password"),
    ] {
        let answer = update(&house, &ada, None, body.clone()).await;
        assert_eq!(answer.problem(), (422, "validation"), "{body}");
        assert_eq!(answer.pointers(), [pointer], "{body}");
    }
    assert_eq!(show(&house, &ada).await.body, ada.user);
}

#[tokio::test]
async fn nobody_is_shown_to_who_is_not_signed_in() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let refresh_alone = format!("access_token={}", ada.refresh_token);
    for headers in [&[][..], &[("cookie", "access_token=nonsense")], &[("cookie", &*refresh_alone)]] {
        for (method, body) in [("GET", None), ("PATCH", Some(json!({ "name": "Eve" })))] {
            let answer = house.send(request(method, "/api/users/me", headers, body)).await;
            assert_eq!(answer.problem(), (401, "unauthenticated"), "{method} {headers:?}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
}
