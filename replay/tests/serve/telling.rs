//! A story is one matter, with causes by their place in it.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::shop::{Shop, admin, id};

#[tokio::test]
async fn a_story_says_where_in_it_each_cause_stands() {
    let shop = Shop::keeping_up().await;
    let ticket = json!({ "ticket_id": id(9) });
    shop.says(("ticket", 9, "TicketCreated"), 30, 90, json!({})).await;
    shop.says(("order", 1, "OrderCreated"), 31, 91, ticket).await;
    shop.says(("ticket", 9, "TicketReserved"), 32, 31, json!({ "order_id": id(1) })).await;
    shop.says(("order", 1, "OrderAwaitingPayment"), 33, 32, json!({})).await;
    let story = shop.shows(&format!("/api/events/story/{}", id(1))).await;
    assert_eq!(
        (&story["id"], &story["kind"], &story["is_whole"]),
        (&json!(id(1)), &json!("order"), &json!(true))
    );
    let told: Vec<(&Value, &Value, &Value)> = story["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (&event["type"], &event["service"], &event["cause"]))
        .collect();
    let expected = [
        (&json!("OrderCreated"), &json!("orders"), &Value::Null),
        (&json!("TicketReserved"), &json!("tickets"), &json!(0)),
        (&json!("OrderAwaitingPayment"), &json!("orders"), &json!(1)),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn what_never_happened_is_not_found() {
    let shop = Shop::keeping_up().await;
    for unknown in [id(5).to_string(), "nothing".to_owned()] {
        let answer = shop.get(Some(admin()), &format!("/api/events/story/{unknown}")).await;
        answer.assert_problem(404, "not-found");
    }
    shop.says(("order", 5, "OrderCreated"), 1, 2, json!({})).await;
    let answer = shop.get(Some(admin()), &format!("/api/events/story/{}", id(5))).await;
    assert_eq!(answer.status, StatusCode::OK);
}
