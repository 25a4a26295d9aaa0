//! What may never be so of orders.

use std::collections::BTreeMap;

use contracts::orders::{CancellationReason, OrderEvent};
use orders::buyer::Buyer;
use orders::order::{Order, OrderCommand};
use uuid::Uuid;

use super::{Audit, Change, Record, Watched};
use crate::sometimes::Sometimes;

impl Watched for Order {
    fn records(audit: &mut Audit) -> &mut BTreeMap<Uuid, Record<Self>> {
        &mut audit.orders
    }

    fn changed(audit: &mut Audit, id: Uuid, change: &Change<'_, Self>) {
        is_final(audit, id, change);
        match change.after {
            Order::Accepted(agreement) | Order::Complete(agreement) => {
                let ticket = agreement.placement.ticket_id.0;
                let holder = *audit.holders.entry(ticket).or_insert(id);
                if holder != id {
                    audit.violated(
                        "a ticket has at most one accepted or complete order",
                        format!("ticket {ticket}: orders {holder} and {id}"),
                    );
                }
                if agreement.seller_id == agreement.placement.buyer_id {
                    audit.violated("nobody buys their own ticket", format!("order {id}"));
                }
                if agreement.placement.price.is_some_and(|seen| seen != agreement.total) {
                    audit.violated("nobody pays another price than was seen", format!("order {id}"));
                }
            }
            Order::Cancelled(_) => {
                audit.holders.retain(|_, holder| *holder != id);
                if audit.captured_for(id).is_some() {
                    audit.violated(
                        "captured money belongs to an accepted or complete order",
                        format!("order {id} was cancelled"),
                    );
                }
            }
            Order::None | Order::Pending(_) | Order::AwaitingPayment(_) => {}
        }
        note(audit, change);
    }
}

fn is_final(audit: &mut Audit, id: Uuid, change: &Change<'_, Order>) {
    let stays = match (change.before, change.after) {
        (Order::Complete(_), after) => matches!(after, Order::Complete(_)),
        (Order::Cancelled(before), Order::Cancelled(after)) => before.reason == after.reason,
        (Order::Cancelled(_), _) => false,
        // Only what can be captured no more ends an order that was accepted.
        (Order::Accepted(_), Order::Cancelled(after)) => after.reason == CancellationReason::PaymentFailed,
        (Order::Accepted(_), after) => matches!(after, Order::Accepted(_) | Order::Complete(_)),
        (Order::None | Order::Pending(_) | Order::AwaitingPayment(_), _) => true,
    };
    if !stays {
        audit.violated("complete and cancelled are final", format!("order {id}"));
    }
}

impl Audit {
    /// What an order made of a command, by the time that the command brought along.
    pub(crate) fn decided(&mut self, order: &Order, command: &OrderCommand, events: &[OrderEvent]) {
        let expires_at = match order {
            Order::Pending(placement) => placement.expires_at,
            Order::AwaitingPayment(agreement) => agreement.placement.expires_at,
            Order::None | Order::Accepted(_) | Order::Complete(_) | Order::Cancelled(_) => return,
        };
        let happened = |wanted: fn(&OrderEvent) -> bool| events.iter().any(wanted);
        match command {
            OrderCommand::AcceptPayment { now }
                if *now > expires_at && happened(|event| matches!(event, OrderEvent::OrderAccepted(_))) =>
            {
                self.violated("no payment is accepted after its time", format!("{now} after {expires_at}"));
            }
            OrderCommand::Expire { now } if *now < expires_at => {
                self.met.note(Sometimes::ExpiredTooEarly);
                if happened(|event| matches!(event, OrderEvent::OrderCancelled(_))) {
                    self.violated("no order expires before its time", format!("{now} before {expires_at}"));
                }
            }
            _ => {}
        }
    }
}

fn note(audit: &mut Audit, change: &Change<'_, Order>) {
    for recorded in change.events {
        match &recorded.event {
            OrderEvent::OrderCompleted(_) => audit.met.note(Sometimes::Completed),
            OrderEvent::OrderCancelled(_) if matches!(change.before, Order::Cancelled(_)) => {
                audit.met.note(Sometimes::CancelledAgain);
            }
            OrderEvent::OrderCancelled(cancelled) => match cancelled.reason {
                CancellationReason::Expired => audit.met.note(Sometimes::Expired),
                CancellationReason::Buyer => audit.met.note(Sometimes::CancelledByBuyer),
                CancellationReason::Banned => audit.met.note(Sometimes::CancelledForBan),
                CancellationReason::PriceChanged => audit.met.note(Sometimes::PriceChanged),
                _ => {}
            },
            OrderEvent::OrderCreated(_)
            | OrderEvent::OrderAwaitingPayment(_)
            | OrderEvent::OrderAccepted(_) => {}
        }
    }
}

impl Watched for Buyer {
    fn records(audit: &mut Audit) -> &mut BTreeMap<Uuid, Record<Self>> {
        &mut audit.buyers
    }

    fn changed(_: &mut Audit, _: Uuid, _: &Change<'_, Self>) {}
}
