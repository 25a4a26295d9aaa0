//! How often somebody may try, and that whoever may not is told when.

use std::time::Duration;

use auth::throttle::SignInLimits;
use futures::future::join_all;
use limits::Rate;
use serde_json::json;

use crate::harness::{Answer, House, PASSWORD, request};

const ADA: &str = "ada@example.com";

async fn sign_in_from(house: &House, address: &str, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    house.send(request("POST", "/api/users/signin", &[("x-forwarded-for", address)], Some(body))).await
}

fn limited(per_address: u32, per_account_and_address: u32, per_account: u32) -> House {
    let [per_address, per_account_and_address, per_account] =
        [per_address, per_account_and_address, per_account].map(Rate::a_minute);
    House::open().limited(per_address, SignInLimits { per_account_and_address, per_account })
}

#[track_caller]
fn assert_throttled(answer: &Answer) -> u64 {
    assert_eq!(answer.problem(), (429, "too-many-requests"), "{}", answer.body);
    answer.header("retry-after").unwrap().parse().unwrap()
}

#[tokio::test]
async fn who_guesses_at_one_account_is_stopped_and_the_owner_is_not() {
    let house = limited(100, 3, 100);
    house.sign_up(ADA).await;
    for _ in 0..3 {
        assert_eq!(sign_in_from(&house, "192.0.2.1", ADA, "wrong-horse").await.problem().0, 401);
    }
    let wait = assert_throttled(&sign_in_from(&house, "192.0.2.1", ADA, PASSWORD).await);
    assert!((1..=21).contains(&wait), "{wait}");
    assert_eq!(sign_in_from(&house, "192.0.2.2", ADA, PASSWORD).await.status, 200);
    assert_eq!(sign_in_from(&house, "192.0.2.1", "bob@example.com", PASSWORD).await.problem().0, 401);

    house.put_clock_forward(Duration::from_secs(wait));
    assert_eq!(sign_in_from(&house, "192.0.2.1", ADA, "wrong-horse").await.problem().0, 401);
    assert_throttled(&sign_in_from(&house, "192.0.2.1", ADA, PASSWORD).await);
}

#[tokio::test]
async fn who_guesses_from_everywhere_does_not_lock_the_owner_out() {
    let house = limited(100, 3, 10);
    house.sign_up(ADA).await;
    assert_eq!(sign_in_from(&house, "192.0.2.1", ADA, PASSWORD).await.status, 200);
    let mut refused = 0;
    for number in 0..40 {
        let answer = sign_in_from(&house, &format!("198.51.100.{number}"), ADA, "wrong-horse").await;
        refused += u32::from(answer.status == 429);
    }
    assert!(refused >= 25, "{refused}");
    for _ in 0..5 {
        assert_eq!(sign_in_from(&house, "192.0.2.1", ADA, PASSWORD).await.status, 200);
    }
    assert_throttled(&sign_in_from(&house, "203.0.113.9", ADA, PASSWORD).await);
    house.put_clock_forward(Duration::from_secs(60));
    assert_eq!(sign_in_from(&house, "203.0.113.9", ADA, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn one_address_is_limited_whichever_accounts_it_tries() {
    let house = limited(5, 100, 100);
    for number in 0..5 {
        let email = format!("{number}@example.com");
        assert_eq!(sign_in_from(&house, "2001:db8::1", &email, PASSWORD).await.problem().0, 401);
    }
    assert_throttled(&sign_in_from(&house, "2001:db8::1", ADA, PASSWORD).await);
    assert_throttled(&sign_in_from(&house, "2001:db8::ffff:2", ADA, PASSWORD).await);
    assert_eq!(sign_in_from(&house, "2001:db8:0:1::1", ADA, PASSWORD).await.problem().0, 401);

    let sign_up = async |number: u32| {
        let body =
            json!({ "email": format!("new-{number}@example.com"), "password": PASSWORD, "name": "New" });
        house
            .send(request("POST", "/api/users/signup", &[("x-forwarded-for", "192.0.2.7")], Some(body)))
            .await
    };
    for number in 0..5 {
        assert_eq!(sign_up(number).await.status, 201);
    }
    assert_throttled(&sign_up(5).await);
    assert_eq!(house.accounts().await, 5);
}

/// What an address is told says nothing about which accounts there are.
#[tokio::test]
async fn an_account_that_is_not_there_is_limited_alike() {
    let house = limited(100, 3, 100);
    house.sign_up(ADA).await;
    for email in [ADA, "nobody@example.com", "no address at all"] {
        let mut statuses = Vec::new();
        for _ in 0..5 {
            statuses.push(sign_in_from(&house, "192.0.2.1", email, "wrong-horse").await.status.as_u16());
        }
        assert_eq!(statuses, [401, 401, 401, 429, 429], "{email}");
    }
}

/// However an address is written, it is one account's.
#[tokio::test]
async fn capitals_are_no_way_around_it() {
    let house = limited(100, 3, 100);
    for email in [ADA, "ADA@example.com", " Ada@Example.com"] {
        assert_eq!(sign_in_from(&house, "192.0.2.1", email, "wrong-horse").await.problem().0, 401);
    }
    assert_throttled(&sign_in_from(&house, "192.0.2.1", "aDa@example.com", "wrong-horse").await);
}

#[tokio::test]
async fn a_flood_of_sign_ins_is_shed_and_nobody_is_told_anything_else() {
    let house = House::open();
    let flood = join_all((0..1_500).map(|_| house.sign_in(ADA, "wrong-horse"))).await;
    let mut shed = 0;
    for answer in &flood {
        match answer.problem() {
            (401, "bad-credentials") => {}
            (503, "unavailable") => {
                assert!(answer.header("retry-after").is_some());
                shed += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    println!("{shed} of {} were shed", flood.len());
    assert!(shed > 0);
}

#[tokio::test]
async fn who_found_an_open_browser_guesses_no_more_often_than_who_signs_in() {
    let house = limited(100, 3, 100);
    let ada = house.sign_up(ADA).await;
    let body = json!({ "current": "wrong-horse", "new": "another-horse-battery" });
    let guess = async || house.ask(&ada, "POST", "/api/users/me/password", Some(body.clone())).await;
    for _ in 0..3 {
        assert_eq!(guess().await.problem(), (401, "bad-credentials"));
    }
    assert_throttled(&guess().await);
}

#[tokio::test]
async fn refresh_tokens_are_tried_no_more_often_than_an_address_may() {
    let house = limited(3, 100, 100);
    let ada = house.sign_up(ADA).await;
    for _ in 0..3 {
        assert_eq!(house.refresh("made.up.token").await.problem(), (401, "unauthenticated"));
    }
    let refused = house.refresh(&ada.refresh_token).await;
    assert_throttled(&refused);
    assert!(refused.cookies().is_empty(), "a token that was not looked at may be good");
}

#[tokio::test]
async fn what_is_limited_more_strictly_is_there() {
    let described = House::open().send(request("GET", "/api/users/openapi.json", &[], None)).await;
    for (path, _) in auth::http::limits(Rate::NONE) {
        assert!(described.body["paths"][path]["post"].is_object(), "{path}");
    }
}
