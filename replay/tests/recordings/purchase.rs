//! A ticket is listed, ordered and paid: one event of each that it takes, each with its cause.

use contracts::catalogue::catalogue;
use contracts::{Timestamp, UserId};
use eventsourcing::Actor;
use messaging::{Message, Numbered, Parcel, Stored};
use replay::recording::Recording;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::servers::event;

/// Of version 7, made a minute apart.
pub(crate) const fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 | (number * 60_000) << 80 | number)
}

pub(crate) const BUYER: Uuid = id(1);
pub(crate) const SELLER: Uuid = id(2);
pub(crate) const TICKET: Uuid = id(3);
pub(crate) const ORDER: Uuid = id(4);
/// The request that the buyer's account began with; all else began with another.
pub(crate) const SIGN_UP: Uuid = Uuid::from_u128(0xc1);
/// The title of the ticket.
pub(crate) const TITLE: &str = "The Paper Lanterns";

/// In the order in which they stand on the stream.
const PURCHASE: [(&str, Uuid, &str, u64); 13] = [
    ("user", BUYER, "UserCreated", 1),
    ("ticket", TICKET, "TicketCreated", 1),
    ("order", ORDER, "OrderCreated", 1),
    ("ticket", TICKET, "TicketReserved", 2),
    ("order", ORDER, "OrderAwaitingPayment", 2),
    ("payment", ORDER, "PaymentOpened", 1),
    ("payment", ORDER, "AuthorizationRequested", 2),
    ("payment", ORDER, "PaymentIntentCreated", 3),
    ("payment", ORDER, "PaymentAuthorized", 4),
    ("order", ORDER, "OrderAccepted", 3),
    ("payment", ORDER, "CaptureRequested", 5),
    ("payment", ORDER, "ChargeCreated", 6),
    ("order", ORDER, "OrderCompleted", 4),
];

/// As the services would have said it, from sequence 1 on.
pub(crate) fn messages() -> Vec<Message> {
    let said = |(number, (category, aggregate, event_type, version)): (usize, &(&str, Uuid, &str, u64))| {
        let at = Timestamp::from_millis(1_800_000_000_000 + number as i64 * 1_000);
        let of = (*category, *aggregate, *event_type);
        let mut message = event(of, (number as u128 + 100, *version), at, data(category, event_type));
        message.recorded.cause.actor = Actor::User(UserId(BUYER));
        if *category == "user" {
            message.recorded.cause.correlation_id = SIGN_UP;
        }
        message
    };
    PURCHASE.iter().enumerate().map(said).collect()
}

pub(crate) fn recording() -> Recording {
    let numbered = |(number, message): (usize, Message)| {
        let stored_at = message.recorded.at;
        let stored = Stored { parcel: Parcel::Handed(message.into()), stored_at };
        // With holes, as a part of a stream has them.
        Numbered { sequence: number as u64 * 2 + 1, stored }
    };
    let messages = messages().into_iter().enumerate().map(numbered).collect();
    Recording::of(Timestamp::from_millis(1_900_000_000_000), None, messages)
}

/// What the catalogue says, about this purchase.
fn data(category: &str, event_type: &str) -> Value {
    let document = replay::schema::asyncapi::document();
    let is_it = |entry: &contracts::catalogue::Entry| {
        (entry.category, entry.example.event_type()) == (category, event_type)
    };
    assert!(catalogue().iter().any(is_it), "{event_type}");
    let mut data = document["components"]["messages"][event_type]["examples"][0]["payload"].clone();
    for (field, id) in
        [("buyer_id", BUYER), ("seller_id", SELLER), ("ticket_id", TICKET), ("order_id", ORDER)]
    {
        if data.get(field).is_some() {
            data[field] = json!(id);
        }
    }
    data
}
