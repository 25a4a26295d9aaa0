//! No two documents may have what a unique index guards, not even while they are mended: one waits for the other.

use std::sync::Arc;
use std::time::Duration;

use contracts::tickets::{Category, TicketDetails};
use contracts::{Currency, Money, Timestamp, UserId};
use eventsourcing::{Aggregates, Gate, MongoStore};
use messaging::{Bus as _, Relay};
use mongodb::bson::{Document, doc};
use tickets::ticket::{Ticket, TicketChanges, TicketCommand};
use uuid::Uuid;

use super::orders::cause;
use super::servers::{Copied, Servers};

/// So many are mended before the one that is in the way.
const BETWEEN: u128 = 60;
const SELLER: UserId = UserId(Uuid::from_u128(0x5e));
const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn listed(seat: Option<&str>) -> TicketCommand {
    let details = TicketDetails {
        title: "Hamlet".to_owned(),
        category: Category::Theatre,
        venue: "Globe".to_owned(),
        city: "London".to_owned(),
        starts_at: NOW + Duration::from_secs(9_000),
        section: Some("Stalls".to_owned()),
        row: Some("C".to_owned()),
        seat: seat.map(str::to_owned),
        price: Money::new(12_500, Currency::Usd),
    };
    TicketCommand::Create { seller: SELLER, details, now: NOW }
}

fn changed(changes: TicketChanges) -> TicketCommand {
    TicketCommand::Update { by: SELLER, changes, seen: None, now: NOW }
}

/// The first comes to stand for the seat that the last one had; and the documents before that, and after it.
async fn taken_over(servers: &Servers) -> (Copied, Copied) {
    let (database, runtime) = (servers.database("tickets"), servers.runtime.clone());
    let bus = Arc::new(servers.bus().await);
    bus.prepare().await.unwrap();
    let store = MongoStore::<Ticket>::open(&database, tickets::views::schema(), runtime.clone()).await;
    let relay = Arc::new(Relay::new(bus, runtime.clone()));
    let all = Aggregates::new(Arc::new(store.unwrap()), runtime.clone(), relay, Gate::default());
    let published = async || {
        let documents = database.collection::<Document>("ticket");
        while documents.count_documents(doc! { "unpublished": true }).await.unwrap() > 0 {
            runtime.sleep(Duration::from_millis(20)).await;
        }
    };
    let last = BETWEEN + 2;
    for number in 1..=last {
        let seat = if number == last { Some("7") } else { None };
        all.create(Uuid::from_u128(number), cause(number), listed(seat), |_| {}).await.unwrap();
    }
    published().await;
    let older = servers.copy("tickets", "ticket").await;
    let withdraw = TicketCommand::Withdraw { by: SELLER, seen: None };
    all.execute(Uuid::from_u128(last), cause(1_000 + last), withdraw).await.unwrap();
    for number in 1..last {
        let seat = TicketChanges { seat: Some(Some("7".to_owned())), ..TicketChanges::default() };
        let title = TicketChanges { title: Some("Macbeth".to_owned()), ..TicketChanges::default() };
        let changes = if number == 1 { seat } else { title };
        all.execute(Uuid::from_u128(number), cause(1_000 + number), changed(changes)).await.unwrap();
    }
    published().await;
    (older, servers.copy("tickets", "ticket").await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_brought_up_waits_for_what_is_in_its_way() {
    let servers = Servers::start().await;
    let (older, newest) = taken_over(&servers).await;
    servers.put_back("tickets", "ticket", &older).await;
    let recover = ["recover", "tickets", "--write", "--by", "Ada"];
    servers.tool(&recover).ends(0).says("ticket: 62 events appended, to 62 of 62 documents");
    assert_eq!(servers.copy("tickets", "ticket").await, newest);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_swapped_waits_for_what_is_in_its_way() {
    let servers = Servers::start().await;
    let (older, newest) = taken_over(&servers).await;
    // The states are the older ones, the events are not. The seat is free before the last one has it.
    let documents = servers.database("tickets").collection::<Document>("ticket");
    for (id, raw) in &older {
        let mut document: Document = mongodb::bson::deserialize_from_slice(raw).unwrap();
        let set = doc! { "$set": { "state": document.remove("state").unwrap() } };
        documents.update_one(doc! { "_id": id }, set).await.unwrap();
    }
    assert_ne!(servers.copy("tickets", "ticket").await, newest);
    let rebuild = ["rebuild", "tickets", "--aggregate", "ticket", "--write", "--by", "Ada"];
    servers.tool(&rebuild).ends(0).says("ticket: 62 folded, 62 not as their events say, 62 replaced");
    assert_eq!(servers.copy("tickets", "ticket").await, newest);
}
