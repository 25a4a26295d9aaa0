//! Reading orders.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::shop::{Shop, admin, buyer, ticket};

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|order| order["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_order_is_shown_to_its_buyer_and_to_nobody_else() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    let path = format!("/api/orders/{order}");
    let answer = shop.get(buyer(1), &path).await;
    assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, Some("\"1\"")));
    assert_eq!(answer.order_id(), order);
    for (person, path) in [
        (buyer(2), path.as_str()),
        (admin(), path.as_str()),
        (buyer(1), "/api/orders/7"),
        (buyer(1), "/api/orders/01970000-0000-7000-8000-000000000001"),
    ] {
        shop.get(person, path).await.assert_problem(404, "not-found");
    }
}

#[tokio::test]
async fn nothing_is_shown_to_who_is_not_signed_in() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    for path in ["/api/orders".to_owned(), "/api/orders/all".to_owned(), format!("/api/orders/{order}")] {
        let answer = shop.send(Request::get(&path).body(Body::empty()).unwrap()).await;
        answer.assert_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_list_has_the_callers_own_orders_and_the_newest_come_first() {
    let shop = Shop::open();
    let mut placed = Vec::new();
    for number in 0..5 {
        placed.push(shop.placed(buyer(1), ticket(number)).await.to_string());
        shop.placed(buyer(2), ticket(100 + number)).await;
    }
    placed.reverse();
    let page = shop.get(buyer(1), "/api/orders").await.json();
    assert_eq!((ids(&page), &page["next_cursor"]), (placed.clone(), &json!(null)));

    let mut paged = Vec::new();
    let mut path = "/api/orders?limit=2".to_owned();
    let mut pages = 0;
    loop {
        let page = shop.get(buyer(1), &path).await.json();
        paged.extend(ids(&page));
        pages += 1;
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/api/orders?limit=2&cursor={cursor}");
    }
    assert_eq!((paged, pages), (placed, 3));
}

#[tokio::test]
async fn a_list_may_be_of_one_status() {
    let shop = Shop::open();
    let pending = shop.placed(buyer(1), ticket(1)).await;
    let awaiting = shop.placed(buyer(1), ticket(2)).await;
    shop.ticket_reserved(awaiting, ticket(2)).await;
    let accepted = shop.placed(buyer(1), ticket(3)).await;
    shop.ticket_reserved(accepted, ticket(3)).await;
    shop.payment_authorized(accepted).await;
    let complete = shop.bought(buyer(1), ticket(4)).await;
    let cancelled = shop.placed(buyer(1), ticket(5)).await;
    shop.cancel(buyer(1), cancelled, &[]).await;
    for (status, order) in [
        ("pending", pending),
        ("awaiting_payment", awaiting),
        ("accepted", accepted),
        ("complete", complete),
        ("cancelled", cancelled),
    ] {
        for (person, path) in [(buyer(1), "/api/orders"), (admin(), "/api/orders/all")] {
            let page = shop.get(person, &format!("{path}?status={status}")).await.json();
            assert_eq!(ids(&page), [order.to_string()], "{path} {status}");
        }
    }
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_refused() {
    let shop = Shop::open();
    for (query, pointer) in [
        ("status=eaten", "/status"),
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("limit=many", "/limit"),
        ("cursor=nonsense", "/cursor"),
        ("cursor=5b5d", "/cursor"),
    ] {
        for (person, path) in [(buyer(1), "/api/orders"), (admin(), "/api/orders/all")] {
            let answer = shop.get(person, &format!("{path}?{query}")).await;
            let problem = answer.assert_problem(422, "validation");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{query}");
        }
    }
}

#[tokio::test]
async fn admins_see_everybodys_orders() {
    let shop = Shop::open();
    let first = shop.placed(buyer(1), ticket(1)).await.to_string();
    let second = shop.placed(buyer(2), ticket(2)).await.to_string();
    let page = shop.get(admin(), "/api/orders/all").await.json();
    assert_eq!(ids(&page), [second.as_str(), first.as_str()]);
    for (person, order) in [(1, &first), (2, &second)] {
        let page = shop.get(admin(), &format!("/api/orders/all?buyer={}", buyer(person).id)).await.json();
        assert_eq!(ids(&page), [order.as_str()]);
    }
    let answer = shop.get(admin(), "/api/orders/all?buyer=somebody").await;
    assert_eq!(answer.assert_problem(422, "validation")["errors"][0]["pointer"], "/buyer");
    shop.get(buyer(1), "/api/orders/all").await.assert_problem(403, "forbidden");
}
