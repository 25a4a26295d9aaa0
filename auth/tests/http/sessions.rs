//! Everybody's own sessions: seen, ended, and no more than ten.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Answer, DAY, House, PASSWORD, Person, request};

const SESSIONS: &str = "/api/users/me/sessions";

async fn list(house: &House, person: &Person) -> Vec<Value> {
    let answer = house.get(person, SESSIONS).await;
    assert_eq!((answer.status, &answer.body["next_cursor"]), (StatusCode::OK, &Value::Null));
    answer.body["items"].as_array().unwrap().clone()
}

async fn end(house: &House, person: &Person, session: Uuid) -> Answer {
    house.ask(person, "DELETE", &format!("{SESSIONS}/{session}"), None).await
}

fn session_of(house: &House, person: &Person) -> Uuid {
    house.claims(person).sid.0
}

#[tokio::test]
async fn everybody_sees_their_sessions_the_newest_first() {
    let house = House::open();
    house.stop_clock();
    let ada = house.sign_up("ada@example.com").await;
    house.sign_up("eve@example.com").await;
    house.put_clock_forward(Duration::from_secs(60));
    let headers = [("user-agent", "Firefox"), ("x-forwarded-for", "203.0.113.7")];
    let body = json!({ "email": "ada@example.com", "password": PASSWORD });
    let phone = house.send(request("POST", "/api/users/signin", &headers, Some(body))).await.person();
    let sessions = list(&house, &ada).await;
    let [newer, older] = &sessions[..] else { panic!("two sessions: {sessions:?}") };
    let mut fields: Vec<_> = newer.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["created_at", "current", "id", "ip", "last_used_at", "user_agent"]);
    assert_eq!(newer["id"], session_of(&house, &phone).to_string());
    assert_eq!((&newer["user_agent"], &newer["ip"]), (&json!("Firefox"), &json!("203.0.113.7")));
    assert_eq!((&newer["current"], &older["current"]), (&json!(false), &json!(true)));
    assert_eq!(older["created_at"], older["last_used_at"]);

    house.put_clock_forward(Duration::from_secs(60));
    let ada = house.refresh(&ada.refresh_token).await.person();
    let older = list(&house, &ada).await.remove(1);
    assert!(older["last_used_at"].as_str() > older["created_at"].as_str(), "{older}");
    assert!(older["last_used_at"].as_str() > newer["created_at"].as_str(), "{older}");
}

#[tokio::test]
async fn sessions_are_listed_in_parts() {
    let house = House::open();
    house.stop_clock();
    let ada = house.sign_up("ada@example.com").await;
    for _ in 0..2 {
        house.put_clock_forward(Duration::from_secs(1));
        house.sign_in("ada@example.com", PASSWORD).await;
    }
    let all: Vec<_> = list(&house, &ada).await;
    let (mut path, mut seen) = (format!("{SESSIONS}?limit=1"), Vec::new());
    loop {
        let answer = house.get(&ada, &path).await;
        seen.extend(answer.body["items"].as_array().unwrap().clone());
        let Some(cursor) = answer.body["next_cursor"].as_str() else { break };
        path = format!("{SESSIONS}?limit=1&cursor={cursor}");
    }
    assert_eq!((seen.len(), &seen), (3, &all));
    for (query, pointer) in [("limit=0", "/limit"), ("limit=101", "/limit"), ("cursor=zz", "/cursor")] {
        let answer = house.get(&ada, &format!("{SESSIONS}?{query}")).await;
        assert_eq!(answer.problem(), (422, "validation"), "{query}");
        assert_eq!(answer.pointers(), [pointer], "{query}");
    }
}

#[tokio::test]
async fn a_session_that_is_ended_is_over_for_whoever_holds_it() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let phone = house.sign_in("ada@example.com", PASSWORD).await.person();
    for _ in 0..2 {
        assert_eq!(end(&house, &ada, session_of(&house, &phone)).await.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(house.refresh(&phone.refresh_token).await.problem(), (401, "unauthenticated"));
    assert_eq!(list(&house, &ada).await.len(), 1);
    assert_eq!(end(&house, &ada, session_of(&house, &ada)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(house.refresh(&ada.refresh_token).await.problem(), (401, "unauthenticated"));
    let said = house.heard().await;
    assert_eq!(said.iter().filter(|said| *said == "SessionRevoked").count(), 2);
}

#[tokio::test]
async fn nobody_ends_or_finds_somebody_elses_session() {
    let house = House::open();
    let (ada, eve) = (house.sign_up("ada@example.com").await, house.sign_up("eve@example.com").await);
    for session in [session_of(&house, &ada), Uuid::from_u128(1)] {
        assert_eq!(end(&house, &eve, session).await.problem(), (404, "not-found"));
    }
    let answer = house.ask(&eve, "DELETE", &format!("{SESSIONS}/nobody"), None).await;
    assert_eq!(answer.problem(), (404, "not-found"));
    assert_eq!(house.refresh(&ada.refresh_token).await.status, StatusCode::OK);
}

#[tokio::test]
async fn whoever_is_not_signed_in_has_no_sessions() {
    let house = House::open();
    for (method, path) in [("GET", SESSIONS.to_owned()), ("DELETE", format!("{SESSIONS}/{}", Uuid::nil()))] {
        let answer = house.send(request(method, &path, &[], None)).await;
        assert_eq!(answer.problem(), (401, "unauthenticated"), "{method}");
    }
}

#[tokio::test]
async fn of_more_than_ten_sessions_the_oldest_ends() {
    let house = House::open();
    house.stop_clock();
    let first = house.sign_up("ada@example.com").await;
    let mut later = Vec::new();
    for _ in 0..9 {
        house.put_clock_forward(Duration::from_secs(1));
        later.push(house.sign_in("ada@example.com", PASSWORD).await.person());
    }
    assert_eq!(list(&house, &first).await.len(), 10);
    house.put_clock_forward(Duration::from_secs(1));
    let eleventh = house.sign_in("ada@example.com", PASSWORD).await.person();
    assert_eq!(list(&house, &eleventh).await.len(), 10);
    assert_eq!(house.refresh(&first.refresh_token).await.problem(), (401, "unauthenticated"));
    for person in later.iter().chain([&eleventh]) {
        assert_eq!(house.refresh(&person.refresh_token).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn many_who_sign_in_at_once_leave_ten() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let signed_in = (0..12).map(async |_| {
        // Passwords are worked on two at a time, and whoever waits too long is told to come back.
        while house.sign_in("ada@example.com", PASSWORD).await.status != StatusCode::OK {}
    });
    futures::future::join_all(signed_in).await;
    assert_eq!(list(&house, &ada).await.len(), 10);
}

#[tokio::test]
async fn what_ran_out_is_not_shown() {
    let house = House::open();
    house.stop_clock();
    house.sign_up("ada@example.com").await;
    house.put_clock_forward(7 * DAY + Duration::from_secs(1));
    let ada = house.sign_in("ada@example.com", PASSWORD).await.person();
    let sessions = list(&house, &ada).await;
    assert_eq!((sessions.len(), &sessions[0]["current"]), (1, &json!(true)));
}
