//! The wire form: what is written is read as it was, and what is no event of ours is refused.

use contracts::{Timestamp, UserId};
use eventsourcing::{Actor, Cause, RawEvent, Recorded};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::conformance::{id, message};
use crate::{Message, Wire};

/// The years 0 to 9998, in milliseconds since 1970.
const TIMES: std::ops::Range<i64> = -62_167_219_200_000..253_370_764_800_000;

fn uuids() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn data() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(".*", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn causes() -> impl Strategy<Value = Cause> {
    let actors = prop_oneof![
        uuids().prop_map(|user| Actor::User(UserId(user))),
        "[a-z-]{1,12}".prop_map(Actor::Service),
    ];
    let traceparents = proptest::option::of("00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]");
    (uuids(), uuids(), actors, traceparents).prop_map(|(causation_id, correlation_id, actor, traceparent)| {
        Cause { causation_id, correlation_id, actor, traceparent }
    })
}

fn messages() -> impl Strategy<Value = Message> {
    let names = ("[a-z]{1,12}", "[A-Z][A-Za-z]{0,20}");
    (names, uuids(), uuids(), any::<u64>(), TIMES, data(), causes()).prop_map(
        |((category, event_type), id, event_id, version, millis, data, cause)| Message {
            category,
            id,
            recorded: Recorded {
                id: event_id,
                version,
                event: RawEvent { event_type, data },
                at: Timestamp::from_millis(millis),
                cause,
            },
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_it_was(message in messages()) {
        prop_assert_eq!(Message::from_wire(&message.to_wire()), Ok(message));
    }

    #[test]
    fn whatever_comes_is_read_or_refused(subject in ".*", body in any::<Vec<u8>>(), headers in any::<[bool; 10]>()) {
        let mut wire = message(1, 1).to_wire();
        let mut kept = headers.iter();
        wire.headers.retain(|_, _| kept.next().copied().unwrap_or(true));
        let _ = Message::from_wire(&Wire { body: body.clone(), ..wire.clone() });
        let _ = Message::from_wire(&Wire { subject, body, ..wire });
    }
}

#[test]
fn the_wire_form_is_cloud_events_in_binary_mode() {
    let wire = message(1, 4).to_wire();
    assert_eq!(wire.subject, "events.user.00000000-0000-0000-0000-000000000001.UserUpdated");
    assert_eq!(wire.body, br#"{"roles":["user"]}"#);
    let event_id = message(1, 4).recorded.id.to_string();
    let expected = [
        ("ce-actor", "service:tests"),
        ("ce-causationid", "00000000-0000-0000-0000-000000000004"),
        ("ce-correlationid", "00000000-0000-0000-0000-000000000007"),
        ("ce-id", &event_id),
        ("ce-sequence", "4"),
        ("ce-source", "/user"),
        ("ce-specversion", "1.0"),
        ("ce-subject", "00000000-0000-0000-0000-000000000001"),
        ("ce-time", "2027-01-15T08:00:00.123Z"),
        ("ce-type", "UserUpdated"),
        ("content-type", "application/json"),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ];
    let headers: Vec<_> = wire.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(headers, expected);
}

#[test]
fn a_bad_wire_is_refused_with_the_reason() {
    let with = |name: &str, value: Option<&str>| {
        let mut wire = message(1, 1).to_wire();
        wire.headers.remove(name);
        wire.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        wire
    };
    let at = |subject: &str| Wire { subject: subject.to_owned(), ..message(1, 1).to_wire() };
    let cases = [
        (with("ce-id", None), "the header ce-id is missing"),
        (with("ce-id", Some("five")), "the header ce-id cannot be read"),
        (with("ce-sequence", None), "the header ce-sequence is missing"),
        (with("ce-sequence", Some("-1")), "the header ce-sequence cannot be read"),
        (with("ce-time", Some("noon")), "the header ce-time cannot be read"),
        (with("ce-actor", Some("admin")), "the header ce-actor cannot be read"),
        (with("ce-causationid", None), "the header ce-causationid is missing"),
        (with("ce-correlationid", Some("")), "the header ce-correlationid cannot be read"),
        (with("ce-type", Some("UserCreated")), "the header ce-type is not UserUpdated"),
        (at(""), "no subject of an event"),
        (at("events.user"), "no subject of an event"),
        (at("news.user.00000000-0000-0000-0000-000000000001.UserUpdated"), "no subject of an event"),
        (at("events.user.00000000-0000-0000-0000-000000000001.UserUpdated.more"), "no subject of an event"),
        (at("events.user.one.UserUpdated"), "is no id"),
        (Wire { body: b"{".to_vec(), ..message(1, 1).to_wire() }, "the body is no JSON"),
        (Wire { body: Vec::new(), ..message(1, 1).to_wire() }, "the body is no JSON"),
        (Wire::default(), "no subject of an event"),
    ];
    for (wire, expected) in cases {
        let why = Message::from_wire(&wire).unwrap_err();
        assert!(why.contains(expected), "{why:?} does not say {expected:?}");
    }
    assert_eq!(Message::from_wire(&message(1, 1).to_wire()).map(|message| message.id), Ok(id(1)));
}
