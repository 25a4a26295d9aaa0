//! The time to pay is over: not before its time, hardly after it, and never with money taken.

use std::{collections::BTreeMap, time::Duration};

use contracts::{Event, orders::OrderEvent, timers::TimerEvent};
use rig::{Behind, Listing, Options};
use serde_json::json;
use stripe_standin::{Fault, Faults, NextFault, When};
use uuid::Uuid;

use crate::{SOON, seller_and_buyer, shop};

const ORDERS: usize = 24;

/// How many milliseconds after its time each order was cancelled; below zero when it was before.
async fn lateness(behind: &Behind, orders: &[Uuid]) -> Vec<i64> {
    let (mut times, mut late) = (BTreeMap::new(), Vec::new());
    for said in behind.story(orders).await.unwrap() {
        match &said.event {
            Event::Order(OrderEvent::OrderCreated(created)) => {
                times.insert(said.id, created.expires_at);
            }
            Event::Order(OrderEvent::OrderCancelled(_)) => {
                late.push(said.recorded.at.as_millis() - times[&said.id].as_millis());
            }
            Event::Timer(TimerEvent::OrderExpired(expired)) => {
                assert!(said.recorded.at >= expired.expires_at, "order {} expired before its time", said.id);
            }
            _ => {}
        }
    }
    late.sort_unstable();
    late
}

#[tokio::test]
async fn an_unpaid_order_ends_when_its_time_is_over_and_its_ticket_goes_to_another() {
    let options = Options::default().reservation_seconds(3).max_open_orders(ORDERS);
    let shop = shop(options).await;
    let (seller, buyer) = seller_and_buyer(&shop).await;
    let other = shop.person().await.unwrap();
    let mut tickets = Vec::new();
    for _ in 0..ORDERS {
        tickets.push(seller.lists(&Listing::any()).await.unwrap());
    }
    let placed = futures::future::join_all(tickets.iter().map(|ticket| buyer.gets(*ticket))).await;
    let orders: Vec<Uuid> = placed.into_iter().map(Result::unwrap).collect();

    for order in &orders {
        let ended = buyer.order_becomes(*order, "cancelled", Duration::from_secs(25)).await.unwrap();
        assert_eq!(ended["reason"], "expired");
    }
    let late = lateness(shop.behind(), &orders).await;
    assert_eq!(late.len(), ORDERS);
    let (first, median, last) = (late[0], late[ORDERS / 2], late[ORDERS - 1]);
    println!("{ORDERS} orders ended {median} ms after their time at the median, {first} to {last} ms");
    assert!(first >= 0, "before its time: {late:?}");
    assert!(last < 20_000, "later than without any timer: {late:?}");

    other.ticket_becomes(tickets[0], "available", SOON).await.unwrap();
    let order = other.gets(tickets[0]).await.unwrap();
    assert_eq!(other.pays(order, "pm_card_visa").await.unwrap().status, 201);
    other.order_becomes(order, "complete", SOON).await.unwrap();
}

#[tokio::test]
async fn without_any_timer_the_sweep_ends_an_order_within_twenty_seconds() {
    let shop = shop(Options::default().reservation_seconds(2)).await;
    let (seller, buyer) = seller_and_buyer(&shop).await;
    let ticket = seller.lists(&Listing::any()).await.unwrap();
    shop.processes().keep_down("expiration").unwrap();
    shop.processes().keep_down("redis").unwrap();

    let order = buyer.gets(ticket).await.unwrap();
    let ended = buyer.order_becomes(order, "cancelled", Duration::from_secs(30)).await.unwrap();
    assert_eq!(ended["reason"], "expired");
    let late = lateness(shop.behind(), &[order]).await;
    assert!((0..20_000).contains(&late[0]), "{late:?}");

    for name in ["redis", "expiration"] {
        shop.processes().start_again(name).unwrap();
        shop.is_back(name, SOON).await.unwrap();
    }
}

#[tokio::test]
async fn a_payment_that_comes_too_late_is_voided_and_never_captured() {
    let shop = shop(Options::default().reservation_seconds(2)).await;
    let (seller, buyer) = seller_and_buyer(&shop).await;
    let ticket = seller.lists(&Listing::any()).await.unwrap();
    let order = buyer.gets(ticket).await.unwrap();
    buyer.payment_becomes(order, "payable", SOON).await.unwrap();

    let slow = NextFault {
        path: "/v1/payment_intents".to_owned(),
        method: Some("POST".to_owned()),
        fault: Fault::Slow,
        when: When::Before,
        slow_ms: 3_500,
        times: 1,
    };
    shop.behind().set_faults(&Faults { next: vec![slow], ..Faults::default() }).await.unwrap();
    let answer = buyer.pays(order, "pm_card_visa").await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.problem()), (409, "order-not-payable"), "{answer}");

    let ended = buyer.order_becomes(order, "cancelled", SOON).await.unwrap();
    assert_eq!(ended["reason"], "expired");
    buyer.payment_becomes(order, "voided", SOON).await.unwrap();
    let ledger = shop.behind().ledger().await.unwrap();
    let entry = &ledger.payment_intents[0];
    assert_eq!((entry.captured, entry.held), (0, 0), "{entry:?}");
    let again = buyer.pays(order, "pm_card_visa").await.unwrap();
    assert_eq!((again.status.as_u16(), again.problem()), (409, "order-not-payable"), "{again}");
    assert_eq!(
        buyer.ticket_becomes(ticket, "available", SOON).await.unwrap()["price"]["amount"],
        json!(12_500)
    );
}
