//! What buyers, and people who are not the buyer, get wrong about orders.

use rig::Ask;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Row, World, invalid, row, usd};

pub(super) fn of_the_buyer(world: &World) -> Vec<Row> {
    let post = |body: Value| Ask::post("/api/orders", body);
    let available = world.available;
    let priced = |price: Value| post(json!({ "ticket_id": available, "price": price }));
    let mut rows = vec![
        invalid(post(json!({})), "/ticket_id"),
        invalid(post(json!({ "ticket_id": null })), "/ticket_id"),
        invalid(post(json!({ "ticket_id": "17" })), "/ticket_id"),
        invalid(post(json!({ "ticket_id": 17 })), "/ticket_id"),
        invalid(post(json!({ "ticket_id": available, "buyer_id": world.other.id })), "/buyer_id"),
        invalid(post(json!({ "ticket_id": available, "status": "complete" })), "/status"),
        invalid(priced(usd(json!(99.5))), "/price/amount"),
        invalid(priced(usd(json!(-1))), "/price/amount"),
        invalid(priced(usd(json!("1"))), "/price/amount"),
        invalid(priced(json!({ "amount": 1, "currency": "usd" })), "/price/currency"),
        invalid(priced(json!(12_500)), "/price"),
        invalid(post(json!([])), ""),
        row(post(json!({ "ticket_id": available })).keyed("k".repeat(256)), 422, "validation"),
        row(post(json!({ "ticket_id": world.reserved })), 409, "ticket-reserved"),
        row(post(json!({ "ticket_id": world.sold })), 409, "ticket-sold"),
        row(Ask::get("/api/orders/all"), 403, "forbidden"),
        row(Ask::delete(format!("/api/orders/{}", world.complete)), 409, "payment-accepted"),
        row(
            Ask::delete(format!("/api/orders/{}", world.awaiting)).header("If-Match", "\"999\""),
            412,
            "stale",
        ),
    ];
    for (query, pointer) in [
        ("limit=0", "/limit"),
        ("limit=1000", "/limit"),
        ("limit=x", "/limit"),
        ("cursor=nonsense", "/cursor"),
        ("status=lost", "/status"),
    ] {
        rows.push(invalid(Ask::get(format!("/api/orders?{query}")), pointer));
    }
    for id in [Uuid::new_v4().to_string(), "17".to_owned()] {
        rows.push(row(Ask::get(format!("/api/orders/{id}")), 404, "not-found"));
        rows.push(row(Ask::delete(format!("/api/orders/{id}")), 404, "not-found"));
        rows.push(row(Ask::get(format!("/api/orders/{id}/history")), 404, "not-found"));
        rows.push(row(Ask::get(format!("/api/orders/{id}/live")), 404, "not-found"));
    }
    rows
}

/// Nobody learns that somebody else's order exists.
pub(super) fn of_somebody_else(world: &World) -> Vec<Row> {
    let orders = [world.awaiting, world.complete, world.cancelled].into_iter();
    orders
        .flat_map(|order| {
            let path = format!("/api/orders/{order}");
            [
                row(Ask::get(&path), 404, "not-found"),
                row(Ask::delete(&path), 404, "not-found"),
                row(Ask::get(format!("{path}/history")), 404, "not-found"),
                row(Ask::get(format!("{path}/live")), 404, "not-found"),
            ]
        })
        .collect()
}
