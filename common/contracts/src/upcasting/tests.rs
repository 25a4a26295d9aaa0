//! The mechanism, by changes that never were: of those that were, the golden files tell.

use serde_json::{Value, json};

use super::{Upcaster, upcast_by};
use crate::orders::{CancellationReason, OrderEvent};
use crate::{Event, EventType};

/// Once nobody said why; before that, an order was called off rather than cancelled.
const MADE_UP: &[Upcaster] = &[
    Upcaster { category: "order", event_type: "OrderCalledOff", becomes: "OrderCancelled", upcast: |_| () },
    Upcaster {
        category: "order",
        event_type: "OrderCancelled",
        becomes: "OrderCancelled",
        upcast: |data| {
            if let Some(fields) = data.as_object_mut() {
                fields.entry("reason").or_insert_with(|| json!("buyer"));
            }
        },
    },
];

fn read(event_type: &str, data: &Value) -> Event {
    let present = upcast_by(MADE_UP, OrderEvent::CATEGORY, event_type, data);
    Event::of_value(OrderEvent::CATEGORY, present.event_type, &present.data).unwrap()
}

fn reason(event: &Event) -> CancellationReason {
    match event {
        Event::Order(OrderEvent::OrderCancelled(cancelled)) => cancelled.reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_field_that_was_not_said_yet_is_added() {
    let older = json!({ "ticket_id": "01970000-0000-7000-8000-000000000002" });
    assert!(Event::of_value("order", "OrderCancelled", &older).is_err(), "it is needed");
    assert_eq!(reason(&read("OrderCancelled", &older)), CancellationReason::Buyer);
}

#[test]
fn what_says_it_already_keeps_what_it_says() {
    let newer = json!({ "ticket_id": "01970000-0000-7000-8000-000000000002", "reason": "banned" });
    assert_eq!(reason(&read("OrderCancelled", &newer)), CancellationReason::Banned);
}

#[test]
fn an_older_name_becomes_the_present_one_and_later_changes_follow() {
    let oldest = json!({ "ticket_id": "01970000-0000-7000-8000-000000000002" });
    assert!(Event::of_value("order", "OrderCalledOff", &oldest).is_err());
    assert_eq!(reason(&read("OrderCalledOff", &oldest)), CancellationReason::Buyer);
}

#[test]
fn what_is_of_another_kind_is_left_as_it_is() {
    let data = json!({});
    for (category, event_type) in [("payment", "OrderCancelled"), ("order", "OrderCompleted")] {
        let present = upcast_by(MADE_UP, category, event_type, &data);
        assert_eq!((present.event_type, present.data.as_ref()), (event_type, &data));
        assert!(matches!(present.data, std::borrow::Cow::Borrowed(_)), "nothing is copied");
    }
}
