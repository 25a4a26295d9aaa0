//! Opening an account.

use axum::http::StatusCode;
use eventsourcing::Actor;
use serde_json::json;

use crate::harness::{House, PASSWORD, request};

#[tokio::test]
async fn a_new_user_is_shown_as_the_contract_says_and_is_signed_in() {
    let house = House::open();
    let body = json!({ "email": " Ada@Example.com ", "password": PASSWORD, "name": " Ada Lovelace " });
    let answer = house.post("/api/users/signup", body).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let user = answer.body.as_object().unwrap();
    let mut fields: Vec<&str> = user.keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["banned", "created_at", "email", "id", "name", "roles", "version"]);
    assert_eq!(user["email"], "Ada@Example.com");
    assert_eq!(user["name"], "Ada Lovelace");
    assert_eq!(user["roles"], json!(["user"]));
    assert_eq!(user["banned"], false);
    assert_eq!(user["version"], 1);
    assert_eq!(house.heard().await, ["UserCreated", "SessionStarted"]);
}

#[tokio::test]
async fn the_cookies_over_http_are_for_the_server_alone() {
    let answer = House::open()
        .post("/api/users/signup", json!({ "email": "ada@example.com", "password": PASSWORD, "name": "Ada" }))
        .await;
    let [access, refresh] = answer.cookies()[..] else { panic!("two cookies") };
    let attributes = |cookie: &str| cookie.split("; ").skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert!(access.starts_with("access_token=ey"), "{access}");
    assert!(refresh.starts_with("refresh_token="), "{refresh}");
    assert_eq!(attributes(access), ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=900"]);
    assert_eq!(attributes(refresh), ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=604800"]);
}

#[tokio::test]
async fn the_cookies_over_https_are_secure_and_bound_to_the_host() {
    let house = House::at("https://stagedoor.example");
    let body = json!({ "email": "ada@example.com", "password": PASSWORD, "name": "Ada" });
    let answer = house.post("/api/users/signup", body).await;
    for (cookie, name) in answer.cookies().iter().zip(["__Host-access_token=", "__Host-refresh_token="]) {
        assert!(cookie.starts_with(name), "{cookie}");
        for attribute in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/"] {
            assert!(cookie.contains(attribute), "{attribute} in {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    let cookie = answer.cookies()[0].split(';').next().unwrap();
    let me = house.send(request("GET", "/api/users/me", &[("cookie", cookie)], None)).await;
    assert_eq!(me.status, StatusCode::OK);
}

#[tokio::test]
async fn an_address_belongs_to_one_account_whatever_its_capitals() {
    let house = House::open();
    house.sign_up("ada@example.com").await;
    for email in ["ada@example.com", " ADA@Example.COM "] {
        let body = json!({ "email": email, "password": PASSWORD, "name": "Eve" });
        let answer = house.post("/api/users/signup", body).await;
        assert_eq!(answer.problem(), (409, "email-taken"));
    }
    assert_eq!(house.accounts().await, 1);
}

#[tokio::test]
async fn of_many_who_want_one_address_at_once_one_gets_it() {
    let house = House::open();
    let body = json!({ "email": "ada@example.com", "password": PASSWORD, "name": "Ada" });
    let mut statuses: Vec<u16> =
        futures::future::join_all((0..4).map(|_| house.post("/api/users/signup", body.clone())))
            .await
            .iter()
            .map(|answer| answer.status.as_u16())
            .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
}

#[tokio::test]
async fn all_that_is_wrong_is_said_at_once() {
    let house = House::open();
    let body = json!({ "email": "ada", "password": "short", "name": " " });
    let answer = house.post("/api/users/signup", body).await;
    assert_eq!(answer.problem(), (422, "validation"));
    assert_eq!(answer.pointers(), ["/email", "/password", "/name"]);
    assert!(!answer.body.to_string().contains("short"), "what was typed is not repeated");
}

#[tokio::test]
async fn a_password_that_everybody_guesses_opens_no_account() {
    let house = House::open();
    for password in ["password123", "Qwertyuiop", "11111111"] {
        let body = json!({ "email": "ada@example.com", "password": password, "name": "Ada" });
        let answer = house.post("/api/users/signup", body).await;
        assert_eq!(answer.problem(), (422, "validation"), "{password}");
        assert_eq!(answer.pointers(), ["/password"], "{password}");
        let why = answer.body["errors"][0]["detail"].as_str().unwrap();
        assert!(why.contains("guessed"), "{why}");
    }
    assert_eq!(house.accounts().await, 0);
}

#[tokio::test]
async fn nobody_makes_themselves_an_admin() {
    let house = House::open();
    let body = json!({ "email": "ada@example.com", "password": PASSWORD, "name": "Ada", "roles": ["user", "admin"] });
    let answer = house.post("/api/users/signup", body).await;
    assert_eq!(answer.problem(), (422, "validation"));
    assert_eq!(answer.pointers(), ["/roles"]);
    assert_eq!(house.accounts().await, 0);
}

#[tokio::test]
async fn what_is_secret_is_kept_as_a_hash() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let account = house.account(ada.id()).await.unwrap();
    assert!(account.private.password_hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    let session = house.session(house.claims(&ada).sid.0).await.unwrap();
    assert_eq!(session.private.refresh_hash.len(), 64);
    let [_, secret, seal] = ada.refresh_token.split('.').collect::<Vec<_>>()[..] else {
        panic!("three parts")
    };
    assert_eq!(secret.len(), 43, "256 bits");
    let kept = serde_json::to_string(&session).unwrap();
    assert!(!kept.contains(secret) && !kept.contains(seal), "{kept}");
}

#[tokio::test]
async fn a_session_knows_where_it_was_begun() {
    let house = House::open();
    let headers = [("user-agent", "Firefox"), ("x-forwarded-for", "10.0.0.1, 203.0.113.7")];
    let body = json!({ "email": "ada@example.com", "password": PASSWORD, "name": "Ada" });
    let answer = house.send(request("POST", "/api/users/signup", &headers, Some(body))).await;
    let session = house.session(house.claims(&answer.person()).sid.0).await.unwrap();
    assert_eq!(session.private.user_agent.as_deref(), Some("Firefox"));
    assert_eq!(session.private.ip, Some("203.0.113.7".parse().unwrap()));
}

#[tokio::test]
async fn every_event_says_which_request_and_whose_it_was() {
    let house = House::open();
    let request_id = "0197a000-0000-7000-8000-000000000001";
    let body = json!({ "email": "ada@example.com", "password": PASSWORD, "name": "Ada" });
    let answer =
        house.send(request("POST", "/api/users/signup", &[("x-request-id", request_id)], Some(body))).await;
    let user = answer.person().id();
    for recorded in house.recorded().await {
        assert_eq!(recorded.cause.correlation_id.to_string(), request_id);
        assert_eq!(recorded.cause.actor, Actor::User(user.into()));
    }
}
