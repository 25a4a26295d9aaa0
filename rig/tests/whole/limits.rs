//! How often one address may ask, at every service and through the real edge, with Redis and without it.

use std::collections::BTreeMap;
use std::time::Duration;

use rig::{Answer, Ask, Checked, Door, Options};
use serde_json::json;
use uuid::Uuid;

use crate::shop;

const READS: usize = 24;
const CHANGES: usize = 16;
const ENTRIES: usize = 8;

/// Of each service one that is read and one that is changed, and the ways in. Most are refused for another reason,
/// which the limits do not ask about.
fn asks() -> Vec<(Ask, usize)> {
    let nobody = json!({ "email": "nobody@example.com", "password": "a long password", "name": "Nobody" });
    let payment = format!("/api/payments/{}", Uuid::new_v4());
    let mut asks = Vec::from(["/api/users/me", "/api/tickets", "/api/orders", &payment].map(|path| {
        let ask = Ask::get(path);
        (ask, READS)
    }));
    let changed = ["/api/users/signout", "/api/tickets", "/api/orders", "/api/payments"];
    asks.extend(changed.map(|path| (Ask::post(path, json!({})), CHANGES)));
    let entered = ["/api/users/signin", "/api/users/signup", "/api/users/refresh"];
    asks.extend(entered.map(|path| (Ask::post(path, nobody.clone()), ENTRIES)));
    asks
}

/// Asks more often than it may, and is told so in the one form.
async fn let_in(door: &Door, ask: &Ask) -> usize {
    let mut let_in = 0;
    for _ in 0..40 {
        let answer = door.ask(ask).await.unwrap();
        let_in += usize::from(!is_limited(ask, &answer));
    }
    let_in
}

fn is_limited(ask: &Ask, answer: &Answer) -> bool {
    assert!(answer.status.as_u16() < 500, "{ask}: {answer}");
    assert!(answer.took < Duration::from_secs(10), "{ask} took {:?}", answer.took);
    if answer.status != 429 {
        return false;
    }
    assert_eq!(answer.problem(), "too-many-requests", "{ask}: {answer}");
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    let wait: u32 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(wait >= 1);
    true
}

async fn everywhere(shop: &Checked, address: [u8; 4]) -> BTreeMap<String, (usize, usize)> {
    let door = shop.door().from_address(address.into()).unwrap();
    let mut all = BTreeMap::new();
    for (ask, limit) in asks() {
        all.insert(ask.to_string(), (let_in(&door, &ask).await, limit));
    }
    all
}

/// One more comes back in some minutes.
#[track_caller]
fn assert_limits(all: &BTreeMap<String, (usize, usize)>, part: usize) {
    for (ask, (let_in, limit)) in all {
        assert!((limit / part..=limit / part + 1).contains(let_in), "{ask}: {let_in} of {limit} / {part}");
    }
}

#[tokio::test]
async fn every_service_limits_an_address_and_answers_when_redis_is_killed() {
    let options = Options { replicas: 2, ..Options::default() }
        .variable("READS_PER_ADDRESS", format!("{READS}/hour"))
        .variable("CHANGES_PER_ADDRESS", format!("{CHANGES}/hour"))
        .variable("SIGN_IN_PER_ADDRESS", format!("{ENTRIES}/hour"));
    let shop = shop(options).await;
    // Both replicas together permit as much as one would.
    assert_limits(&everywhere(&shop, [127, 0, 0, 2]).await, 1);
    let another = shop.door().from_address([127, 0, 0, 3].into()).unwrap();
    for (ask, _) in asks() {
        let answer = another.ask(&ask).await.unwrap();
        assert!(!is_limited(&ask, &answer), "{ask} from another address: {answer}");
    }

    let asking = async {
        let mut answers = 0;
        for last in 10..30 {
            let door = shop.door().from_address([127, 0, 0, last].into()).unwrap();
            for (ask, _) in asks() {
                is_limited(&ask, &door.ask(&ask).await.unwrap());
                answers += 1;
            }
        }
        answers
    };
    let killing = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        shop.processes().keep_down("redis").unwrap();
    };
    let (answers, ()) = tokio::join!(asking, killing);
    println!("{answers} answers while Redis was killed, and none of them a fault of ours");

    // Each of two replicas permits a quarter.
    let alone = everywhere(&shop, [127, 0, 0, 4]).await;
    println!("without Redis: {alone:?}");
    assert_limits(&alone, 2);
    shop.processes().start_again("redis").unwrap();
    for name in ["redis", "expiration", "expiration-2"] {
        shop.is_back(name, crate::SOON).await.unwrap();
    }
}
