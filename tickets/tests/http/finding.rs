//! The list of tickets, and the description of it all.

use std::time::Duration;

use contracts::OrderId;
use contracts::orders::OrderCreated;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::shop::{BUYER, NOW, SELLER, Shop, of_order, ticket};

fn priced(amount: u64) -> Value {
    ticket(&json!({ "price": { "amount": amount, "currency": "USD" } }))
}

#[tokio::test]
async fn without_parameters_the_newest_on_offer_come_first() {
    let shop = Shop::open();
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.insert(0, shop.list(&ticket(&json!({}))).await);
        shop.clock.advance(Duration::from_secs(1));
    }
    shop.delete(SELLER, ids[1]).await;
    assert_eq!(shop.ids("").await, [ids[0], ids[2]]);
    assert_eq!(shop.ids("status=withdrawn").await, [ids[1]]);
    let order = OrderCreated { ticket_id: ids[0].into(), buyer_id: BUYER, price: None, expires_at: NOW };
    shop.hear(&of_order(OrderId(Uuid::from_u128(30)), order)).await.unwrap();
    assert_eq!(shop.ids("status=available").await, [ids[2]]);
    assert_eq!(shop.ids("status=reserved").await, [ids[0]]);
    assert!(shop.ids("status=sold").await.is_empty());
}

#[tokio::test]
async fn what_has_started_is_not_on_offer_any_more() {
    let shop = Shop::open();
    let starts_at = NOW + Duration::from_secs(60);
    let id = shop.list(&ticket(&json!({ "starts_at": starts_at }))).await;
    shop.clock.advance(Duration::from_millis(59_999));
    assert_eq!(shop.ids("").await, [id]);
    shop.clock.advance(Duration::from_millis(1));
    assert!(shop.ids("").await.is_empty());
}

#[tokio::test]
async fn words_are_found_in_title_venue_and_city_in_whatever_case() {
    let shop = Shop::open();
    let one =
        shop.list(&ticket(&json!({ "title": "Blue (Live) 50%", "venue": "Arena", "city": "Porto" }))).await;
    shop.clock.advance(Duration::from_secs(1));
    let two = shop.list(&ticket(&json!({ "title": "Red", "venue": "Blue Hall", "city": "Zürich" }))).await;
    for (query, found) in [
        ("q=blue", vec![two, one]),
        ("q=ARENA", vec![one]),
        ("q=Z%C3%BCrich", vec![two]),
        ("q=blue+porto", vec![one]),
        ("q=porto+red", vec![]),
        ("q=(live)", vec![one]),
        ("q=.*", vec![]),
        ("q=50%25", vec![one]),
        ("q=++", vec![two, one]),
    ] {
        assert_eq!(shop.ids(query).await, found, "{query}");
    }
}

#[tokio::test]
async fn a_city_is_meant_as_a_whole_and_in_whatever_case() {
    let shop = Shop::open();
    let porto = shop.list(&ticket(&json!({ "city": "Porto" }))).await;
    shop.clock.advance(Duration::from_secs(1));
    let alegre = shop.list(&ticket(&json!({ "city": " Porto Alegre ", "category": "other" }))).await;
    for (query, found) in [
        ("city=Porto", vec![porto]),
        ("city=+pOrTo+", vec![porto]),
        ("city=porto%20alegre", vec![alegre]),
        ("city=Por", vec![]),
        ("city=P.rto", vec![]),
        ("city=porto&category=other", vec![]),
        ("city=", vec![alegre, porto]),
        ("city=++", vec![alegre, porto]),
    ] {
        assert_eq!(shop.ids(query).await, found, "{query}");
    }
}

#[tokio::test]
async fn each_parameter_narrows_the_list() {
    let shop = Shop::open();
    let concert = shop.list(&priced(5_000)).await;
    shop.clock.advance(Duration::from_secs(1));
    let play = json!({
        "category": "theatre", "starts_at": "2028-01-01T20:00:00Z", "price": { "amount": 9000, "currency": "USD" },
    });
    let play = shop.list(&ticket(&play)).await;
    for (query, found) in [
        ("category=theatre", vec![play]),
        ("category=sports", vec![]),
        ("min_price=5001", vec![play]),
        ("min_price=5000&max_price=5000", vec![concert]),
        ("max_price=8999", vec![concert]),
        ("min_price=18446744073709551615", vec![]),
        ("max_price=18446744073709551615", vec![play, concert]),
        ("from=2028-01-01T20:00:00Z", vec![play]),
        ("from=2028-01-01T21:00:00%2B01:00", vec![play]),
        ("from=2028-01-01T20:00:00.001Z", vec![]),
        ("to=2027-12-31T00:00:00Z", vec![concert]),
        ("seller=00000000-0000-0000-0000-000000000001", vec![play, concert]),
        ("seller=00000000-0000-0000-0000-000000000002", vec![]),
        ("sort=newest", vec![play, concert]),
        ("sort=price", vec![concert, play]),
        ("sort=-price", vec![play, concert]),
        ("sort=starts_at", vec![concert, play]),
        ("q=&category=&status=&seller=&min_price=&max_price=&from=&to=&sort=", vec![play, concert]),
        ("unheard=of", vec![play, concert]),
    ] {
        assert_eq!(shop.ids(query).await, found, "{query}");
    }
}

#[tokio::test]
async fn a_wrong_parameter_is_pointed_at() {
    let shop = Shop::open();
    shop.list(&ticket(&json!({}))).await;
    shop.list(&ticket(&json!({}))).await;
    let newest = shop.get("/api/tickets?limit=1").await.json()["next_cursor"].as_str().unwrap().to_owned();
    let (long, long_city) = (format!("q={}", "x".repeat(201)), format!("city={}", "x".repeat(201)));
    let of_another_list = format!("sort=price&cursor={newest}");
    for (query, pointer) in [
        ("category=opera", "/category"),
        ("status=pending", "/status"),
        ("seller=you", "/seller"),
        ("min_price=-1", "/min_price"),
        ("max_price=19.99", "/max_price"),
        ("from=soon", "/from"),
        ("to=2027-13-01T00:00:00Z", "/to"),
        ("sort=cheapest", "/sort"),
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("limit=x", "/limit"),
        ("cursor=x", "/cursor"),
        (&of_another_list, "/cursor"),
        (&long, "/q"),
        (&long_city, "/city"),
    ] {
        let answer = shop.get(&format!("/api/tickets?{query}")).await;
        assert_eq!(answer.assert_problem(422, "validation"), [pointer], "{query}");
    }
}

#[tokio::test]
async fn ones_own_tickets_are_for_who_is_signed_in() {
    let shop = Shop::open();
    let id = shop.list(&ticket(&json!({}))).await;
    let path = "/api/tickets?seller=me";
    shop.get(path).await.assert_problem(401, "unauthenticated");
    for (user, found) in [(SELLER, json!([id])), (BUYER, json!([]))] {
        let page = shop.send("GET", path, Some(user), &[], None).await.json();
        let ids: Vec<_> = page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
        assert_eq!(json!(ids), found);
    }
}

#[tokio::test]
async fn a_bad_token_is_refused_where_none_is_needed_too() {
    let shop = Shop::open();
    let id = shop.list(&ticket(&json!({}))).await;
    for path in ["/api/tickets".to_owned(), crate::shop::path(id)] {
        let answer = shop.send("GET", &path, None, &[("authorization", "Bearer x")], None).await;
        answer.assert_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn part_after_part_every_ticket_comes_once() {
    let shop = Shop::open();
    for number in 0..7 {
        shop.list(&priced(1_000 + number / 3)).await;
        shop.clock.advance(Duration::from_millis(number % 2));
    }
    for sort in ["newest", "price", "-price", "starts_at"] {
        let whole = shop.ids(&format!("sort={sort}")).await;
        let mut parts = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = shop.get(&format!("/api/tickets?sort={sort}&limit=3&cursor={cursor}")).await.json();
            parts.push(page["items"].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1], "{sort}");
        let ids: Vec<Uuid> =
            parts.concat().iter().map(|item| item["id"].as_str().unwrap().parse().unwrap()).collect();
        assert_eq!(ids, whole, "{sort}");
    }
    let last = shop.get("/api/tickets?limit=7").await.json();
    assert_eq!(last["next_cursor"], Value::Null);
}

#[tokio::test]
async fn twenty_come_unless_told() {
    let shop = Shop::open();
    for _ in 0..21 {
        shop.list(&ticket(&json!({}))).await;
    }
    assert_eq!(shop.ids("").await.len(), 20);
    assert_eq!(shop.ids("limit=100").await.len(), 21);
}

#[tokio::test]
async fn the_description_names_every_route_and_schema() {
    let shop = Shop::open();
    let document = shop.get("/api/tickets/openapi.json").await.json();
    for (path, methods) in [
        ("/api/tickets", vec!["get", "post"]),
        ("/api/tickets/{id}", vec!["delete", "get", "patch"]),
        ("/api/tickets/live", vec!["get"]),
        ("/api/tickets/{id}/admit", vec!["post"]),
    ] {
        let described = document["paths"][path].as_object().unwrap();
        assert!(methods.iter().all(|method| described.contains_key(*method)), "{path}: {described:?}");
    }
    for schema in ["Ticket", "NewTicket", "TicketPatch", "TicketStatus", "Admission", "Problem", "Money"] {
        assert!(document["components"]["schemas"].get(schema).is_some(), "{schema} is missing");
    }
    let stream = &document["paths"]["/api/tickets/live"]["get"]["responses"]["200"]["content"];
    assert!(stream["text/event-stream"].is_object(), "{stream}");
    let required = &document["components"]["schemas"]["TicketPatch"]["required"];
    assert!(required.as_array().is_none_or(Vec::is_empty), "{required}");
}
