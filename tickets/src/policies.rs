//! Whenever an order says something, then its ticket is reserved, released or sold.

use std::time::Duration;

use async_trait::async_trait;
use contracts::orders::OrderEvent;
use contracts::tickets::ReservationRefusal;
use contracts::{Event, EventType as _, OrderId, TicketId, Timestamp};
use eventsourcing::Aggregates;
use messaging::{Fault, Heard, Listener};
use runtime::Runtime;
use uuid::Uuid;

use crate::SERVICE;
use crate::reservation::{Reservation, ReservationCommand};
use crate::ticket::{Ticket, TicketCommand, TicketRejection, Wish};

/// The events that tickets listens to, by category and type.
pub const HEARS: &[(&str, &str)] =
    &[("order", "OrderCreated"), ("order", "OrderCancelled"), ("order", "OrderCompleted")];

/// How long an order that finds its ticket held waits: the cancellation of the other may be under way.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(300);

/// What follows from an event.
#[derive(Clone, Debug)]
pub struct Then {
    pub ticket_id: TicketId,
    pub order_id: OrderId,
    pub command: TicketCommand,
}

/// Which command follows from an event, if any.
pub fn whenever(heard: &Heard, now: Timestamp) -> Option<Then> {
    let Event::Order(event) = &heard.event else { return None };
    let order_id = OrderId(heard.aggregate_id);
    let (ticket_id, command) = match event {
        OrderEvent::OrderCreated(created) => {
            let wish = Wish {
                order_id,
                buyer_id: created.buyer_id,
                price: created.price,
                expires_at: created.expires_at,
                now,
            };
            (created.ticket_id, TicketCommand::Reserve(wish))
        }
        OrderEvent::OrderCancelled(cancelled) => (cancelled.ticket_id, TicketCommand::Release { order_id }),
        OrderEvent::OrderCompleted(completed) => (completed.ticket_id, TicketCommand::Sell { order_id }),
        OrderEvent::OrderAwaitingPayment(_) | OrderEvent::OrderAccepted(_) => return None,
    };
    Some(Then { ticket_id, order_id, command })
}

/// Carries out what follows from what the orders say.
pub struct Policies {
    tickets: Aggregates<Ticket>,
    reservations: Aggregates<Reservation>,
    runtime: Runtime,
}

impl Policies {
    pub fn new(tickets: Aggregates<Ticket>, reservations: Aggregates<Reservation>, runtime: Runtime) -> Self {
        Self { tickets, reservations, runtime }
    }

    /// An order that was refused once does not get the ticket later: it has heard the refusal. A young order is not
    /// looked up: nothing but the ticket being held changes so soon, and for that it was not refused yet.
    async fn was_refused(&self, heard: &Heard, order_id: OrderId) -> Result<bool, Fault> {
        Ok(!self.is_young(heard) && self.reservations.load(order_id).await?.is_some())
    }

    fn is_young(&self, heard: &Heard) -> bool {
        heard.at + PATIENCE > self.runtime.now()
    }

    /// What becomes of a command that the ticket rejected.
    async fn rejected(&self, rejection: TicketRejection, heard: &Heard, then: &Then) -> Result<(), Fault> {
        let Then { ticket_id, order_id, .. } = then;
        match rejection {
            TicketRejection::Refused(ReservationRefusal::TicketReserved) if self.is_young(heard) => {
                Err(Fault::NotYet(PAUSE))
            }
            TicketRejection::Refused(reason) => self.refuse(heard, *ticket_id, *order_id, reason).await,
            TicketRejection::NotHeld
            | TicketRejection::NotListed
            | TicketRejection::NotYours
            | TicketRejection::Reserved
            | TicketRejection::Sold
            | TicketRejection::Withdrawn
            | TicketRejection::StartsInThePast
            | TicketRejection::Stale => {
                tracing::error!(
                    ticket.id = %ticket_id, order.id = %order_id, ?rejection,
                    "ticket {ticket_id} rejects what order {order_id} is owed"
                );
                Err(Fault::Poison(format!("ticket {ticket_id}, order {order_id}: {rejection:?}")))
            }
        }
    }

    async fn refuse(
        &self,
        heard: &Heard,
        ticket_id: TicketId,
        order_id: OrderId,
        reason: ReservationRefusal,
    ) -> Result<(), Fault> {
        let command = ReservationCommand::Reject { ticket_id, reason };
        let refused = self.reservations.create(order_id, heard.causes(SERVICE), command, |()| {}).await;
        match refused {
            Ok(_) => {
                tracing::info!(
                    ticket.id = %ticket_id, order.id = %order_id, ?reason,
                    "ticket {ticket_id} refused to order {order_id}"
                );
                Ok(())
            }
            Err(error) => match Fault::unless_rejected(error)? {},
        }
    }
}

#[async_trait]
impl Listener for Policies {
    fn service(&self) -> &'static str {
        SERVICE
    }

    fn hears(&self) -> &'static [(&'static str, &'static str)] {
        HEARS
    }

    fn lane(&self, heard: &Heard) -> Uuid {
        whenever(heard, heard.at).map_or(heard.aggregate_id, |then| then.ticket_id.into())
    }

    async fn hear(&self, heard: &Heard) -> Result<(), Fault> {
        let Some(then) = whenever(heard, self.runtime.now()) else { return Ok(()) };
        if matches!(then.command, TicketCommand::Reserve(_)) && self.was_refused(heard, then.order_id).await?
        {
            return Ok(());
        }
        let cause = heard.causes(SERVICE);
        match self.tickets.execute(then.ticket_id, cause, then.command.clone()).await {
            Ok(execution) => {
                for recorded in &execution.events {
                    let said = recorded.event.event_type();
                    tracing::info!(
                        ticket.id = %then.ticket_id, order.id = %then.order_id,
                        "{said}: ticket {}, order {}", then.ticket_id, then.order_id
                    );
                }
                Ok(())
            }
            Err(error) => self.rejected(Fault::unless_rejected(error)?, heard, &then).await,
        }
    }
}

#[cfg(test)]
mod tests;
