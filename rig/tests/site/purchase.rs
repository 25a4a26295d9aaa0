//! Two people, two browsers, one ticket.

use browser::{Page, Settings};
use rig::Options;

use crate::{Visit, is_at_ease, sign_up};

/// Lists a ticket, and stays at its page.
pub(crate) async fn lists(seller: &Page, visit: &Visit, title: &str, price: &str) -> String {
    seller.follow("Sell").await.unwrap();
    seller.fill("Title", title).await.unwrap();
    seller.choose("Kind", "Concert").await.unwrap();
    seller.fill("Venue", "Harbour Hall").await.unwrap();
    seller.fill("City", "Lisbon").await.unwrap();
    seller.fill("Date and time", "2031-05-01T19:30").await.unwrap();
    seller.fill("Section", "Stalls").await.unwrap();
    seller.fill("Row", "A").await.unwrap();
    seller.fill("Seat", "7").await.unwrap();
    seller.fill("Price", price).await.unwrap();
    seller.press("List it").await.unwrap();
    assert!(seller.sees("Your ticket is on offer.").await.unwrap());
    seller.open(&visit.url(&format!("/?q={}", title.replace(' ', "+")))).await.unwrap();
    seller.follow(title).await.unwrap();
    crate::id(seller).await
}

/// Finds it by its name, and is at its page.
pub(crate) async fn finds(buyer: &Page, title: &str) {
    buyer.fill("Artist, team, venue or city", title).await.unwrap();
    buyer.press("Search").await.unwrap();
    buyer.follow(title).await.unwrap();
}

pub(crate) async fn pays(buyer: &Page, card: &str) {
    buyer.choose("Card", card).await.unwrap();
    buyer.press("Pay").await.unwrap();
}

async fn they_trade(settings: Settings, has_scripts: bool) {
    let visit = Visit::begin(Options::default()).await;
    let seller = visit.member(&settings, "Front Row").await;
    lists(&seller, &visit, "The Paper Lanterns", "125.50").await;
    assert!(seller.sees("This is your own listing.").await.unwrap());

    // Whoever is not signed in does so on the way, and comes back to the ticket.
    let buyer = visit.somebody(&settings).await;
    finds(&buyer, "The Paper Lanterns").await;
    assert!(buyer.sees("US$125.50").await.unwrap() || buyer.sees("$125.50").await.unwrap());
    buyer.press("Reserve for 15 minutes").await.unwrap();
    buyer.follow("Open an account").await.unwrap();
    sign_up(&buyer, "Night Owl").await;
    buyer.press("Reserve for 15 minutes").await.unwrap();
    assert!(buyer.sees("Held for you").await.unwrap());

    pays(&buyer, "Visa 4242").await;
    buyer.eventually_sees("Your ticket").await.unwrap();
    buyer.eventually_sees("Code for the door").await.unwrap();
    assert_eq!(buyer.evaluate("document.querySelector('svg.qr path') !== null").await.unwrap(), true);
    assert!(buyer.sees("Receipt").await.unwrap());
    is_at_ease(&buyer);

    visit.shop.settles(std::time::Duration::from_secs(20)).await.unwrap();
    // With scripts the seller's page says so by itself; without, when it is looked at again.
    if !has_scripts {
        seller.reload().await.unwrap();
    }
    seller.eventually_sees("This ticket has been sold.").await.unwrap();
    is_at_ease(&seller);
}

#[tokio::test]
async fn two_people_trade_and_the_seller_sees_it_sold_without_reloading() {
    they_trade(Settings::new(), true).await;
}

#[tokio::test]
async fn two_people_trade_without_javascript() {
    they_trade(Settings::new().javascript(false), false).await;
}

#[tokio::test]
async fn two_people_trade_on_phones() {
    they_trade(Settings::new().phone(), true).await;
}

/// The code that the buyer is shown lets one person in, once.
#[tokio::test]
async fn a_bought_ticket_lets_in_once() {
    let visit = Visit::begin(Options::default()).await;
    let settings = Settings::new();
    let seller = visit.member(&settings, "Front Row").await;
    lists(&seller, &visit, "The Paper Lanterns", "40").await;
    let buyer = visit.member(&settings, "Night Owl").await;
    finds(&buyer, "The Paper Lanterns").await;
    buyer.press("Reserve for 15 minutes").await.unwrap();
    pays(&buyer, "Visa 4242").await;
    buyer.eventually_sees("Code for the door").await.unwrap();
    let code = buyer.texts("code.letters").await.unwrap().concat();

    for says in ["Good for entry", "Used already"] {
        seller.open(&visit.url("/door")).await.unwrap();
        seller.fill("Code of the ticket", &code).await.unwrap();
        seller.press("Admit").await.unwrap();
        seller.eventually_sees(says).await.unwrap();
    }
    seller.fill("Code of the ticket", &"A".repeat(43)).await.unwrap();
    seller.press("Admit").await.unwrap();
    seller.eventually_sees("Not a ticket").await.unwrap();
}
