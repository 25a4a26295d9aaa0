//! The forms that are written down: events in documents, actors, cursors.

use contracts::{Timestamp, UserId};
use serde_json::json;

use crate::conformance::{CounterEvent, cause, id};
use crate::{Actor, Cursor, CursorError, RawEvent, Recorded, json_to_bson};

#[test]
fn an_event_is_written_flat() {
    let event = CounterEvent::Added { amount: 3 };
    let recorded = Recorded { id: id(1), version: 2, event, at: Timestamp::default(), cause: cause(9) };
    let written = serde_json::to_value(&recorded).unwrap();
    assert_eq!(
        written,
        json!({
            "id": "00000000-0000-0000-0000-000000000001",
            "version": 2,
            "type": "Added",
            "data": { "amount": 3 },
            "at": "1970-01-01T00:00:00.000Z",
            "causation_id": "00000000-0000-0000-0000-000000000009",
            "correlation_id": "00000000-0000-0000-0000-000000000007",
            "actor": "service:tests",
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        })
    );
    let raw: Recorded<RawEvent> = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(serde_json::to_value(raw).unwrap(), written);
    assert_eq!(serde_json::from_value::<Recorded<CounterEvent>>(written).unwrap(), recorded);
}

#[test]
fn an_actor_is_read_as_it_was_written() {
    for actor in [Actor::User(UserId(id(3))), Actor::Service("orders".to_owned())] {
        assert_eq!(actor.to_string().parse(), Ok(actor));
    }
    for text in ["", "user", "user:", "user:me", "admin:00000000-0000-0000-0000-000000000003"] {
        assert!(text.parse::<Actor>().is_err(), "{text:?}");
    }
}

#[test]
fn a_cursor_is_read_as_it_was_given_out_and_nothing_else_is() {
    for value in [json!("2027-01-15T08:00:02.000Z"), json!("Café"), json!(-4), json!(null)] {
        let cursor = Cursor(value, id(5));
        assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
    }
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let strange = [
        "".to_owned(),
        "0".to_owned(),
        "zz".to_owned(),
        "é".to_owned(),
        hex("[1]"),
        hex("[{\"$gt\":1},\"00000000-0000-0000-0000-000000000005\"]"),
        hex("[[1],\"00000000-0000-0000-0000-000000000005\"]"),
        hex("[1.5,\"00000000-0000-0000-0000-000000000005\"]"),
        hex("[1,\"5\"]"),
    ];
    for text in strange {
        assert_eq!(Cursor::decode(&text), Err(CursorError), "{text:?}");
    }
}

#[test]
fn a_number_that_does_not_fit_is_refused() {
    assert!(json_to_bson(&json!(i64::MAX)).is_ok());
    assert!(json_to_bson(&json!(u64::MAX)).is_err());
    assert!(json_to_bson(&json!({ "deep": [u64::MAX] })).is_err());
}
