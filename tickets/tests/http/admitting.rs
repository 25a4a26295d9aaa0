//! The code of a sold ticket: who sees it, and what it is good for at the door.

use std::time::Duration;

use contracts::UserId;
use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::hearing::{ORDER, cancelled, completed, created, listed};
use crate::shop::{ADMIN, Answer, BUYER, NOW, SELLER, STRANGER, Shop, path};

async fn sold(shop: &Shop) -> Uuid {
    let id = listed(shop).await;
    shop.hear(&created(ORDER, id)).await.unwrap();
    shop.hear(&completed(ORDER, id)).await.unwrap();
    shop.said().await;
    id
}

async fn seen(shop: &Shop, ticket: Uuid, user: Option<UserId>) -> Value {
    shop.send("GET", &path(ticket), user, &[], None).await.json()
}

async fn code(shop: &Shop, ticket: Uuid) -> String {
    seen(shop, ticket, Some(BUYER)).await["code"].as_str().unwrap().to_owned()
}

async fn admit(shop: &Shop, user: UserId, ticket: Uuid, code: &str) -> Answer {
    shop.send("POST", &format!("{}/admit", path(ticket)), Some(user), &[], Some(&json!({ "code": code })))
        .await
}

#[tokio::test]
async fn only_who_holds_or_bought_a_ticket_sees_so() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    let others = [None, Some(SELLER), Some(STRANGER), Some(ADMIN)];
    shop.hear(&created(ORDER, id)).await.unwrap();
    let held = seen(&shop, id, Some(BUYER)).await;
    assert_eq!((&held["status"], &held["order_id"]), (&json!("reserved"), &json!(ORDER)));
    assert!(held.get("code").is_none());
    shop.hear(&completed(ORDER, id)).await.unwrap();
    let bought = seen(&shop, id, Some(BUYER)).await;
    assert_eq!((&bought["status"], &bought["order_id"]), (&json!("sold"), &json!(ORDER)));
    assert_eq!(bought["code"].as_str().unwrap().len(), 43);
    for other in others {
        let ticket = seen(&shop, id, other).await;
        assert!(ticket.get("code").is_none() && ticket.get("order_id").is_none(), "{other:?}: {ticket}");
    }
    let list = shop.send("GET", "/api/tickets?status=sold", Some(BUYER), &[], None).await;
    assert!(list.json()["items"][0].get("code").is_none());
}

#[tokio::test]
async fn who_let_go_of_a_ticket_sees_no_more_than_others() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    shop.hear(&created(ORDER, id)).await.unwrap();
    shop.hear(&cancelled(ORDER, id)).await.unwrap();
    assert!(seen(&shop, id, Some(BUYER)).await.get("order_id").is_none());
}

#[tokio::test]
async fn a_code_lets_in_once_and_says_since_when_it_is_used() {
    let shop = Shop::open();
    let id = sold(&shop).await;
    let code = code(&shop, id).await;
    let first = admit(&shop, SELLER, id, &code).await;
    assert_eq!(
        (first.status.as_u16(), first.json()),
        (200, json!({ "status": "valid", "admitted_at": NOW }))
    );
    shop.clock.advance(Duration::from_secs(60));
    for doorkeeper in [SELLER, ADMIN] {
        let again = admit(&shop, doorkeeper, id, &code).await;
        assert_eq!(again.json(), json!({ "status": "used", "admitted_at": NOW }));
    }
    assert_eq!(shop.types_said().await, ["TicketAdmitted"]);
    assert_eq!(seen(&shop, id, Some(BUYER)).await["status"], "sold");
}

#[tokio::test]
async fn an_admin_may_stand_at_any_door_and_nobody_else_at_anothers() {
    let shop = Shop::open();
    let id = sold(&shop).await;
    let code = code(&shop, id).await;
    for stranger in [BUYER, STRANGER] {
        // The same for a good code and a bad one.
        for code in [code.as_str(), "nonsense"] {
            admit(&shop, stranger, id, code).await.assert_problem(403, "forbidden");
        }
    }
    assert_eq!(shop.types_said().await, Vec::<String>::new());
    assert_eq!(admit(&shop, ADMIN, id, &code).await.json()["status"], "valid");
}

#[tokio::test]
async fn what_is_not_the_code_of_this_sold_ticket_is_not_found() {
    let shop = Shop::open();
    let (id, unsold) = (sold(&shop).await, shop.list(&crate::shop::ticket(&json!({}))).await);
    let code = code(&shop, id).await;
    let altered = format!("{}{}", &code[..42], if code.ends_with('A') { "E" } else { "A" });
    for (ticket, code) in [
        (id, altered.as_str()),
        (id, ""),
        (id, "nonsense"),
        (id, &code.to_lowercase()),
        (unsold, &code),
        (Uuid::from_u128(99), &code),
    ] {
        admit(&shop, SELLER, ticket, code).await.assert_problem(404, "not-found");
    }
    for (body, pointer) in
        [(json!({}), "/code"), (json!({ "code": 7 }), "/code"), (json!({ "code": code, "at": NOW }), "/at")]
    {
        let answer = shop.send("POST", &format!("{}/admit", path(id)), Some(SELLER), &[], Some(&body)).await;
        assert_eq!(answer.assert_problem(422, "validation"), [pointer]);
    }
    let (door, body) = (format!("{}/admit", path(id)), json!({ "code": code }));
    let nobody = shop.send("POST", &door, None, &[], Some(&body)).await;
    nobody.assert_problem(401, "unauthenticated");
    // The unsold ticket was listed; nothing else was said.
    assert_eq!(shop.types_said().await, ["TicketCreated"]);
}

/// At several doors, through two replicas, and truly at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_scans_at_the_same_moment_one_is_valid() {
    for _ in 0..20 {
        let shop = Shop::open();
        let other = shop.replica();
        let id = sold(&shop).await;
        let code = code(&shop, id).await;
        let doors = [&shop, &other, &shop, &other, &shop, &other, &shop, &other];
        let answers = join_all(doors.map(|door| admit(door, SELLER, id, &code))).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.json()["status"].clone()).collect();
        statuses.sort_by_key(|status| status != "valid");
        assert_eq!(statuses[0], "valid");
        assert!(statuses[1..].iter().all(|status| status == "used"), "{statuses:?}");
        // Listed, reserved, sold, and admitted once.
        assert_eq!(seen(&shop, id, None).await["version"], 4);
    }
}
