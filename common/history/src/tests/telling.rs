//! A story has all that belongs to one matter and nothing else, each event behind its cause.

use serde_json::json;

use super::bench::{Bench, Say, id};
use super::promises;
use crate::Story;

promises! {
    an_order_is_told_over_all_services,
    of_a_ticket_an_order_tells_only_what_concerns_it,
    a_ticket_is_told_with_the_orders_it_was_held_for,
    what_was_said_before_its_cause_by_another_clock_is_told_after_it,
    a_ban_is_told_of_where_it_ended_something,
    what_has_no_aggregate_of_its_own_is_told_as_a_request,
    who_did_nothing_has_no_story,
}

const TICKET: u128 = 100;

/// What is told, with the place of each cause.
fn told(story: &Story) -> Vec<(&str, Option<usize>)> {
    story.told.iter().map(|told| (told.entry.event_type.as_str(), told.cause)).collect()
}

async fn story(bench: &Bench, of: u128) -> Story {
    bench.history.story(id(of)).await.unwrap().expect("a story")
}

fn created(order: u128, event: u128) -> Say {
    Say::new("order", order, "OrderCreated", event).with(json!({ "ticket_id": id(TICKET) }))
}

/// An order that gets the ticket; events are numbered from `event` on.
async fn reserves(bench: &Bench, order: u128, event: u128) -> Say {
    let placed = created(order, event);
    let reserved = Say::new("ticket", TICKET, "TicketReserved", event + 1)
        .with(json!({ "order_id": id(order) }))
        .after(&placed);
    let awaiting = Say::new("order", order, "OrderAwaitingPayment", event + 2).after(&reserved);
    for said in [&placed, &reserved, &awaiting] {
        bench.says(said).await;
    }
    awaiting
}

async fn cancels(bench: &Bench, order: u128, event: u128) {
    let cancelled =
        Say::new("order", order, "OrderCancelled", event).with(json!({ "ticket_id": id(TICKET) }));
    let released = Say::new("ticket", TICKET, "TicketReleased", event + 1)
        .with(json!({ "order_id": id(order) }))
        .after(&cancelled);
    // Names no order, but follows from this one.
    let withdrawn = Say::new("ticket", TICKET, "TicketWithdrawn", event + 2).after(&cancelled);
    for said in [&cancelled, &released, &withdrawn] {
        bench.says(said).await;
    }
}

async fn an_order_is_told_over_all_services(bench: &Bench) {
    let awaiting = reserves(bench, 1, 1).await;
    bench.says(&created(2, 20)).await;
    let opened = Say::new("payment", 1, "PaymentOpened", 4).after(&awaiting);
    let expired = Say::new("timer", 1, "OrderExpired", 5);
    let rejected = Say::new("reservation", 1, "TicketReservationRejected", 6);
    for said in [&opened, &expired, &rejected] {
        bench.says(said).await;
    }
    let story = story(bench, 1).await;
    let expected = [
        ("OrderCreated", None),
        ("TicketReserved", Some(0)),
        ("OrderAwaitingPayment", Some(1)),
        ("PaymentOpened", Some(2)),
        ("OrderExpired", None),
        ("TicketReservationRejected", None),
    ];
    assert_eq!(told(&story), expected);
    assert_eq!((story.kind.as_str(), story.is_whole), ("order", true));
}

async fn of_a_ticket_an_order_tells_only_what_concerns_it(bench: &Bench) {
    bench.says(&Say::new("ticket", TICKET, "TicketCreated", 1)).await;
    reserves(bench, 1, 10).await;
    cancels(bench, 1, 20).await;
    reserves(bench, 2, 30).await;
    bench.says(&Say::new("ticket", TICKET, "TicketUpdated", 40)).await;
    let first = story(bench, 1).await;
    let expected = [
        ("OrderCreated", None),
        ("TicketReserved", Some(0)),
        ("OrderAwaitingPayment", Some(1)),
        ("OrderCancelled", None),
        ("TicketReleased", Some(3)),
        ("TicketWithdrawn", Some(3)),
    ];
    assert_eq!(told(&first), expected);
    let second = story(bench, 2).await;
    assert_eq!(told(&second), expected[..3]);
    assert!(second.told.iter().all(|told| told.entry.sequence >= 8), "nothing of the other order");
}

async fn a_ticket_is_told_with_the_orders_it_was_held_for(bench: &Bench) {
    bench.says(&Say::new("ticket", TICKET, "TicketCreated", 1)).await;
    reserves(bench, 1, 10).await;
    cancels(bench, 1, 20).await;
    reserves(bench, 2, 30).await;
    bench.says(&Say::new("ticket", 101, "TicketCreated", 40)).await;
    let story = story(bench, TICKET).await;
    assert_eq!(story.kind, "ticket");
    let types: Vec<&str> = told(&story).into_iter().map(|(event_type, _)| event_type).collect();
    let expected = [
        "TicketCreated",
        "OrderCreated",
        "TicketReserved",
        "OrderAwaitingPayment",
        "OrderCancelled",
        "TicketReleased",
        "TicketWithdrawn",
        "OrderCreated",
        "TicketReserved",
        "OrderAwaitingPayment",
    ];
    assert_eq!(types, expected);
}

async fn what_was_said_before_its_cause_by_another_clock_is_told_after_it(bench: &Bench) {
    let placed = created(1, 1).at(50);
    let reserved = Say::new("payment", 1, "PaymentOpened", 2).after(&placed).at(10);
    let later = Say::new("order", 1, "OrderAccepted", 3).at(5);
    let between = Say::new("timer", 1, "OrderExpired", 4).at(40);
    for said in [&placed, &reserved, &later, &between] {
        bench.says(said).await;
    }
    let expected =
        [("OrderExpired", None), ("OrderCreated", None), ("OrderAccepted", None), ("PaymentOpened", Some(1))];
    assert_eq!(told(&story(bench, 1).await), expected);
}

async fn a_ban_is_told_of_where_it_ended_something(bench: &Bench) {
    const BUYER: u128 = 200;
    let placed = Say::new("order", 1, "OrderCreated", 1)
        .with(json!({ "ticket_id": id(TICKET), "buyer_id": id(BUYER) }));
    let created = Say::new("user", BUYER, "UserCreated", 2);
    let banned = Say::new("user", BUYER, "UserBanned", 3);
    let cancelled = Say::new("order", 1, "OrderCancelled", 4).after(&banned);
    for said in [&created, &placed, &banned, &cancelled] {
        bench.says(said).await;
    }
    let told_of = story(bench, 1).await;
    let expected = [("OrderCreated", None), ("UserBanned", None), ("OrderCancelled", Some(1))];
    assert_eq!(told(&told_of), expected);
}

async fn what_has_no_aggregate_of_its_own_is_told_as_a_request(bench: &Bench) {
    let placed = created(1, 1).of_request(77);
    bench.says(&placed).await;
    bench.says(&Say::new("order", 2, "OrderCreated", 2)).await;
    bench.says(&Say::new("ticket", TICKET, "TicketReserved", 3).after(&placed)).await;
    bench.keeps_up().await;
    let story = story(bench, 77).await;
    assert_eq!(told(&story), [("OrderCreated", None), ("TicketReserved", Some(0))]);
    assert_eq!(story.kind, "request");
}

async fn who_did_nothing_has_no_story(bench: &Bench) {
    bench.says(&created(1, 1)).await;
    bench.keeps_up().await;
    assert!(bench.history.story(id(2)).await.unwrap().is_none());
}
