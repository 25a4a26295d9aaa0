//! What a ban does to the sessions of who is banned: at once, once more, and not when it is over.

use std::time::Duration;

use auth::account::{AccountCommand, Ban, Unban};
use auth::session::Session;
use contracts::{Event, UserId};
use messaging::{Fault, Heard};
use uuid::Uuid;

use crate::harness::{ADMIN, House, PASSWORD, Person};

const ONCE_MORE_AFTER: Duration = Duration::from_secs(30);

fn id(person: &Person) -> UserId {
    UserId(person.id())
}

/// Bans, and hands on what auth then hears of it.
async fn ban(house: &House, person: &Person, causation_id: u128) -> Heard {
    let ban = Ban { account: id(person), by: ADMIN, reason: "enough".to_owned(), now: house.now() };
    let amend = ban.amend();
    house.told(id(person), Uuid::from_u128(causation_id), AccountCommand::Ban(ban), amend).await;
    let said = house.recorded().await;
    let recorded = said.iter().rfind(|recorded| recorded.event.event_type == "UserBanned").unwrap();
    Heard {
        event_id: recorded.id,
        aggregate_id: person.id(),
        version: recorded.version,
        event: Event::of_value("user", "UserBanned", &recorded.event.data).unwrap(),
        at: recorded.at,
        cause: recorded.cause.clone(),
    }
}

async fn unban(house: &House, person: &Person) {
    let command = AccountCommand::Unban(Unban { account: id(person), by: ADMIN });
    house.told(id(person), Uuid::from_u128(77), command, Unban::amend).await;
}

async fn first_look(house: &House, ban: &Heard) {
    let Err(Fault::NotYet(pause)) = house.auth.listener().hear(ban).await else {
        panic!("it looks once more")
    };
    assert!(pause <= ONCE_MORE_AFTER && pause > ONCE_MORE_AFTER / 2, "{pause:?}");
}

async fn second_look(house: &House, ban: &Heard) {
    house.put_clock_forward(ONCE_MORE_AFTER);
    house.auth.listener().hear(ban).await.unwrap();
}

async fn is_live(house: &House, session: Uuid) -> bool {
    matches!(house.session(session).await.unwrap().state, Session::Live(_))
}

/// Begins another session.
async fn let_in(house: &House, person: &Person) -> Uuid {
    let started = house.start_session(id(person)).await;
    assert!(is_live(house, started).await);
    started
}

#[tokio::test]
async fn all_sessions_of_who_is_banned_end_and_nobody_elses() {
    let house = House::open();
    let (eve, ada) = (house.sign_up("eve@example.com").await, house.sign_up("ada@example.com").await);
    let elsewhere = house.sign_in("eve@example.com", PASSWORD).await.person();
    let sessions = [house.claims(&eve).sid.0, house.claims(&elsewhere).sid.0];
    first_look(&house, &ban(&house, &eve, 1).await).await;
    for session in sessions {
        assert!(!is_live(&house, session).await);
    }
    assert!(is_live(&house, house.claims(&ada).sid.0).await);
    let said = house.heard().await;
    assert_eq!(said.iter().filter(|said| *said == "SessionRevoked").count(), 2);
}

#[tokio::test]
async fn however_many_sessions_a_user_has_all_end() {
    let house = House::open();
    let eve = house.sign_up("eve@example.com").await;
    for _ in 0..205 {
        let_in(&house, &eve).await;
    }
    first_look(&house, &ban(&house, &eve, 1).await).await;
    let said = house.heard().await;
    assert_eq!(said.iter().filter(|said| *said == "SessionRevoked").count(), 206);
}

#[tokio::test]
async fn a_session_that_begins_just_while_its_user_is_banned_ends_with_the_second_look() {
    let house = House::open();
    let eve = house.sign_up("eve@example.com").await;
    let ban = ban(&house, &eve, 1).await;
    first_look(&house, &ban).await;
    let late = let_in(&house, &eve).await;
    second_look(&house, &ban).await;
    assert!(!is_live(&house, late).await);
}

#[tokio::test]
async fn who_was_let_in_again_keeps_the_sessions_begun_since() {
    let house = House::open();
    let eve = house.sign_up("eve@example.com").await;
    let ban = ban(&house, &eve, 1).await;
    house.put_clock_forward(Duration::from_secs(1));
    unban(&house, &eve).await;
    let since = let_in(&house, &eve).await;
    first_look(&house, &ban).await;
    second_look(&house, &ban).await;
    assert!(is_live(&house, since).await);
    assert!(!is_live(&house, house.claims(&eve).sid.0).await, "what was there when they were banned is over");
}

#[tokio::test]
async fn a_ban_that_is_delivered_often_ends_each_session_once() {
    let house = House::open();
    let eve = house.sign_up("eve@example.com").await;
    let ban = ban(&house, &eve, 1).await;
    for _ in 0..3 {
        first_look(&house, &ban).await;
    }
    second_look(&house, &ban).await;
    let said = house.heard().await;
    assert_eq!(said.iter().filter(|said| *said == "SessionRevoked").count(), 1);
}

#[tokio::test]
async fn while_no_command_is_taken_a_ban_is_not_given_up() {
    let house = House::open();
    let eve = house.sign_up("eve@example.com").await;
    let ban = ban(&house, &eve, 1).await;
    house.gate.shut();
    assert!(matches!(house.auth.listener().hear(&ban).await, Err(Fault::Unavailable(_))));
}
