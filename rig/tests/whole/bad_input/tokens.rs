//! Tokens that are good for nothing: on every route that wants to know who calls.

use std::fs;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rig::{Ask, Checked, Person, now};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Row, row};

/// Each wrong in one way.
pub(super) fn bad_ones(shop: &Checked, person: &Person) -> Vec<String> {
    let parts: Vec<&str> = person.token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("{:?} is no token", person.token) };
    let read =
        |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    let write = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let good_header: Header = serde_json::from_value(read(header)).unwrap();
    let good = read(claims);
    let key = EncodingKey::from_ed_pem(&fs::read(&shop.processes().secrets().signing_key).unwrap()).unwrap();
    let jwks = fs::read(&shop.processes().secrets().jwks).unwrap();
    let claiming =
        |name: &str, value: Value| encode(&good_header, &super::with(&good, name, value), &key).unwrap();
    let headed = |change: &dyn Fn(&mut Header)| {
        let mut header = good_header.clone();
        change(&mut header);
        encode(&header, &good, &key).unwrap()
    };
    let mut symmetric = good_header.clone();
    symmetric.alg = Algorithm::HS256;
    let unsigned = |algorithm: &str| {
        let header = super::with(&read(header), "alg", json!(algorithm));
        format!("{}.{claims}.", write(&header))
    };
    let admin = write(&super::with(&good, "roles", json!(["user", "admin"])));
    let seconds = now().as_millis() / 1000;
    vec![
        "nonsense".to_owned(),
        "a.b.c".to_owned(),
        format!("{header}.{claims}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{}", signature.chars().rev().collect::<String>()),
        format!("{header}.{admin}.{signature}"),
        unsigned("none"),
        unsigned("None"),
        unsigned("EdDSA"),
        encode(&symmetric, &good, &EncodingKey::from_secret(&jwks)).unwrap(),
        claiming("exp", json!(seconds - 1)),
        claiming("exp", json!("never")),
        claiming("iat", json!(seconds + 3_600)),
        claiming("iss", json!("somebody")),
        claiming("aud", json!("something")),
        claiming("sub", json!("me")),
        encode(&good_header, &super::without(&good, "exp"), &key).unwrap(),
        encode(&good_header, &super::without(&good, "aud"), &key).unwrap(),
        headed(&|header| header.typ = Some("JWT".to_owned())),
        headed(&|header| header.typ = None),
        headed(&|header| header.kid = None),
        headed(&|header| header.kid = Some("another".to_owned())),
    ]
}

/// Everything that wants to know who calls.
pub(super) fn rows() -> Vec<Row> {
    let id = Uuid::new_v4();
    let asks = [
        Ask::get("/api/users/me"),
        Ask::patch("/api/users/me", json!({ "name": "Ada" })),
        Ask::post("/api/users/me/password", json!({ "current": "correct-horse", "new": "another-horse" })),
        Ask::get("/api/users/me/sessions"),
        Ask::delete(format!("/api/users/me/sessions/{id}")),
        Ask::get("/api/users"),
        Ask::get("/api/users/audit"),
        Ask::get(format!("/api/users/{id}")),
        Ask::post(format!("/api/users/{id}/ban"), json!({ "reason": "enough" })),
        Ask::delete(format!("/api/users/{id}/ban")),
        Ask::post("/api/tickets", rig::Listing::any().body()),
        Ask::patch(format!("/api/tickets/{id}"), json!({ "title": "Another" })),
        Ask::delete(format!("/api/tickets/{id}")),
        Ask::get("/api/tickets?seller=me"),
        Ask::get(format!("/api/tickets/live?ids={id}")),
        Ask::post(format!("/api/tickets/{id}/admit"), json!({ "code": "nonsense" })),
        Ask::post("/api/orders", json!({ "ticket_id": id })),
        Ask::get("/api/orders"),
        Ask::get("/api/orders/all"),
        Ask::get(format!("/api/orders/{id}")),
        Ask::delete(format!("/api/orders/{id}")),
        Ask::get(format!("/api/orders/{id}/history")),
        Ask::get(format!("/api/orders/{id}/live")),
        Ask::post("/api/payments", json!({ "order_id": id })),
        Ask::get(format!("/api/payments/{id}")),
    ];
    asks.map(|ask| row(ask, 401, "unauthenticated")).into()
}
