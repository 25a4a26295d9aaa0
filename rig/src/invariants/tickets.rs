//! A ticket is sold at most once, and to the order that completed; every hold ends.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Violation, doubled, lost, stuck};
use crate::behind::{Books, Kept, text};

pub(super) fn violations(books: &Books) -> Vec<Violation> {
    let mut wanted: BTreeMap<Uuid, Vec<&Kept>> = BTreeMap::new();
    for order in books.of("order").filter(|order| ["accepted", "complete"].contains(&order.status())) {
        wanted.entry(id_in(order, "ticket_id")).or_default().push(order);
    }
    let mut violations = Vec::new();
    for (ticket, orders) in &wanted {
        if orders.len() > 1 {
            let orders: Vec<String> = orders.iter().map(|order| order.id.to_string()).collect();
            let orders = orders.join(" and ");
            violations.push(doubled(format!("ticket {ticket} went to the orders {orders}")));
        }
        if books.find("ticket", *ticket).is_none() {
            violations.push(lost(format!("ticket {ticket} was bought, and does not exist")));
        }
    }
    for ticket in books.of("ticket") {
        let orders = wanted.get(&ticket.id).map_or(&[][..], Vec::as_slice);
        violations.extend(sold(ticket, orders));
        violations.extend(held(books, ticket));
    }
    violations
}

/// Sold exactly when that one order is complete.
fn sold(ticket: &Kept, orders: &[&Kept]) -> Option<Violation> {
    let id = ticket.id;
    let complete: Vec<Uuid> =
        orders.iter().filter(|order| order.status() == "complete").map(|order| order.id).collect();
    match (ticket.status(), complete.as_slice()) {
        ("sold", []) => Some(lost(format!("ticket {id} is sold, and no order for it is complete"))),
        ("sold", [order]) if id_in(ticket, "order_id") != *order => {
            Some(doubled(format!("ticket {id} is sold to another order than {order}, which is complete")))
        }
        ("sold", _) | (_, []) => None,
        (status, [order, ..]) => {
            Some(stuck(format!("ticket {id} is {status}, and order {order} is complete")))
        }
    }
}

/// Held only for an order that may still be paid.
fn held(books: &Books, ticket: &Kept) -> Option<Violation> {
    if ticket.status() != "reserved" {
        return None;
    }
    let (id, order) = (ticket.id, id_in(ticket, "order_id"));
    match books.find("order", order).map(Kept::status) {
        Some("awaiting_payment") => None,
        Some(status) => Some(stuck(format!("ticket {id} is held for order {order}, which is {status}"))),
        None => Some(lost(format!("ticket {id} is held for order {order}, which does not exist"))),
    }
}

fn id_in(kept: &Kept, field: &str) -> Uuid {
    text(&kept.state, field).parse().unwrap_or_default()
}
