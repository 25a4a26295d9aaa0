//! Whenever an order says something, then its ticket is reserved, released or sold; whenever a seller is banned, then what
//! they offer is withdrawn.

mod bans;

use std::time::Duration;

use async_trait::async_trait;
use contracts::orders::OrderEvent;
use contracts::tickets::ReservationRefusal;
use contracts::users::UserEvent;
use contracts::{Event, EventType as _, OrderId, TicketId, Timestamp, UserId};
use eventsourcing::{Aggregates, Execution};
use messaging::{Fault, Heard, Listener};
use runtime::Runtime;
use uuid::Uuid;

use crate::SERVICE;
use crate::reservation::{Reservation, ReservationCommand};
use crate::seller::{Seller, SellerCommand};
use crate::ticket::{Ticket, TicketCommand, TicketRejection, Wish};

/// The events that tickets listens to, by category and type.
pub const HEARS: &[(&str, &str)] = &[
    ("order", "OrderCreated"),
    ("order", "OrderCancelled"),
    ("order", "OrderCompleted"),
    ("user", "UserBanned"),
    ("user", "UserUnbanned"),
];

/// How long an order that finds its ticket held waits: the cancellation of the other may be under way.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(300);

/// What follows from an event.
#[derive(Clone, Debug)]
pub enum Then {
    /// An order's ticket is told.
    Ticket(Owed),
    /// It is noted, and while the ban lasts what the seller offers is withdrawn, as [`Seller::look`] says.
    Seller { seller: UserId, command: SellerCommand },
}

/// What an order's ticket is told.
#[derive(Clone, Debug)]
pub struct Owed {
    pub ticket_id: TicketId,
    pub order_id: OrderId,
    pub command: TicketCommand,
}

/// What follows from an event, if anything does.
pub fn whenever(heard: &Heard, now: Timestamp) -> Option<Then> {
    match &heard.event {
        Event::Order(event) => whenever_an_order(event, heard, now),
        Event::User(event) => whenever_a_user(event, heard, now),
        _ => None,
    }
}

fn whenever_an_order(event: &OrderEvent, heard: &Heard, now: Timestamp) -> Option<Then> {
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
    Some(Then::Ticket(Owed { ticket_id, order_id, command }))
}

fn whenever_a_user(event: &UserEvent, heard: &Heard, now: Timestamp) -> Option<Then> {
    let user_version = heard.version;
    let command = match event {
        UserEvent::UserBanned(banned) => {
            SellerCommand::NoteBan { user_version, banned_at: banned.banned_at, now }
        }
        UserEvent::UserUnbanned(_) => SellerCommand::NoteUnban { user_version },
        UserEvent::UserCreated(_) | UserEvent::UserUpdated(_) | UserEvent::UserPasswordChanged(_) => {
            return None;
        }
    };
    Some(Then::Seller { seller: UserId(heard.aggregate_id), command })
}

/// Carries out what follows.
pub struct Policies {
    tickets: Aggregates<Ticket>,
    reservations: Aggregates<Reservation>,
    sellers: Aggregates<Seller>,
    runtime: Runtime,
}

impl Policies {
    pub fn new(
        tickets: Aggregates<Ticket>,
        reservations: Aggregates<Reservation>,
        sellers: Aggregates<Seller>,
        runtime: Runtime,
    ) -> Self {
        Self { tickets, reservations, sellers, runtime }
    }

    async fn give(&self, heard: &Heard, owed: Owed) -> Result<(), Fault> {
        let Owed { ticket_id, order_id, .. } = owed;
        if matches!(owed.command, TicketCommand::Reserve(_)) && self.was_refused(heard, order_id).await? {
            return Ok(());
        }
        match self.tickets.execute(ticket_id, heard.causes(SERVICE), owed.command).await {
            Ok(execution) => {
                for said in said(&execution) {
                    tracing::info!(
                        ticket.id = %ticket_id, order.id = %order_id,
                        "{said}: ticket {ticket_id}, order {order_id}"
                    );
                }
                Ok(())
            }
            Err(error) => self.rejected(Fault::unless_rejected(error)?, heard, ticket_id, order_id).await,
        }
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
    async fn rejected(
        &self,
        rejection: TicketRejection,
        heard: &Heard,
        ticket_id: TicketId,
        order_id: OrderId,
    ) -> Result<(), Fault> {
        match rejection {
            TicketRejection::Refused(ReservationRefusal::TicketReserved) if self.is_young(heard) => {
                Err(Fault::NotYet(PAUSE))
            }
            TicketRejection::Refused(reason) => self.refuse(heard, ticket_id, order_id, reason).await,
            TicketRejection::NotHeld
            | TicketRejection::NotBought
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
        match whenever(heard, heard.at) {
            Some(Then::Ticket(owed)) => owed.ticket_id.into(),
            Some(Then::Seller { seller, .. }) => seller.into(),
            None => heard.aggregate_id,
        }
    }

    async fn hear(&self, heard: &Heard) -> Result<(), Fault> {
        let now = self.runtime.now();
        match whenever(heard, now) {
            Some(Then::Ticket(owed)) => self.give(heard, owed).await,
            Some(Then::Seller { seller, command }) => self.note(heard, seller, command, now).await,
            None => Ok(()),
        }
    }
}

fn said(execution: &Execution<Ticket>) -> impl Iterator<Item = &'static str> {
    execution.events.iter().map(|recorded| recorded.event.event_type())
}

#[cfg(test)]
mod tests;
