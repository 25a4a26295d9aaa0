//! What a visitor sees of what breaks: a page that says what to do, and pages that come back by themselves.

use browser::Settings;
use rig::{Ask, Listing, Options};
use serde_json::json;

use crate::{Visit, id, is_at_ease};

#[tokio::test]
async fn while_a_service_is_away_a_page_says_so_and_tries_again() {
    let visit = Visit::begin(Options::default()).await;
    let page = visit.somebody(&Settings::new()).await;
    visit.shop.processes().keep_down("tickets").unwrap();
    page.open(&visit.url("/?q=lanterns")).await.unwrap();
    assert!(page.sees("A part of the shop is away").await.unwrap());
    // What does not need it is there all the same.
    page.open(&visit.url("/sign-in")).await.unwrap();
    assert!(page.offers("Sign in").await.unwrap());

    page.open(&visit.url("/?q=lanterns")).await.unwrap();
    visit.shop.processes().start_again("tickets").unwrap();
    visit.shop.is_back("tickets", std::time::Duration::from_secs(30)).await.unwrap();
    page.follow("Try again").await.unwrap();
    assert!(page.sees("Nothing here yet").await.unwrap());
    assert_eq!(page.value("Artist, team, venue or city").await.unwrap(), "lanterns");
}

#[tokio::test]
async fn whoever_is_too_fast_is_told_and_loses_nothing() {
    let visit = Visit::begin(Options::default().variable("READS_PER_ADDRESS", "3/minute")).await;
    let page = visit.somebody(&Settings::new()).await;
    for _ in 0..4 {
        page.open(&visit.url("/?q=lanterns")).await.unwrap();
    }
    assert!(page.sees("That was a little fast").await.unwrap());
    assert!(page.offers("Try again").await.unwrap());
    // Another address is not concerned, and this site has only one: what needs no reading is there.
    page.open(&visit.url("/sign-in")).await.unwrap();
    assert!(page.offers("Sign in").await.unwrap());
}

#[tokio::test]
async fn a_page_whose_connection_was_lost_catches_up() {
    let visit = Visit::begin(Options::default()).await;
    let seller = visit.shop.person().await.unwrap();
    let ticket = seller.lists(&Listing::any().at_price(4_000)).await.unwrap();
    let page = visit.somebody(&Settings::new()).await;
    page.eventually_sees("$40.00").await.unwrap();

    page.offline(true).await.unwrap();
    let price = json!({ "price": { "amount": 5_500, "currency": "USD" } });
    seller
        .asks(Ask::patch(format!("/api/tickets/{ticket}"), price))
        .await
        .unwrap()
        .expect(200, "changing")
        .unwrap();
    page.offline(false).await.unwrap();
    page.eventually_sees("$55.00").await.unwrap();

    // The same when the service itself was away.
    visit.shop.processes().kill("tickets").unwrap();
    visit.shop.is_back("tickets", std::time::Duration::from_secs(30)).await.unwrap();
    let price = json!({ "price": { "amount": 6_600, "currency": "USD" } });
    seller
        .asks(Ask::patch(format!("/api/tickets/{ticket}"), price))
        .await
        .unwrap()
        .expect(200, "changing")
        .unwrap();
    page.patience(std::time::Duration::from_secs(60)).eventually_sees("$66.00").await.unwrap();
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_ones_own_is_told_by_a_page() {
    let visit = Visit::begin(Options::default()).await;
    let member = visit.member(&Settings::new(), "Night Owl").await;
    for (path, says) in [
        ("/nothing/here", "There is no such page"),
        ("/tickets/nonsense", "There is no such page"),
        ("/orders/0197f000-0000-7000-8000-000000000001", "There is no such page"),
        ("/admin/people", "This is not yours to see"),
    ] {
        member.open(&visit.url(path)).await.unwrap();
        assert!(member.sees(says).await.unwrap(), "{path}");
        is_at_ease(&member);
    }
    assert_eq!(id(&member).await, "people");
}
