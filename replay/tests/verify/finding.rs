//! Each fault is planted in a shop that is in order, and found there under its name.

use std::time::Duration;

use async_nats::HeaderMap;
use mongodb::bson::{Document, doc};
use replay::verify::{Check, Fault, Kind};
use uuid::Uuid;

use crate::shop::{Known, Shop};

/// Where the events of an aggregate stand on the stream.
async fn sequences(shop: &Shop, category: &str, id: Uuid) -> Vec<u64> {
    let selection = messaging::Selection::new(Some(category.to_owned()), Some(id), None).unwrap();
    let extent = messaging::Extent::Whole;
    let part = shop.stream.archive.part(&selection, 1, 100, extent).await.unwrap();
    part.iter().map(|numbered| numbered.sequence).collect()
}

async fn delete(shop: &Shop, sequence: u64) {
    let stream = shop.admin().await.get_stream("EVENTS").await.unwrap();
    assert!(stream.delete_message(sequence).await.unwrap());
}

/// The same message once more, under another id of the message or none.
async fn say_again(shop: &Shop, sequence: u64) {
    let context = shop.admin().await;
    let message = context.get_stream("EVENTS").await.unwrap().get_raw_message(sequence).await.unwrap();
    let mut headers = HeaderMap::new();
    let told =
        ["ce-id", "ce-type", "ce-sequence", "ce-time", "ce-correlationid", "ce-causationid", "ce-actor"];
    for name in told {
        headers.insert(name, message.headers.get(name).unwrap().as_str());
    }
    let said = context.publish_with_headers(message.subject.to_string(), headers, message.payload.clone());
    said.await.unwrap().await.unwrap();
}

/// What nobody decided.
async fn say(
    shop: &Shop,
    category: &str,
    id: Uuid,
    event_type: &str,
    version: u64,
    body: &'static str,
) -> u64 {
    let mut headers = HeaderMap::new();
    let new_id = || shop.runtime.new_id().to_string();
    for (name, value) in [
        ("ce-id", new_id()),
        ("ce-type", event_type.to_owned()),
        ("ce-sequence", version.to_string()),
        ("ce-time", shop.runtime.now().to_string()),
        ("ce-correlationid", new_id()),
        ("ce-causationid", new_id()),
        ("ce-actor", "service:tests".to_owned()),
    ] {
        headers.insert(name, value.as_str());
    }
    let subject = format!("events.{category}.{id}.{event_type}");
    let context = shop.admin().await;
    context.publish_with_headers(subject, headers, body.into()).await.unwrap().await.unwrap().sequence
}

/// Demands a fault of this kind, of this aggregate, in these words.
#[track_caller]
fn assert_found(faults: &[Fault], kind: Kind, aggregate: (&str, Uuid), words: &str) {
    let (category, id) = aggregate;
    let found = faults.iter().any(|fault| {
        fault.kind == kind
            && fault.aggregate == Some((category.to_owned(), id))
            && fault.what.contains(words)
            && fault.what.contains(&id.to_string())
    });
    assert!(found, "no {kind} of {category} {id} {words:?} in {faults:#?}");
}

async fn anew(shop: &Shop) -> Known {
    shop.empty().await;
    shop.trades().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_that_is_in_order_is_found_to_be() {
    let shop = Shop::open().await;
    let known = shop.trades().await;
    let report = shop.report(&Check { is_at_rest: true, ..Check::default() }).await;
    assert_eq!(report.findings.faults, []);
    assert_eq!(report.findings.warnings, []);
    // Two accounts, a session, three tickets, a refusal, three orders, two payments, and what was heard of a ban.
    assert_eq!((report.aggregates, report.passes), (14, 1));
    assert_eq!(report.events_on_stream, report.events_in_stores + 1);
    assert_eq!((report.audit_entries, report.open_timers), (4, 1));

    // However little room there is, the same is found.
    let little = Check { room: 2, is_at_rest: true, ..Check::default() };
    let report = shop.report(&little).await;
    assert_eq!(report.findings.faults, []);
    assert_eq!(report.aggregates, 14);
    assert!(report.passes > 5, "{}", report.passes);
    let state = doc! { "state.status": "cancelled" };
    shop.edit("orders", "order", known.complete, state).await;
    assert!(!shop.report(&Check { patience: Duration::ZERO, ..little }).await.findings.faults.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_edited_in_a_store_is_found() {
    let shop = Shop::open().await;
    let known = shop.trades().await;
    let price = doc! { "state.price.amount": 1_i64 };
    shop.edit("tickets", "ticket", known.edited, price).await;
    let faults = shop.faults().await;
    assert_found(&faults, Kind::State, ("ticket", known.edited), "is not what its 7 events come to");
    assert_eq!(faults.len(), 1, "{faults:#?}");
    let difference = &faults[0].differences[0];
    assert_eq!(difference.to_string(), "~ price.amount: 1 → 12500");

    let known = anew(&shop).await;
    shop.edit("orders", "order", known.complete, doc! { "created_at": "2020-01-01T00:00:00.000Z" }).await;
    let faults = shop.faults().await;
    assert_found(&faults, Kind::State, ("order", known.complete), "at another time");

    let known = anew(&shop).await;
    shop.edit("orders", "order", known.complete, doc! { "events.1.data.total.amount": 1_i64 }).await;
    let faults = shop.faults().await;
    assert_found(&faults, Kind::Changed, ("order", known.complete), "OrderAwaitingPayment, version 2");
    assert_found(&faults, Kind::State, ("order", known.complete), "");

    let known = anew(&shop).await;
    let pull = doc! { "$pull": { "events": { "version": 2_i64 } } };
    let orders = shop.database("orders").collection::<Document>("order");
    orders.update_one(doc! { "_id": known.complete.to_string() }, pull).await.unwrap();
    let faults = shop.faults().await;
    assert_found(&faults, Kind::Missing, ("order", known.complete), "lacks its versions [2]");
    assert_found(&faults, Kind::Stranger, ("order", known.complete), "version 2");

    let known = anew(&shop).await;
    shop.edit("orders", "order", known.awaiting, doc! { "events.1.type": "OrderEaten" }).await;
    let faults = shop.faults().await;
    assert_found(&faults, Kind::Unreadable, ("order", known.awaiting), "OrderEaten, version 2");

    let known = anew(&shop).await;
    shop.edit("orders", "order", known.awaiting, doc! { "version": "two" }).await;
    assert_found(&shop.faults().await, Kind::Unreadable, ("order", known.awaiting), "the document of order");

    let known = anew(&shop).await;
    let orders = shop.database("orders").collection::<Document>("order");
    orders.delete_one(doc! { "_id": known.cancelled.to_string() }).await.unwrap();
    let faults = shop.faults().await;
    assert_found(&faults, Kind::Stranger, ("order", known.cancelled), "the stream tells 2 events of order");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_the_stream_is_found() {
    let shop = Shop::open().await;
    let known = shop.trades().await;
    let sequence = sequences(&shop, "order", known.complete).await[1];
    delete(&shop, sequence).await;
    let faults = shop.faults().await;
    assert_found(&faults, Kind::Missing, ("order", known.complete), "lacks OrderAwaitingPayment, version 2");
    let gone = format!("#{sequence} is gone from the stream");
    assert!(faults.iter().any(|fault| fault.what == gone), "{faults:#?}");

    // The last one too, which leaves no hole behind it.
    let known = anew(&shop).await;
    delete(&shop, *sequences(&shop, "order", known.complete).await.last().unwrap()).await;
    assert_found(&shop.faults().await, Kind::Missing, ("order", known.complete), "OrderCompleted, version 4");

    let known = anew(&shop).await;
    say_again(&shop, sequences(&shop, "order", known.complete).await[2]).await;
    let faults = shop.faults().await;
    assert_found(&faults, Kind::Duplicate, ("order", known.complete), "OrderAccepted, version 3");
    assert_eq!(faults.len(), 1, "{faults:#?}");

    let known = anew(&shop).await;
    let [first, second, ..] = sequences(&shop, "order", known.complete).await[..] else { unreachable!() };
    for sequence in [second, first] {
        say_again(&shop, sequence).await;
        delete(&shop, sequence).await;
    }
    let faults = shop.faults().await;
    assert_found(&faults, Kind::Order, ("order", known.complete), "behind version");

    let known = anew(&shop).await;
    let ticket = r#"{"ticket_id":"01970000-0000-7000-8000-000000000002"}"#;
    let sequence = say(&shop, "order", known.awaiting, "OrderAccepted", 3, ticket).await;
    let faults = shop.faults().await;
    assert_found(&faults, Kind::Stranger, ("order", known.awaiting), "OrderAccepted, version 3");
    assert!(faults.iter().all(|fault| fault.sequence == Some(sequence)), "{faults:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_this_build_cannot_read_is_found_by_its_place() {
    let shop = Shop::open().await;
    let known = shop.trades().await;
    let eaten = say(&shop, "order", known.awaiting, "OrderEaten", 3, "{}").await;
    let empty = say(&shop, "order", known.awaiting, "OrderAccepted", 4, "{}").await;
    let broken = say(&shop, "order", known.awaiting, "OrderAccepted", 5, "{").await;
    let planet = say(&shop, "planet", known.awaiting, "PlanetFormed", 1, "{}").await;
    let context = shop.admin().await;
    let bare = context.publish("events.order", "".into()).await.unwrap().await.unwrap().sequence;
    let faults = shop.faults().await;
    for (sequence, words) in [
        (eaten, "OrderEaten, version 3 of order"),
        (empty, "missing field `ticket_id`"),
        (broken, "OrderAccepted, version 5"),
        (planet, "no aggregate is called \"planet\""),
        (bare, "is no event of ours"),
    ] {
        let is_it = |fault: &&Fault| fault.kind == Kind::Unreadable && fault.sequence == Some(sequence);
        let fault = faults.iter().find(is_it).unwrap_or_else(|| panic!("#{sequence} in {faults:#?}"));
        assert!(fault.what.contains(words) && fault.what.contains(&format!("#{sequence}")), "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_beside_the_aggregates_and_does_not_follow_is_found() {
    let shop = Shop::open().await;
    let known = shop.trades().await;
    let audit = shop.database("auth").collection::<Document>("audit");
    let of_seller = doc! { "user_id": known.seller.to_string(), "type": "signed_up" };
    let set = doc! { "$set": { "entry.type": "banned" } };
    assert_eq!(audit.update_one(of_seller.clone(), set).await.unwrap().matched_count, 1);
    let faults = shop.faults().await;
    assert_found(&faults, Kind::View, ("user", known.seller.0), "tells signed_up of user");
    assert_eq!(faults[0].differences[0].to_string(), "~ entry.type: \"banned\" → \"signed_up\"");
    audit.delete_one(of_seller).await.unwrap();
    let at_rest = Check { is_at_rest: true, patience: Duration::ZERO, ..Check::default() };
    let faults = shop.report(&at_rest).await.findings.faults;
    assert_found(&faults, Kind::View, ("user", known.seller.0), "does not tell signed_up of user");

    let known = anew(&shop).await;
    let moved = shop.database("tickets").collection::<Document>("ticket_events");
    let second = doc! { "aggregate": known.edited.to_string(), "version": 2_i64 };
    let set = doc! { "$set": { "data.title": "Another" } };
    assert_eq!(moved.update_one(second.clone(), set).await.unwrap().matched_count, 1);
    let faults = shop.faults().await;
    assert_found(&faults, Kind::View, ("ticket", known.edited), "TicketUpdated, version 2");
    let set = doc! { "$set": { "aggregate": known.complete.to_string() } };
    moved.update_one(second, set).await.unwrap();
    let faults = shop.faults().await;
    assert_found(&faults, Kind::View, ("ticket", known.complete), "no document is there");
    assert_found(&faults, Kind::Missing, ("ticket", known.edited), "lacks its versions [2]");

    let known = anew(&shop).await;
    use expiration::Timers as _;
    shop.timers.cancel(contracts::OrderId(known.awaiting)).await.unwrap();
    assert_found(&shop.faults().await, Kind::View, ("order", known.awaiting), "has no timer");

    let known = anew(&shop).await;
    shop.edit("orders", "order", known.complete, doc! { "unpublished": true }).await;
    assert_eq!(shop.faults().await, []);
    let faults = shop.report(&at_rest).await.findings.faults;
    assert_found(&faults, Kind::Waiting, ("order", known.complete), "is marked as not published");

    let known = anew(&shop).await;
    let letters = shop.database("orders").collection::<Document>("dead_letters");
    letters.insert_one(doc! { "_id": known.awaiting.to_string() }).await.unwrap();
    let report = shop.report(&Check { patience: Duration::ZERO, ..Check::default() }).await;
    assert_eq!((report.findings.total(), report.dead_letters["orders"]), (0, 1));
    assert!(report.findings.warnings[0].what.contains("1 message waits that orders could not handle"));
    let faults = shop.report(&at_rest).await.findings.faults;
    assert_eq!((faults.len(), faults[0].kind), (1, Kind::Waiting));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_promise_is_found_though_every_aggregate_is_in_order() {
    let shop = Shop::open().await;
    let known = shop.trades().await;
    let tickets = &shop.database("tickets").collection::<Document>("ticket");
    // Another order is said to have it, in the event as in the state, and on the stream as in the store.
    let other = shop.runtime.new_id();
    shop.does::<tickets::ticket::Ticket>(
        "tickets",
        known.held,
        tickets::ticket::TicketCommand::Release { order_id: contracts::OrderId(known.awaiting) },
    )
    .await;
    let faults = shop.faults().await;
    assert_found(&faults, Kind::Promise, ("ticket", known.held), "is available, and order");
    assert_eq!(faults.len(), 1, "{faults:#?}");
    shop.does::<tickets::ticket::Ticket>(
        "tickets",
        known.held,
        tickets::ticket::TicketCommand::Reserve(tickets::ticket::Wish {
            order_id: contracts::OrderId(other),
            buyer_id: contracts::UserId(other),
            price: None,
            expires_at: shop.runtime.now(),
            now: shop.runtime.now(),
        }),
    )
    .await;
    let faults = shop.faults().await;
    assert_found(&faults, Kind::Promise, ("ticket", known.held), &format!("is reserved to order {other}"));
    assert_eq!(tickets.count_documents(doc! { "state.status": "reserved" }).await.unwrap(), 1);

    // One cause changes an aggregate twice.
    let known = anew(&shop).await;
    let orders = shop.database("orders").collection::<Document>("order");
    let order = orders.find_one(doc! { "_id": known.complete.to_string() }).await.unwrap().unwrap();
    let first = order.get_array("events").unwrap()[0].as_document().unwrap().get_str("causation_id").unwrap();
    shop.edit("orders", "order", known.complete, doc! { "events.2.causation_id": first }).await;
    assert_found(&shop.faults().await, Kind::Promise, ("order", known.complete), "did twice what");

    // What waits for something that will not come.
    let known = anew(&shop).await;
    shop.does::<orders::order::Order>(
        "orders",
        known.awaiting,
        orders::order::OrderCommand::AcceptPayment { now: shop.runtime.now() },
    )
    .await;
    let faults = shop.faults().await;
    assert_found(
        &faults,
        Kind::Promise,
        ("payment", known.awaiting),
        "is accepted, and its payment is payable",
    );
}
