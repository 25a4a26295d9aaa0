//! Safeguards that can be left out, one at a time, to see whether a search notices. They are left out of the replay
//! alone: no build of a service can do so.

use std::sync::Arc;

use clap::ValueEnum;
use contracts::orders::{OrderAccepted, OrderEvent};
use contracts::payments::PaymentEvent;
use contracts::tickets::{TicketCreated, TicketEvent, TicketReleased};
use eventsourcing::{Decider as _, Rules};
use orders::order::{Order, OrderCommand, OrderRejection};
use payments::payment::{Payment, PaymentCommand, PaymentRejection};
use tickets::ticket::{Listing, Ticket, TicketCommand, TicketRejection};

/// What a shop does without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lacking {
    /// A release ends whoever's hold there is
    HolderCheck,
    /// Nothing keeps a ticket from being ordered twice, and a sold one may be reserved again
    TicketSold,
    /// A cancelled order stays silent when its ticket is reserved, or its payment authorised
    SaidAgain,
    /// A cancelled order accepts a payment
    CancelledIsFinal,
    /// An accepted order may be cancelled by its buyer
    AcceptedIsFinal,
    /// A payment that comes too late is accepted
    InTime,
    /// What is set aside for a cancelled order is not given back
    Void,
}

impl Lacking {
    /// Whether the index over active orders is gone with it.
    pub(super) fn is_index(self) -> bool {
        self == Self::TicketSold
    }
}

pub(super) fn of_tickets(lacking: Option<Lacking>) -> Rules<Ticket> {
    Arc::new(move |ticket, command| match lacking {
        Some(lacking) => ticket_without(lacking, ticket, command),
        None => ticket.decide(command),
    })
}

pub(super) fn of_orders(lacking: Option<Lacking>) -> Rules<Order> {
    Arc::new(move |order, command| match lacking {
        Some(lacking) => order_without(lacking, order, command),
        None => order.decide(command),
    })
}

pub(super) fn of_payments(lacking: Option<Lacking>) -> Rules<Payment> {
    Arc::new(move |payment, command| match lacking {
        Some(lacking) => payment_without(lacking, payment, command),
        None => payment.decide(command),
    })
}

fn ticket_without(
    lacking: Lacking,
    ticket: &Ticket,
    command: &TicketCommand,
) -> Result<Vec<TicketEvent>, TicketRejection> {
    match (lacking, ticket, command) {
        (Lacking::HolderCheck, Ticket::Reserved(held), TicketCommand::Release { .. }) => {
            Ok(vec![TicketReleased { order_id: held.order_id }.into()])
        }
        (Lacking::TicketSold, Ticket::Sold(bought), TicketCommand::Reserve(_)) => {
            let Listing { seller_id, details } = bought.listing.clone();
            Ticket::default().evolve(&TicketCreated { seller_id, details }.into()).decide(command)
        }
        _ => ticket.decide(command),
    }
}

fn order_without(
    lacking: Lacking,
    order: &Order,
    command: &OrderCommand,
) -> Result<Vec<OrderEvent>, OrderRejection> {
    use OrderCommand::{AcceptPayment, Cancel, ConfirmReservation};
    match (lacking, order, command) {
        (Lacking::SaidAgain, Order::Cancelled(_), ConfirmReservation { .. } | AcceptPayment { .. }) => {
            Ok(vec![])
        }
        (Lacking::CancelledIsFinal, Order::Cancelled(cancelled), AcceptPayment { .. }) => {
            Ok(vec![OrderAccepted { ticket_id: cancelled.placement.ticket_id }.into()])
        }
        (Lacking::AcceptedIsFinal, Order::Accepted(agreement), Cancel { .. }) => {
            Order::AwaitingPayment(agreement.clone()).decide(command)
        }
        (Lacking::InTime, Order::AwaitingPayment(agreement), AcceptPayment { .. }) => {
            order.decide(&AcceptPayment { now: agreement.placement.expires_at })
        }
        _ => order.decide(command),
    }
}

fn payment_without(
    lacking: Lacking,
    payment: &Payment,
    command: &PaymentCommand,
) -> Result<Vec<PaymentEvent>, PaymentRejection> {
    match (lacking, payment, command) {
        (Lacking::Void, Payment::Authorized(_), PaymentCommand::Void) => Ok(vec![]),
        _ => payment.decide(command),
    }
}
