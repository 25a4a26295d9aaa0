//! Carrying a session on: two tabs, a thief, and time.

use std::collections::BTreeSet;
use std::time::Duration;

use auth::session::Session;
use axum::http::StatusCode;
use local_servers::{Place, Toolbox, mongodb};
use serde_json::json;

use crate::harness::{DAY, House, PASSWORD, Person, Stores, request};

const SECOND: Duration = Duration::from_secs(1);

async fn is_live(house: &House, person: &Person) -> bool {
    matches!(house.session(house.claims(person).sid.0).await.unwrap().state, Session::Live(_))
}

/// And both tokens are taken away.
async fn refused(house: &House, refresh_token: &str) {
    let answer = house.refresh(refresh_token).await;
    assert_eq!(answer.problem(), (401, "unauthenticated"), "{refresh_token}");
    let taken_away = answer.cookies().into_iter().filter(|cookie| cookie.contains("Max-Age=0"));
    let names: Vec<&str> = taken_away.filter_map(|cookie| Some(cookie.split_once("=;")?.0)).collect();
    assert_eq!(names, ["access_token", "refresh_token"], "{refresh_token}");
}

#[tokio::test]
async fn both_tokens_are_replaced_and_the_session_stays() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let answer = house.refresh(&ada.refresh_token).await;
    assert_eq!((answer.status, &answer.body), (StatusCode::OK, &ada.user));
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let attributes: Vec<_> =
        answer.cookies().iter().map(|cookie| cookie.split_once(';').unwrap().1).collect();
    assert_eq!(
        attributes,
        [" HttpOnly; SameSite=Lax; Path=/; Max-Age=900", " HttpOnly; SameSite=Lax; Path=/; Max-Age=604800"]
    );
    let next = answer.person();
    assert_ne!(next.refresh_token, ada.refresh_token);
    let (before, after) = (house.claims(&ada), house.claims(&next));
    assert_eq!((after.sid, after.sub), (before.sid, before.sub));
    assert_ne!(after.jti, before.jti);
    assert_eq!(house.get(&next, "/api/users/me").await.body, ada.user);
    assert_eq!(house.heard().await, ["UserCreated", "SessionStarted", "SessionRefreshed"]);
}

#[tokio::test]
async fn each_replacement_has_a_salt_of_its_own() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let (id, mut token) = (house.claims(&ada).sid.0, ada.refresh_token);
    let mut salts = BTreeSet::new();
    for _ in 0..3 {
        token = house.refresh(&token).await.person().refresh_token;
        salts.insert(house.session(id).await.unwrap().private.replaced.unwrap().salt);
    }
    assert_eq!(salts.len(), 3);
}

#[tokio::test]
async fn two_tabs_at_once_get_one_successor_and_carry_it_on() {
    let house = House::open();
    house.stop_clock();
    let ada = house.sign_up("ada@example.com").await;
    let next = house.refresh(&ada.refresh_token).await.person();
    for later in [Duration::ZERO, 5 * SECOND, 5 * SECOND] {
        house.put_clock_forward(later);
        let other_tab = house.refresh(&ada.refresh_token).await.person();
        assert_eq!(other_tab.refresh_token, next.refresh_token);
        assert_ne!(house.claims(&other_tab).jti, house.claims(&next).jti);
    }
    assert_eq!(house.refresh(&next.refresh_token).await.status, StatusCode::OK);
    assert_eq!(house.heard().await[2..], ["SessionRefreshed", "SessionRefreshed"]);
}

#[tokio::test]
async fn a_token_that_was_replaced_ends_the_session_of_thief_and_owner() {
    let house = House::open();
    house.stop_clock();
    let ada = house.sign_up("ada@example.com").await;
    let elsewhere = house.sign_in("ada@example.com", PASSWORD).await.person();
    let thief = house.refresh(&ada.refresh_token).await.person();
    house.put_clock_forward(10 * SECOND + Duration::from_millis(1));
    refused(&house, &ada.refresh_token).await;
    assert!(!is_live(&house, &thief).await);
    refused(&house, &thief.refresh_token).await;
    refused(&house, &ada.refresh_token).await;
    assert!(is_live(&house, &elsewhere).await, "another session is another matter");
    assert_eq!(house.heard().await[3..], ["SessionRefreshed", "SessionRevoked"]);
}

#[tokio::test]
async fn a_token_before_the_one_just_replaced_ends_the_session_at_once() {
    let house = House::open();
    house.stop_clock();
    let ada = house.sign_up("ada@example.com").await;
    let next = house.refresh(&ada.refresh_token).await.person();
    let last = house.refresh(&next.refresh_token).await.person();
    refused(&house, &ada.refresh_token).await;
    refused(&house, &last.refresh_token).await;
    assert!(!is_live(&house, &last).await);
}

#[tokio::test]
async fn a_token_that_was_made_up_ends_nothing() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let eve = house.sign_up("eve@example.com").await;
    let session = house.claims(&ada).sid;
    let (_, secret) = eve.refresh_token.split_once('.').unwrap();
    let [id, own, seal] = ada.refresh_token.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let zeros = "A".repeat(43);
    for made_up in [
        format!("{session}.{secret}"),
        format!("{id}.{own}.{zeros}"),
        format!("{id}.{zeros}.{seal}"),
        format!("{id}.{zeros}.{zeros}"),
        format!("{id}.{own}"),
        format!("0197a000-0000-7000-8000-000000000001.{own}.{seal}"),
        own.to_owned(),
        ada.access_token.clone(),
        "nonsense".to_owned(),
        String::new(),
    ] {
        refused(&house, &made_up).await;
    }
    let answer = house.send(request("POST", "/api/users/refresh", &[], None)).await;
    assert_eq!(answer.problem(), (401, "unauthenticated"));
    assert!(answer.cookies().is_empty(), "another site may have sent it, and signs nobody out");
    assert!(is_live(&house, &ada).await);
    assert_eq!(house.refresh(&ada.refresh_token).await.status, StatusCode::OK);
}

async fn many_leave_one_line_of_successors(house: &House, many: [usize; 2]) {
    house.stop_clock();
    let mut ada = house.sign_up("ada@example.com").await;
    for at_once in many {
        let asked = (0..at_once).map(|_| house.refresh(&ada.refresh_token));
        let answers = futures::future::join_all(asked).await;
        let next: BTreeSet<_> = answers.iter().map(|answer| answer.person().refresh_token).collect();
        assert_eq!(next.len(), 1);
        ada = answers[0].person();
    }
    assert!(is_live(house, &ada).await);
    assert_eq!(house.heard().await[2..], ["SessionRefreshed", "SessionRefreshed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_at_once_leave_one_line_of_successors() {
    many_leave_one_line_of_successors(&House::open(), [600, 400]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_mongodb_too_hundreds_at_once_leave_one_line_of_successors() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::under(folder.path(), "mongo");
    let server = mongodb::server(&Toolbox::open().unwrap(), &place).unwrap().start().unwrap();
    let database = ::mongodb::Client::with_uri_str(server.url()).await.unwrap().database("auth");
    let house = House::over(Stores::in_mongodb(&database).await, "http://localhost:3000");
    many_leave_one_line_of_successors(&house, [200, 100]).await;

    let (admin, ada) = (house.admin().await, house.sign_in("ada@example.com", PASSWORD).await.person());
    let sessions = house.get(&ada, "/api/users/me/sessions").await;
    assert_eq!(sessions.body["items"].as_array().unwrap().len(), 2);
    let found = house.get(&admin, "/api/users?q=ADA&limit=1").await;
    assert_eq!((&found.body["items"][0], found.body["next_cursor"].is_null()), (&ada.user, true));
    let trail = house.get(&admin, &format!("/api/users/audit?user={}", ada.id())).await;
    let types: Vec<_> = trail.body["items"].as_array().unwrap().iter().map(|entry| &entry["type"]).collect();
    assert_eq!(types.len(), 3, "{types:?}");
}

#[tokio::test]
async fn a_session_that_is_over_is_not_carried_on() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    house.ask(&ada, "POST", "/api/users/signout", None).await;
    refused(&house, &ada.refresh_token).await;
    assert_eq!(house.heard().await, ["UserCreated", "SessionStarted", "SessionRevoked"]);
}

#[tokio::test]
async fn a_session_that_is_not_used_for_a_week_ends() {
    let house = House::open();
    house.stop_clock();
    let ada = house.sign_up("ada@example.com").await;
    house.put_clock_forward(7 * DAY - SECOND);
    let next = house.refresh(&ada.refresh_token).await.person();
    house.put_clock_forward(7 * DAY - SECOND);
    let next = house.refresh(&next.refresh_token).await.person();
    house.put_clock_forward(7 * DAY);
    refused(&house, &next.refresh_token).await;
    assert_eq!(house.heard().await[2..], ["SessionRefreshed", "SessionRefreshed", "SessionRevoked"]);
}

#[tokio::test]
async fn a_session_ends_after_thirty_days_however_often_it_is_used() {
    let house = House::open();
    house.stop_clock();
    let mut ada = house.sign_up("ada@example.com").await;
    for _ in 0..29 {
        house.put_clock_forward(DAY);
        ada = house.refresh(&ada.refresh_token).await.person();
    }
    house.put_clock_forward(DAY - SECOND);
    ada = house.refresh(&ada.refresh_token).await.person();
    house.put_clock_forward(SECOND);
    refused(&house, &ada.refresh_token).await;
    assert_eq!(house.heard().await.last().unwrap(), "SessionRevoked");
}

#[tokio::test]
async fn what_ran_out_ends_by_itself() {
    let house = House::open();
    house.stop_clock();
    let ada = house.sign_up("ada@example.com").await;
    house.put_clock_forward(DAY);
    let elsewhere = house.sign_in("ada@example.com", PASSWORD).await.person();
    let [ada, elsewhere] = [&ada, &elsewhere].map(|person| person.refresh_token.split('.').next().unwrap());
    let is_over = async |session: &str| {
        let session = house.session(session.parse().unwrap()).await.unwrap();
        matches!(session.state, Session::Over(_))
    };
    assert_eq!(house.auth.end_expired().await.unwrap(), 0);
    house.put_clock_forward(6 * DAY + SECOND);
    assert_eq!(house.auth.end_expired().await.unwrap(), 1);
    assert!(is_over(ada).await && !is_over(elsewhere).await);
    assert_eq!(house.auth.end_expired().await.unwrap(), 0);
}

#[tokio::test]
async fn who_is_banned_loses_the_session_with_the_next_refresh() {
    let house = House::open();
    let (admin, eve) = (house.admin().await, house.sign_up("eve@example.com").await);
    let next = house.refresh(&eve.refresh_token).await.person();
    house.ban(&admin, &eve, "enough").await;
    refused(&house, &next.refresh_token).await;
    assert!(!is_live(&house, &next).await);
    house.unban(&admin, &eve).await;
    refused(&house, &next.refresh_token).await;
}

#[tokio::test]
async fn a_session_is_not_carried_on_while_the_store_is_behind() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    house.gate.shut();
    let answer = house.refresh(&ada.refresh_token).await;
    assert_eq!(answer.problem(), (503, "unavailable"));
    assert!(answer.cookies().is_empty(), "the tokens are still good");
    house.gate.open();
    assert_eq!(house.refresh(&ada.refresh_token).await.status, StatusCode::OK);
}

#[tokio::test]
async fn new_tokens_say_what_holds_now() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let renamed = house.ask(&ada, "PATCH", "/api/users/me", Some(json!({ "name": "Ada King" }))).await;
    let answer = house.refresh(&ada.refresh_token).await;
    assert_eq!(answer.body, renamed.body);
    assert_eq!(answer.header("etag"), Some("\"2\""));
}
