//! Changing the password, which ends every other session.

use auth::account::PasswordChanged;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Answer, House, PASSWORD, Person, request};

const OTHER: &str = "another-horse-battery";

async fn change(house: &House, person: &Person, current: &str, new: &str) -> Answer {
    let body = json!({ "current": current, "new": new });
    house.ask(person, "POST", "/api/users/me/password", Some(body)).await
}

#[tokio::test]
async fn with_a_new_password_every_other_session_ends() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let eve = house.sign_up("eve@example.com").await;
    let elsewhere = house.sign_in("ada@example.com", PASSWORD).await.person();
    let answer = change(&house, &ada, PASSWORD, OTHER).await;
    assert_eq!((answer.status, answer.body), (StatusCode::NO_CONTENT, Value::Null));
    assert_eq!(house.heard().await[5..], ["UserPasswordChanged", "SessionRevoked"]);
    assert_eq!(house.refresh(&elsewhere.refresh_token).await.problem(), (401, "unauthenticated"));
    for person in [&ada, &eve] {
        assert_eq!(house.refresh(&person.refresh_token).await.status, StatusCode::OK);
    }
    assert_eq!(house.sign_in("ada@example.com", PASSWORD).await.problem(), (401, "bad-credentials"));
    assert_eq!(house.sign_in("ada@example.com", OTHER).await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_who_knows_the_password_changes_it() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    for wrong in ["wrong-horse-battery", "", OTHER] {
        assert_eq!(change(&house, &ada, wrong, OTHER).await.problem(), (401, "bad-credentials"), "{wrong}");
    }
    let admin = house.admin().await;
    let trail = house.get(&admin, "/api/users/audit?type=sign_in_failed").await;
    let entries = trail.body["items"].as_array().unwrap();
    assert_eq!(entries.len(), 3);
    assert!(
        entries.iter().all(|entry| entry["session_id"] == house.claims(&ada).sid.to_string()),
        "{entries:?}"
    );
    let body = json!({ "current": PASSWORD, "new": OTHER });
    let answer = house.send(request("POST", "/api/users/me/password", &[], Some(body))).await;
    assert_eq!(answer.problem(), (401, "unauthenticated"));
    assert_eq!(house.sign_in("ada@example.com", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_new_password_is_refused_as_at_sign_up() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    for (body, pointer) in [
        (json!({ "current": PASSWORD, "new": "short" }), "/new"),
        (json!({ "current": PASSWORD, "new": "a".repeat(257) }), "/new"),
        (json!({ "current": PASSWORD, "new": "Password123" }), "/new"),
        (json!({ "current": PASSWORD }), "/new"),
        (json!({ "new": OTHER }), "/current"),
        (json!({ "current": PASSWORD, "new": OTHER, "keep": true }), "/keep"),
    ] {
        let answer = house.ask(&ada, "POST", "/api/users/me/password", Some(body.clone())).await;
        assert_eq!(answer.problem(), (422, "validation"), "{body}");
        assert_eq!(answer.pointers(), [pointer], "{body}");
        assert!(!answer.body.to_string().contains("assword123"), "what was typed is not repeated");
    }
    assert_eq!(house.sign_in("ada@example.com", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn of_two_who_know_the_password_one_changes_it() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let thief = house.sign_in("ada@example.com", PASSWORD).await.person();
    let (one, other) = tokio::join!(
        change(&house, &ada, PASSWORD, OTHER),
        change(&house, &thief, PASSWORD, "thieves-horse-battery")
    );
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 401]);
}

#[tokio::test]
async fn a_crash_before_the_other_sessions_ended_leaves_nobody_in() {
    let house = House::open();
    house.stop_clock();
    let ada = house.sign_up("ada@example.com").await;
    let thief = house.sign_in("ada@example.com", PASSWORD).await.person();
    house.put_clock_forward(std::time::Duration::from_secs(1));
    let within = house.claims(&ada).sid;
    house.password_changed(&ada, PasswordChanged { at: house.now(), within }).await;
    assert_eq!(house.refresh(&thief.refresh_token).await.problem(), (401, "unauthenticated"));
    assert_eq!(house.refresh(&ada.refresh_token).await.status, StatusCode::OK);
    let later = house.sign_in("ada@example.com", PASSWORD).await.person();
    assert_eq!(house.refresh(&later.refresh_token).await.status, StatusCode::OK);
}
