//! Changing and withdrawing tickets, and who may.

use contracts::OrderId;
use contracts::orders::{OrderCompleted, OrderCreated};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::shop::{BUYER, NOW, SELLER, STRANGER, Shop, of_order, path, ticket};

const ORDER: OrderId = OrderId(Uuid::from_u128(30));

async fn reserve(shop: &Shop, ticket: Uuid) {
    let created = OrderCreated { ticket_id: ticket.into(), buyer_id: BUYER, price: None, expires_at: NOW };
    shop.hear(&of_order(ORDER, created)).await.unwrap();
}

async fn sell(shop: &Shop, ticket: Uuid) {
    reserve(shop, ticket).await;
    shop.hear(&of_order(ORDER, OrderCompleted { ticket_id: ticket.into() })).await.unwrap();
}

#[tokio::test]
async fn the_seller_changes_what_is_said_and_nothing_else() {
    let shop = Shop::open();
    let id = shop.list(&ticket(&json!({ "section": "Stalls", "row": "F", "seat": "12" }))).await;
    let before = shop.get(&path(id)).await.json();
    let changes = json!({
        "title": " New ", "category": "theatre", "venue": "Old Hall", "city": "Porto",
        "starts_at": "2028-01-01T20:00:00+01:00", "section": "Balcony", "row": null, "seat": "1",
        "price": { "amount": 5000, "currency": "EUR" },
    });
    let answer = shop.patch(SELLER, id, &changes).await;
    assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, Some("\"2\"")));
    let after = answer.json();
    assert_eq!(
        after,
        json!({
            "id": id, "seller_id": SELLER, "title": "New", "category": "theatre", "venue": "Old Hall",
            "city": "Porto", "starts_at": "2028-01-01T19:00:00.000Z", "section": "Balcony", "row": null,
            "seat": "1", "price": { "amount": 5000, "currency": "EUR" }, "status": "available", "version": 2,
            "created_at": before["created_at"], "updated_at": NOW,
        })
    );
    assert_eq!(shop.get(&path(id)).await.json(), after);

    for nothing in [json!({}), json!({ "title": "New", "row": null })] {
        let answer = shop.patch(SELLER, id, &nothing).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, after.clone()), "{nothing}");
    }
    assert_eq!(shop.types_said().await, ["TicketCreated", "TicketUpdated"]);
}

#[tokio::test]
async fn every_wrong_change_is_pointed_at() {
    let shop = Shop::open();
    let id = shop.list(&ticket(&json!({}))).await;
    let price = |amount: Value| json!({ "price": { "amount": amount, "currency": "USD" } });
    for (changes, pointers) in [
        (json!({ "title": null }), vec!["/title"]),
        (json!({ "title": "" }), vec!["/title"]),
        (json!({ "category": null }), vec!["/category"]),
        (json!({ "venue": "x".repeat(201) }), vec!["/venue"]),
        (json!({ "city": 5 }), vec!["/city"]),
        (json!({ "section": "" }), vec!["/section"]),
        (json!({ "row": 5 }), vec!["/row"]),
        (json!({ "seat": "x".repeat(21) }), vec!["/seat"]),
        (json!({ "starts_at": "soon" }), vec!["/starts_at"]),
        (json!({ "starts_at": NOW }), vec!["/starts_at"]),
        (json!({ "price": null }), vec!["/price"]),
        (price(json!(0)), vec!["/price/amount"]),
        (price(json!(-5)), vec!["/price/amount"]),
        (price(json!(19.99)), vec!["/price/amount"]),
        (json!({ "seller_id": STRANGER }), vec!["/seller_id"]),
        (json!({ "version": 9 }), vec!["/version"]),
        (
            json!({ "title": "", "row": "", "starts_at": NOW, "price": { "amount": 1, "currency": "USD" } }),
            vec!["/row", "/title", "/price/amount", "/starts_at"],
        ),
    ] {
        let answer = shop.patch(SELLER, id, &changes).await;
        assert_eq!(answer.assert_problem(422, "validation"), pointers, "{changes}");
    }
    shop.patch(SELLER, id, &json!([])).await.assert_problem(422, "validation");
    assert_eq!(shop.get(&path(id)).await.json()["version"], 1);
}

#[tokio::test]
async fn a_withdrawn_ticket_is_still_there_and_not_changed_any_more() {
    let shop = Shop::open();
    let id = shop.list(&ticket(&json!({}))).await;
    for _ in 0..2 {
        let answer = shop.delete(SELLER, id).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    }
    let read = shop.get(&path(id)).await.json();
    assert_eq!((&read["status"], &read["version"]), (&json!("withdrawn"), &json!(2)));
    shop.patch(SELLER, id, &json!({ "title": "New" })).await.assert_problem(409, "ticket-withdrawn");
    assert_eq!(shop.types_said().await, ["TicketCreated", "TicketWithdrawn"]);
}

#[tokio::test]
async fn nobody_touches_what_is_not_theirs() {
    let shop = Shop::open();
    let id = shop.list(&ticket(&json!({}))).await;
    shop.patch(STRANGER, id, &json!({ "title": "Mine" })).await.assert_problem(403, "forbidden");
    shop.delete(STRANGER, id).await.assert_problem(403, "forbidden");
    for (method, body) in [("PATCH", Some(json!({}))), ("DELETE", None)] {
        let answer = shop.send(method, &path(id), None, &[], body.as_ref()).await;
        answer.assert_problem(401, "unauthenticated");
    }
    assert_eq!(shop.types_said().await, ["TicketCreated"]);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let shop = Shop::open();
    for id in [Uuid::from_u128(99).to_string(), "x".to_owned()] {
        let path = format!("/api/tickets/{id}");
        shop.get(&path).await.assert_problem(404, "not-found");
        for (method, body) in [("PATCH", Some(json!({}))), ("DELETE", None)] {
            for headers in [&[][..], &[("if-match", "\"1\"")]] {
                let answer = shop.send(method, &path, Some(SELLER), headers, body.as_ref()).await;
                answer.assert_problem(404, "not-found");
            }
        }
    }
    let put = shop.send("PUT", "/api/tickets", Some(SELLER), &[], None).await;
    put.assert_problem(405, "method-not-allowed");
    shop.get("/api/tickets/x/y").await.assert_problem(404, "not-found");
}

#[tokio::test]
async fn a_reserved_or_sold_ticket_is_not_the_sellers_to_touch() {
    let shop = Shop::open();
    let reserved = shop.list(&ticket(&json!({}))).await;
    reserve(&shop, reserved).await;
    shop.patch(SELLER, reserved, &json!({ "title": "New" })).await.assert_problem(409, "ticket-reserved");
    shop.delete(SELLER, reserved).await.assert_problem(409, "ticket-reserved");

    let sold = shop.list(&ticket(&json!({}))).await;
    sell(&shop, sold).await;
    shop.patch(SELLER, sold, &json!({ "title": "New" })).await.assert_problem(409, "ticket-sold");
    shop.delete(SELLER, sold).await.assert_problem(409, "ticket-sold");

    for (id, status) in [(reserved, "reserved"), (sold, "sold")] {
        let read = shop.get(&path(id)).await;
        assert_eq!(read.json()["status"], status);
        let text = String::from_utf8(read.body.to_vec()).unwrap();
        assert!(!text.contains(&BUYER.to_string()) && !text.contains(&ORDER.to_string()), "{text}");
    }
}

#[tokio::test]
async fn only_the_version_that_was_seen_is_changed_or_withdrawn() {
    let shop = Shop::open();
    let id = shop.list(&ticket(&json!({}))).await;
    let send = async |method, version, body: Option<Value>| {
        shop.send(method, &path(id), Some(SELLER), &[("if-match", version)], body.as_ref()).await
    };
    let title = |title: &str| Some(json!({ "title": title }));
    assert_eq!(send("PATCH", "\"1\"", title("Second")).await.status, 200);
    for stale in ["\"1\"", "\"3\"", "2", "W/\"2\"", "x"] {
        send("PATCH", stale, title("Third")).await.assert_problem(412, "stale");
        send("DELETE", stale, None).await.assert_problem(412, "stale");
    }
    assert_eq!(send("PATCH", "*", title("Third")).await.status, 200);
    assert_eq!(send("DELETE", "\"3\"", None).await.status, 204);
    assert_eq!(shop.get(&path(id)).await.json()["title"], "Third");
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    let shop = Shop::open();
    let id = shop.list(&ticket(&json!({}))).await;
    let cookie = format!("access_token={}", shop.token(SELLER));
    for (site, status) in [("cross-site", 403), ("same-origin", 204)] {
        let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", site)];
        assert_eq!(shop.send("DELETE", &path(id), None, &headers, None).await.status, status, "{site}");
    }
}
