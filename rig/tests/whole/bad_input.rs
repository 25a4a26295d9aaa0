//! Bad input of every kind, on every route: each is refused in the one form, with what is wrong and where, and nothing
//! comes of it.

mod accounts;
mod everywhere;
mod orders;
mod payments;
mod tickets;
mod tokens;

use rig::{Answer, Ask, Checked, Listing, Options, Person};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::shop;

/// One request, and what is wrong with it.
struct Row {
    ask: Ask,
    status: u16,
    problem: &'static str,
    /// Where in the body or the query, if anywhere.
    pointer: Option<&'static str>,
}

fn row(ask: Ask, status: u16, problem: &'static str) -> Row {
    Row { ask, status, problem, pointer: None }
}

/// A field that is not valid.
fn invalid(ask: Ask, pointer: &'static str) -> Row {
    Row { ask, status: 422, problem: "validation", pointer: Some(pointer) }
}

/// The people and things that the requests are about.
struct World {
    shop: Checked,
    seller: Person,
    buyer: Person,
    other: Person,
    available: Uuid,
    reserved: Uuid,
    sold: Uuid,
    withdrawn: Uuid,
    /// The buyer's, which may be paid.
    awaiting: Uuid,
    complete: Uuid,
    cancelled: Uuid,
}

impl World {
    async fn new() -> Self {
        let shop = shop(Options::default()).await;
        let (seller, buyer) = crate::seller_and_buyer(&shop).await;
        let other = shop.person().await.unwrap();
        let mut tickets = Vec::new();
        for _ in 0..5 {
            tickets.push(seller.lists(&Listing::any()).await.unwrap());
        }
        let [available, reserved, sold, withdrawn, released] = tickets[..] else { unreachable!() };
        let awaiting = buyer.gets(reserved).await.unwrap();
        let complete = buyer.gets(sold).await.unwrap();
        buyer.pays(complete, "pm_card_visa").await.unwrap().expect(201, "paying").unwrap();
        buyer.order_becomes(complete, "complete", crate::SOON).await.unwrap();
        buyer.ticket_becomes(sold, "sold", crate::SOON).await.unwrap();
        let cancelled = buyer.gets(released).await.unwrap();
        buyer.cancels(cancelled).await.unwrap().expect(204, "cancelling").unwrap();
        let withdraw = Ask::delete(format!("/api/tickets/{withdrawn}"));
        seller.asks(withdraw).await.unwrap().expect(204, "withdrawing").unwrap();
        Self {
            shop,
            seller,
            buyer,
            other,
            available,
            reserved,
            sold,
            withdrawn,
            awaiting,
            complete,
            cancelled,
        }
    }
}

/// What is not as the row says.
fn faults(row: &Row, answer: &Answer) -> Option<String> {
    let Row { ask, status, problem, pointer } = row;
    let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let pointers: Vec<&str> = answer.body["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|error| error["pointer"].as_str())
        .collect();
    let is_right = answer.status.as_u16() == *status
        && answer.problem() == *problem
        && header("Content-Type") == "application/problem+json"
        && answer.body["status"] == *status
        && !answer.text("title").is_empty()
        && answer.text("instance") == header("X-Request-Id")
        && pointer.is_none_or(|pointer| pointers == [pointer]);
    let body =
        ask.body.as_deref().map(|body| String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned());
    (!is_right).then(|| {
        let place = pointer.map_or_else(String::new, |pointer| format!(" at {pointer:?}"));
        let headers: Vec<_> = ask.headers.iter().filter(|(name, _)| name != "Content-Type").collect();
        format!(
            "{ask} {headers:?} {}\n    should be {status} {problem}{place}\n    and is    {answer}",
            body.unwrap_or_default()
        )
    })
}

async fn all_are_refused(person: &Person, rows: Vec<Row>, faulty: &mut Vec<String>) -> usize {
    for row in &rows {
        match person.asks(row.ask.clone()).await {
            Ok(answer) => faulty.extend(faults(row, &answer)),
            Err(error) => faulty.push(format!("{} {:?}: {error:?}", row.ask, row.ask.headers)),
        }
    }
    rows.len()
}

/// The object without one field.
fn without(body: &Value, field: &str) -> Value {
    let mut body = body.clone();
    body.as_object_mut().unwrap().remove(field);
    body
}

/// The object with one field set.
fn with(body: &Value, field: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[field] = value;
    body
}

fn usd(amount: Value) -> Value {
    json!({ "amount": amount, "currency": "USD" })
}

#[tokio::test]
async fn bad_input_is_refused_in_one_form_and_nothing_comes_of_it() {
    let world = World::new().await;
    world.shop.settles(crate::SOON).await.unwrap();
    let before = world.shop.behind().said().await.unwrap().len();
    let mut faulty = Vec::new();
    let mut rows = 0;
    for (person, table) in [
        (&world.seller, tickets::of_the_seller(&world)),
        (&world.other, tickets::of_somebody_else(&world)),
        (&world.buyer, orders::of_the_buyer(&world)),
        (&world.other, orders::of_somebody_else(&world)),
        (&world.buyer, payments::of_the_buyer(&world)),
        (&world.other, payments::of_somebody_else(&world)),
        (&world.buyer, accounts::rows(&world)),
        (&world.buyer, everywhere::rows()),
    ] {
        rows += all_are_refused(person, table, &mut faulty).await;
    }
    for token in tokens::bad_ones(&world.shop, &world.buyer) {
        rows += all_are_refused(&world.buyer.with_token(token), tokens::rows(), &mut faulty).await;
    }
    println!("{rows} requests");
    assert!(faulty.is_empty(), "{} of {rows} are wrong:\n{}", faulty.len(), faulty.join("\n"));

    let after = world.shop.behind().said().await.unwrap();
    let said = rig::names(&after[before..]).join(", ");
    assert!(after.len() == before, "something came of it: {said}");
}

#[tokio::test]
async fn one_key_is_for_one_request() {
    let shop = shop(Options::default().max_open_orders(2)).await;
    let (seller, buyer) = crate::seller_and_buyer(&shop).await;
    let listing = Listing::any().body();
    let list = |body: &Value| seller.asks(Ask::post("/api/tickets", body.clone()).keyed("listing"));
    let listed = list(&listing).await.unwrap();
    assert_eq!(listed.status, 201, "{listed}");
    assert_eq!(list(&listing).await.unwrap().id(), listed.id());
    let other = list(&with(&listing, "title", json!("Another"))).await.unwrap();
    assert_eq!((other.status.as_u16(), other.problem()), (422, "idempotency-mismatch"), "{other}");

    let place = |body: Value| buyer.asks(Ask::post("/api/orders", body).keyed("order").waiting(10));
    let placed = place(json!({ "ticket_id": listed.id() })).await.unwrap();
    assert_eq!(placed.status, 201, "{placed}");
    let other = place(json!({ "ticket_id": Uuid::new_v4() })).await.unwrap();
    assert_eq!((other.status.as_u16(), other.problem()), (422, "idempotency-mismatch"), "{other}");

    let pay = |method: &str| {
        let body = json!({ "order_id": placed.id(), "payment_method": method });
        buyer.asks(Ask::post("/api/payments", body).keyed("payment"))
    };
    assert_eq!(pay("pm_card_visa").await.unwrap().status, 201);
    let other = pay("pm_card_mastercard").await.unwrap();
    assert_eq!((other.status.as_u16(), other.problem()), (422, "idempotency-mismatch"), "{other}");
    buyer.order_becomes(placed.id(), "complete", crate::SOON).await.unwrap();
}

#[tokio::test]
async fn nobody_holds_more_open_orders_than_are_allowed() {
    let shop = shop(Options::default().max_open_orders(2)).await;
    let (seller, buyer) = crate::seller_and_buyer(&shop).await;
    for _ in 0..2 {
        buyer.gets(seller.lists(&Listing::any()).await.unwrap()).await.unwrap();
    }
    let third = seller.lists(&Listing::any()).await.unwrap();
    let refused = buyer.orders(third).await.unwrap();
    assert_eq!((refused.status.as_u16(), refused.problem()), (409, "too-many-orders"), "{refused}");
}
