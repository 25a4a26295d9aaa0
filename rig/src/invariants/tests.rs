//! Books that are in order pass, and each way of spoiling them is found out.

use std::collections::BTreeMap;

use contracts::orders::{OrderAccepted, OrderAwaitingPayment, OrderCompleted, OrderCreated, OrderEvent};
use contracts::tickets::{Category, TicketCreated, TicketDetails, TicketEvent, TicketReserved, TicketSold};
use contracts::{Currency, Event, EventType, Money, OrderId, TicketId, Timestamp, UserId};
use eventsourcing::{Actor, Cause, RawEvent, Recorded};
use serde_json::json;
use stripe_standin::{Ledger, LedgerEntry};
use uuid::Uuid;

use super::{Told, broken, difference, violations};
use crate::behind::{Books, Kept, KeptEvent, Said};

const TICKET: Uuid = Uuid::from_u128(1);
const ORDER: Uuid = Uuid::from_u128(2);
const BUYER: UserId = UserId(Uuid::from_u128(3));
const SELLER: UserId = UserId(Uuid::from_u128(4));
const PRICE: Money = Money::new(12_500, Currency::Usd);
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// One purchase, from the listing to the sale.
fn purchase() -> Books {
    let details = TicketDetails {
        title: "The Paper Lanterns".to_owned(),
        category: Category::Concert,
        venue: "Harbour Hall".to_owned(),
        city: "Lisbon".to_owned(),
        starts_at: NOW,
        section: None,
        row: None,
        seat: None,
        price: PRICE,
    };
    let (ticket_id, order_id, buyer_id, seller_id) = (TicketId(TICKET), OrderId(ORDER), BUYER, SELLER);
    let (expires_at, total, ticket) = (NOW, PRICE, details.clone());
    let tickets: [TicketEvent; 3] = [
        TicketCreated { seller_id, details: details.clone() }.into(),
        TicketReserved { order_id, buyer_id, seller_id, expires_at, details }.into(),
        TicketSold { order_id, buyer_id, seller_id, price: PRICE }.into(),
    ];
    let orders: [OrderEvent; 4] = [
        OrderCreated { ticket_id, buyer_id, price: None, expires_at }.into(),
        OrderAwaitingPayment { ticket_id, buyer_id, seller_id, total, expires_at, ticket }.into(),
        OrderAccepted { ticket_id }.into(),
        OrderCompleted { ticket_id }.into(),
    ];
    let mut said = Vec::new();
    for (number, event) in tickets.iter().enumerate() {
        said.push(said_of(TICKET, number, event, Event::Ticket(event.clone())));
    }
    for (number, event) in orders.iter().enumerate() {
        said.push(said_of(ORDER, number, event, Event::Order(event.clone())));
    }
    let sold = json!({ "status": "sold", "order_id": ORDER });
    let complete = json!({ "status": "complete", "ticket_id": TICKET });
    let captured = json!({ "status": "captured", "payment_intent": "pi_1" });
    let kept = vec![
        kept_of(&said, "tickets", "ticket", TICKET, sold),
        kept_of(&said, "orders", "order", ORDER, complete),
        kept_of(&said, "payments", "payment", ORDER, captured),
    ];
    let ledger = Ledger { payment_intents: vec![entry("pi_1")], ..Ledger::default() };
    Books::of_parts(said, kept, Vec::new(), ledger, NOW)
}

fn said_of<E: EventType>(id: Uuid, number: usize, typed: &E, event: Event) -> Said {
    let written = serde_json::to_value(typed).unwrap();
    let causation_id = Uuid::from_u128(id.as_u128() * 1_000 + number as u128);
    let cause = Cause { causation_id, correlation_id: id, actor: Actor::User(BUYER), traceparent: None };
    let recorded = Recorded {
        id: Uuid::from_u128(id.as_u128() * 100 + number as u128),
        version: number as u64 + 1,
        event: RawEvent { event_type: typed.event_type().to_owned(), data: written["data"].clone() },
        at: NOW,
        cause,
    };
    let body = recorded.event.data.to_string().into_bytes();
    Said { sequence: 0, category: E::CATEGORY.to_owned(), id, recorded, event, body }
}

fn kept_of(
    said: &[Said],
    service: &'static str,
    category: &'static str,
    id: Uuid,
    state: serde_json::Value,
) -> Kept {
    let ours = said.iter().filter(|said| said.category == category && said.id == id);
    let events: Vec<KeptEvent> = ours
        .map(|said| KeptEvent {
            id: said.recorded.id,
            version: said.recorded.version,
            event_type: said.name().to_owned(),
            causation_id: said.recorded.cause.causation_id,
            data: said.recorded.event.data.clone(),
        })
        .collect();
    Kept { service, category, id, version: events.len() as u64, state, unpublished: false, events }
}

fn entry(id: &str) -> LedgerEntry {
    LedgerEntry {
        id: id.to_owned(),
        status: "succeeded".to_owned(),
        currency: "usd".to_owned(),
        amount: 12_500,
        held: 0,
        captured: 12_500,
        refunded: 0,
        charges: 1,
        metadata: BTreeMap::from([("order_id".to_owned(), ORDER.to_string())]),
    }
}

fn kept<'books>(books: &'books mut Books, category: &str) -> &'books mut Kept {
    books.kept.iter_mut().find(|kept| kept.category == category).unwrap()
}

#[test]
fn a_purchase_that_went_well_violates_nothing() {
    assert_eq!(violations(&purchase()), Vec::new());
}

#[test]
fn whatever_does_not_hold_is_said() {
    type Spoil = fn(&mut Books);
    let spoilt: [(&str, Spoil); 23] = [
        ("stuck: orders could not handle", |books| {
            books.dead_letters.push("orders could not handle it".to_owned())
        }),
        ("stuck: orders has not published", |books| kept(books, "order").unpublished = true),
        ("lost: the stream has the versions [1, 3]", |books| drop(books.said.remove(1))),
        ("stands on the stream twice", |books| books.said.push(books.said[6].clone())),
        ("which no store has", |books| books.kept.retain(|kept| kept.category != "ticket")),
        ("is at version 4 and has the events [1, 2, 3]", |books| drop(kept(books, "order").events.pop())),
        ("the stream has", |books| books.said.truncate(6)),
        ("did twice what", |books| {
            let events = &mut kept(books, "order").events;
            events[3].causation_id = events[0].causation_id;
        }),
        ("in different words", |books| kept(books, "order").events[1].data["total"]["amount"] = json!(1)),
        ("was charged 2 times", |books| books.ledger.payment_intents[0].charges = 2),
        ("doubled: ticket", |books| {
            let mut second = kept(books, "order").clone();
            (second.id, second.events, second.version) = (Uuid::from_u128(9), Vec::new(), 0);
            books.kept.push(second);
        }),
        ("is sold, and no order for it is complete", |books| {
            kept(books, "order").state["status"] = json!("cancelled");
        }),
        ("is available, and order", |books| kept(books, "ticket").state["status"] = json!("available")),
        ("is sold to another order", |books| kept(books, "ticket").state["order_id"] = json!(TICKET)),
        ("is held for order", |books| kept(books, "ticket").state["status"] = json!("reserved")),
        ("is pending for ever", |books| kept(books, "order").state["status"] = json!("pending")),
        ("its time was over", |books| {
            let late = (NOW + std::time::Duration::from_secs(21)).to_string();
            kept(books, "order").state["status"] = json!("awaiting_payment");
            kept(books, "order").state["expires_at"] = json!(NOW);
            books.at = late.parse().unwrap();
        }),
        ("and its payment is authorized", |books| {
            kept(books, "payment").state["status"] = json!("authorized");
        }),
        ("nothing was taken for it", |books| books.ledger.payment_intents.clear()),
        ("cents were taken for order", |books| {
            kept(books, "order").state["status"] = json!("cancelled");
        }),
        ("are still set aside", |books| books.ledger.payment_intents[0].held = 12_500),
        ("and 12499 cents were taken", |books| books.ledger.payment_intents[0].captured = 12_499),
        ("has two payment intents", |books| books.ledger.payment_intents.push(entry("pi_2"))),
    ];
    for (expected, spoil) in spoilt {
        let mut books = purchase();
        spoil(&mut books);
        let found = violations(&books);
        assert!(
            found.iter().any(|sentence| sentence.to_string().contains(expected)),
            "{expected}: {found:?}"
        );
    }
}

#[test]
fn what_somebody_was_told_has_to_stand_in_a_store_and_on_the_stream() {
    let kept_promises = [Told::Listed(TICKET), Told::Placed(ORDER), Told::Complete(ORDER)];
    assert_eq!(broken(&purchase(), &kept_promises), Vec::new());

    let never = [
        Told::SignedUp(Uuid::from_u128(7)),
        Told::Edited(TICKET, 12_600),
        Told::Withdrawn(TICKET),
        Told::Cancelled(ORDER),
        Told::Authorized(ORDER),
    ];
    let told: Vec<String> = broken(&purchase(), &never).iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), never.len(), "{told:?}");
    assert!(told.iter().all(|told| told.starts_with("lost: ") && told.ends_with("and no store knows")));

    let mut books = purchase();
    books.said.retain(|said| said.name() != "OrderCompleted");
    let told = broken(&books, &kept_promises);
    assert!(told.len() == 1 && told[0].what.ends_with("and the stream does not say so"), "{told:?}");
}

#[test]
fn the_ledger_differs_by_what_was_taken_for_nothing_and_given_for_nothing() {
    assert_eq!(difference(&purchase()), BTreeMap::new());

    let mut books = purchase();
    kept(&mut books, "order").state["status"] = json!("cancelled");
    assert_eq!(difference(&books), BTreeMap::from([("usd".to_owned(), 12_500)]));
    books.ledger.payment_intents[0].refunded = 12_500;
    assert_eq!(difference(&books), BTreeMap::new());

    let mut books = purchase();
    books.ledger.payment_intents.clear();
    assert_eq!(difference(&books), BTreeMap::from([("usd".to_owned(), -12_500)]));
}
