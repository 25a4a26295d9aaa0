//! Guessing at passwords, with Redis and without it.

use rig::{Answer, Ask, Checked, Options, Person};
use serde_json::json;

use crate::shop;

/// As if it came from `address` by way of the edge.
async fn sign_in(shop: &Checked, address: &str, email: &str, password: &str) -> Answer {
    let ask = Ask::post("/api/users/signin", json!({ "email": email, "password": password }));
    shop.door().ask(&ask.header("x-forwarded-for", address)).await.unwrap()
}

async fn guesses(shop: &Checked, address: &str, person: &Person) -> usize {
    let mut guesses = 0;
    loop {
        let answer = sign_in(shop, address, &person.email, "not-the-password").await;
        if answer.status == 429 {
            assert_eq!(answer.problem(), "too-many-requests");
            assert!(answer.headers.contains_key("retry-after"));
            return guesses;
        }
        assert_eq!((answer.status.as_u16(), answer.problem()), (401, "bad-credentials"), "{answer}");
        guesses += 1;
    }
}

#[tokio::test]
async fn guessing_is_stopped_and_the_owner_gets_in() {
    let options = Options { has_edge: false, ..Options::default() };
    let options = options.variable("SIGN_IN_PER_ACCOUNT_AND_ADDRESS", 8).variable("SIGN_IN_PER_ACCOUNT", 40);
    let shop = shop(options).await;
    let (ada, bob) = (shop.person().await.unwrap(), shop.person().await.unwrap());
    let right = "correct-horse-battery-staple";
    assert_eq!(sign_in(&shop, "192.0.2.1", &ada.email, right).await.status, 200);

    let first = guesses(&shop, "198.51.100.1", &ada).await;
    assert!((8..=9).contains(&first), "{first}");
    let mut all = first;
    for number in 2..20 {
        all += guesses(&shop, &format!("198.51.100.{number}"), &ada).await;
    }
    assert!((30..100).contains(&all), "{all} from everywhere");
    println!("{all} guesses from 19 addresses");
    assert_eq!(sign_in(&shop, "192.0.2.1", &ada.email, right).await.status, 200);

    // Started again, auth still counts what it counted.
    shop.processes().kill("auth").unwrap();
    shop.is_back("auth", crate::SOON).await.unwrap();
    assert!(guesses(&shop, "198.51.100.1", &ada).await < first);

    shop.processes().keep_down("redis").unwrap();
    let alone = guesses(&shop, "198.51.100.1", &bob).await;
    assert!((1..=3).contains(&alone), "{alone} without Redis");
    assert_eq!(sign_in(&shop, "192.0.2.1", &bob.email, right).await.status, 200);
    shop.processes().start_again("redis").unwrap();
    for name in ["redis", "expiration"] {
        shop.is_back(name, crate::SOON).await.unwrap();
    }
}
