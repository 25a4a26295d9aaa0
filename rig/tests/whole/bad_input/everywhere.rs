//! What can be wrong about any request: no JSON, too much of it, another site's, a wrong path or method.

use reqwest::Method;
use rig::Ask;
use serde_json::json;
use uuid::Uuid;

use super::{Row, row};

const WITH_BODY: [(Method, &str); 7] = [
    (Method::POST, "/api/users/signup"),
    (Method::POST, "/api/users/signin"),
    (Method::PATCH, "/api/users/me"),
    (Method::POST, "/api/users/me/password"),
    (Method::POST, "/api/tickets"),
    (Method::POST, "/api/orders"),
    (Method::POST, "/api/payments"),
];

pub(super) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let ticket = format!("/api/tickets/{}", Uuid::new_v4());
    let with_body = WITH_BODY.iter().map(|(method, path)| (method.clone(), *path));
    let admit = format!("{ticket}/admit");
    let of_tickets = [(Method::PATCH, ticket.as_str()), (Method::POST, admit.as_str())];
    for (method, path) in with_body.chain(of_tickets.clone()) {
        rows.extend(bodies(&method, path));
    }
    let order = format!("/api/orders/{}", Uuid::new_v4());
    let somebody = Uuid::new_v4();
    let (session, ban) = (format!("/api/users/me/sessions/{somebody}"), format!("/api/users/{somebody}/ban"));
    let without_body = [
        (Method::DELETE, ticket.as_str()),
        (Method::DELETE, order.as_str()),
        (Method::DELETE, session.as_str()),
        (Method::POST, ban.as_str()),
        (Method::DELETE, ban.as_str()),
        (Method::POST, "/api/users/refresh"),
        (Method::POST, "/api/users/signout"),
    ];
    let with_body = WITH_BODY.iter().map(|(method, path)| (method.clone(), *path));
    for (method, path) in with_body.chain(of_tickets).chain(without_body) {
        rows.extend(other_sites(&method, path));
    }
    rows.extend(paths_and_methods(&ticket, &order));
    rows
}

fn bodies(method: &Method, path: &str) -> Vec<Row> {
    let ask = || Ask::new(method.clone(), path);
    let json = |body: &str| ask().header("Content-Type", "application/json").bytes(body);
    let large = json!({ "title": "a".repeat(1_000_000) }).to_string();
    vec![
        row(json(""), 400, "malformed-json"),
        row(json("{"), 400, "malformed-json"),
        row(json("{\"a\": 1,}"), 400, "malformed-json"),
        row(json("title=Paper"), 400, "malformed-json"),
        row(json("\u{0}"), 400, "malformed-json"),
        row(ask().header("Content-Type", "application/json").bytes([0xff, 0xfe]), 400, "malformed-json"),
        row(ask().bytes("{}"), 415, "unsupported-media-type"),
        row(ask().header("Content-Type", "text/plain").bytes("{}"), 415, "unsupported-media-type"),
        row(
            ask().header("Content-Type", "application/x-www-form-urlencoded").bytes("a=1"),
            415,
            "unsupported-media-type",
        ),
        row(json(&large), 413, "body-too-large"),
        row(json(&"[".repeat(60_000)), 400, "malformed-json"),
    ]
}

fn other_sites(method: &Method, path: &str) -> Vec<Row> {
    let ask = || Ask::new(method.clone(), path);
    let evil = "https://evil.example";
    vec![
        row(ask().header("Sec-Fetch-Site", "cross-site"), 403, "cross-origin"),
        row(ask().header("Sec-Fetch-Site", "same-site"), 403, "cross-origin"),
        row(ask().header("Origin", evil), 403, "cross-origin"),
        row(ask().header("Origin", "null"), 403, "cross-origin"),
    ]
}

fn paths_and_methods(ticket: &str, order: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    for (method, path) in [
        (Method::PUT, "/api/users/me"),
        (Method::GET, "/api/users/signup"),
        (Method::GET, "/api/users/refresh"),
        (Method::POST, "/api/users/audit"),
        (Method::POST, "/api/users/me/sessions"),
        (Method::DELETE, "/api/users/signin"),
        (Method::POST, "/.well-known/jwks.json"),
        (Method::PUT, "/api/tickets"),
        (Method::DELETE, "/api/tickets"),
        (Method::POST, ticket),
        (Method::POST, "/api/tickets/live"),
        (Method::DELETE, "/api/tickets/live"),
        (Method::PUT, "/api/orders"),
        (Method::PATCH, order),
        (Method::GET, "/api/payments"),
        (Method::DELETE, "/api/payments"),
        (Method::POST, "/api/events"),
        (Method::DELETE, "/api/events/live"),
    ] {
        rows.push(row(Ask::new(method, path), 405, "method-not-allowed"));
    }
    for path in [
        "/api/users/",
        "/api/users/nobody/at/all",
        "/api/tickets/",
        "/api/tickets/a/b",
        "/api/orders/a/b/c",
        "/api/payments/a/b/c",
        "/api/events/a/b/c",
        "/api/orders/..%2f..%2fetc/passwd",
    ] {
        rows.push(row(Ask::get(path), 404, "not-found"));
    }
    rows
}
