//! The stream is told again from the stores: whole or in part, however often that is stopped, and by several at once.

use std::sync::Arc;

use eventsourcing::{MongoStore, Schema};
use messaging::{Bus as _, Relay};
use mongodb::bson::{Bson, Document, doc};
use orders::order::Order;

use super::orders::{cancel, document, documents, order, place, reserve};
use super::servers::{Servers, Told};

const REPUBLISH: [&str; 5] = ["republish", "orders", "--write", "--by", "Ada"];

/// A service with so many orders, all of them published; and what the stream tells of them.
async fn published(servers: &Servers, count: u128) -> Told {
    let database = servers.database("orders");
    database.collection::<Document>("order").insert_many(documents(0..count)).await.unwrap();
    let bus = servers.bus().await;
    bus.prepare().await.unwrap();
    let store = MongoStore::<Order>::new(&database, Schema::default(), servers.runtime.clone());
    let relay = Relay::new(Arc::new(bus), servers.runtime.clone());
    assert_eq!(relay.republish(&store, None).await.unwrap(), 0);
    let told = servers.told().await;
    assert_eq!(told.len() as u128, count);
    told
}

/// How many messages, in all.
fn length(told: &Told) -> usize {
    told.values().map(Vec::len).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_was_lost_is_told_again_byte_for_byte() {
    let mut servers = Servers::start().await;
    let told = published(&servers, 100).await;
    servers.tool(&["republish", "orders"]).ends(0).says("order: the stream tells all of it");
    let store = servers.copy("orders", "order").await;
    servers.lose_stream();

    let said = servers.tool(&["republish", "orders"]).ends(0).says("There is no stream");
    let lacking = format!("the stream lacks {} events of 100 aggregates", length(&told));
    said.says(&lacking).says("Timers have no store").says("Nothing was published");
    assert!(servers.bus().await.state().await.is_err(), "a dry run makes no stream");
    assert!(servers.documents("orders", "repairs").await.is_empty());

    let again = format!("order: {} events of 100 aggregates told again", length(&told));
    servers.tool(&REPUBLISH).ends(0).says(&again);
    assert_eq!(servers.told().await, told);
    assert_eq!(servers.copy("orders", "order").await, store);
    let repairs = servers.documents("orders", "repairs").await;
    assert_eq!(repairs[0].get_str("by").ok(), Some("Ada"));
    assert!(repairs[0].get_str("outcome").unwrap().contains("100 aggregates told again"));
    servers.tool(&REPUBLISH).ends(0).says("order: the stream tells all of it");
    assert_eq!(servers.told().await, told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_services_are_told_of_unless_some_are_named() {
    let mut servers = Servers::start().await;
    published(&servers, 5).await;
    servers.lose_stream();
    let said = servers.tool(&["republish"]).ends(0).says("of auth, tickets, orders, payments");
    said.says("order: the stream lacks").says("payment: the stream tells all of it");
    servers.tool(&["republish", "tickets", "payments"]).ends(0).says("of tickets, payments");
    servers
        .tool(&["republish", "--json"])
        .ends(0)
        .says("\"aggregate\":\"order\"")
        .says("\"lacking_aggregates\":5");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_half_way_and_by_two_at_once_it_comes_to_the_same() {
    let mut servers = Servers::start().await;
    let told = published(&servers, 1_500).await;
    let total = length(&told) as u64;
    servers.lose_stream();
    let mut killed = 0;
    for part in [1, 3, 5] {
        let bus = servers.bus().await;
        let is_there = async || bus.state().await.is_ok_and(|state| state.last_sequence > total * part / 10);
        killed += u32::from(servers.kill_once(&REPUBLISH, is_there).await);
    }
    assert!(killed >= 2, "{killed}");
    let half = servers.told().await;
    assert!(length(&half) > 0 && length(&half) < length(&told), "{} of {total}", length(&half));

    let two = [servers.begin(&REPUBLISH), servers.begin(&REPUBLISH)];
    for mut tool in two {
        let status = tokio::task::block_in_place(|| tool.wait().unwrap());
        assert!(status.success());
    }
    assert_eq!(servers.told().await, told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_left_unpublished_is_told_and_nothing_else_is_touched() {
    let servers = Servers::start().await;
    let told = published(&servers, 5).await;
    let orders = servers.database("orders").collection::<Document>("order");
    let mut later = document(1, &[place(1), reserve(), cancel(1)]);
    later.insert("unpublished", true);
    orders.replace_one(doc! { "_id": order(1).to_string() }, &later).await.unwrap();
    servers.tool(&["republish", "orders"]).ends(0).says("the stream lacks 1 events of 1 aggregates");
    servers.tool(&REPUBLISH).ends(0).says("1 events of 1 aggregates told again");
    let now = servers.told().await;
    assert_eq!(length(&now), length(&told) + 1);
    assert!(told.iter().all(|(aggregate, messages)| now[aggregate].starts_with(messages)));
    let found = orders.find_one(doc! { "_id": order(1).to_string() }).await.unwrap().unwrap();
    assert!(!found.contains_key("unpublished"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_stream_tells_otherwise_is_fenced_and_what_it_tells_more_of_is_to_be_recovered() {
    let servers = Servers::start().await;
    let told = published(&servers, 6).await;
    let orders = servers.database("orders").collection::<Document>("order");
    let at = |number: u128| doc! { "_id": order(number).to_string() };
    // Another history of the same length, and of a greater one; an older copy; and one that is lost altogether.
    let other = |number: u128| doc! { "$set": { "events.1.id": order(number + 1_000).to_string() } };
    orders.update_one(at(1), other(1)).await.unwrap();
    let mut longer = document(4, &[place(4), reserve(), cancel(4)]);
    longer.get_array_mut("events").unwrap()[2]
        .as_document_mut()
        .unwrap()
        .insert("id", order(2_000).to_string());
    longer.get_array_mut("events").unwrap().push(Bson::Document(doc! { "id": order(2_001).to_string(), "version": 4_i64, "type": "OrderCompleted", "data": { "ticket_id": order(1).to_string() }, "at": "2026-01-01T00:00:00.000Z", "causation_id": order(1).to_string(), "correlation_id": order(1).to_string(), "actor": "service:orders" }));
    longer.insert("version", 4_i64);
    orders.replace_one(at(4), &longer).await.unwrap();
    orders.replace_one(at(3), document(3, &[place(3)])).await.unwrap();
    orders.delete_one(at(2)).await.unwrap();
    let store = servers.copy("orders", "order").await;
    for arguments in [&["republish", "orders"][..], &REPUBLISH] {
        let said = servers.tool(arguments).ends(1);
        let said = said.says("2 fenced, 2 of which the store lacks something");
        let said = said.says(&format!("order {}: the stream tells another v2 of it", order(1)));
        let said = said.says(&format!("order {}: the stream tells another v3 of it", order(4)));
        said.says(&format!("order {}: the stream tells v4 of it, the store has v1", order(3)));
    }
    assert_eq!(servers.told().await, told);
    assert_eq!(servers.copy("orders", "order").await, store);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_only_reads_looks_and_who_mends_publishes() {
    let servers = Servers::with_users().await;
    let orders = servers.database("orders").collection::<Document>("order");
    orders.insert_many(documents(0..10)).await.unwrap();
    let [reads, mends] = ["replay", "repair"].map(|user| servers.url_of(user));
    let tool = |command: &[&str], url: &str| servers.tool(&[command, &["--nats-url", url]].concat());
    tool(&["republish", "orders"], &reads).ends(0).says("the stream lacks 26 events of 10 aggregates");
    tool(&REPUBLISH, &reads).ends(3).says("NATS does not");
    assert!(!servers.bus_of("repair").await.has_stream().await.unwrap());
    tool(&REPUBLISH, &mends).ends(0).says("26 events of 10 aggregates told again");
    let told = servers.told_over(&servers.bus_of("repair").await).await;
    assert_eq!(length(&told), 26);

    // On a stream that is there who only reads publishes no more.
    orders.insert_many(documents(10..11)).await.unwrap();
    tool(&REPUBLISH, &reads).ends(3).says("not from this user");
    assert_eq!(servers.told_over(&servers.bus_of("replay").await).await, told);
    tool(&["rebuild", "orders", "--from-stream"], &reads).ends(1).says("1 could not be folded");
    tool(&["recover", "orders"], &reads).ends(0).says("order: nothing is lacking in 11");
}
