//! Offering tickets.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::shop::{BUYER, NOW, SELLER, STARTS_AT, Shop, path, ticket};

#[tokio::test]
async fn a_listed_ticket_is_answered_where_it_is_found() {
    let shop = Shop::open();
    let body = ticket(&json!({ "title": "  The Paper Lanterns ", "row": "F" }));
    let answer = shop.post(SELLER, &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let listed = answer.json();
    let id: Uuid = listed["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(answer.header("location"), Some(path(id).as_str()));
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(
        listed,
        json!({
            "id": id, "seller_id": SELLER, "title": "The Paper Lanterns", "category": "concert",
            "venue": "Harbour Hall", "city": "Lisbon", "starts_at": STARTS_AT, "section": null, "row": "F",
            "seat": null, "price": { "amount": 12500, "currency": "USD" }, "status": "available", "version": 1,
            "created_at": NOW, "updated_at": NOW,
        })
    );
    let read = shop.get(&path(id)).await;
    assert_eq!((read.status.as_u16(), read.header("etag")), (200, Some("\"1\"")));
    assert_eq!(read.json(), listed);
    assert_eq!(shop.types_said().await, ["TicketCreated"]);
}

#[tokio::test]
async fn the_event_says_who_caused_it_in_which_request() {
    let shop = Shop::open();
    let request = Uuid::from_u128(77);
    let headers = [("x-request-id", &*request.to_string())];
    let body = ticket(&json!({}));
    shop.send("POST", "/api/tickets", Some(SELLER), &headers, Some(&body)).await;
    let said = shop.said().await;
    let cause = &said[0].1.cause;
    assert_eq!((cause.correlation_id, cause.actor.to_string()), (request, format!("user:{SELLER}")));
}

#[tokio::test]
async fn whoever_is_not_signed_in_lists_nothing() {
    let shop = Shop::open();
    let body = ticket(&json!({}));
    shop.send("POST", "/api/tickets", None, &[], Some(&body)).await.assert_problem(401, "unauthenticated");
}

#[tokio::test]
async fn every_wrong_field_is_pointed_at() {
    let long = "x".repeat(201);
    let price = |amount: Value| json!({ "price": { "amount": amount, "currency": "USD" } });
    let cases = [
        (json!({ "title": null }), vec!["/title"]),
        (json!({ "title": "  " }), vec!["/title"]),
        (json!({ "title": long }), vec!["/title"]),
        (json!({ "title": "two\nlines" }), vec!["/title"]),
        (json!({ "title": 1 }), vec!["/title"]),
        (json!({ "category": "opera" }), vec!["/category"]),
        (json!({ "venue": "" }), vec!["/venue"]),
        (json!({ "city": long }), vec!["/city"]),
        (json!({ "section": "" }), vec!["/section"]),
        (json!({ "row": "x".repeat(21) }), vec!["/row"]),
        (json!({ "seat": " " }), vec!["/seat"]),
        (json!({ "starts_at": null }), vec!["/starts_at"]),
        (json!({ "starts_at": "tomorrow" }), vec!["/starts_at"]),
        (json!({ "starts_at": "2026-01-01T00:00:00Z" }), vec!["/starts_at"]),
        (json!({ "starts_at": NOW }), vec!["/starts_at"]),
        (json!({ "price": null }), vec!["/price"]),
        (json!({ "price": 12500 }), vec!["/price"]),
        (json!({ "price": { "amount": 12500 } }), vec!["/price/currency"]),
        (json!({ "price": { "amount": 12500, "currency": "XXX" } }), vec!["/price/currency"]),
        (json!({ "price": { "amount": 12500, "currency": "USD", "tip": 1 } }), vec!["/price/tip"]),
        (price(json!(-1)), vec!["/price/amount"]),
        (price(json!(0)), vec!["/price/amount"]),
        (price(json!(49)), vec!["/price/amount"]),
        (price(json!(100_000_000)), vec!["/price/amount"]),
        (price(json!(19.99)), vec!["/price/amount"]),
        (price(json!(100.0)), vec!["/price/amount"]),
        (price(json!("12500")), vec!["/price/amount"]),
        (price(json!(u64::MAX)), vec!["/price/amount"]),
        (json!({ "seller_id": BUYER }), vec!["/seller_id"]),
        (json!({ "status": "sold" }), vec!["/status"]),
        (
            json!({ "title": "", "venue": "", "city": "", "section": "", "row": "", "seat": "", "starts_at": NOW,
                "price": { "amount": 1, "currency": "USD" } }),
            vec!["/title", "/venue", "/city", "/section", "/row", "/seat", "/price/amount", "/starts_at"],
        ),
    ];
    let shop = Shop::open();
    for (changes, pointers) in cases {
        let answer = shop.post(SELLER, &ticket(&changes)).await;
        assert_eq!(answer.assert_problem(422, "validation"), pointers, "{changes}");
    }
    assert_eq!(shop.types_said().await, [""; 0]);
}

#[tokio::test]
async fn the_least_and_the_most_are_taken() {
    let shop = Shop::open();
    let long = "x".repeat(200);
    for changes in [
        json!({ "price": { "amount": 50, "currency": "EUR" }, "title": long, "section": "x".repeat(20) }),
        json!({ "price": { "amount": 99_999_999, "currency": "USD" }, "title": "x", "seat": "1" }),
        json!({ "starts_at": NOW + Duration::from_millis(1) }),
    ] {
        shop.list(&ticket(&changes)).await;
    }
}

#[tokio::test]
async fn what_is_not_json_or_too_large_is_refused() {
    let shop = Shop::open();
    let body = ticket(&json!({}));
    let text = [("content-type", "text/plain")];
    let answer = shop.send("POST", "/api/tickets", Some(SELLER), &text, None).await;
    answer.assert_problem(415, "unsupported-media-type");
    let json = [("content-type", "application/json")];
    shop.send("POST", "/api/tickets", Some(SELLER), &json, None).await.assert_problem(400, "malformed-json");
    shop.post(SELLER, &json!([body])).await.assert_problem(422, "validation");
    let large = ticket(&json!({ "title": "x".repeat(70_000) }));
    shop.post(SELLER, &large).await.assert_problem(413, "body-too-large");
}

#[tokio::test]
async fn a_seat_is_on_offer_once() {
    let shop = Shop::open();
    let seat = json!({ "section": "Stalls", "row": "F", "seat": "12" });
    let first = shop.list(&ticket(&seat)).await;
    let same =
        json!({ "section": "STALLS", "row": "f", "seat": "12", "venue": "harbour  hall", "title": "Other" });
    shop.post(BUYER, &ticket(&same)).await.assert_problem(409, "seat-listed");

    let next = shop.list(&ticket(&json!({ "section": "Stalls", "row": "F", "seat": "13" }))).await;
    shop.patch(SELLER, next, &json!({ "seat": "12" })).await.assert_problem(409, "seat-listed");

    assert_eq!(shop.delete(SELLER, first).await.status, 204);
    assert_eq!(shop.post(BUYER, &ticket(&same)).await.status, 201);
}

#[tokio::test]
async fn tickets_without_a_seat_do_not_collide() {
    let shop = Shop::open();
    for place in [json!({}), json!({ "section": "Stalls" }), json!({ "section": "Stalls", "row": "F" })] {
        shop.list(&ticket(&place)).await;
        shop.list(&ticket(&place)).await;
    }
}

#[tokio::test]
async fn the_same_key_lists_once_and_answers_what_the_ticket_is_now() {
    let shop = Shop::open();
    let key = [("idempotency-key", "first try")];
    let body = ticket(&json!({ "seat": "12" }));
    let send =
        async |user, body: &Value| shop.send("POST", "/api/tickets", Some(user), &key, Some(body)).await;
    let first = send(SELLER, &body).await;
    assert_eq!(first.status, 201, "{first:?}");
    let again = send(SELLER, &body).await;
    assert_eq!((again.status.as_u16(), again.json()), (201, first.json()));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(shop.types_said().await, ["TicketCreated"]);

    let id = first.json()["id"].as_str().unwrap().parse().unwrap();
    shop.patch(SELLER, id, &json!({ "title": "Later" })).await;
    let later = send(SELLER, &body).await;
    assert_eq!((later.status.as_u16(), &later.json()["title"]), (201, &json!("Later")));

    let other = ticket(&json!({ "seat": "13" }));
    send(SELLER, &other).await.assert_problem(422, "idempotency-mismatch");
    let of_another_person = send(BUYER, &other).await;
    assert_eq!(of_another_person.status, 201);
    assert_ne!(of_another_person.json()["id"], first.json()["id"]);
}

#[tokio::test]
async fn the_same_key_is_answered_the_same_after_the_start() {
    let shop = Shop::open();
    let key = [("idempotency-key", "k")];
    let body = ticket(&json!({ "starts_at": NOW + Duration::from_secs(60) }));
    let send = async || shop.send("POST", "/api/tickets", Some(SELLER), &key, Some(&body)).await;
    let first = send().await;
    shop.clock.advance(Duration::from_secs(61));
    let again = send().await;
    assert_eq!((again.status.as_u16(), again.json()), (201, first.json()));
}

#[tokio::test]
async fn a_refused_request_does_not_use_its_key_up() {
    let shop = Shop::open();
    let key = [("idempotency-key", "k")];
    let past = ticket(&json!({ "starts_at": NOW }));
    let refused = shop.send("POST", "/api/tickets", Some(SELLER), &key, Some(&past)).await;
    assert_eq!(refused.assert_problem(422, "validation"), ["/starts_at"]);
    let good = shop.send("POST", "/api/tickets", Some(SELLER), &key, Some(&ticket(&json!({})))).await;
    assert_eq!(good.status, 201);
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let shop = Shop::open();
    let body = ticket(&json!({}));
    for key in [String::new(), "x".repeat(256)] {
        let headers = [("idempotency-key", key.as_str())];
        let answer = shop.send("POST", "/api/tickets", Some(SELLER), &headers, Some(&body)).await;
        answer.assert_problem(422, "validation");
    }
}

#[tokio::test]
async fn while_the_store_lacks_what_was_said_no_command_is_taken() {
    let shop = Shop::open();
    let id = shop.list(&ticket(&json!({}))).await;
    shop.gate.shut();
    for answer in [
        shop.post(SELLER, &ticket(&json!({}))).await,
        shop.patch(SELLER, id, &json!({ "title": "New" })).await,
        shop.delete(SELLER, id).await,
    ] {
        answer.assert_problem(503, "unavailable");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    assert_eq!(shop.get(&path(id)).await.status, 200);
}
