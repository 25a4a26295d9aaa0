//! Who signed out is signed out at each replica of each service: of one that was there, of one that was away, and of one
//! that stood still.

use std::time::{Duration, Instant};

use rig::{Answer, Ask, Checked, Listing, Options, Person};
use serde_json::json;
use uuid::Uuid;

use crate::{SOON, shop};

fn two_replicas() -> Options {
    Options { replicas: 2, ..Options::default() }
}

/// What one process alone says to the holder of this token.
async fn asked(shop: &Checked, process: &str, person: &Person, ask: Ask) -> Answer {
    let ask = ask.header("Authorization", format!("Bearer {}", person.token));
    shop.door_of(process).unwrap().ask(&ask).await.unwrap()
}

async fn status(shop: &Checked, process: &str, person: &Person) -> u16 {
    let path = match process.split('-').next().unwrap() {
        "auth" => "/api/users/me".to_owned(),
        "tickets" => "/api/tickets?seller=me".to_owned(),
        "orders" => "/api/orders".to_owned(),
        "replay" => "/api/events".to_owned(),
        _ => format!("/api/payments/{}", Uuid::new_v4()),
    };
    asked(shop, process, person, Ask::get(path)).await.status.as_u16()
}

/// Of the one session alone.
async fn signs_out(person: &Person) {
    person
        .asks(Ask::post("/api/users/signout", json!({})))
        .await
        .unwrap()
        .expect(204, "signing out")
        .unwrap();
}

async fn is_refused(shop: &Checked, process: &str, person: &Person) -> Duration {
    let begun_at = Instant::now();
    while status(shop, process, person).await != 401 {
        assert!(begun_at.elapsed() < SOON, "{process} still accepts the token");
    }
    begun_at.elapsed()
}

#[tokio::test]
async fn who_signs_out_is_signed_out_at_every_replica() {
    let shop = shop(two_replicas()).await;
    let (leaves, stays) = tokio::join!(shop.person(), shop.person());
    let (leaves, stays) = (leaves.unwrap(), stays.unwrap());
    let services = ["auth", "tickets", "orders", "payments", "replay"];
    let replicas = services.map(|name| [name.to_owned(), format!("{name}-2")]);
    for process in replicas.as_flattened() {
        assert_ne!(status(&shop, process, &leaves).await, 401, "{process}");
    }
    signs_out(&leaves).await;
    for process in replicas.as_flattened() {
        is_refused(&shop, process, &leaves).await;
        assert_ne!(status(&shop, process, &stays).await, 401, "{process}");
    }
}

#[tokio::test]
async fn a_replica_that_is_started_afterwards_refuses_from_when_it_is_ready() {
    let shop = shop(two_replicas()).await;
    let person = shop.person().await.unwrap();
    shop.processes().keep_down("orders-2").unwrap();
    signs_out(&person).await;
    is_refused(&shop, "orders", &person).await;
    shop.processes().start_again("orders-2").unwrap();
    shop.is_back("orders-2", SOON).await.unwrap();
    assert_eq!(status(&shop, "orders-2", &person).await, 401);
}

#[tokio::test]
async fn a_replica_that_stood_still_refuses_soon_after_it_goes_on() {
    let shop = shop(two_replicas()).await;
    let person = shop.person().await.unwrap();
    assert_eq!(status(&shop, "orders-2", &person).await, 200);
    shop.processes().pause("orders-2").unwrap();
    signs_out(&person).await;
    // Longer than the server waits for who asked for messages.
    tokio::time::sleep(Duration::from_secs(8)).await;
    shop.processes().resume("orders-2").unwrap();
    let took = is_refused(&shop, "orders-2", &person).await;
    println!("refused {} ms after it went on", took.as_millis());
    assert_eq!(status(&shop, "orders-2", &person).await, 401);
}

#[tokio::test]
async fn whoever_hears_nothing_of_auth_for_a_minute_changes_nothing_and_still_answers() {
    let shop = shop(Options::default()).await;
    let seller = shop.person().await.unwrap();
    let lists =
        async || asked(&shop, "tickets", &seller, Ask::post("/api/tickets", Listing::any().body())).await;
    shop.processes().pause("auth").unwrap();
    let begun_at = Instant::now();
    while begun_at.elapsed() < Duration::from_secs(50) {
        lists().await.expect(201, "listing while auth is away").unwrap();
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    let refused = loop {
        let answer = lists().await;
        if answer.status != 201 {
            break answer;
        }
        assert!(begun_at.elapsed() < Duration::from_secs(60) + SOON, "it goes on changing things");
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    assert_eq!((refused.status.as_u16(), refused.problem()), (503, "unavailable"), "{refused}");
    assert!(refused.headers.contains_key("Retry-After"));
    assert_eq!(status(&shop, "tickets", &seller).await, 200);
    assert_eq!(shop.processes().missing("tickets").unwrap(), None, "it is ready, for who only asks");

    shop.processes().resume("auth").unwrap();
    let resumed_at = Instant::now();
    while lists().await.status != 201 {
        assert!(resumed_at.elapsed() < SOON, "auth is back, and still nothing is changed");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
