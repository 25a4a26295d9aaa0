//! JetStream is lost whole while it is down, and rebuilt from what the services keep.

use std::{collections::BTreeSet, fs, time::Instant};

use rig::{Checked, Listing, Options, Said};
use uuid::Uuid;

use crate::{SOON, seller_and_buyer, shop};

/// All that stores can tell again: what timers said is kept nowhere else.
async fn told(shop: &Checked) -> BTreeSet<Uuid> {
    let said = shop.behind().said().await.unwrap_or_default();
    let has_store = |said: &&Said| said.category != "timer";
    said.iter().filter(has_store).map(|said| said.recorded.id).collect()
}

#[tokio::test]
async fn a_stream_that_was_lost_whole_is_told_again_and_nothing_is_sold_twice() {
    let shop = shop(Options::default()).await;
    let (seller, buyer) = seller_and_buyer(&shop).await;
    let other = shop.person().await.unwrap();
    let mut tickets = Vec::new();
    for _ in 0..4 {
        tickets.push(seller.lists(&Listing::any()).await.unwrap());
    }
    let bought = buyer.gets(tickets[0]).await.unwrap();
    buyer.pays(bought, "pm_card_visa").await.unwrap().expect(201, "paying").unwrap();
    buyer.order_becomes(bought, "complete", SOON).await.unwrap();
    let awaiting = buyer.gets(tickets[1]).await.unwrap();
    let cancelled = buyer.gets(tickets[2]).await.unwrap();
    assert_eq!(buyer.cancels(cancelled).await.unwrap().status, 204);
    shop.settles(SOON).await.unwrap();
    let before = told(&shop).await;
    let sequences = shop.behind().said().await.unwrap().len();

    shop.processes().keep_down("nats").unwrap();
    fs::remove_dir_all(shop.folder().join("data/nats/jetstream")).unwrap();
    shop.processes().start_again("nats").unwrap();
    let begun_at = Instant::now();
    while !told(&shop).await.is_superset(&before) {
        assert!(begun_at.elapsed() < SOON, "the stream is not told again");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    println!("{sequences} messages, told again after {} ms", begun_at.elapsed().as_millis());
    for name in ["auth", "tickets", "orders", "payments", "expiration", "replay"] {
        shop.is_back(name, SOON).await.unwrap();
    }
    shop.settles(SOON).await.unwrap();
    assert_eq!(told(&shop).await, before);

    let refused = other.orders(tickets[0]).await.unwrap();
    assert_eq!((refused.status.as_u16(), refused.problem()), (409, "ticket-sold"), "{refused}");
    buyer.pays(awaiting, "pm_card_visa").await.unwrap().expect(201, "paying").unwrap();
    buyer.order_becomes(awaiting, "complete", SOON).await.unwrap();
    for ticket in &tickets[2..] {
        let order = other.gets(*ticket).await.unwrap();
        other.pays(order, "pm_card_visa").await.unwrap().expect(201, "paying").unwrap();
        other.order_becomes(order, "complete", SOON).await.unwrap();
    }
    shop.settles(SOON).await.unwrap();
    assert_eq!(shop.behind().ledger().await.unwrap().captured["usd"], 4 * 12_500);
}
