//! What a seller's ban does to what they offer: at once, once more, and not when it is over.

use std::time::Duration;

use messaging::{Fault, Heard};
use serde_json::json;
use uuid::Uuid;

use crate::hearing::{ORDER, OTHER_ORDER, cancelled, completed, created, listed, status};
use crate::shop::{BUYER, NOW, SELLER, Shop, banned, ticket, unbanned};

const ONCE_MORE_AFTER: Duration = Duration::from_secs(90);

fn ban() -> Heard {
    banned(SELLER, 2, NOW)
}

/// The first look; the message comes again for the second.
async fn first_look(shop: &Shop, ban: &Heard) {
    assert_eq!(shop.hear(ban).await, Err(Fault::NotYet(ONCE_MORE_AFTER)));
}

async fn second_look(shop: &Shop, ban: &Heard) {
    shop.clock.advance(ONCE_MORE_AFTER);
    shop.hear(ban).await.unwrap();
}

async fn another(shop: &Shop) -> Uuid {
    shop.list(&ticket(&json!({}))).await
}

/// What was said of tickets since the last time it was asked.
async fn said_of_tickets(shop: &Shop) -> Vec<String> {
    shop.types_said().await.into_iter().filter(|said| said.starts_with("Ticket")).collect()
}

#[tokio::test]
async fn what_a_banned_seller_offers_is_withdrawn() {
    let shop = Shop::open();
    let (on_offer, sold) = (listed(&shop).await, another(&shop).await);
    shop.hear(&created(ORDER, sold)).await.unwrap();
    shop.hear(&completed(ORDER, sold)).await.unwrap();
    let answer = shop.post(BUYER, &ticket(&json!({}))).await;
    let of_another: Uuid = answer.json()["id"].as_str().unwrap().parse().unwrap();
    shop.said().await;

    first_look(&shop, &ban()).await;
    assert_eq!(status(&shop, on_offer).await, "withdrawn");
    assert_eq!(status(&shop, sold).await, "sold");
    assert_eq!(status(&shop, of_another).await, "available");
    let said = shop.said().await;
    let types: Vec<_> = said.iter().map(|(_, recorded)| recorded.event.event_type.as_str()).collect();
    assert_eq!(types, ["SellerBanned", "TicketWithdrawn"]);
    assert!(said.iter().all(|(_, recorded)| recorded.cause == ban().causes("tickets")));
}

#[tokio::test]
async fn a_held_ticket_asks_its_order_to_let_go_and_is_withdrawn_when_it_does() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    shop.hear(&created(ORDER, id)).await.unwrap();
    shop.said().await;
    first_look(&shop, &ban()).await;
    assert_eq!(status(&shop, id).await, "reserved");
    assert_eq!(said_of_tickets(&shop).await, ["TicketWithdrawalRequested"]);

    shop.hear(&cancelled(OTHER_ORDER, id)).await.unwrap();
    assert_eq!(status(&shop, id).await, "reserved");
    shop.hear(&cancelled(ORDER, id)).await.unwrap();
    shop.hear(&cancelled(ORDER, id)).await.unwrap();
    assert_eq!(status(&shop, id).await, "withdrawn");
    assert_eq!(said_of_tickets(&shop).await, ["TicketReleased", "TicketWithdrawn"]);
    second_look(&shop, &ban()).await;
    assert!(shop.said().await.is_empty());
}

#[tokio::test]
async fn an_order_that_completes_gets_the_ticket_of_a_banned_seller() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    shop.hear(&created(ORDER, id)).await.unwrap();
    first_look(&shop, &ban()).await;
    shop.hear(&completed(ORDER, id)).await.unwrap();
    second_look(&shop, &ban()).await;
    assert_eq!(status(&shop, id).await, "sold");
}

#[tokio::test]
async fn an_order_for_what_was_withdrawn_is_refused() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    first_look(&shop, &ban()).await;
    shop.said().await;
    shop.hear(&created(ORDER, id)).await.unwrap();
    let said = shop.said().await;
    assert_eq!((said[0].0, &said[0].1.event.data["reason"]), (ORDER.0, &json!("ticket_withdrawn")));
}

#[tokio::test]
async fn the_second_look_withdraws_what_was_listed_in_the_minute_after_the_ban_and_nothing_later() {
    let shop = Shop::open();
    first_look(&shop, &ban()).await;
    shop.clock.advance(Duration::from_millis(59_999));
    let in_the_minute = listed(&shop).await;
    let held = another(&shop).await;
    shop.hear(&created(ORDER, held)).await.unwrap();
    shop.clock.advance(Duration::from_millis(1));
    let after_it = another(&shop).await;
    assert_eq!(shop.hear(&ban()).await, Err(Fault::NotYet(Duration::from_secs(30))));
    assert_eq!(status(&shop, in_the_minute).await, "available");

    shop.clock.advance(Duration::from_secs(30));
    shop.hear(&ban()).await.unwrap();
    assert_eq!(status(&shop, in_the_minute).await, "withdrawn");
    assert_eq!(status(&shop, after_it).await, "available");
    assert_eq!(status(&shop, held).await, "reserved");
    shop.hear(&cancelled(ORDER, held)).await.unwrap();
    assert_eq!(status(&shop, held).await, "withdrawn");
}

#[tokio::test]
async fn a_ban_that_is_heard_late_has_the_same_outcome() {
    let shop = Shop::open();
    let before_it = listed(&shop).await;
    shop.clock.advance(Duration::from_secs(59));
    let in_the_minute = another(&shop).await;
    shop.clock.advance(Duration::from_secs(600));
    let after_it = another(&shop).await;
    first_look(&shop, &ban()).await;
    assert_eq!(status(&shop, before_it).await, "withdrawn");
    second_look(&shop, &ban()).await;
    assert_eq!(status(&shop, in_the_minute).await, "withdrawn");
    assert_eq!(status(&shop, after_it).await, "available");
}

#[tokio::test]
async fn who_was_let_in_again_keeps_what_they_list_since() {
    let shop = Shop::open();
    first_look(&shop, &ban()).await;
    shop.hear(&unbanned(SELLER, 3)).await.unwrap();
    let id = listed(&shop).await;
    second_look(&shop, &ban()).await;
    shop.hear(&ban()).await.unwrap();
    assert_eq!(status(&shop, id).await, "available");
}

#[tokio::test]
async fn who_was_let_in_before_the_ban_was_heard_keeps_it_too() {
    let shop = Shop::open();
    shop.clock.advance(Duration::from_secs(20));
    let id = listed(&shop).await;
    shop.clock.advance(Duration::from_secs(200));
    first_look(&shop, &ban()).await;
    shop.hear(&unbanned(SELLER, 3)).await.unwrap();
    second_look(&shop, &ban()).await;
    assert_eq!(status(&shop, id).await, "available");
}

#[tokio::test]
async fn a_ban_that_is_heard_after_its_end_withdraws_nothing() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    shop.hear(&unbanned(SELLER, 3)).await.unwrap();
    shop.hear(&ban()).await.unwrap();
    assert_eq!(status(&shop, id).await, "available");

    first_look(&shop, &banned(SELLER, 4, NOW)).await;
    assert_eq!(status(&shop, id).await, "withdrawn");
}

#[tokio::test]
async fn a_ban_that_is_delivered_often_has_one_effect() {
    let shop = Shop::open();
    let id = listed(&shop).await;
    shop.hear(&created(ORDER, id)).await.unwrap();
    another(&shop).await;
    shop.said().await;
    for _ in 0..3 {
        first_look(&shop, &ban()).await;
    }
    second_look(&shop, &ban()).await;
    shop.hear(&ban()).await.unwrap();
    let mut said = said_of_tickets(&shop).await;
    said.sort_unstable();
    assert_eq!(said, ["TicketWithdrawalRequested", "TicketWithdrawn"]);
}

#[tokio::test]
async fn however_much_a_seller_offers_all_of_it_ends() {
    let shop = Shop::open();
    for number in 0..101_u128 {
        let id = another(&shop).await;
        if number % 2 == 0 {
            shop.hear(&created(Uuid::from_u128(1_000 + number).into(), id)).await.unwrap();
        }
    }
    shop.said().await;
    first_look(&shop, &ban()).await;
    let said = said_of_tickets(&shop).await;
    let count = |wanted: &str| said.iter().filter(|said| *said == wanted).count();
    assert_eq!((count("TicketWithdrawalRequested"), count("TicketWithdrawn")), (51, 50));
}

#[tokio::test]
async fn while_the_store_is_away_a_ban_is_not_given_up() {
    let shop = Shop::open();
    shop.gate.shut();
    assert!(matches!(shop.hear(&ban()).await, Err(Fault::Unavailable(_))));
}

#[tokio::test]
async fn what_is_heard_of_one_seller_shares_a_lane() {
    let shop = Shop::open();
    for heard in [ban(), unbanned(SELLER, 3)] {
        assert_eq!(shop.listener().lane(&heard), SELLER.0);
    }
}
