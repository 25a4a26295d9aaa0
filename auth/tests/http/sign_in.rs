//! Signing in, and not.

use auth::{BootstrapAdmin, Bootstrapped};
use axum::http::StatusCode;
use serde_json::json;

use crate::harness::{House, PASSWORD};

fn admin() -> BootstrapAdmin {
    let (email, password) = ("admin@example.com".parse().unwrap(), PASSWORD.parse().unwrap());
    BootstrapAdmin { email, password }
}

#[tokio::test]
async fn each_sign_in_is_a_session_of_its_own() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let answer = house.sign_in(" ADA@example.com", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(answer.body, ada.user);
    let again = answer.person();
    assert_ne!(again.refresh_token, ada.refresh_token);
    assert_ne!(house.claims(&again).sid, house.claims(&ada).sid);
    assert_ne!(house.claims(&again).jti, house.claims(&ada).jti);
    assert_eq!(house.heard().await, ["UserCreated", "SessionStarted", "SessionStarted"]);
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_get_one_answer() {
    let house = House::open();
    house.sign_up("ada@example.com").await;
    let mut answers = Vec::new();
    for (email, password) in [
        ("ada@example.com", "wrong-horse-battery"),
        ("ada@example.com", "CORRECT-HORSE-BATTERY"),
        ("ada@example.com", ""),
        ("eve@example.com", PASSWORD),
        ("not an address", PASSWORD),
        ("", ""),
    ] {
        let mut answer = house.sign_in(email, password).await;
        assert_eq!(answer.problem(), (401, "bad-credentials"), "{email} {password}");
        answer.body["instance"].take();
        answer.headers.remove("x-request-id");
        answers.push((answer.headers, answer.body));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    assert_eq!(house.heard().await, ["UserCreated", "SessionStarted"]);
}

#[tokio::test]
async fn the_first_admin_is_made_once() {
    let house = House::open();
    let Bootstrapped::Made(id) = house.auth.bootstrap(admin()).await.unwrap() else {
        panic!("there is no admin yet");
    };
    assert_eq!(house.auth.bootstrap(admin()).await.unwrap(), Bootstrapped::ThereAlready(id));
    let answer = house.sign_in("admin@example.com", PASSWORD).await;
    assert_eq!(answer.body["roles"], json!(["user", "admin"]));
    assert_eq!(answer.body["id"], id.to_string());
    assert_eq!(house.heard().await, ["UserCreated", "SessionStarted"]);
}

#[tokio::test]
async fn replicas_that_start_at_once_make_one_admin() {
    let house = House::open();
    let all = futures::future::join_all((0..3).map(|_| house.auth.bootstrap(admin()))).await;
    let made = all.iter().filter(|made| matches!(made, Ok(Bootstrapped::Made(_)))).count();
    let there = all.iter().filter(|made| matches!(made, Ok(Bootstrapped::ThereAlready(_)))).count();
    assert_eq!((made + there, house.accounts().await), (3, 1));
    assert_eq!(house.heard().await, ["UserCreated"]);
}

#[tokio::test]
async fn an_admin_who_has_another_password_now_keeps_it() {
    let house = House::open();
    house.auth.bootstrap(admin()).await.unwrap();
    let other = BootstrapAdmin { password: "another-horse-battery".parse().unwrap(), ..admin() };
    house.auth.bootstrap(other).await.unwrap();
    assert_eq!(house.sign_in("admin@example.com", PASSWORD).await.status, StatusCode::OK);
    assert_eq!(house.sign_in("admin@example.com", "another-horse-battery").await.status, 401);
}

#[tokio::test]
async fn nobody_becomes_an_admin_by_having_been_quick() {
    let house = House::open();
    let eve = house.sign_up("admin@example.com").await;
    assert_eq!(house.auth.bootstrap(admin()).await.unwrap(), Bootstrapped::EmailTaken);
    assert_eq!(house.claims(&eve).roles, [contracts::users::Role::User]);
    assert_eq!(house.sign_in("admin@example.com", PASSWORD).await.body["roles"], json!(["user"]));
}
