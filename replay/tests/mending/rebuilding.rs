//! States are folded again, however often that is stopped, and whoever writes meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;

use auth::account::{Account, AccountCommand};
use auth::audit::{AuditEntry, AuditTrail as _, MongoAuditTrail, Search};
use contracts::{Event, Timestamp, UserId};
use eventsourcing::{Aggregates, Gate, MongoStore, Outbox as _, Schema};
use futures::future::join_all;
use messaging::{Bus as _, Relay};
use mongodb::bson::{Document, doc};
use orders::order::Order;
use replay::kinds::Kind;
use uuid::Uuid;

use super::orders::{cancel, cause, documents, order};
use super::servers::{Copied, SOON, Servers};

const REBUILD: [&str; 5] = ["rebuild", "orders", "--write", "--by", "Ada"];

/// A service with so many orders; and what it was before each third state was spoilt.
async fn spoilt(servers: &Servers, count: u128) -> Copied {
    let orders = servers.database("orders").collection::<Document>("order");
    orders.insert_many(documents(0..count)).await.unwrap();
    let whole = servers.copy("orders", "order").await;
    let spoil = doc! { "$set": { "state.status": "eaten", "state.by": "a worm" } };
    for number in (0..count).step_by(3) {
        orders.update_one(doc! { "_id": order(number).to_string() }, spoil.clone()).await.unwrap();
    }
    whole
}

/// Nothing of a rebuild is left but who did it.
async fn nothing_is_left(servers: &Servers, times: usize) {
    let collections = servers.collections("orders").await;
    assert!(!collections.iter().any(|name| name.ends_with("_rebuilt")), "{collections:?}");
    assert!(servers.documents("orders", "rebuilds").await.is_empty());
    let repairs = servers.documents("orders", "repairs").await;
    assert_eq!(repairs.len(), times);
    assert!(repairs.iter().all(|repair| repair.get_str("by").ok() == Some("Ada")), "{repairs:?}");
    assert!(repairs.iter().any(|repair| repair.get_str("outcome").is_ok()), "{repairs:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_says_what_differs_and_only_reads() {
    let servers = Servers::start().await;
    spoilt(&servers, 30).await;
    let before = servers.copy("orders", "order").await;
    let said = servers.tool(&["rebuild", "orders"]).ends(0);
    let said = said.says("order: 30 folded, 10 not as their events say").says("~ status: \"eaten\" → \"");
    said.says("- by: \"a worm\"").says("Nothing was written");
    servers.tool(&["rebuild", "orders", "--json"]).ends(0).says("\"differing\":10");
    assert_eq!(servers.copy("orders", "order").await, before);
    assert_eq!(servers.collections("orders").await, ["order"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn states_are_as_their_events_say_from_the_store_and_from_the_stream() {
    let servers = Servers::start().await;
    let whole = spoilt(&servers, 30).await;
    let before = servers.copy("orders", "order").await;
    servers.tool(&REBUILD).ends(0).says("10 not as their events say, 10 replaced");
    assert_eq!(servers.copy("orders", "order").await, whole);
    nothing_is_left(&servers, 1).await;

    // From the stream, with a document whose last event it lacks, and one of which it lacks what it should tell.
    let bus = servers.bus().await;
    bus.prepare().await.unwrap();
    let store =
        MongoStore::<Order>::new(&servers.database("orders"), Schema::default(), servers.runtime.clone());
    let relay = Relay::new(Arc::new(bus), servers.runtime.clone());
    for number in 0..30 {
        relay.publish(&store, order(number)).await.unwrap();
    }
    servers.put_back("orders", "order", &before).await;
    let orders = servers.database("orders").collection::<Document>("order");
    let [late, lost] = [&documents(40..41)[0], &documents(41..42)[0]];
    let mut late = late.clone();
    late.insert("unpublished", true);
    orders.insert_many([&late, lost]).await.unwrap();
    let from_stream = [&REBUILD[..], &["--from-stream"]].concat();
    let said = servers.tool(&from_stream).ends(1).says("10 replaced").says("1 could not be folded");
    said.says(&order(41).to_string()).says("the stream does not tell v1 of it");
    let rebuilt = servers.copy("orders", "order").await;
    assert!(whole.iter().all(|(id, document)| rebuilt[id] == *document));
    nothing_is_left(&servers, 2).await;
}

/// Wherever it is killed: in the middle of folding, in the middle of swapping, and at any moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_killed_anywhere_goes_on_to_what_it_would_have_been() {
    const COUNT: u128 = 6_000;
    let servers = Servers::start().await;
    let whole = spoilt(&servers, COUNT).await;
    let before = servers.copy("orders", "order").await;
    assert_ne!(before, whole);
    servers.tool(&REBUILD).ends(0);
    let uninterrupted = servers.copy("orders", "order").await;
    assert_eq!(uninterrupted, whole);

    servers.put_back("orders", "order", &before).await;
    let cursors = servers.database("orders").collection::<Document>("rebuilds");
    let mut killed = Vec::new();
    for (phase, pages) in [("folding", 3), ("folding", 9), ("folding", 20), ("swapping", 4), ("swapping", 15)]
    {
        let furthest = {
            let mut ids: Vec<_> = before.keys().cloned().collect();
            ids.sort();
            ids[pages * 200].clone()
        };
        let is_there = async || {
            let cursor = cursors.find_one(doc! { "_id": "order" }).await.unwrap();
            cursor.is_some_and(|cursor| {
                let after = cursor.get_str("after").unwrap_or_default();
                cursor.get_str("phase").ok() == Some(phase) && *after >= *furthest
            })
        };
        if servers.kill_once(&REBUILD, is_there).await {
            killed.push((phase, pages));
            let cursor = cursors.find_one(doc! { "_id": "order" }).await.unwrap().unwrap();
            assert_eq!(cursor.get_str("by").ok(), Some("Ada"));
        }
    }
    assert!(killed.len() >= 4, "{killed:?}");
    let half = servers.copy("orders", "order").await;
    assert!(half != before && half != whole, "it was killed in the middle of swapping");
    let said = servers.tool(&REBUILD).ends(0);
    said.says("order: 6000 folded, 2000 not as their events say");
    assert_eq!(servers.copy("orders", "order").await, uninterrupted);
    assert!(servers.documents("orders", "rebuilds").await.is_empty());
    let collections = servers.collections("orders").await;
    assert!(!collections.contains(&"order_rebuilt".to_owned()), "{collections:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_on_meanwhile_is_not_put_back() {
    let servers = Servers::start().await;
    spoilt(&servers, 3_000).await;
    let database = servers.database("orders");
    let store = Arc::new(
        MongoStore::<Order>::open(&database, Schema::default(), servers.runtime.clone()).await.unwrap(),
    );
    let relay = Arc::new(Relay::new(Arc::new(servers.bus().await), servers.runtime.clone()));
    let aggregates = Aggregates::new(store.clone(), servers.runtime.clone(), relay, Gate::default());
    // Their states can be read, and are wrong; and each is cancelled just when it is about to be swapped.
    let awaiting: Vec<u128> = (0..3_000).filter(|number| number % 3 != 0 && number % 5 == 1).collect();
    let orders = database.collection::<Document>("order");
    let ids: Vec<String> = awaiting.iter().map(|number| order(*number).to_string()).collect();
    let wrong = doc! { "$set": { "state.ticket.title": "Macbeth" } };
    orders.update_many(doc! { "_id": { "$in": ids } }, wrong).await.unwrap();
    let mut waiting: BTreeMap<String, u128> =
        awaiting.iter().map(|number| (order(*number).to_string(), *number)).collect();
    let cursors = database.collection::<Document>("rebuilds");
    let mut tool = servers.begin(&REBUILD);
    let mut cancelled = 0;
    while tool.try_wait().unwrap().is_none() && !waiting.is_empty() {
        let swapping = doc! { "_id": "order", "phase": "swapping" };
        let Some(cursor) = cursors.find_one(swapping).await.unwrap() else { continue };
        let after = cursor.get_str("after").unwrap_or_default().to_owned();
        let next: Vec<_> = waiting.range(after..).take(8).map(|(_, number)| *number).collect();
        let cancel_one = |number: u128| {
            let aggregates = &aggregates;
            async move { aggregates.execute(order(number), cause(900_000 + number), cancel(number)).await }
        };
        for outcome in join_all(next.iter().map(|number| cancel_one(*number))).await {
            outcome.unwrap();
            cancelled += 1;
        }
        for number in next {
            waiting.remove(&order(number).to_string());
        }
    }
    assert!(cancelled > 20, "{cancelled}");
    let status = tokio::task::block_in_place(|| tool.wait().unwrap());
    assert!(status.success());
    for number in 0..3_000 {
        let found = aggregates.load(order(number)).await.unwrap().unwrap();
        let mut folding = Kind::named("order").unwrap().begin();
        for event in store.events_from(order(number), 1).await.unwrap() {
            folding.apply(&event.event.event_type, &event.event.data).unwrap();
        }
        assert_eq!(serde_json::to_value(&found.state).unwrap(), folding.state(), "{number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_cannot_be_folded_is_named_and_left_as_it_is() {
    let servers = Servers::start().await;
    let whole = spoilt(&servers, 30).await;
    let orders = servers.database("orders").collection::<Document>("order");
    let spoil = async |number: u128, update: Document| {
        orders.update_one(doc! { "_id": order(number).to_string() }, update).await.unwrap();
    };
    spoil(1, doc! { "$set": { "events.0.type": "OrderEaten", "state.status": "eaten" } }).await;
    spoil(2, doc! { "$pop": { "events": -1 } }).await;
    let before = servers.copy("orders", "order").await;
    let said = servers.tool(&REBUILD).ends(1).says("2 documents could not be folded, and are as they were");
    said.says("this build cannot read its OrderEaten (v1)").says("its event v1 is nowhere to be found");
    let after = servers.copy("orders", "order").await;
    for (id, document) in &after {
        let is_unfit = [order(1), order(2)].iter().any(|unfit| unfit.to_string() == *id);
        assert_eq!(document, if is_unfit { &before[id] } else { &whole[id] }, "{id}");
    }
    nothing_is_left(&servers, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_were_moved_out_are_folded_too() {
    let servers = Servers::start().await;
    let whole = spoilt(&servers, 30).await;
    let database = servers.database("orders");
    let store =
        MongoStore::<Order>::open(&database, Schema::default(), servers.runtime.clone()).await.unwrap();
    servers.put_back("orders", "order", &whole).await;
    store.archive(order(3), 1).await.unwrap();
    let before = servers.copy("orders", "order").await;
    let spoil = doc! { "$set": { "state.status": "eaten" } };
    let orders = database.collection::<Document>("order");
    orders.update_one(doc! { "_id": order(3).to_string() }, spoil).await.unwrap();
    servers.tool(&REBUILD).ends(0).says("1 replaced");
    assert_eq!(servers.copy("orders", "order").await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_audit_trail_lacks_is_written_again() {
    let servers = Servers::start().await;
    let (database, runtime) = (servers.database("auth"), servers.runtime.clone());
    let store =
        MongoStore::<Account>::open(&database, auth::views::account_schema(), runtime.clone()).await.unwrap();
    let relay = Arc::new(Relay::new(Arc::new(servers.bus().await), runtime.clone()));
    let accounts = Aggregates::new(Arc::new(store), runtime.clone(), relay, Gate::default());
    let trail = MongoAuditTrail::new(&database, runtime.clone());
    trail.prepare().await.unwrap();
    for number in 1..=20_u128 {
        let register = AccountCommand::Register { roles: Vec::new() };
        let user = UserId(Uuid::from_u128(number));
        let named =
            move |person: &mut auth::account::Person| person.email_key = format!("{number}@example.com");
        let made = accounts.create(user, cause(number), register, named).await.unwrap();
        for recorded in made.events.iter().filter(|_| number % 2 == 0) {
            let event = Event::User(recorded.event.clone());
            let entry = AuditEntry::of(&event, user.0, recorded.id, recorded.at, &recorded.cause).unwrap();
            trail.keep(&entry).await.unwrap();
        }
    }
    let before = servers.copy("auth", "audit").await;
    assert_eq!(before.len(), 10);
    servers.tool(&["rebuild", "auth"]).ends(0).says("10 entries of the audit trail missing");
    assert_eq!(servers.copy("auth", "audit").await, before);
    let write = ["rebuild", "auth", "--write", "--by", "Ada"];
    servers.tool(&write).ends(0).says("10 entries of the audit trail written again");
    let all = Search { user: None, r#type: None, from: Timestamp::default(), after: None, limit: 100 };
    let found = runtime.timeout(SOON, trail.find(&all)).await.unwrap().unwrap();
    assert_eq!(found.len(), 20);
    assert!(found.iter().all(|entry| entry.user_id.is_some() && entry.by.is_some()));
    let after = servers.copy("auth", "audit").await;
    assert!(before.iter().all(|(id, entry)| after[id] == *entry), "what was there stays");
    servers.tool(&["rebuild", "auth"]).ends(0).says("user: 20 folded, 0 not as their events say\n");
}
