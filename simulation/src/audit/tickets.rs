//! What may never be so of tickets.

use std::collections::BTreeMap;

use contracts::tickets::TicketEvent;
use orders::order::Order;
use tickets::reservation::Reservation;
use tickets::seller::Seller;
use tickets::ticket::Ticket;
use uuid::Uuid;

use super::{Audit, Change, Record, Watched};
use crate::sometimes::Sometimes;

impl Watched for Ticket {
    fn records(audit: &mut Audit) -> &mut BTreeMap<Uuid, Record<Self>> {
        &mut audit.tickets
    }

    fn changed(audit: &mut Audit, id: Uuid, change: &Change<'_, Self>) {
        match (change.before, change.after) {
            (Ticket::Reserved(before), Ticket::Reserved(after)) if before.order_id != after.order_id => {
                audit.violated("a held ticket is held for one order", format!("ticket {id}"));
            }
            (Ticket::Reserved(held), Ticket::Sold(bought)) => {
                let price = held.offer.listing.details.price;
                let order_id = bought.order_id.0;
                let is_complete = audit
                    .orders
                    .get(&order_id)
                    .is_some_and(|order| matches!(order.state, Order::Complete(_)));
                if held.order_id != bought.order_id || !is_complete {
                    audit.violated(
                        "a ticket is sold to an order that is complete",
                        format!("ticket {id}, order {order_id}"),
                    );
                }
                if audit.captured_for(order_id) != Some(price) {
                    audit.violated(
                        "a sold ticket is paid at the price it was reserved for",
                        format!("ticket {id}, order {order_id}"),
                    );
                }
            }
            (Ticket::Sold(before), Ticket::Sold(after)) if before.order_id == after.order_id => {}
            (Ticket::Sold(_), _) => audit.violated("a sold ticket stays sold", format!("ticket {id}")),
            (_, Ticket::Reserved(held)) if held.offer.listing.seller_id == held.buyer_id => {
                audit.violated("nobody buys their own ticket", format!("ticket {id}"));
            }
            _ => {}
        }
        is_left_alone(audit, id, change);
        note(audit, change);
    }
}

/// What is held changes in no way but by its order.
fn is_left_alone(audit: &mut Audit, id: Uuid, change: &Change<'_, Ticket>) {
    if !matches!(change.before, Ticket::Reserved(_)) {
        return;
    }
    for recorded in change.events {
        match &recorded.event {
            TicketEvent::TicketUpdated(_) => {
                audit.violated("a price does not change while it is held", format!("ticket {id}"));
            }
            TicketEvent::TicketWithdrawn(_) => {
                audit.violated("a reserved ticket is never withdrawn", format!("ticket {id}"));
            }
            // What was released is held no more, and may be withdrawn in the same commit.
            TicketEvent::TicketReleased(_) => return,
            _ => {}
        }
    }
}

fn note(audit: &mut Audit, change: &Change<'_, Ticket>) {
    for recorded in change.events {
        match &recorded.event {
            TicketEvent::TicketReserved(_) if recorded.version > 3 => {
                audit.met.note(Sometimes::ReservedAgain)
            }
            TicketEvent::TicketUpdated(_) => audit.met.note(Sometimes::Repriced),
            TicketEvent::TicketWithdrawn(_) if change.events.len() > 1 => {
                audit.met.note(Sometimes::WithdrawnOnRelease);
            }
            TicketEvent::TicketWithdrawn(_) => audit.met.note(Sometimes::Withdrawn),
            _ => {}
        }
    }
}

impl Watched for Reservation {
    fn records(audit: &mut Audit) -> &mut BTreeMap<Uuid, Record<Self>> {
        &mut audit.reservations
    }

    fn changed(audit: &mut Audit, _: Uuid, _: &Change<'_, Self>) {
        audit.met.note(Sometimes::ReservationRejected);
    }
}

impl Watched for Seller {
    fn records(audit: &mut Audit) -> &mut BTreeMap<Uuid, Record<Self>> {
        &mut audit.sellers
    }

    fn changed(_: &mut Audit, _: Uuid, _: &Change<'_, Self>) {}
}
