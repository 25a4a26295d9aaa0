//! The services' own rules, watched; or those of a mutant.

use std::sync::Arc;

use contracts::orders::OrderEvent;
use contracts::payments::{PaymentDeclined, PaymentEvent};
use contracts::tickets::{TicketCreated, TicketEvent, TicketReleased, TicketWithdrawn};
use eventsourcing::{Decider as _, Rules};
use orders::order::{Order, OrderCommand, OrderRejection};
use payments::payment::{Payment, PaymentCommand, PaymentRejection};
use tickets::ticket::{Listing, Ticket, TicketCommand, TicketRejection, Wish};
use uuid::Uuid;

use crate::mutant::Mutant;
use crate::world::World;

pub(crate) fn of_tickets(world: &Arc<World>) -> Rules<Ticket> {
    let mutant = world.mutant;
    Arc::new(move |ticket, command| match mutant {
        Some(mutant) => mutant_ticket(mutant, ticket, command),
        None => ticket.decide(command),
    })
}

pub(crate) fn of_orders(world: &Arc<World>) -> Rules<Order> {
    let world = Arc::clone(world);
    Arc::new(move |order, command| {
        let decided = match world.mutant {
            Some(mutant) => mutant_order(mutant, order, command),
            None => order.decide(command),
        };
        let events = decided.as_deref().unwrap_or_default();
        world.audit().decided(order, command, events);
        decided
    })
}

pub(crate) fn of_payments(world: &Arc<World>) -> Rules<Payment> {
    let mutant = world.mutant;
    Arc::new(move |payment, command| match mutant {
        Some(mutant) => mutant_payment(mutant, payment, command),
        None => payment.decide(command),
    })
}

fn mutant_ticket(
    mutant: Mutant,
    ticket: &Ticket,
    command: &TicketCommand,
) -> Result<Vec<TicketEvent>, TicketRejection> {
    use TicketCommand::{Release, Reserve, Update, Withdraw};
    match (mutant, ticket, command) {
        (Mutant::HolderCheck, Ticket::Reserved(held), Release { .. }) => {
            Ok(vec![TicketReleased { order_id: held.order_id }.into()])
        }
        (Mutant::ReleaseForgotten, _, Release { .. }) => Ok(vec![]),
        (Mutant::UniqueIndex, Ticket::Reserved(held), Reserve(wish)) if held.order_id != wish.order_id => {
            Ticket::Available(held.offer.clone()).decide(command)
        }
        (Mutant::SoldCheck, Ticket::Sold(bought), Reserve(_)) => {
            let Listing { seller_id, details } = bought.listing.clone();
            Ticket::default().evolve(&TicketCreated { seller_id, details }.into()).decide(command)
        }
        (Mutant::PriceHeld, Ticket::Reserved(held), Update { .. }) => {
            Ticket::Available(held.offer.clone()).decide(command)
        }
        (Mutant::WithdrawnWhileHeld, Ticket::Reserved(_), Withdraw { .. }) => {
            Ok(vec![TicketWithdrawn {}.into()])
        }
        (Mutant::PriceSeen, _, Reserve(wish)) => {
            ticket.decide(&Reserve(Wish { price: None, ..wish.clone() }))
        }
        (Mutant::OwnTicket, _, Reserve(wish)) => {
            let anybody = contracts::UserId(Uuid::max());
            let events = ticket.decide(&Reserve(Wish { buyer_id: anybody, ..wish.clone() }))?;
            let theirs = |event| match event {
                TicketEvent::TicketReserved(mut reserved) => {
                    reserved.buyer_id = wish.buyer_id;
                    reserved.into()
                }
                other => other,
            };
            Ok(events.into_iter().map(theirs).collect())
        }
        _ => ticket.decide(command),
    }
}

fn mutant_order(
    mutant: Mutant,
    order: &Order,
    command: &OrderCommand,
) -> Result<Vec<OrderEvent>, OrderRejection> {
    use OrderCommand::{AcceptPayment, Cancel, ConfirmReservation, Expire};
    // A command at another time than its own.
    let at = |now| match command {
        AcceptPayment { .. } => order.decide(&AcceptPayment { now }),
        _ => order.decide(&Expire { now }),
    };
    match (mutant, order, command) {
        (Mutant::SaidAgain, Order::Cancelled(_), ConfirmReservation { .. }) => Ok(vec![]),
        (Mutant::VoidMark | Mutant::VoidWhilePaying, Order::Cancelled(_), AcceptPayment { .. }) => Ok(vec![]),
        (Mutant::CancelFinal, Order::Cancelled(cancelled), AcceptPayment { .. }) => {
            Ok(vec![contracts::orders::OrderAccepted { ticket_id: cancelled.placement.ticket_id }.into()])
        }
        (Mutant::AcceptedFinal, Order::Accepted(agreement), Cancel { .. }) => {
            Order::AwaitingPayment(agreement.clone()).decide(command)
        }
        (Mutant::InTime, Order::AwaitingPayment(agreement), AcceptPayment { .. }) => {
            at(agreement.placement.expires_at)
        }
        (Mutant::NotEarly, Order::AwaitingPayment(agreement), Expire { .. }) => {
            at(agreement.placement.expires_at)
        }
        (Mutant::NotEarly, Order::Pending(placement), Expire { .. }) => at(placement.expires_at),
        (Mutant::EarlyRetry, _, Expire { .. }) => match order.decide(command) {
            Err(OrderRejection::NotDue { .. }) => Ok(vec![]),
            decided => decided,
        },
        _ => order.decide(command),
    }
}

fn mutant_payment(
    mutant: Mutant,
    payment: &Payment,
    command: &PaymentCommand,
) -> Result<Vec<PaymentEvent>, PaymentRejection> {
    use PaymentCommand::{RecordDecline, Void};
    match (mutant, payment, command) {
        (Mutant::VoidMark, Payment::None, Void) => Ok(vec![]),
        (Mutant::VoidWhilePaying, Payment::Authorizing(_), Void) => Ok(vec![]),
        (Mutant::VoidLate, Payment::Authorized(_), Void) => Ok(vec![]),
        (Mutant::SecretKept, _, RecordDecline { .. }) => {
            let told = |event| match event {
                PaymentEvent::PaymentDeclined(PaymentDeclined { attempt, .. }) => {
                    PaymentDeclined { attempt, code: "pm_card_4242".to_owned() }.into()
                }
                other => other,
            };
            Ok(payment.decide(command)?.into_iter().map(told).collect())
        }
        _ => payment.decide(command),
    }
}
