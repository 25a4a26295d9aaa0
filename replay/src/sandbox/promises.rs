//! What a shop promises, held against every event as it is said, and against everything once all is at rest.

mod rest;

use std::collections::BTreeMap;

use contracts::orders::{CancellationReason, OrderEvent};
use contracts::tickets::TicketEvent;
use contracts::{Event, Money, Timestamp};
use eventsourcing::Decider as _;
use messaging::Message;
use orders::order::Order;
use payments::payment::Payment;
use tickets::ticket::Ticket;
use uuid::Uuid;

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub promise: &'static str,
    /// By what.
    pub told: String,
}

/// What is known of everything, from what was said alone; each aggregate folds itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Promises {
    pub tickets: BTreeMap<Uuid, Ticket>,
    pub orders: BTreeMap<Uuid, Order>,
    pub payments: BTreeMap<Uuid, Payment>,
    /// When each user was banned last, and each ticket listed.
    banned: BTreeMap<Uuid, Timestamp>,
    listed: BTreeMap<Uuid, Timestamp>,
    /// The order that a ticket is promised to: its payment is accepted.
    holders: BTreeMap<Uuid, Uuid>,
    captured: BTreeMap<Uuid, Money>,
}

type Found = Result<(), Broken>;

fn broken(promise: &'static str, told: impl Into<String>) -> Found {
    Err(Broken { promise, told: told.into() })
}

impl Promises {
    /// Takes in what was said. Fails with the promise that it breaks.
    pub(super) fn hear(&mut self, message: &Message) -> Found {
        let event = &message.recorded.event;
        let Ok(event) = Event::of_value(&message.category, &event.event_type, &event.data) else {
            return Ok(());
        };
        let (id, at) = (message.id, message.recorded.at);
        match event {
            Event::Ticket(event) => {
                let before = self.tickets.remove(&id).unwrap_or_default();
                let after = before.clone().evolve(&event);
                let found = self.ticket(id, &before, &event, &after, at);
                self.tickets.insert(id, after);
                found
            }
            Event::Order(event) => {
                let before = self.orders.remove(&id).unwrap_or_default();
                let after = before.clone().evolve(&event);
                let found = self.order(id, &before, &event, &after, at);
                self.orders.insert(id, after);
                found
            }
            Event::Payment(event) => {
                let before = self.payments.remove(&id).unwrap_or_default();
                let after = before.clone().evolve(&event);
                let found = payment(id, &before, &after);
                self.payments.insert(id, after);
                found
            }
            Event::User(contracts::users::UserEvent::UserBanned(banned)) => {
                self.banned.insert(id, banned.banned_at);
                Ok(())
            }
            Event::User(contracts::users::UserEvent::UserUnbanned(_)) => {
                self.banned.remove(&id);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Money was taken.
    pub(super) fn capture(&mut self, order_id: Uuid, amount: Money) -> Found {
        if self.captured.insert(order_id, amount).is_some() {
            return broken("nobody is charged twice", format!("order {order_id}"));
        }
        let agreed = match self.orders.get(&order_id) {
            Some(Order::Accepted(agreement) | Order::Complete(agreement)) => Some(agreement.total),
            _ => None,
        };
        if agreed == Some(amount) {
            return Ok(());
        }
        broken(
            "captured money belongs to an accepted or complete order",
            format!("{amount} was taken for order {order_id}, which is neither, or agreed on another price"),
        )
    }

    fn ticket(
        &mut self,
        id: Uuid,
        before: &Ticket,
        event: &TicketEvent,
        after: &Ticket,
        at: Timestamp,
    ) -> Found {
        match (before, event) {
            (_, TicketEvent::TicketCreated(_)) => {
                self.listed.insert(id, at);
            }
            (Ticket::Reserved(held), TicketEvent::TicketReserved(other))
                if held.order_id != other.order_id =>
            {
                return broken("a held ticket is held for one order", format!("ticket {id}"));
            }
            (Ticket::Reserved(_), TicketEvent::TicketUpdated(_)) => {
                return broken("a price does not change while it is held", format!("ticket {id}"));
            }
            (Ticket::Reserved(_), TicketEvent::TicketWithdrawn(_)) => {
                return broken("a reserved ticket is never withdrawn", format!("ticket {id}"));
            }
            (Ticket::Reserved(held), TicketEvent::TicketReleased(_)) => {
                let order_id = held.order_id;
                if !matches!(self.orders.get(&order_id.0), Some(Order::Cancelled(_))) {
                    return broken(
                        "a ticket is let go of by the order that holds it, and by no other",
                        format!("ticket {id} was released, and order {order_id} is not over"),
                    );
                }
            }
            (Ticket::Reserved(held), TicketEvent::TicketSold(sold)) => {
                let price = held.offer.listing.details.price;
                let order = self.orders.get(&sold.order_id.0);
                if held.order_id != sold.order_id || !matches!(order, Some(Order::Complete(_))) {
                    return broken("a ticket is sold to an order that is complete", format!("ticket {id}"));
                }
                // What was captured before the replay began is in nobody's books here.
                if self.captured.get(&sold.order_id.0).is_some_and(|paid| *paid != price) {
                    return broken(
                        "a sold ticket is paid at the price it was reserved for",
                        format!("ticket {id}"),
                    );
                }
            }
            (Ticket::Sold(_), _) if !matches!(event, TicketEvent::TicketAdmitted(_)) => {
                return broken("a ticket is sold at most once", format!("ticket {id}"));
            }
            _ => {}
        }
        match after {
            Ticket::Reserved(held) if held.offer.listing.seller_id == held.buyer_id => {
                broken("nobody buys their own ticket", format!("ticket {id}"))
            }
            _ => Ok(()),
        }
    }

    fn order(&mut self, id: Uuid, before: &Order, event: &OrderEvent, after: &Order, at: Timestamp) -> Found {
        stays_final(id, before, event)?;
        in_time(id, before, event, at)?;
        match after {
            Order::Accepted(agreement) | Order::Complete(agreement) => {
                let ticket = agreement.placement.ticket_id.0;
                let holder = *self.holders.entry(ticket).or_insert(id);
                if holder != id {
                    return broken(
                        "a ticket is sold at most once",
                        format!("ticket {ticket}: orders {holder} and {id} are both accepted"),
                    );
                }
                if agreement.placement.price.is_some_and(|seen| seen != agreement.total) {
                    return broken("nobody pays another price than was seen", format!("order {id}"));
                }
                if agreement.seller_id == agreement.placement.buyer_id {
                    return broken("nobody buys their own ticket", format!("order {id}"));
                }
                Ok(())
            }
            Order::Cancelled(_) => {
                self.holders.retain(|_, holder| *holder != id);
                match self.captured.get(&id) {
                    Some(amount) => broken(
                        "captured money belongs to an accepted or complete order",
                        format!("{amount} was taken for order {id}, which was cancelled"),
                    ),
                    None => Ok(()),
                }
            }
            Order::None | Order::Pending(_) | Order::AwaitingPayment(_) => Ok(()),
        }
    }
}

/// What is complete or cancelled stays so, and only a failed capture ends what was accepted. Its own fold hides it where
/// an order says what does not fit its state, so the event itself is looked at.
fn stays_final(id: Uuid, before: &Order, event: &OrderEvent) -> Found {
    let stays = match (before, event) {
        (Order::Cancelled(before), OrderEvent::OrderCancelled(again)) => before.reason == again.reason,
        (Order::Cancelled(_), _) | (Order::Complete(_), _) => false,
        (Order::Accepted(_), OrderEvent::OrderCancelled(ended)) => {
            ended.reason == CancellationReason::PaymentFailed
        }
        _ => true,
    };
    if stays { Ok(()) } else { broken("complete, cancelled and accepted are final", format!("order {id}")) }
}

fn in_time(id: Uuid, before: &Order, event: &OrderEvent, at: Timestamp) -> Found {
    let expires_at = match before {
        Order::Pending(placement) => placement.expires_at,
        Order::AwaitingPayment(agreement) => agreement.placement.expires_at,
        Order::None | Order::Accepted(_) | Order::Complete(_) | Order::Cancelled(_) => return Ok(()),
    };
    match event {
        OrderEvent::OrderAccepted(_) if at > expires_at => {
            broken("no payment is accepted after its time", format!("order {id}: {at} is after {expires_at}"))
        }
        OrderEvent::OrderCancelled(ended)
            if ended.reason == CancellationReason::Expired && at < expires_at =>
        {
            broken("no order expires before its time", format!("order {id}: {at} is before {expires_at}"))
        }
        _ => Ok(()),
    }
}

fn payment(id: Uuid, before: &Payment, after: &Payment) -> Found {
    let stays = match (before, after) {
        (Payment::Captured(_), after) => matches!(after, Payment::Captured(_)),
        (Payment::Voided(_), after) => matches!(after, Payment::Voided(_)),
        (Payment::Voiding(_), after) => matches!(after, Payment::Voiding(_) | Payment::Voided(_)),
        _ => true,
    };
    if stays {
        return Ok(());
    }
    broken("what is voided is never authorised again, and what is captured stays so", format!("payment {id}"))
}
