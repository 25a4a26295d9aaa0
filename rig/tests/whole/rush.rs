//! Many people want the same ticket at the same moment.

use mongodb::bson::Document;
use rig::{Checked, Options, rush::rush};

use crate::{SOON, shop};

async fn everybody_at_once(shop: &Checked, tickets: usize, people: usize) {
    let people = shop.people(people).await.unwrap();
    let outcome = rush(shop, tickets, &people).await.unwrap();
    assert!(outcome.faults().is_empty(), "{}", outcome.faults().join("\n"));
    for wanted in &outcome.tickets {
        assert_eq!(wanted.refused.values().sum::<usize>(), people.len() - 1, "{wanted}");
        wanted.is_paid().await.unwrap();
        let (order, person) = &wanted.won[0];
        person.order_becomes(*order, "complete", SOON).await.unwrap();
    }
    shop.settles(SOON).await.unwrap();
}

#[tokio::test]
async fn of_a_hundred_people_who_order_one_ticket_one_gets_it() {
    let shop = shop(Options::default()).await;
    everybody_at_once(&shop, 1, 100).await;
}

#[tokio::test]
async fn each_of_several_tickets_goes_to_one_of_those_who_order_it() {
    let shop = shop(Options::default()).await;
    everybody_at_once(&shop, 5, 20).await;
}

#[tokio::test]
async fn without_the_index_that_refuses_early_the_ticket_alone_decides() {
    let shop = shop(Options::default()).await;
    let orders = shop.behind().database("orders").collection::<Document>("order");
    orders.drop_index("active_ticket").await.unwrap();
    everybody_at_once(&shop, 2, 50).await;
    let placed = shop.behind().kept().await.unwrap().into_iter().filter(|kept| kept.category == "order");
    assert_eq!(placed.count(), 100, "every order was placed, and asked its ticket");
}
