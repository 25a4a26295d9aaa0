//! Accounts: sessions are carried on and ended, people banned, and the audit trail tells of it.

use std::time::{Duration, Instant};

use reqwest::Method;
use rig::{Ask, Options, Person};
use serde_json::json;

use crate::{SOON, shop};

/// Waits until the audit trail has all of these about somebody.
async fn is_told(admin: &Person, of: &Person, expected: &[&str]) {
    let begun_at = Instant::now();
    loop {
        let ask = Ask::get(format!("/api/users/audit?user={}", of.id));
        let answer = admin.asks(ask).await.unwrap().expect(200, "the audit trail").unwrap();
        let entries = answer.body["items"].as_array().unwrap();
        let mut told: Vec<_> = entries.iter().map(|entry| entry["type"].as_str().unwrap()).collect();
        told.sort_unstable();
        if told == expected {
            return;
        }
        assert!(begun_at.elapsed() < SOON, "told is {told:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn who_is_banned_is_not_carried_on_and_the_audit_trail_tells_all_of_it() {
    let shop = shop(Options::default()).await;
    let (admin, eve) = tokio::join!(shop.admin(), shop.person());
    let (admin, eve) = (admin.unwrap(), eve.unwrap());
    let refresh = || Ask::new(Method::POST, "/api/users/refresh");
    eve.asks(refresh()).await.unwrap().expect(200, "carrying the session on").unwrap();
    let again = eve.asks(refresh()).await.unwrap().expect(200, "carrying it on in another tab").unwrap();
    assert_eq!(again.id(), eve.id);

    let ban = Ask::post(format!("/api/users/{}/ban", eve.id), json!({ "reason": "enough" }));
    let banned = admin.asks(ban).await.unwrap().expect(200, "banning").unwrap();
    assert_eq!(banned.body["banned"], true);
    let refused = eve.asks(refresh()).await.unwrap();
    assert_eq!((refused.status.as_u16(), refused.problem()), (401, "unauthenticated"), "{refused}");
    let found = admin.asks(Ask::get(format!("/api/users?q={}", eve.email))).await.unwrap();
    assert_eq!(found.body["items"], json!([banned.body]));

    is_told(&admin, &eve, &["banned", "session_ended", "signed_in", "signed_up"]).await;
    // Of the first admin's account nobody told but the event.
    is_told(&admin, &admin, &["signed_in", "signed_up"]).await;
}
