//! Placing orders.

use axum::body::Body;
use axum::http::{Method, Request, header};
use contracts::Timestamp;
use orders::config::Settings;
use serde_json::json;

use crate::shop::{PRICE, Shop, buyer, ticket};

#[tokio::test]
async fn an_order_is_taken_at_once_and_is_pending() {
    let shop = Shop::open();
    let answer = shop.place(buyer(1), ticket(1)).await;
    let (id, order) = (answer.order_id(), answer.json());
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("location"), Some(format!("/api/orders/{id}").as_str()));
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(answer.header("preference-applied"), None);
    assert_eq!((&order["status"], &order["buyer_id"]), (&json!("pending"), &json!(buyer(1).id)));
    assert_eq!((&order["ticket"], &order["reason"]), (&json!(null), &json!(null)));
    let expires_at: Timestamp = order["expires_at"].as_str().unwrap().parse().unwrap();
    let seconds_left = expires_at.since(shop.runtime.now()).as_secs();
    assert!((890..=900).contains(&seconds_left), "{seconds_left}");
    assert_eq!(shop.said(id).await, ["OrderCreated"]);
}

#[tokio::test]
async fn the_price_may_be_left_out() {
    let shop = Shop::open();
    let body = json!({ "ticket_id": ticket(1) });
    let answer = shop.call(buyer(1), Method::POST, "/api/orders", &[], Some(&body)).await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn what_is_not_an_order_is_refused_with_a_pointer_to_what_is_wrong() {
    let shop = Shop::open();
    let id = ticket(1);
    for (body, pointer) in [
        (json!({}), "/ticket_id"),
        (json!({ "ticket_id": "7" }), "/ticket_id"),
        (json!({ "ticket_id": null }), "/ticket_id"),
        (json!({ "ticket_id": id, "total": PRICE }), "/total"),
        (json!({ "ticket_id": id, "buyer_id": buyer(2).id }), "/buyer_id"),
        (json!({ "ticket_id": id, "price": 125 }), "/price"),
        (json!({ "ticket_id": id, "price": { "amount": 19.99, "currency": "USD" } }), "/price/amount"),
        (json!({ "ticket_id": id, "price": { "amount": -1, "currency": "USD" } }), "/price/amount"),
        (json!({ "ticket_id": id, "price": { "amount": "1", "currency": "USD" } }), "/price/amount"),
        (json!({ "ticket_id": id, "price": { "amount": 1, "currency": "XXX" } }), "/price/currency"),
        (json!({ "ticket_id": id, "price": { "amount": 1 } }), "/price/currency"),
        (json!([id]), ""),
    ] {
        let answer = shop.call(buyer(1), Method::POST, "/api/orders", &[], Some(&body)).await;
        let problem = answer.assert_problem(422, "validation");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}");
    }
    let answer = shop.get(buyer(1), "/api/orders").await;
    assert_eq!(answer.json()["items"], json!([]));
}

#[tokio::test]
async fn nobody_orders_without_signing_in_or_by_way_of_another_site() {
    let shop = Shop::open();
    let anonymous = Request::post("/api/orders").header(header::CONTENT_TYPE, "application/json");
    let answer = shop.send(anonymous.body(Body::from("{}")).unwrap()).await;
    answer.assert_problem(401, "unauthenticated");

    let from_elsewhere = [("cookie", "access_token=x"), ("sec-fetch-site", "cross-site")];
    shop.place_with(buyer(1), ticket(1), &from_elsewhere).await.assert_problem(403, "cross-origin");
}

#[tokio::test]
async fn a_ticket_that_an_order_holds_is_refused_at_once() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    shop.place(buyer(2), ticket(1)).await.assert_problem(409, "ticket-reserved");
    shop.ticket_reserved(order, ticket(1)).await;
    shop.place(buyer(2), ticket(1)).await.assert_problem(409, "ticket-reserved");
    let problem = shop.place(buyer(1), ticket(1)).await.assert_problem(409, "ticket-reserved");
    assert_eq!(problem["detail"], "By your own order.");
    shop.payment_authorized(order).await;
    shop.place(buyer(2), ticket(1)).await.assert_problem(409, "ticket-reserved");
    shop.charge_created(order).await;
    shop.place(buyer(2), ticket(1)).await.assert_problem(409, "ticket-sold");
}

#[tokio::test]
async fn a_ticket_that_an_order_let_go_may_be_ordered_again() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    shop.cancel(buyer(1), order, &[]).await;
    shop.placed(buyer(2), ticket(1)).await;
}

#[tokio::test]
async fn a_buyer_has_only_so_many_open_orders() {
    let shop = Shop::with(Settings { max_open_orders: 2, ..Settings::default() });
    let first = shop.placed(buyer(1), ticket(1)).await;
    let second = shop.placed(buyer(1), ticket(2)).await;
    shop.ticket_reserved(second, ticket(2)).await;
    shop.place(buyer(1), ticket(3)).await.assert_problem(409, "too-many-orders");
    shop.placed(buyer(2), ticket(3)).await;

    shop.cancel(buyer(1), first, &[]).await;
    let third = shop.placed(buyer(1), ticket(4)).await;
    shop.place(buyer(1), ticket(5)).await.assert_problem(409, "too-many-orders");
    shop.ticket_reserved(third, ticket(4)).await;
    shop.payment_authorized(third).await;
    shop.placed(buyer(1), ticket(5)).await;
}

#[tokio::test]
async fn the_same_key_gives_the_same_order_as_it_is_now() {
    let shop = Shop::with(Settings { max_open_orders: 1, ..Settings::default() });
    let key = [("idempotency-key", "once")];
    let order = shop.place_with(buyer(1), ticket(1), &key).await.order_id();
    shop.ticket_reserved(order, ticket(1)).await;
    let again = shop.place_with(buyer(1), ticket(1), &key).await;
    assert_eq!((again.status.as_u16(), again.order_id()), (201, order));
    assert_eq!(again.json()["status"], "awaiting_payment");
    assert_eq!(again.header("etag"), Some("\"2\""));
    assert_eq!(shop.said(order).await, ["OrderCreated", "OrderAwaitingPayment"]);

    shop.place_with(buyer(1), ticket(2), &key).await.assert_problem(422, "idempotency-mismatch");
    assert_ne!(shop.place_with(buyer(2), ticket(2), &key).await.order_id(), order);
}

#[tokio::test]
async fn the_same_key_at_the_same_time_gives_one_order() {
    let shop = Shop::open();
    let key = [("idempotency-key", "once")];
    let requests = (0..8).map(|_| shop.place_with(buyer(1), ticket(1), &key));
    let answers = futures::future::join_all(requests).await;
    let order = answers[0].order_id();
    for answer in &answers {
        assert_eq!((answer.status.as_u16(), answer.order_id()), (201, order));
    }
    assert_eq!(shop.said(order).await, ["OrderCreated"]);
}

#[tokio::test]
async fn one_of_many_who_race_gets_the_ticket() {
    let shop = Shop::open();
    let answers = futures::future::join_all((0..20).map(|number| shop.place(buyer(number), ticket(1)))).await;
    let taken = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(taken, 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.assert_problem(409, "ticket-reserved");
    }
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let shop = Shop::open();
    for key in ["", &"k".repeat(256)] {
        let answer = shop.place_with(buyer(1), ticket(1), &[("idempotency-key", key)]).await;
        answer.assert_problem(422, "validation");
    }
}

#[tokio::test]
async fn while_no_command_is_taken_callers_are_told_to_come_back() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    shop.gate.shut();
    for answer in [shop.place(buyer(1), ticket(2)).await, shop.cancel(buyer(1), order, &[]).await] {
        answer.assert_problem(503, "unavailable");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    assert_eq!(shop.show(buyer(1), order).await["status"], "pending");
}
