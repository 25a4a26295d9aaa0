//! Shutting somebody out and letting them in again: by admins alone, with a reason that goes into no event.

use axum::http::StatusCode;
use serde_json::json;
use uuid::Uuid;

use crate::harness::{House, PASSWORD, request};

#[tokio::test]
async fn the_first_reason_stays_beside_the_event_until_the_ban_ends() {
    let house = House::open();
    let (admin, eve) = (house.admin().await, house.sign_up("eve@example.com").await);
    let answer = house.ban(&admin, &eve, " Eve of Ada's street ").await;
    assert_eq!((answer.status, &answer.body["banned"]), (StatusCode::OK, &json!(true)));
    assert_eq!((&answer.body["version"], answer.header("etag")), (&json!(2), Some("\"2\"")));
    assert!(
        !answer.body.to_string().contains("street"),
        "the reason is not for everybody who sees the account"
    );
    let again = house.ban(&admin, &eve, "another reason").await;
    assert_eq!((again.status, &again.body), (StatusCode::OK, &answer.body));
    let account = house.account(eve.id()).await.unwrap();
    assert_eq!(account.private.ban_reason.as_deref(), Some("Eve of Ada's street"));

    for _ in 0..2 {
        let answer = house.unban(&admin, &eve).await;
        assert_eq!((answer.status, &answer.body["banned"]), (StatusCode::OK, &json!(false)));
        assert_eq!(answer.body["version"], 3);
    }
    let account = house.account(eve.id()).await.unwrap();
    assert_eq!(account.private.ban_reason, None);
    assert_eq!(account.private.email, "eve@example.com", "the rest of what is private stays");
    let said = house.heard().await;
    assert_eq!(
        said.iter().filter(|said| said.contains("anned")).collect::<Vec<_>>(),
        ["UserBanned", "UserUnbanned"]
    );
    let recorded = house.recorded().await;
    let banned = recorded.iter().find(|recorded| recorded.event.event_type == "UserBanned").unwrap();
    assert_eq!(banned.event.data.as_object().unwrap().keys().collect::<Vec<_>>(), ["banned_at"]);
}

#[tokio::test]
async fn who_is_banned_does_not_sign_in_and_learns_why_only_by_the_password() {
    let house = House::open();
    let (admin, eve) = (house.admin().await, house.sign_up("eve@example.com").await);
    house.ban(&admin, &eve, "enough").await;
    assert_eq!(house.sign_in("eve@example.com", PASSWORD).await.problem(), (403, "banned"));
    assert_eq!(
        house.sign_in("eve@example.com", "wrong-horse-battery").await.problem(),
        (401, "bad-credentials")
    );
    house.unban(&admin, &eve).await;
    assert_eq!(house.sign_in("eve@example.com", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_signs_in_just_while_they_are_banned_is_not_in() {
    let house = House::open();
    let (admin, eve) = (house.admin().await, house.sign_up("eve@example.com").await);
    let before = house.heard().await.len();
    let (signed_in, banned) =
        tokio::join!(house.sign_in("eve@example.com", PASSWORD), house.ban(&admin, &eve, "enough"));
    assert_eq!(banned.status, StatusCode::OK);
    let said = house.heard().await.split_off(before);
    // The password takes longer than the ban, unless the machine is very busy.
    if said[0] == "UserBanned" {
        assert_eq!(signed_in.problem(), (403, "banned"));
        assert!(said.len() == 1 || said[1..] == ["SessionStarted", "SessionRevoked"], "{said:?}");
    }
}

#[tokio::test]
async fn nobody_opens_another_account_with_the_address_of_who_is_banned() {
    let house = House::open();
    let (admin, eve) = (house.admin().await, house.sign_up("eve@example.com").await);
    house.ban(&admin, &eve, "enough").await;
    let body = json!({ "email": "eve@example.com", "password": PASSWORD, "name": "Eve" });
    assert_eq!(house.post("/api/users/signup", body).await.status, StatusCode::CONFLICT);
    assert_eq!(house.accounts().await, 2);
}

#[tokio::test]
async fn nobody_bans_themselves() {
    let house = House::open();
    let admin = house.admin().await;
    assert_eq!(house.ban(&admin, &admin, "enough").await.problem(), (409, "own-account"));
    assert_eq!(house.unban(&admin, &admin).await.problem(), (409, "own-account"));
    assert_eq!(house.sign_in("admin@example.com", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_reason_is_1_to_500_characters() {
    let house = House::open();
    let (admin, eve) = (house.admin().await, house.sign_up("eve@example.com").await);
    let path = format!("/api/users/{}/ban", eve.id());
    for (body, pointer) in [
        (json!({}), "/reason"),
        (json!({ "reason": "" }), "/reason"),
        (json!({ "reason": " \n" }), "/reason"),
        (json!({ "reason": "a".repeat(501) }), "/reason"),
        (json!({ "reason": null }), "/reason"),
        (json!({ "reason": "enough", "until": "tomorrow" }), "/until"),
    ] {
        let answer = house.ask(&admin, "POST", &path, Some(body.clone())).await;
        assert_eq!(answer.problem(), (422, "validation"), "{body}");
        assert_eq!(answer.pointers(), [pointer], "{body}");
    }
    assert_eq!(house.ban(&admin, &eve, &"ä".repeat(500)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_an_admin_bans_and_only_whom_there_is() {
    let house = House::open();
    let (admin, ada) = (house.admin().await, house.sign_up("ada@example.com").await);
    let eve = house.sign_up("eve@example.com").await;
    let nobody = Uuid::from_u128(1);
    for method in ["POST", "DELETE"] {
        let body = || (method == "POST").then(|| json!({ "reason": "enough" }));
        let path = |id: &str| format!("/api/users/{id}/ban");
        let of_eve = path(&eve.id().to_string());
        let answer = house.send(request(method, &of_eve, &[], body())).await;
        assert_eq!(answer.problem(), (401, "unauthenticated"), "{method}");
        let answer = house.ask(&ada, method, &of_eve, body()).await;
        assert_eq!(answer.problem(), (403, "forbidden"), "{method}");
        for id in [nobody.to_string().as_str(), "nobody", "me"] {
            let answer = house.ask(&admin, method, &path(id), body()).await;
            assert_eq!(answer.problem(), (404, "not-found"), "{method} {id}");
        }
    }
    assert!(!house.heard().await.contains(&"UserBanned".to_owned()));
}
