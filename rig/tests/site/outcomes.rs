//! When it does not end with a ticket: what people are told, and the way on.

use std::time::Duration;

use browser::{Page, Settings};
use rig::{Ask, Options};
use serde_json::json;

use crate::purchase::{finds, lists, pays};
use crate::{Visit, id, is_at_ease};

/// A buyer with the ticket held for them, and its seller at its page.
async fn held(visit: &Visit, title: &str) -> (Page, Page) {
    let settings = Settings::new();
    let seller = visit.member(&settings, "Front Row").await;
    lists(&seller, visit, title, "40").await;
    let buyer = visit.member(&settings, "Night Owl").await;
    finds(&buyer, title).await;
    buyer.press("Reserve for 15 minutes").await.unwrap();
    buyer.eventually_sees("Held for you").await.unwrap();
    (seller, buyer)
}

#[tokio::test]
async fn a_reservation_that_runs_out_is_told_and_can_be_made_again() {
    let visit = Visit::begin(Options::default().reservation_seconds(6)).await;
    let (seller, buyer) = held(&visit, "Slow Comet").await;
    seller.eventually_sees("Somebody is holding this ticket").await.unwrap();

    buyer.eventually_sees("The time to pay ran out").await.unwrap();
    assert!(buyer.sees("Nothing was taken from your card.").await.unwrap());
    assert!(
        buyer.sees("The time to pay was over").await.unwrap() || buyer.sees("What happened").await.unwrap()
    );
    seller.eventually_misses("Somebody is holding this ticket").await.unwrap();

    buyer.press("Reserve it again").await.unwrap();
    buyer.eventually_sees("Held for you").await.unwrap();
    is_at_ease(&buyer);
    is_at_ease(&seller);
}

#[tokio::test]
async fn a_buyer_may_change_their_mind_and_a_card_may_be_declined() {
    let visit = Visit::begin(Options::default()).await;
    let (seller, buyer) = held(&visit, "Glass Orchard").await;

    pays(&buyer, "Visa 0002").await;
    buyer.eventually_sees("The bank declined this card").await.unwrap();
    assert!(buyer.sees("Held for you").await.unwrap(), "the time goes on");

    buyer.press("Cancel this order").await.unwrap();
    buyer.press("Cancel the order").await.unwrap();
    buyer.eventually_sees("You cancelled this order").await.unwrap();
    seller.eventually_misses("Somebody is holding this ticket").await.unwrap();

    buyer.follow("All my orders").await.unwrap();
    assert!(buyer.sees("Glass Orchard").await.unwrap());
    is_at_ease(&buyer);
}

#[tokio::test]
async fn whoever_is_slower_and_whoever_saw_another_price_is_told_so() {
    let visit = Visit::begin(Options::default()).await;
    let settings = Settings::new();
    let seller = visit.member(&settings, "Front Row").await;
    let ticket = lists(&seller, &visit, "Northern Ferry", "40").await;
    let without_scripts = Settings::new().javascript(false);
    let (slow, fast) = tokio::join!(visit.member(&without_scripts, "Slow"), visit.member(&settings, "Fast"));
    for page in [&slow, &fast] {
        finds(page, "Northern Ferry").await;
    }

    seller.follow("Edit your listing").await.unwrap();
    seller.fill("Price", "55").await.unwrap();
    seller.press("Save").await.unwrap();
    assert!(seller.sees("Your changes are saved.").await.unwrap());
    // Live pages have the new price by themselves; this one has none of that.
    fast.eventually_sees("$55.00").await.unwrap();
    slow.press("Reserve for 15 minutes").await.unwrap();
    slow.eventually_sees("The price has changed").await.unwrap();
    assert!(slow.sees("$55.00").await.unwrap());

    fast.press("Reserve for 15 minutes").await.unwrap();
    fast.eventually_sees("Held for you").await.unwrap();
    slow.press("Reserve it for").await.unwrap();
    slow.eventually_sees("Somebody was faster").await.unwrap();
    assert_eq!(id(&fast).await.len(), ticket.len(), "an order has an address of its own");
    is_at_ease(&fast);
}

#[tokio::test]
async fn whoever_is_banned_while_browsing_is_signed_out_and_told_why() {
    let visit = Visit::begin(Options::default()).await;
    let (_, buyer) = held(&visit, "Electric Allotment").await;
    let admin = visit.shop.admin().await.unwrap();
    let order = visit.url(&format!("/orders/{}", id(&buyer).await));
    let people = admin.asks(Ask::get("/api/users?q=Night")).await.unwrap().expect(200, "looking").unwrap();
    let banned = people.body["items"][0]["id"].as_str().unwrap().to_owned();
    let ban = Ask::post(format!("/api/users/{banned}/ban"), json!({ "reason": "Sold what was not theirs." }));
    admin.asks(ban).await.unwrap().expect(200, "banning").unwrap();

    // Their session is over everywhere at once.
    let patient = buyer.patience(Duration::from_secs(30));
    patient.open(&order).await.unwrap();
    patient.eventually_sees("You were signed out").await.unwrap();
    let email = people.body["items"][0]["email"].as_str().unwrap();
    patient.fill("E-mail address", email).await.unwrap();
    patient.fill("Password", crate::PASSWORD).await.unwrap();
    patient.press("Sign in").await.unwrap();
    patient.eventually_sees("This account is banned").await.unwrap();
}
