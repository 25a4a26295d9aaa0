//! DECIDES: who buys what, and how that ends. An order that is complete or cancelled stays so, for the same reason.
//!
//! Whether the ticket is to be had is the ticket's to say; whether it is paid in time is the order's.

use contracts::orders::{
    CancellationReason, OrderAccepted, OrderAwaitingPayment, OrderCancelled, OrderCompleted, OrderCreated,
    OrderEvent,
};
use contracts::tickets::{ReservationRefusal, TicketDetails};
use contracts::{Money, TicketId, Timestamp, UserId};
use eventsourcing::Decider;
use serde::{Deserialize, Serialize};

/// One person's purchase of one ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Order {
    #[default]
    None,
    /// The ticket was asked, and has not answered.
    Pending(Placement),
    /// The ticket is held.
    AwaitingPayment(Agreement),
    /// The payment came in time and is being captured.
    Accepted(Agreement),
    Complete(Agreement),
    Cancelled(Cancellation),
}

/// What the buyer asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    pub ticket_id: TicketId,
    pub buyer_id: UserId,
    /// What the buyer saw, where the buyer said it.
    pub price: Option<Money>,
    /// When the time to pay ends.
    pub expires_at: Timestamp,
}

/// What the ticket was reserved for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    #[serde(flatten)]
    pub placement: Placement,
    pub seller_id: UserId,
    pub total: Money,
    /// The ticket as it was when it was reserved.
    pub ticket: TicketDetails,
}

/// What there was, and why it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    #[serde(flatten)]
    pub placement: Placement,
    pub reason: CancellationReason,
    /// Nothing where the ticket was never reserved.
    pub total: Option<Money>,
    pub ticket: Option<TicketDetails>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderCommand {
    Place(Placement),
    /// The ticket is held for this order.
    ConfirmReservation {
        seller_id: UserId,
        ticket: TicketDetails,
        now: Timestamp,
    },
    /// The ticket said no.
    RefuseReservation {
        reason: ReservationRefusal,
    },
    Cancel {
        by: UserId,
    },
    /// Its buyer was banned.
    CancelForBan,
    /// Whoever sells the ticket does so no more, and it waits for this order to let go of it.
    CancelForWithdrawal,
    /// The time to pay may be over.
    Expire {
        now: Timestamp,
    },
    /// The card is authorised.
    AcceptPayment {
        now: Timestamp,
    },
    /// The money is captured.
    Complete,
    /// The money cannot be captured any more.
    FailPayment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderRejection {
    /// There is no such order.
    NotPlaced,
    NotYours,
    /// It is too late to cancel.
    PaymentAccepted,
    NotDue {
        expires_at: Timestamp,
    },
    /// A payment came before the ticket's own answer did.
    TicketPending,
    /// The ticket said no after it had said yes.
    TicketReserved,
    /// A capture ended that this order never asked for.
    PaymentNotAccepted,
    /// A capture failed after it had succeeded.
    PaymentCaptured,
}

/// Kept beside the events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPrivate {
    /// Of the request that placed it under an idempotency key.
    pub body_hash: Option<String>,
}

impl Decider for Order {
    type Command = OrderCommand;
    type Event = OrderEvent;
    type Rejection = OrderRejection;
    type Private = OrderPrivate;

    fn decide(&self, command: &OrderCommand) -> Result<Vec<OrderEvent>, OrderRejection> {
        use CancellationReason::{Banned, Buyer, Expired, PaymentFailed, TicketWithdrawn};
        use Order::{Accepted, AwaitingPayment, Cancelled, Complete, None, Pending};
        use OrderCommand as Command;
        use OrderRejection as No;
        match (self, command) {
            (None, Command::Place(placement)) => Ok(vec![placement.created()]),
            (
                Pending(_) | AwaitingPayment(_) | Accepted(_) | Complete(_) | Cancelled(_),
                Command::Place(_),
            ) => Ok(vec![]),
            (
                None,
                Command::ConfirmReservation { .. }
                | Command::RefuseReservation { .. }
                | Command::Cancel { .. }
                | Command::CancelForBan
                | Command::CancelForWithdrawal
                | Command::Expire { .. }
                | Command::AcceptPayment { .. }
                | Command::Complete
                | Command::FailPayment,
            ) => Err(No::NotPlaced),

            (Pending(placement), Command::ConfirmReservation { now, .. }) if *now >= placement.expires_at => {
                Ok(placement.cancelled(Expired))
            }
            (Pending(placement), Command::ConfirmReservation { seller_id, ticket, .. }) => {
                Ok(vec![placement.awaiting_payment(*seller_id, ticket)])
            }
            (AwaitingPayment(_) | Accepted(_) | Complete(_), Command::ConfirmReservation { .. }) => {
                Ok(vec![])
            }
            // Said again, so that the ticket, which holds itself for nobody, is released.
            (Cancelled(order), Command::ConfirmReservation { .. }) => Ok(order.again()),

            (Pending(placement), Command::RefuseReservation { reason }) => {
                Ok(placement.cancelled((*reason).into()))
            }
            (AwaitingPayment(_) | Accepted(_) | Complete(_), Command::RefuseReservation { .. }) => {
                Err(No::TicketReserved)
            }
            (Cancelled(_), Command::RefuseReservation { .. }) => Ok(vec![]),

            (
                Pending(placement)
                | AwaitingPayment(Agreement { placement, .. })
                | Accepted(Agreement { placement, .. })
                | Complete(Agreement { placement, .. })
                | Cancelled(Cancellation { placement, .. }),
                Command::Cancel { by },
            ) if *by != placement.buyer_id => Err(No::NotYours),
            (Pending(placement) | AwaitingPayment(Agreement { placement, .. }), Command::Cancel { .. }) => {
                Ok(placement.cancelled(Buyer))
            }
            (Accepted(_) | Complete(_), Command::Cancel { .. }) => Err(No::PaymentAccepted),
            (Cancelled(_), Command::Cancel { .. }) => Ok(vec![]),

            (Pending(placement) | AwaitingPayment(Agreement { placement, .. }), Command::CancelForBan) => {
                Ok(placement.cancelled(Banned))
            }
            (
                Pending(placement) | AwaitingPayment(Agreement { placement, .. }),
                Command::CancelForWithdrawal,
            ) => Ok(placement.cancelled(TicketWithdrawn)),
            (
                Accepted(_) | Complete(_) | Cancelled(_),
                Command::CancelForBan | Command::CancelForWithdrawal,
            ) => Ok(vec![]),

            (Pending(placement) | AwaitingPayment(Agreement { placement, .. }), Command::Expire { now })
                if *now < placement.expires_at =>
            {
                Err(No::NotDue { expires_at: placement.expires_at })
            }
            (Pending(placement) | AwaitingPayment(Agreement { placement, .. }), Command::Expire { .. }) => {
                Ok(placement.cancelled(Expired))
            }
            (Accepted(_) | Complete(_) | Cancelled(_), Command::Expire { .. }) => Ok(vec![]),

            (Pending(_), Command::AcceptPayment { .. }) => Err(No::TicketPending),
            (AwaitingPayment(order), Command::AcceptPayment { now }) if *now > order.placement.expires_at => {
                Ok(order.placement.cancelled(Expired))
            }
            (AwaitingPayment(order), Command::AcceptPayment { .. }) => {
                Ok(vec![OrderAccepted { ticket_id: order.placement.ticket_id }.into()])
            }
            (Accepted(_) | Complete(_), Command::AcceptPayment { .. }) => Ok(vec![]),
            // Said again, so that the payment, which came too late, is voided.
            (Cancelled(order), Command::AcceptPayment { .. }) => Ok(order.again()),

            (Accepted(order), Command::Complete) => {
                Ok(vec![OrderCompleted { ticket_id: order.placement.ticket_id }.into()])
            }
            (Complete(_), Command::Complete) => Ok(vec![]),
            (Pending(_) | AwaitingPayment(_) | Cancelled(_), Command::Complete) => {
                Err(No::PaymentNotAccepted)
            }

            (Accepted(order), Command::FailPayment) => Ok(order.placement.cancelled(PaymentFailed)),
            (Cancelled(_), Command::FailPayment) => Ok(vec![]),
            (Complete(_), Command::FailPayment) => Err(No::PaymentCaptured),
            (Pending(_) | AwaitingPayment(_), Command::FailPayment) => Err(No::PaymentNotAccepted),
        }
    }

    fn evolve(self, event: &OrderEvent) -> Self {
        match (self, event) {
            (Self::None, OrderEvent::OrderCreated(created)) => Self::Pending(Placement::of(created)),
            (Self::Pending(placement), OrderEvent::OrderAwaitingPayment(held)) => {
                Self::AwaitingPayment(Agreement::of(placement, held))
            }
            (Self::AwaitingPayment(order), OrderEvent::OrderAccepted(_)) => Self::Accepted(order),
            (Self::Accepted(order), OrderEvent::OrderCompleted(_)) => Self::Complete(order),
            (Self::Pending(placement), OrderEvent::OrderCancelled(OrderCancelled { reason, .. })) => {
                Self::Cancelled(Cancellation { placement, reason: *reason, total: None, ticket: None })
            }
            (
                Self::AwaitingPayment(Agreement { placement, total, ticket, .. })
                | Self::Accepted(Agreement { placement, total, ticket, .. }),
                OrderEvent::OrderCancelled(OrderCancelled { reason, .. }),
            ) => Self::Cancelled(Cancellation {
                placement,
                reason: *reason,
                total: Some(total),
                ticket: Some(ticket),
            }),
            // What was said again changes nothing.
            (
                unchanged,
                OrderEvent::OrderCreated(_)
                | OrderEvent::OrderAwaitingPayment(_)
                | OrderEvent::OrderAccepted(_)
                | OrderEvent::OrderCompleted(_)
                | OrderEvent::OrderCancelled(_),
            ) => unchanged,
        }
    }
}

impl Placement {
    fn of(created: &OrderCreated) -> Self {
        let OrderCreated { ticket_id, buyer_id, price, expires_at } = *created;
        Self { ticket_id, buyer_id, price, expires_at }
    }

    fn created(&self) -> OrderEvent {
        let Self { ticket_id, buyer_id, price, expires_at } = *self;
        OrderCreated { ticket_id, buyer_id, price, expires_at }.into()
    }

    fn awaiting_payment(&self, seller_id: UserId, ticket: &TicketDetails) -> OrderEvent {
        let Self { ticket_id, buyer_id, expires_at, .. } = *self;
        let (total, ticket) = (ticket.price, ticket.clone());
        OrderAwaitingPayment { ticket_id, buyer_id, seller_id, total, expires_at, ticket }.into()
    }

    fn cancelled(&self, reason: CancellationReason) -> Vec<OrderEvent> {
        vec![OrderCancelled { ticket_id: self.ticket_id, reason }.into()]
    }
}

impl Agreement {
    fn of(placement: Placement, held: &OrderAwaitingPayment) -> Self {
        let OrderAwaitingPayment { seller_id, total, ref ticket, .. } = *held;
        Self { placement, seller_id, total, ticket: ticket.clone() }
    }
}

impl Cancellation {
    fn again(&self) -> Vec<OrderEvent> {
        self.placement.cancelled(self.reason)
    }
}

#[cfg(test)]
mod tests;
