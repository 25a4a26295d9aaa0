//! Every bad input there is, on every route.

use std::time::Duration;

use auth::http::{BAD_CREDENTIALS, BANNED, EMAIL_TAKEN, OWN_ACCOUNT, PROBLEMS};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::harness::{Answer, House, PASSWORD, request};

async fn send_raw(house: &House, path: &str, content_type: Option<&str>, body: impl Into<Body>) -> Answer {
    let mut request = Request::builder().method("POST").uri(path);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    house.send(request.body(body.into()).unwrap()).await
}

#[tokio::test]
async fn a_body_that_cannot_be_taken_is_refused() {
    let house = House::open();
    let json = Some("application/json");
    for path in ["/api/users/signup", "/api/users/signin"] {
        for (content_type, body, expected) in [
            (json, String::new(), (400, "malformed-json")),
            (json, "{".to_owned(), (400, "malformed-json")),
            (json, "[]".to_owned(), (422, "validation")),
            (json, "null".to_owned(), (422, "validation")),
            (json, "{}".to_owned(), (422, "validation")),
            (None, "{}".to_owned(), (415, "unsupported-media-type")),
            (Some("text/plain"), "{}".to_owned(), (415, "unsupported-media-type")),
            (json, " ".repeat(65 * 1024), (413, "body-too-large")),
        ] {
            let answer = send_raw(&house, path, content_type, body.clone()).await;
            assert_eq!(answer.problem(), expected, "{path} {content_type:?} {:.20}", body);
        }
    }
}

#[tokio::test]
async fn a_field_that_is_wrong_is_pointed_at() {
    let house = House::open();
    let sign_up = |field: &str, value: Value| {
        let mut body = json!({ "email": "ada@example.com", "password": PASSWORD, "name": "Ada" });
        body[field] = value;
        body
    };
    for (path, body, pointer) in [
        ("signup", json!({ "email": "ada@example.com", "password": PASSWORD }), "/name"),
        ("signup", json!({ "email": "ada@example.com", "name": "Ada" }), "/password"),
        ("signup", json!({ "password": PASSWORD, "name": "Ada" }), "/email"),
        ("signup", sign_up("email", json!(7)), "/email"),
        ("signup", sign_up("email", json!("ada@localhost")), "/email"),
        ("signup", sign_up("email", json!(format!("{}@example.com", "a".repeat(250)))), "/email"),
        ("signup", sign_up("password", json!("1234567")), "/password"),
        ("signup", sign_up("password", json!("1".repeat(257))), "/password"),
        ("signup", sign_up("password", json!(null)), "/password"),
        ("signup", sign_up("name", json!("a".repeat(101))), "/name"),
        ("signup", sign_up("name", json!("a\nb")), "/name"),
        ("signup", sign_up("id", json!("0197a000-0000-7000-8000-000000000001")), "/id"),
        ("signin", json!({ "email": "ada@example.com" }), "/password"),
        ("signin", json!({ "password": PASSWORD }), "/email"),
        ("signin", json!({ "email": ["ada@example.com"], "password": PASSWORD }), "/email"),
        ("signin", json!({ "email": { "$ne": "" }, "password": PASSWORD }), "/email"),
        ("signin", json!({ "email": "ada@example.com", "password": PASSWORD, "name": "Ada" }), "/name"),
    ] {
        let answer = house.post(&format!("/api/users/{path}"), body.clone()).await;
        assert_eq!(answer.problem(), (422, "validation"), "{path} {body}");
        assert_eq!(answer.pointers(), [pointer], "{path} {body}");
    }
    assert_eq!(house.accounts().await, 0);
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_what_is_not_done_is_not_allowed() {
    let house = House::open();
    for (method, path, expected) in [
        ("GET", "/api/users/signup", (405, "method-not-allowed")),
        ("GET", "/api/users/signout", (405, "method-not-allowed")),
        ("DELETE", "/api/users/me", (405, "method-not-allowed")),
        ("POST", "/.well-known/jwks.json", (405, "method-not-allowed")),
        ("GET", "/api/users/refresh", (405, "method-not-allowed")),
        ("PUT", "/api/users/audit", (405, "method-not-allowed")),
        ("GET", "/api/users/nobody/ban", (405, "method-not-allowed")),
        ("GET", "/api/users/me/sessions/nobody", (405, "method-not-allowed")),
        ("GET", "/api/users/nobody/at/all", (404, "not-found")),
        ("GET", "/.well-known/signing-key.pem", (404, "not-found")),
        ("GET", "/", (404, "not-found")),
    ] {
        let answer = house.send(request(method, path, &[], None)).await;
        assert_eq!(answer.problem(), expected, "{method} {path}");
        assert_eq!(answer.header("allow").is_some(), expected.0 == 405, "{method} {path}");
    }
}

#[tokio::test]
async fn another_site_changes_nothing() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let cookies = ada.cookies();
    for (method, path, body) in [
        ("POST", "/api/users/signup", json!({ "email": "e@example.com", "password": PASSWORD, "name": "E" })),
        ("POST", "/api/users/signin", json!({ "email": "ada@example.com", "password": PASSWORD })),
        ("PATCH", "/api/users/me", json!({ "name": "Eve" })),
        ("POST", "/api/users/refresh", json!({})),
        ("POST", "/api/users/me/password", json!({ "current": PASSWORD, "new": "another-horse-battery" })),
        ("DELETE", "/api/users/me/sessions/0197a000-0000-7000-8000-000000000001", json!({})),
        ("POST", "/api/users/0197a000-0000-7000-8000-000000000001/ban", json!({ "reason": "enough" })),
        ("DELETE", "/api/users/0197a000-0000-7000-8000-000000000001/ban", json!({})),
    ] {
        for from in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            let headers = [("cookie", &*cookies), from];
            let answer = house.send(request(method, path, &headers, Some(body.clone()))).await;
            assert_eq!(answer.problem(), (403, "cross-origin"), "{method} {path} {from:?}");
        }
    }
}

#[tokio::test]
async fn nothing_is_changed_while_the_store_is_behind() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    house.gate.shut();
    let cookies = [("cookie", &*ada.cookies())];
    for request in [
        request(
            "POST",
            "/api/users/signup",
            &[],
            Some(json!({ "email": "e@example.com", "password": PASSWORD, "name": "E" })),
        ),
        request(
            "POST",
            "/api/users/signin",
            &[],
            Some(json!({ "email": "ada@example.com", "password": PASSWORD })),
        ),
        request("PATCH", "/api/users/me", &cookies, Some(json!({ "name": "Eve" }))),
    ] {
        let answer = house.send(request).await;
        assert_eq!(answer.problem(), (503, "unavailable"));
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
}

#[tokio::test]
async fn a_token_ends_after_a_quarter_of_an_hour() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let cookies = [("cookie", &*ada.cookies())];
    house.put_clock_forward(Duration::from_secs(14 * 60 + 58));
    assert_eq!(house.send(request("GET", "/api/users/me", &cookies, None)).await.status, 200);
    house.put_clock_forward(Duration::from_secs(3));
    let answer = house.send(request("GET", "/api/users/me", &cookies, None)).await;
    assert_eq!(answer.problem(), (401, "unauthenticated"));
    assert_eq!(answer.body["detail"], "The access token has expired.");
}

#[test]
fn the_kinds_of_problem_are_listed() {
    assert_eq!(PROBLEMS, [EMAIL_TAKEN, BAD_CREDENTIALS, BANNED, OWN_ACCOUNT]);
}
