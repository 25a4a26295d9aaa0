//! Signing out: always 204, and then the session is over.

use std::time::Duration;

use auth::session::Session;

use crate::harness::{Answer, House, PASSWORD, request};

async fn sign_out(house: &House, headers: &[(&str, &str)]) -> Answer {
    let answer = house.send(request("POST", "/api/users/signout", headers, None)).await;
    assert_eq!(answer.status, 204);
    assert_eq!(
        answer.cookies(),
        [
            "access_token=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0",
            "refresh_token=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"
        ]
    );
    answer
}

async fn is_over(house: &House, session: uuid::Uuid) -> bool {
    matches!(house.session(session).await.unwrap().state, Session::Over(_))
}

#[tokio::test]
async fn the_session_of_the_cookies_ends_and_no_other() {
    let house = House::open();
    let here = house.sign_up("ada@example.com").await;
    let elsewhere = house.sign_in("ada@example.com", PASSWORD).await.person();
    sign_out(&house, &[("cookie", &here.cookies())]).await;
    assert!(is_over(&house, house.claims(&here).sid.0).await);
    assert!(!is_over(&house, house.claims(&elsewhere).sid.0).await);
    assert_eq!(house.heard().await, ["UserCreated", "SessionStarted", "SessionStarted", "SessionRevoked"]);
}

#[tokio::test]
async fn each_token_alone_is_enough() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    for way in 0..3 {
        let person = house.sign_in("ada@example.com", PASSWORD).await.person();
        let (access, refresh) = (&person.access_token, &person.refresh_token);
        let (name, value) = match way {
            0 => ("authorization", format!("Bearer {access}")),
            1 => ("cookie", format!("access_token={access}")),
            _ => ("cookie", format!("refresh_token={refresh}")),
        };
        sign_out(&house, &[(name, &value)]).await;
        assert!(is_over(&house, house.claims(&person).sid.0).await, "{name}: {value}");
    }
    assert!(!is_over(&house, house.claims(&ada).sid.0).await);
}

#[tokio::test]
async fn an_expired_access_token_does_not_keep_the_session_alive() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let session = house.claims(&ada).sid.0;
    house.put_clock_forward(Duration::from_secs(3600));
    sign_out(&house, &[("cookie", &ada.cookies())]).await;
    assert!(is_over(&house, session).await);
}

#[tokio::test]
async fn signing_out_twice_is_signing_out() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    sign_out(&house, &[("cookie", &ada.cookies())]).await;
    sign_out(&house, &[("cookie", &ada.cookies())]).await;
    assert_eq!(house.heard().await, ["UserCreated", "SessionStarted", "SessionRevoked"]);
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_signed_out() {
    let house = House::open();
    for headers in [
        &[][..],
        &[("cookie", "access_token=nonsense; refresh_token=nonsense")],
        &[("cookie", "access_token=; refresh_token=")],
        &[("cookie", "theme=dark")],
        &[("authorization", "Bearer nonsense")],
    ] {
        sign_out(&house, headers).await;
    }
    assert!(house.heard().await.is_empty());
}

#[tokio::test]
async fn another_site_signs_nobody_out() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let headers = [("cookie", &*ada.cookies()), ("sec-fetch-site", "cross-site")];
    let answer = house.send(request("POST", "/api/users/signout", &headers, None)).await;
    assert_eq!(answer.problem(), (403, "cross-origin"));
    assert!(!is_over(&house, house.claims(&ada).sid.0).await);
}

#[tokio::test]
async fn a_session_that_cannot_be_ended_now_keeps_its_cookies() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    house.gate.shut();
    let answer = house.send(request("POST", "/api/users/signout", &[("cookie", &ada.cookies())], None)).await;
    assert_eq!(answer.problem(), (503, "unavailable"));
    assert_eq!(answer.header("retry-after"), Some("1"));
}
