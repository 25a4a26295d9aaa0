//! That a story is shaped as the service tells it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;

const ORDER: &str = "01970000-0000-7000-8000-000000000001";
const TICKET: &str = "01970000-0000-7000-8000-000000000002";

/// One event as the service answers it.
fn told(place: u64, service: Value, aggregate: &str, id: &str, kind: &str, cause: Option<usize>) -> Value {
    json!({
        "sequence": place + 40, "stored_at": "2030-05-01T19:30:01.000Z", "aggregate": aggregate,
        "aggregate_id": id, "service": service, "event_id": Uuid::from_u128(place.into()), "type": kind,
        "version": 1, "data": { "ticket_id": TICKET }, "at": format!("2030-05-01T19:30:0{place}.000Z"),
        "correlation_id": ORDER, "causation_id": ORDER, "actor": "service:orders", "traceparent": null,
        "cause": cause
    })
}

fn story(events: Vec<Value>) -> Story {
    serde_json::from_value(json!({ "id": ORDER, "kind": "order", "events": events, "is_whole": true }))
        .unwrap()
}

fn purchase() -> Story {
    story(vec![
        told(0, json!("orders"), "order", ORDER, "OrderCreated", None),
        told(1, json!("tickets"), "ticket", TICKET, "TicketReserved", Some(0)),
        told(2, json!("payments"), "payment", ORDER, "PaymentOpened", Some(1)),
        told(3, json!("payments"), "payment", ORDER, "PaymentAuthorized", None),
    ])
}

fn matter(story: &Story) -> Matter {
    Matter::of(ORDER.parse().unwrap(), story, Locale::first())
}

#[test]
fn each_event_names_its_cause_or_what_was_said_before_of_the_same_thing() {
    let matter = matter(&purchase());
    let causes: Vec<_> = matter.told.iter().map(|told| told.cause.clone()).collect();
    assert_eq!(
        causes,
        [None, Some((1, "OrderCreated".to_owned())), Some((2, "TicketReserved".to_owned())), None]
    );
    // The payment goes by the order's id, and is another thing all the same.
    assert_eq!(matter.told[2].before, None);
    assert_eq!(matter.told[3].before, Some((3, "PaymentOpened".to_owned())));
    assert_eq!((matter.count.as_str(), matter.lasted.as_str()), ("4 events", "3.000 s"));
}

#[test]
fn what_else_a_story_touches_is_named_once_and_itself_never() {
    let others = matter(&purchase()).others;
    assert_eq!(others.iter().map(|other| other.id.to_string()).collect::<Vec<_>>(), [TICKET]);
}

#[test]
fn all_services_have_a_lane_and_what_nobody_is_known_to_say_gets_one_more() {
    let lanes = |story: &Story| matter(story).drawing.lanes.iter().map(|lane| lane.name).collect::<Vec<_>>();
    assert_eq!(lanes(&purchase()), SERVICES);
    let strange = story(vec![told(0, Value::Null, "riddle", ORDER, "RiddlePosed", None)]);
    assert_eq!(lanes(&strange).last(), Some(&OTHERS));
    assert_eq!(matter(&strange).drawing.nodes.len(), 1);
}

#[test]
fn a_long_story_is_told_whole_and_drawn_in_part() {
    let events = |count: usize| {
        let event =
            |place: usize| told(1, json!("orders"), "order", ORDER, "OrderCancelled", place.checked_sub(1));
        story((0..count).map(event).collect())
    };
    let long = matter(&events(DRAWN + 1));
    assert_eq!((long.told.len(), long.drawing.nodes.len(), long.is_drawn_whole), (DRAWN + 1, DRAWN, false));
    assert!(matter(&events(DRAWN)).is_drawn_whole);
}

#[test]
fn every_lane_is_a_service_that_says_something() {
    let speakers: BTreeSet<_> =
        contracts::catalogue::catalogue().into_iter().map(|entry| entry.speaker).collect();
    assert_eq!(speakers, BTreeSet::from(SERVICES));
}

#[test]
fn each_kind_of_thing_has_a_title_of_its_own() {
    for entry in contracts::catalogue::catalogue() {
        let name = format!("story-of-{}", entry.category);
        assert!(Locale::first().find(&name).is_some(), "{name}");
    }
}
