//! What a ban leaves in the account's document, on the bus and for the person to see. No route bans anybody yet.

use auth::account::{Account, AccountCommand, Ban, Unban};
use axum::http::StatusCode;
use contracts::{Timestamp, UserId};
use eventsourcing::Snapshot;
use serde_json::json;
use uuid::Uuid;

use crate::harness::{ADMIN, House, PASSWORD, Person, request};

const BANNED_AT: Timestamp = Timestamp::from_millis(1_800_000_000_000);

async fn ban(house: &House, account: UserId, causation_id: u128, reason: &str) -> Snapshot<Account> {
    let ban = Ban { account, by: ADMIN, reason: reason.to_owned(), now: BANNED_AT };
    let amend = ban.amend();
    house.told(account, Uuid::from_u128(causation_id), AccountCommand::Ban(ban), amend).await
}

async fn unban(house: &House, account: UserId, causation_id: u128) -> Snapshot<Account> {
    let command = AccountCommand::Unban(Unban { account, by: ADMIN });
    house.told(account, Uuid::from_u128(causation_id), command, Unban::amend).await
}

fn id(person: &Person) -> UserId {
    person.user["id"].as_str().unwrap().parse().unwrap()
}

async fn is_banned(house: &House, person: &Person) -> bool {
    let me = house.send(request("GET", "/api/users/me", &[("cookie", &person.cookies())], None)).await;
    me.body["banned"].as_bool().unwrap()
}

#[tokio::test]
async fn the_first_reason_stays_beside_the_event_until_the_ban_ends() {
    let house = House::open();
    let eve = house.sign_up("eve@example.com").await;
    assert!(!is_banned(&house, &eve).await);

    let account = ban(&house, id(&eve), 1, "Eve of Ada's street").await;
    assert_eq!(account.private.ban_reason.as_deref(), Some("Eve of Ada's street"));
    let account = ban(&house, id(&eve), 2, "another reason").await;
    assert_eq!(account.private.ban_reason.as_deref(), Some("Eve of Ada's street"));
    assert!(is_banned(&house, &eve).await);

    let account = unban(&house, id(&eve), 3).await;
    assert_eq!(account.private.ban_reason, None);
    assert_eq!(account.private.email, "eve@example.com", "the rest of what is private stays");
    assert!(!is_banned(&house, &eve).await);
    let said = house.heard().await;
    assert_eq!(
        said.iter().filter(|said| said.starts_with("User")).collect::<Vec<_>>(),
        ["UserCreated", "UserBanned", "UserUnbanned"]
    );
    let recorded = house.recorded().await;
    let banned = recorded.iter().find(|recorded| recorded.event.event_type == "UserBanned").unwrap();
    assert_eq!(banned.event.data, json!({ "banned_at": BANNED_AT }));
}

#[tokio::test]
async fn nobody_opens_another_account_with_the_address_of_who_is_banned() {
    let house = House::open();
    let eve = house.sign_up("eve@example.com").await;
    ban(&house, id(&eve), 1, "enough").await;
    let body = json!({ "email": "eve@example.com", "password": PASSWORD, "name": "Eve" });
    assert_eq!(house.post("/api/users/signup", body).await.status, StatusCode::CONFLICT);
    assert_eq!(house.accounts().await, 1);
}
