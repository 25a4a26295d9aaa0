//! What buyers, and people who are not the buyer, get wrong about payments.

use rig::Ask;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Row, World, invalid, row};

fn post(body: Value) -> Ask {
    Ask::post("/api/payments", body)
}

pub(super) fn of_the_buyer(world: &World) -> Vec<Row> {
    let order = world.awaiting;
    let by = |method: Value| post(json!({ "order_id": order, "payment_method": method }));
    vec![
        invalid(post(json!({})), "/order_id"),
        invalid(post(json!({ "payment_method": "pm_card_visa" })), "/order_id"),
        invalid(post(json!({ "order_id": "17" })), "/order_id"),
        invalid(post(json!({ "order_id": order, "amount": 1 })), "/amount"),
        invalid(by(json!("visa")), "/payment_method"),
        invalid(by(json!("pm_")), "/payment_method"),
        invalid(by(json!("pm_card/../refunds")), "/payment_method"),
        invalid(by(json!(4_242_424_242_424_242_u64)), "/payment_method"),
        invalid(post(json!([order])), ""),
        row(by(json!("pm_card_visa")).keyed("k".repeat(256)), 422, "validation"),
        row(post(json!({ "order_id": Uuid::new_v4(), "payment_method": "pm_card_visa" })), 404, "not-found"),
        row(
            post(json!({ "order_id": world.cancelled, "payment_method": "pm_card_visa" })),
            409,
            "order-not-payable",
        ),
        row(
            post(json!({ "order_id": world.complete, "payment_method": "pm_card_visa" })),
            409,
            "order-not-payable",
        ),
        row(Ask::get(format!("/api/payments/{}", Uuid::new_v4())), 404, "not-found"),
        row(Ask::get("/api/payments/17"), 404, "not-found"),
    ]
}

pub(super) fn of_somebody_else(world: &World) -> Vec<Row> {
    vec![
        row(Ask::get(format!("/api/payments/{}", world.awaiting)), 404, "not-found"),
        row(post(json!({ "order_id": world.awaiting, "payment_method": "pm_card_visa" })), 404, "not-found"),
        row(post(json!({ "order_id": world.complete })), 404, "not-found"),
    ]
}
