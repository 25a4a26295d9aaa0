//! EVENTS IN: whenever a ticket, a timer or a payment says something about an order, then the order is told; whenever a
//! buyer is banned, then so are their open orders.

mod bans;

use std::time::Duration;

use async_trait::async_trait;
use contracts::payments::PaymentEvent;
use contracts::tickets::{ReservationEvent, TicketEvent};
use contracts::timers::TimerEvent;
use contracts::users::UserEvent;
use contracts::{Event, OrderId, Timestamp, UserId};
use messaging::{Fault, Heard, Listener};
use uuid::Uuid;

use crate::buyer::BuyerCommand;
use crate::order::{OrderCommand, OrderRejection};
use crate::{Orders, SERVICE};

/// The category and the type of each event that orders hears.
pub const HEARS: &[(&str, &str)] = &[
    ("ticket", "TicketReserved"),
    ("ticket", "TicketWithdrawalRequested"),
    ("reservation", "TicketReservationRejected"),
    ("timer", "OrderExpired"),
    ("payment", "PaymentAuthorized"),
    ("payment", "ChargeCreated"),
    ("payment", "CaptureFailed"),
    ("user", "UserBanned"),
    ("user", "UserUnbanned"),
];

/// How long a payment waits for an order that does not know of its ticket yet.
const SHORTLY: Duration = Duration::from_millis(500);

/// What follows from an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// One order is told.
    Order { order: OrderId, command: OrderCommand },
    /// It is noted, and while the ban lasts the buyer's open orders end, as [`Buyer::look`](crate::buyer::Buyer::look) says.
    Buyer { buyer: UserId, command: BuyerCommand },
}

/// What follows from this event, if anything does. Timers, payments and refused reservations go by their order's id.
pub fn whenever(heard: &Heard, now: Timestamp) -> Option<Then> {
    if let Event::User(event) = &heard.event {
        return whenever_a_user(event, heard, now);
    }
    let named_alike = OrderId(heard.aggregate_id);
    let (order, command) = match &heard.event {
        Event::Ticket(TicketEvent::TicketReserved(reserved)) => {
            let (seller_id, ticket) = (reserved.seller_id, reserved.details.clone());
            (reserved.order_id, OrderCommand::ConfirmReservation { seller_id, ticket, now })
        }
        Event::Ticket(TicketEvent::TicketWithdrawalRequested(requested)) => {
            (requested.order_id, OrderCommand::CancelForWithdrawal)
        }
        Event::Reservation(ReservationEvent::TicketReservationRejected(rejected)) => {
            (named_alike, OrderCommand::RefuseReservation { reason: rejected.reason })
        }
        Event::Timer(TimerEvent::OrderExpired(_)) => (named_alike, OrderCommand::Expire { now }),
        Event::Payment(PaymentEvent::PaymentAuthorized(_)) => {
            (named_alike, OrderCommand::AcceptPayment { now })
        }
        Event::Payment(PaymentEvent::ChargeCreated(_)) => (named_alike, OrderCommand::Complete),
        Event::Payment(PaymentEvent::CaptureFailed(_)) => (named_alike, OrderCommand::FailPayment),
        _ => return None,
    };
    Some(Then::Order { order, command })
}

fn whenever_a_user(event: &UserEvent, heard: &Heard, now: Timestamp) -> Option<Then> {
    let user_version = heard.version;
    let command = match event {
        UserEvent::UserBanned(banned) => {
            BuyerCommand::NoteBan { user_version, banned_at: banned.banned_at, now }
        }
        UserEvent::UserUnbanned(_) => BuyerCommand::NoteUnban { user_version },
        UserEvent::UserCreated(_) | UserEvent::UserUpdated(_) | UserEvent::UserPasswordChanged(_) => {
            return None;
        }
    };
    Some(Then::Buyer { buyer: UserId(heard.aggregate_id), command })
}

/// Gives the orders the commands that follow.
pub(crate) struct Policies {
    orders: Orders,
}

impl Policies {
    pub(crate) fn new(orders: Orders) -> Self {
        Self { orders }
    }

    async fn command(
        &self,
        order: OrderId,
        command: OrderCommand,
        heard: &Heard,
        now: Timestamp,
    ) -> Result<(), Fault> {
        match self.orders.orders.execute(order, heard.causes(SERVICE), command).await {
            Ok(execution) => {
                self.orders.tell(&execution);
                Ok(())
            }
            Err(error) => Err(fault(order, Fault::unless_rejected(error)?, now)),
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
            Some(Then::Order { order, .. }) => order.0,
            Some(Then::Buyer { buyer, .. }) => buyer.0,
            None => heard.aggregate_id,
        }
    }

    async fn hear(&self, heard: &Heard) -> Result<(), Fault> {
        let now = self.orders.runtime.now();
        match whenever(heard, now) {
            Some(Then::Order { order, command }) => self.command(order, command, heard, now).await,
            Some(Then::Buyer { buyer, command }) => self.note(buyer, command, heard, now).await,
            None => Ok(()),
        }
    }
}

/// What cannot be is a dead letter: it has to be seen, and may be tried again.
fn fault(order: OrderId, rejection: OrderRejection, now: Timestamp) -> Fault {
    match rejection {
        OrderRejection::NotDue { expires_at } => Fault::NotYet(expires_at.since(now)),
        OrderRejection::TicketPending => Fault::NotYet(SHORTLY),
        OrderRejection::NotPlaced
        | OrderRejection::NotYours
        | OrderRejection::PaymentAccepted
        | OrderRejection::TicketReserved
        | OrderRejection::PaymentNotAccepted
        | OrderRejection::PaymentCaptured => {
            Fault::Poison(format!("order {order} cannot follow: {rejection:?}"))
        }
    }
}

#[cfg(test)]
mod tests;
