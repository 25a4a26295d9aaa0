//! What sellers, and people who are not the seller, get wrong about tickets.

use rig::{Ask, Listing};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Row, World, invalid, row, usd, with, without};

pub(super) fn of_the_seller(world: &World) -> Vec<Row> {
    let mut rows = listing();
    rows.extend(changing(world));
    rows.extend(finding());
    rows.extend(admitting(world));
    rows.extend(listening(world));
    rows
}

fn listing() -> Vec<Row> {
    let good = Listing::any().body();
    let post = |body: Value| Ask::post("/api/tickets", body);
    let mut rows = Vec::new();
    for (field, pointer) in [
        ("title", "/title"),
        ("category", "/category"),
        ("venue", "/venue"),
        ("city", "/city"),
        ("starts_at", "/starts_at"),
        ("price", "/price"),
    ] {
        rows.push(invalid(post(without(&good, field)), pointer));
        rows.push(invalid(post(with(&good, field, Value::Null)), pointer));
    }
    let wrong: [(&str, Value, &'static str); 29] = [
        ("title", json!(5), "/title"),
        ("title", json!(""), "/title"),
        ("title", json!(" "), "/title"),
        ("title", json!("a".repeat(201)), "/title"),
        ("title", json!("two\nlines"), "/title"),
        ("venue", json!(["Harbour Hall"]), "/venue"),
        ("city", json!(""), "/city"),
        ("seat", json!("a".repeat(21)), "/seat"),
        ("row", json!(7), "/row"),
        ("section", json!(""), "/section"),
        ("category", json!("opera"), "/category"),
        ("category", json!(1), "/category"),
        ("starts_at", json!("tomorrow"), "/starts_at"),
        ("starts_at", json!(1_800_000_000), "/starts_at"),
        ("starts_at", json!("2020-01-01T20:00:00.000Z"), "/starts_at"),
        ("price", usd(json!(125.5)), "/price/amount"),
        ("price", usd(json!(-1)), "/price/amount"),
        ("price", usd(json!(0)), "/price/amount"),
        ("price", usd(json!("100")), "/price/amount"),
        ("price", usd(json!(1e30)), "/price/amount"),
        ("price", usd(json!(100_000_000)), "/price/amount"),
        ("price", json!(100), "/price"),
        ("price", json!({ "currency": "USD" }), "/price/amount"),
        ("price", json!({ "amount": 100 }), "/price/currency"),
        ("price", json!({ "amount": 100, "currency": "XXX" }), "/price/currency"),
        ("price", json!({ "amount": 100, "currency": "USD", "tax": 1 }), "/price/tax"),
        ("seller_id", json!(Uuid::new_v4()), "/seller_id"),
        ("status", json!("sold"), "/status"),
        ("id", json!(Uuid::new_v4()), "/id"),
    ];
    rows.extend(wrong.map(|(field, value, pointer)| invalid(post(with(&good, field, value)), pointer)));
    rows.push(invalid(post(json!([good])), ""));
    rows.push(invalid(post(json!("a ticket")), ""));
    rows.push(row(post(good.clone()).keyed("k".repeat(256)), 422, "validation"));
    rows.push(row(post(good).keyed(""), 422, "validation"));
    rows
}

fn changing(world: &World) -> Vec<Row> {
    let patch = |id: Uuid, body: Value| Ask::patch(format!("/api/tickets/{id}"), body);
    let delete = |id: Uuid| Ask::delete(format!("/api/tickets/{id}"));
    let title = json!({ "title": "Another" });
    let mut rows = vec![
        invalid(patch(world.available, json!({ "title": "" })), "/title"),
        invalid(patch(world.available, json!({ "title": null })), "/title"),
        invalid(patch(world.available, json!({ "status": "sold" })), "/status"),
        invalid(patch(world.available, json!({ "price": usd(json!(9.99)) })), "/price/amount"),
        invalid(patch(world.available, json!({ "price": usd(json!(-5)) })), "/price/amount"),
        invalid(patch(world.available, json!({ "starts_at": "2020-01-01T20:00:00.000Z" })), "/starts_at"),
        row(patch(world.available, title.clone()).header("If-Match", "\"999\""), 412, "stale"),
        row(patch(world.available, title.clone()).header("If-Match", "one"), 412, "stale"),
        row(delete(world.available).header("If-Match", "\"999\""), 412, "stale"),
    ];
    for (id, problem) in [
        (world.reserved, "ticket-reserved"),
        (world.sold, "ticket-sold"),
        (world.withdrawn, "ticket-withdrawn"),
    ] {
        rows.push(row(patch(id, title.clone()), 409, problem));
    }
    rows.push(row(delete(world.reserved), 409, "ticket-reserved"));
    rows.push(row(delete(world.sold), 409, "ticket-sold"));
    for id in [Uuid::new_v4().to_string(), "17".to_owned(), "..%2f..".to_owned(), "%00".to_owned()] {
        let path = format!("/api/tickets/{id}");
        rows.push(row(Ask::get(&path), 404, "not-found"));
        rows.push(row(Ask::patch(&path, title.clone()), 404, "not-found"));
        rows.push(row(Ask::delete(&path), 404, "not-found"));
    }
    rows
}

fn finding() -> Vec<Row> {
    let get = |query: &str| Ask::get(format!("/api/tickets?{query}"));
    let mut rows = vec![
        invalid(get(&format!("q={}", "a".repeat(201))), "/q"),
        invalid(get(&format!("city={}", "a".repeat(201))), "/city"),
    ];
    for (query, pointer) in [
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("limit=-1", "/limit"),
        ("limit=many", "/limit"),
        ("cursor=nonsense", "/cursor"),
        ("cursor=%FF", "/cursor"),
        ("status=lost", "/status"),
        ("category=opera", "/category"),
        ("sort=title", "/sort"),
        ("min_price=-1", "/min_price"),
        ("max_price=9.99", "/max_price"),
        ("from=yesterday", "/from"),
        ("to=2026-13-01T00:00:00Z", "/to"),
        ("seller=somebody", "/seller"),
    ] {
        rows.push(invalid(get(query), pointer));
    }
    rows
}

fn admitting(world: &World) -> Vec<Row> {
    let admit = |id: &str, body: Value| Ask::post(format!("/api/tickets/{id}/admit"), body);
    let sold = world.sold.to_string();
    let mut rows = vec![
        invalid(admit(&sold, json!({})), "/code"),
        invalid(admit(&sold, json!({ "code": null })), "/code"),
        invalid(admit(&sold, json!({ "code": 17 })), "/code"),
        invalid(admit(&sold, json!({ "code": ["a"] })), "/code"),
        invalid(admit(&sold, json!({ "code": "a", "admitted_at": null })), "/admitted_at"),
        invalid(admit(&sold, json!(["a"])), ""),
    ];
    let tickets = [world.available, world.reserved, world.sold, world.withdrawn, Uuid::new_v4()];
    for id in tickets.map(|id| id.to_string()).iter().map(String::as_str).chain(["17", "%00"]) {
        for code in ["", "nonsense", "\u{0}", &"A".repeat(43), &"A".repeat(10_000)] {
            rows.push(row(admit(id, json!({ "code": code })), 404, "not-found"));
        }
    }
    rows
}

fn listening(world: &World) -> Vec<Row> {
    let id = world.available;
    let many = vec![id.to_string(); 101].join(",");
    let queries = ["", "?", "?ids=", "?ids=17", "?ids=,", "?id=17"].map(str::to_owned);
    let with_good_ones = [format!("?ids={id},"), format!("?ids={id},me"), format!("?ids={many}")];
    let queries = queries.into_iter().chain(with_good_ones);
    queries.map(|query| invalid(Ask::get(format!("/api/tickets/live{query}")), "/ids")).collect()
}

pub(super) fn of_somebody_else(world: &World) -> Vec<Row> {
    let path = format!("/api/tickets/{}", world.available);
    vec![
        row(Ask::patch(&path, json!({ "title": "Mine now" })), 403, "forbidden"),
        row(Ask::delete(&path), 403, "forbidden"),
        row(Ask::patch(&path, json!({ "title": "" })), 422, "validation"),
        row(Ask::post(format!("{path}/admit"), json!({ "code": "nonsense" })), 403, "forbidden"),
        row(
            Ask::post(format!("/api/tickets/{}/admit", world.sold), json!({ "code": "A".repeat(43) })),
            403,
            "forbidden",
        ),
    ]
}
