//! What queries are made of, and what the public form of a ticket does not say.

use contracts::{TicketId, Timestamp};
use eventsourcing::{Cursor, Snapshot};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Filter, Sort, TicketResource, WrongCursor};
use crate::ticket::{Ticket, TicketPrivate};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn snapshot(state: Value) -> Snapshot<Ticket> {
    Snapshot {
        id: Uuid::from_u128(1),
        version: 3,
        state: serde_json::from_value(state).unwrap(),
        private: TicketPrivate { body_hash: Some("secret".to_owned()), admission: None },
        created_at: NOW,
        updated_at: NOW,
    }
}

fn state(status: &str, more: &Value) -> Value {
    let mut state = json!({
        "status": status, "seller_id": Uuid::from_u128(2), "title": "The Paper Lanterns", "category": "concert",
        "venue": "Harbour Hall", "city": "Lisbon", "starts_at": "2027-05-11T01:46:40.000Z", "section": null,
        "row": null, "seat": null, "price": { "amount": 12500, "currency": "USD" },
    });
    state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    state
}

#[test]
fn the_public_form_says_just_what_is_promised() {
    let buyer = json!({
        "order_id": Uuid::from_u128(3), "buyer_id": Uuid::from_u128(4), "expires_at": "2027-05-11T01:46:40.000Z",
    });
    for (status, more) in
        [("available", json!({})), ("reserved", buyer.clone()), ("sold", buyer), ("withdrawn", json!({}))]
    {
        let resource = TicketResource::of(&snapshot(state(status, &more))).unwrap();
        assert_eq!(
            serde_json::to_value(resource).unwrap(),
            json!({
                "id": TicketId(Uuid::from_u128(1)), "seller_id": Uuid::from_u128(2),
                "title": "The Paper Lanterns", "category": "concert", "venue": "Harbour Hall", "city": "Lisbon",
                "starts_at": "2027-05-11T01:46:40.000Z", "section": null, "row": null, "seat": null,
                "price": { "amount": 12500, "currency": "USD" }, "status": status, "version": 3,
                "created_at": "2027-01-15T08:00:00.000Z", "updated_at": "2027-01-15T08:00:00.000Z",
            })
        );
    }
    assert_eq!(TicketResource::of(&snapshot(json!({ "status": "unlisted" }))), None);
}

#[test]
fn a_cursor_serves_only_lists_in_its_order() {
    let text = Cursor(json!("2027-05-11T01:46:40.000Z"), Uuid::nil()).encode();
    let number = Cursor(json!(12_500), Uuid::nil()).encode();
    for (sort, cursor, good) in [
        (Sort::Newest, text.as_str(), true),
        (Sort::StartsAt, &text, true),
        (Sort::Price, &text, false),
        (Sort::PriceDescending, &number, true),
        (Sort::Newest, &number, false),
        (Sort::Newest, "x", false),
        (Sort::Newest, "7b7d", false),
    ] {
        let filter = Filter { sort, ..Filter::default() };
        let query = filter.query(Some(cursor), 20, NOW);
        assert_eq!(query.map(|query| query.after.is_some()), if good { Ok(true) } else { Err(WrongCursor) });
    }
}
