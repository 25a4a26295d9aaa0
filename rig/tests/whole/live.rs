//! Streams of two replicas of each service, over real sockets: what the one does is seen at the other, and streams end
//! when they must.

use rig::{Ask, Checked, Listing, Options, Person};
use serde_json::json;
use testing::{Listening, Told};
use uuid::Uuid;

use crate::{SOON, seller_and_buyer, shop};

/// At one process alone, or at the edge.
async fn listens(shop: &Checked, process: Option<&str>, person: &Person, path: &str) -> Listening {
    let door = process.map_or_else(|| shop.door().clone(), |process| shop.door_of(process).unwrap());
    let request =
        reqwest::Client::builder().no_proxy().build().unwrap().get(format!("{}{path}", door.origin()));
    let answer = request.header("Cookie", format!("access_token={}", person.token)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    Listening::to(answer.bytes_stream())
}

/// Listens until this is told; what was told before, by its versions, goes up only.
async fn becomes(listening: &mut Listening, status: &str) -> Told {
    let mut last = 0;
    let listen = async {
        loop {
            let told = listening.next().await.expect("the stream goes on");
            let version = told.data["version"].as_u64().unwrap();
            assert!(version > last, "{version} after {last}");
            last = version;
            if told.data["status"] == status {
                return told;
            }
        }
    };
    tokio::time::timeout(SOON, listen).await.unwrap_or_else(|_| panic!("it does not become {status}"))
}

async fn ends(listening: &mut Listening) {
    let end = async { while listening.next().await.is_some() {} };
    tokio::time::timeout(SOON, end).await.expect("the stream ends");
}

#[tokio::test]
async fn a_purchase_is_seen_at_every_replica_and_through_the_edge() {
    let shop = shop(Options { replicas: 2, ..Options::default() }).await;
    let (seller, buyer) = seller_and_buyer(&shop).await;
    let ticket = seller.lists(&Listing::any()).await.unwrap();
    let path = format!("/api/tickets/live?ids={ticket},{}", Uuid::new_v4());
    let mut tickets = Vec::new();
    for process in [None, Some("tickets"), Some("tickets-2")] {
        tickets.push(listens(&shop, process, &seller, &path).await);
    }
    for listening in &mut tickets {
        becomes(listening, "available").await;
    }
    let order = buyer.gets(ticket).await.unwrap();
    let path = format!("/api/orders/{order}/live");
    let mut orders = Vec::new();
    for process in [None, Some("orders"), Some("orders-2")] {
        orders.push(listens(&shop, process, &buyer, &path).await);
    }
    for listening in &mut tickets {
        becomes(listening, "reserved").await;
    }
    buyer.pays(order, "pm_card_visa").await.unwrap().expect(201, "paying").unwrap();
    for listening in &mut orders {
        becomes(listening, "complete").await;
    }
    for listening in &mut tickets {
        let sold = becomes(listening, "sold").await;
        assert!(sold.data.get("code").is_none());
    }
    let history = buyer.asks(Ask::get(format!("/api/orders/{order}/history"))).await.unwrap();
    let types: Vec<_> = history.body["items"].as_array().unwrap().iter().map(|item| &item["type"]).collect();
    assert_eq!(types, ["OrderCreated", "OrderAwaitingPayment", "OrderAccepted", "OrderCompleted"]);
}

#[tokio::test]
async fn of_two_scans_at_the_same_moment_at_two_replicas_one_is_valid() {
    let shop = shop(Options { replicas: 2, ..Options::default() }).await;
    let (seller, buyer) = seller_and_buyer(&shop).await;
    for _ in 0..5 {
        let ticket = seller.lists(&Listing::any()).await.unwrap();
        let order = buyer.gets(ticket).await.unwrap();
        buyer.pays(order, "pm_card_visa").await.unwrap().expect(201, "paying").unwrap();
        buyer.ticket_becomes(ticket, "sold", SOON).await.unwrap();
        let code = buyer.ticket(ticket).await.unwrap()["code"].as_str().unwrap().to_owned();
        let scan = Ask::post(format!("/api/tickets/{ticket}/admit"), json!({ "code": code }));
        let scan = scan.header("Authorization", format!("Bearer {}", seller.token));
        let doors = ["tickets", "tickets-2"].map(|process| shop.door_of(process).unwrap());
        let scans = [&doors[0], &doors[1], &doors[0], &doors[1]].map(|door| door.ask(&scan));
        let answers = futures::future::join_all(scans).await;
        let mut said: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().body).collect();
        said.sort_by_key(|answer| answer["status"] != "valid");
        assert_eq!(said[0]["status"], "valid");
        for used in &said[1..] {
            assert_eq!(*used, json!({ "status": "used", "admitted_at": said[0]["admitted_at"] }));
        }
    }
}

#[tokio::test]
async fn a_sign_out_ends_the_streams_of_that_session_at_every_replica() {
    let shop = shop(Options { replicas: 2, ..Options::default() }).await;
    let (seller, buyer) = seller_and_buyer(&shop).await;
    let ticket = seller.lists(&Listing::any()).await.unwrap();
    let order = buyer.gets(ticket).await.unwrap();
    let mut streams = Vec::new();
    for (process, path) in [
        ("orders", format!("/api/orders/{order}/live")),
        ("orders-2", format!("/api/orders/{order}/live")),
        ("tickets", format!("/api/tickets/live?ids={ticket}")),
        ("tickets-2", format!("/api/tickets/live?ids={ticket}")),
    ] {
        streams.push(listens(&shop, Some(process), &buyer, &path).await);
    }
    let mut sellers =
        listens(&shop, Some("tickets-2"), &seller, &format!("/api/tickets/live?ids={ticket}")).await;
    let sign_out = Ask::post("/api/users/signout", json!({}));
    buyer.asks(sign_out).await.unwrap().expect(204, "signing out").unwrap();
    for listening in &mut streams {
        ends(listening).await;
    }
    let again = buyer.asks(Ask::get(format!("/api/orders/{order}/live"))).await.unwrap();
    assert_eq!((again.status.as_u16(), again.problem()), (401, "unauthenticated"), "{again}");
    becomes(&mut sellers, "reserved").await;
}

/// Not broken off, as they would be behind the ten seconds that what is under way may take.
#[tokio::test]
async fn a_replica_that_is_told_to_stop_ends_its_streams() {
    let shop = shop(Options { replicas: 2, ..Options::default() }).await;
    let (seller, _) = seller_and_buyer(&shop).await;
    let ticket = seller.lists(&Listing::any()).await.unwrap();
    let mut streams = Vec::new();
    for _ in 0..20 {
        let path = format!("/api/tickets/live?ids={ticket}");
        streams.push(listens(&shop, Some("tickets-2"), &seller, &path).await);
    }
    let id = std::fs::read_to_string(shop.folder().join("run/tickets-2.pid")).unwrap();
    let told = std::process::Command::new("kill").args(["-TERM", id.trim()]).status().unwrap();
    assert!(told.success());
    for listening in &mut streams {
        ends(listening).await;
    }
    // So that the shop is whole again at the end.
    shop.is_back("tickets-2", SOON).await.unwrap();
}
