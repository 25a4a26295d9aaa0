//! Nobody is left in a masked event, and it is still the event it was.

use contracts::catalogue::catalogue;
use contracts::{Event, Timestamp};
use eventsourcing::{Actor, Cause, RawEvent, Recorded};
use messaging::{Message, Numbered, Parcel, Stored, Wire};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Mask;
use crate::schema::asyncapi::data;

const AGGREGATE: Uuid = Uuid::from_u128(0x0198_1111_2222_7333_8444_5555_6666_7777);
const EVENT: Uuid = Uuid::from_u128(0x0198_aaaa_bbbb_7ccc_8ddd_eeee_ffff_0000);
const ACTOR: Uuid = Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0003);
const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn mask() -> Mask {
    Mask::by(b"a key for tests only")
}

fn numbered(parcel: Parcel) -> Numbered {
    Numbered { sequence: 7, stored: Stored { parcel, stored_at: Timestamp::from_millis(9_000) } }
}

fn message(category: &str, event_type: &str, data: Value) -> Numbered {
    let recorded = Recorded {
        id: EVENT,
        version: 3,
        event: RawEvent { event_type: event_type.to_owned(), data },
        at: Timestamp::from_millis(8_000),
        cause: Cause {
            causation_id: Uuid::from_u128(0xc1),
            correlation_id: Uuid::from_u128(0xc2),
            actor: Actor::User(ACTOR.into()),
            traceparent: Some(TRACE.to_owned()),
        },
    };
    numbered(Parcel::Handed(Message { category: category.to_owned(), id: AGGREGATE, recorded }.into()))
}

fn masked(numbered: &Numbered) -> Message {
    mask().message(numbered).unwrap().stored.parcel.open().unwrap().into_owned()
}

/// All that the catalogue's examples say of somebody, or that somebody typed.
const OF_PEOPLE: [&str; 11] = [
    "The Paper Lanterns",
    "Harbour Hall",
    "Lisbon",
    "Stalls",
    "pi_3PExample",
    "ch_3PExample",
    "01970000-0000-7000-8000-000000000003",
    "01970000-0000-7000-8000-000000000004",
    "0af7651916cd43dd8448eb211c80319c",
    "b7ad6b7169203331",
    "0198aaaa-bbbb-7ccc-8ddd-eeeeffff0000",
];

#[test]
fn every_event_is_still_read_and_says_nothing_of_anybody() {
    for entry in catalogue() {
        let event_type = entry.example.event_type();
        let before = message(entry.category, event_type, data(&entry.example));
        let after = mask().message(&before).unwrap().stored.parcel.wire().into_owned();
        let text = format!("{} {:?} {}", after.subject, after.headers, String::from_utf8_lossy(&after.body));
        for of_people in OF_PEOPLE {
            assert!(!text.contains(of_people), "{event_type}: {of_people} in {text}");
        }
        let opened = Message::from_wire(&after).unwrap();
        let read = Event::of_value(entry.category, event_type, &opened.recorded.event.data);
        assert!(read.is_ok(), "{event_type}: {read:?}");
        assert_eq!(opened.recorded.version, 3);
        assert_eq!(opened.recorded.at, Timestamp::from_millis(8_000));
    }
}

#[test]
fn the_same_becomes_the_same_and_by_another_key_something_else() {
    let id = Uuid::from_u128(0xabc);
    assert_eq!(mask().id(id), mask().id(id));
    assert_ne!(mask().id(id), mask().id(Uuid::from_u128(0xabd)));
    assert_ne!(mask().id(id), Mask::by(b"another").id(id));
    assert_ne!(mask().id(id), mask().person(id));
}

#[test]
fn who_bought_is_the_same_in_every_event_and_so_is_who_acted() {
    let bought = masked(&message(
        "order",
        "OrderCreated",
        json!({ "buyer_id": ACTOR, "ticket_id": EVENT,
        "price": null, "expires_at": "2026-11-20T19:30:00.000Z" }),
    ));
    let came = masked(&message("session", "SessionStarted", json!({ "user_id": ACTOR })));
    assert_eq!(bought.recorded.event.data["buyer_id"], came.recorded.event.data["user_id"]);
    let person = mask().person(ACTOR);
    assert_eq!(bought.recorded.event.data["buyer_id"], json!(person));
    assert_eq!(bought.recorded.cause.actor, Actor::User(person.into()));
    assert_eq!(bought.recorded.event.data["ticket_id"], json!(mask().id(EVENT)));
    assert_eq!(bought.recorded.id, mask().id(EVENT), "what refers to it still does");
}

#[test]
fn an_id_keeps_its_version_and_its_order_but_a_persons_keeps_no_time() {
    let (early, late) = (AGGREGATE, EVENT);
    assert!(early < late);
    assert!(mask().id(early) < mask().id(late));
    assert_eq!(mask().id(early).as_bytes()[..6], early.as_bytes()[..6]);
    assert_ne!(mask().person(early).as_bytes()[..6], early.as_bytes()[..6]);
    for version in [4, 5, 7] {
        let id = Uuid::from_u128(0x0198_1111_2222_0333_8444_5555_6666_7777 | (version << 76));
        for masked in [mask().id(id), mask().person(id)] {
            assert_eq!(
                (masked.get_version_num(), masked.get_variant()),
                (id.get_version_num(), id.get_variant())
            );
        }
    }
}

#[test]
fn what_is_not_known_is_masked_whatever_it_is_called() {
    let data = json!({ "reason": "Ana", "note": "her new flat", "of": [AGGREGATE], "moved_at": "2026-11-20T19:30:00.000Z" });
    let event = masked(&message("order", "OrderEaten", data));
    let text = event.recorded.event.data.to_string();
    assert!(
        !text.contains("Ana") && !text.contains("flat") && !text.contains(&AGGREGATE.to_string()),
        "{text}"
    );
    assert!(text.contains("2026-11-20T19:30:00.000Z"));
}

#[test]
fn a_header_that_is_not_known_goes() {
    let mut wire = message("user", "UserUnbanned", json!({})).stored.parcel.wire().into_owned();
    wire.headers.insert("nats-msg-id".to_owned(), EVENT.to_string());
    wire.headers.insert("x-forwarded-for".to_owned(), "203.0.113.7".to_owned());
    let after = mask().message(&numbered(Parcel::Wired(wire.clone()))).unwrap();
    let after = after.stored.parcel.wire().into_owned();
    assert!(!after.headers.contains_key("nats-msg-id") && !after.headers.contains_key("x-forwarded-for"));
    assert_eq!(after.headers["ce-subject"], after.subject.split('.').nth(2).unwrap());
    assert!(!after.subject.contains(&AGGREGATE.to_string()));
}

#[test]
fn what_is_no_event_is_left_out() {
    for (subject, body) in [("events.order.what.OrderCreated", "{}"), ("events.order", "{}")] {
        let wire = Wire { subject: subject.to_owned(), headers: [].into(), body: body.into() };
        assert!(mask().message(&numbered(Parcel::Wired(wire))).is_none());
    }
    let subject = format!("events.order.{AGGREGATE}.OrderCreated");
    let wire = Wire { subject, headers: [].into(), body: b"Ana".to_vec() };
    assert!(mask().message(&numbered(Parcel::Wired(wire))).is_none());
}
