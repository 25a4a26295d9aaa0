//! What a shop promises of an order, its ticket and its payment, whatever happened in between.

use std::time::Duration;

use contracts::{Money, Timestamp};
use serde::Deserialize as _;
use serde_json::Value;
use uuid::Uuid;

use super::fault::{Fault, Kind as Wrong};

/// Nothing may wait for longer.
const LONGEST: Duration = Duration::from_secs(60);

/// What of an aggregate matters to the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    pub id: Uuid,
    pub status: String,
    /// Of an order: the ticket that it wants.
    pub ticket_id: Option<Uuid>,
    /// Of a ticket: the order that holds or has it.
    pub order_id: Option<Uuid>,
    /// Of an order what was agreed on, of a ticket its price, of a payment its amount.
    pub price: Value,
    /// Of an order: until when it may be paid.
    pub expires_at: Option<Timestamp>,
    pub since: Timestamp,
}

/// How patient one is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waits {
    pub now: Timestamp,
    pub longest: Duration,
}

impl Standing {
    pub(super) fn of(id: Uuid, state: &Value, since: Timestamp) -> Self {
        let id_in = |field: &str| state[field].as_str().and_then(|id| id.parse().ok());
        let price = ["total", "amount", "price"].into_iter().find_map(|field| state.get(field));
        Self {
            id,
            status: state["status"].as_str().unwrap_or_default().to_owned(),
            ticket_id: id_in("ticket_id"),
            order_id: id_in("order_id"),
            price: price.cloned().unwrap_or_default(),
            expires_at: state["expires_at"].as_str().and_then(|time| time.parse().ok()),
            since,
        }
    }
}

impl Standing {
    /// Of an order: whether it is neither paid nor over.
    pub(super) fn is_open(&self) -> bool {
        ["pending", "awaiting_payment"].contains(&self.status.as_str())
    }
}

impl Waits {
    /// At rest nothing waits at all.
    pub(super) fn new(now: Timestamp, is_at_rest: bool) -> Self {
        Self { now, longest: if is_at_rest { Duration::ZERO } else { LONGEST } }
    }

    pub(super) fn too_long(self, since: Timestamp) -> bool {
        self.now > since + self.longest
    }

    fn fault(self, category: &str, id: Uuid, since: Timestamp, what: String) -> Option<Fault> {
        let seconds = self.now.since(since).as_secs();
        self.too_long(since)
            .then(|| Fault::of(Wrong::Waiting, category, id, format!("{what}, for {seconds} s now")))
    }
}

fn broken(category: &str, id: Uuid, what: String) -> Option<Fault> {
    Some(Fault::of(Wrong::Promise, category, id, what))
}

/// Of an order, with the ticket that it wants and its payment.
pub(super) fn of_order(
    order: &Standing,
    ticket: Option<&Standing>,
    payment: Option<&Standing>,
    waits: Waits,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    faults.extend(ends(order, waits));
    faults.extend(has_its_ticket(order, ticket, waits));
    faults.extend(is_paid(order, payment, waits));
    faults
}

fn ends(order: &Standing, waits: Waits) -> Option<Fault> {
    let id = order.id;
    match order.status.as_str() {
        "pending" => {
            waits.fault("order", id, order.since, format!("order {id} waits for its ticket's answer"))
        }
        "accepted" => waits.fault("order", id, order.since, format!("order {id} waits for its money")),
        "awaiting_payment" => {
            let expires_at = order.expires_at.filter(|expires_at| *expires_at < waits.now)?;
            waits.fault(
                "order",
                id,
                expires_at,
                format!("order {id} awaits its payment, though its time is over"),
            )
        }
        _ => None,
    }
}

fn has_its_ticket(order: &Standing, ticket: Option<&Standing>, waits: Waits) -> Option<Fault> {
    let (id, status) = (order.id, order.status.as_str());
    if !["awaiting_payment", "accepted", "complete"].contains(&status) {
        return None;
    }
    let Some(ticket) = ticket else {
        let wanted = order.ticket_id.unwrap_or_default();
        return broken(
            "order",
            id,
            format!("order {id} is {status}, and its ticket {wanted} does not exist"),
        );
    };
    let ticket_id = ticket.id;
    match (ticket.status.as_str(), status) {
        ("sold" | "reserved", _) if ticket.order_id != Some(id) => {
            let (has, other) = (&ticket.status, ticket.order_id.unwrap_or_default());
            broken(
                "ticket",
                ticket_id,
                format!("ticket {ticket_id} is {has} to order {other}, and order {id} is {status}"),
            )
        }
        ("sold", "complete") if ticket.price != order.price => {
            let (paid, asked) = (told(&order.price), told(&ticket.price));
            broken(
                "order",
                id,
                format!("order {id} was agreed on at {paid}, and its ticket is sold at {asked}"),
            )
        }
        ("sold", "complete") | ("reserved", "awaiting_payment" | "accepted") => None,
        ("reserved", _) => {
            let what = format!("ticket {ticket_id} waits to be sold to order {id}, which is complete");
            waits.fault("ticket", ticket_id, order.since, what)
        }
        (stands, _) => {
            broken("ticket", ticket_id, format!("ticket {ticket_id} is {stands}, and order {id} is {status}"))
        }
    }
}

fn is_paid(order: &Standing, payment: Option<&Standing>, waits: Waits) -> Option<Fault> {
    let (id, status) = (order.id, order.status.as_str());
    let stands = payment.map_or("missing", |payment| payment.status.as_str());
    let since = payment.map_or(order.since, |payment| payment.since.max(order.since));
    let waiting = || {
        waits.fault(
            "payment",
            id,
            since,
            format!("order {id} is {status}, and its payment waits: it is {stands}"),
        )
    };
    match (status, stands) {
        ("complete", "captured") => {
            let amount = payment.map(|payment| &payment.price).filter(|amount| **amount != order.price)?;
            let (agreed, amount) = (told(&order.price), told(amount));
            broken("payment", id, format!("order {id} was agreed on at {agreed}, and {amount} was captured"))
        }
        ("accepted", "authorized" | "capturing" | "captured" | "failed") => waiting(),
        ("awaiting_payment", "payable" | "requires_action" | "voided") | ("pending", "missing") => None,
        ("awaiting_payment", "missing" | "preparing" | "authorizing" | "authorized" | "voiding") => waiting(),
        ("cancelled", "missing" | "voided" | "failed") => None,
        (
            "cancelled",
            "payable" | "preparing" | "authorizing" | "requires_action" | "authorized" | "voiding",
        ) => waiting(),
        ("complete" | "accepted" | "awaiting_payment" | "pending" | "cancelled", _) => {
            broken("payment", id, format!("order {id} is {status}, and its payment is {stands}"))
        }
        _ => None,
    }
}

/// Of a ticket, with the order that holds or has it.
pub(super) fn of_ticket(ticket: &Standing, order: Option<&Standing>, waits: Waits) -> Option<Fault> {
    let (id, status) = (ticket.id, ticket.status.as_str());
    if !["reserved", "sold"].contains(&status) {
        return None;
    }
    let wanted = ticket.order_id.unwrap_or_default();
    let Some(order) = order else {
        return broken(
            "ticket",
            id,
            format!("ticket {id} is {status} to order {wanted}, which does not exist"),
        );
    };
    if order.ticket_id != Some(id) {
        return broken(
            "ticket",
            id,
            format!("ticket {id} is {status} to order {wanted}, which is of another ticket"),
        );
    }
    let since = ticket.since.max(order.since);
    let stands = order.status.as_str();
    match (status, stands) {
        ("reserved", "awaiting_payment" | "accepted") | ("sold", "complete") => None,
        ("reserved", _) => waits.fault(
            "ticket",
            id,
            since,
            format!("ticket {id} is held for order {wanted}, which is {stands}"),
        ),
        _ => broken("ticket", id, format!("ticket {id} is sold, and order {wanted} is {stands}")),
    }
}

/// Of a payment, with its order.
pub(super) fn of_payment(payment: &Standing, order: Option<&Standing>) -> Option<Fault> {
    let (id, status) = (payment.id, payment.status.as_str());
    let what = || format!("there is a payment of order {id}, which does not exist; it is {status}");
    if order.is_none() { broken("payment", id, what()) } else { None }
}

/// As people write it.
fn told(price: &Value) -> String {
    Money::deserialize(price).map_or_else(|_| price.to_string(), |price| price.to_string())
}

#[cfg(test)]
mod tests;
