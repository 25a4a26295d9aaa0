//! Whatever a client was told has happened stands in a store and on the stream.

use std::{collections::BTreeMap, fmt};

use contracts::{Event, tickets::TicketEvent};
use uuid::Uuid;

use super::{Violation, lost};
use crate::behind::Books;

/// An answer that promises something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    SignedUp(Uuid),
    Listed(Uuid),
    /// The ticket has this price, in cents.
    Edited(Uuid, u64),
    Withdrawn(Uuid),
    Placed(Uuid),
    Cancelled(Uuid),
    /// Money was set aside for this order.
    Authorized(Uuid),
    Complete(Uuid),
}

/// The promises that were not kept.
pub fn broken(books: &Books, told: &[Told]) -> Vec<Violation> {
    let mut on_stream: BTreeMap<(&str, Uuid), Vec<&Event>> = BTreeMap::new();
    for said in &books.said {
        on_stream.entry((said.category.as_str(), said.id)).or_default().push(&said.event);
    }
    let mut broken = Vec::new();
    for told in told {
        let (category, id, event_type) = told.promises();
        let stored = books.find(category, id).is_some_and(|kept| {
            let mut events = kept.events.iter();
            events.any(|event| event.event_type == event_type && told.is_told_by(&event.data))
        });
        let events = on_stream.get(&(category, id)).map_or(&[][..], Vec::as_slice);
        let published = events.iter().any(|event| told.is_said_by(event, event_type));
        if !stored {
            broken.push(lost(format!("somebody was told that {told}, and no store knows")));
        } else if !published {
            broken.push(lost(format!("somebody was told that {told}, and the stream does not say so")));
        }
    }
    broken
}

impl Told {
    /// Which aggregate has which event, if it is true.
    fn promises(self) -> (&'static str, Uuid, &'static str) {
        match self {
            Self::SignedUp(user) => ("user", user, "UserCreated"),
            Self::Listed(ticket) => ("ticket", ticket, "TicketCreated"),
            Self::Edited(ticket, _) => ("ticket", ticket, "TicketUpdated"),
            Self::Withdrawn(ticket) => ("ticket", ticket, "TicketWithdrawn"),
            Self::Placed(order) => ("order", order, "OrderCreated"),
            Self::Cancelled(order) => ("order", order, "OrderCancelled"),
            Self::Authorized(order) => ("payment", order, "PaymentAuthorized"),
            Self::Complete(order) => ("order", order, "OrderCompleted"),
        }
    }

    fn is_told_by(self, data: &serde_json::Value) -> bool {
        match self {
            Self::Edited(_, price) => data["price"]["amount"] == price,
            _ => true,
        }
    }

    fn is_said_by(self, event: &Event, event_type: &str) -> bool {
        match (self, event) {
            (Self::Edited(_, price), Event::Ticket(TicketEvent::TicketUpdated(updated))) => {
                updated.details.price.amount == price
            }
            (_, event) => event.event_type() == event_type,
        }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignedUp(user) => write!(formatter, "account {user} is made"),
            Self::Listed(ticket) => write!(formatter, "ticket {ticket} is listed"),
            Self::Edited(ticket, price) => write!(formatter, "ticket {ticket} now costs {price} cents"),
            Self::Withdrawn(ticket) => write!(formatter, "ticket {ticket} is withdrawn"),
            Self::Placed(order) => write!(formatter, "order {order} is placed"),
            Self::Cancelled(order) => write!(formatter, "order {order} is cancelled"),
            Self::Authorized(order) => write!(formatter, "the payment of order {order} is authorised"),
            Self::Complete(order) => write!(formatter, "order {order} is complete"),
        }
    }
}
