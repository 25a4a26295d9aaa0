//! Gives commands again, as they were recorded to have been given.

use auth::account::{AccountCommand, Ban, Unban};
use contracts::orders::OrderEvent;
use contracts::payments::PaymentEvent;
use contracts::tickets::{TicketDetails, TicketEvent};
use contracts::users::UserEvent;
use contracts::{Event, OrderId, Timestamp, UserId};
use eventsourcing::{Actor, Cause, ExecutionError};
use history::Entry;
use messaging::Message;
use orders::order::{OrderCommand, Placement};
use payments::payment::{PaymentCommand, PaymentPrivate};
use tickets::ticket::{Doorkeeper, TicketChanges, TicketCommand};
use uuid::Uuid;

use super::event_of;
use crate::sandbox::past::Recorded;
use crate::sandbox::shop::Shop;

/// Gives the command again, by the clock as it is now. Says why, where it came to nothing.
pub(in crate::sandbox) async fn give(
    shop: &Shop,
    recorded: &Recorded,
    now: Timestamp,
) -> Result<(), Refusal> {
    let entry = &recorded.entry;
    let (id, cause) = (entry.aggregate_id, cause_of(entry));
    let Some(event) = event_of(entry) else {
        return Err(Refusal::Rejected("this build cannot read what was recorded".to_owned()));
    };
    match event {
        Event::Ticket(event) => {
            let Some(command) = ticket_command(event, entry, now) else { return Ok(()) };
            refusal(shop.tickets.execute(id, cause, command).await)
        }
        Event::Order(OrderEvent::OrderCreated(created)) => {
            let time_to_pay = created.expires_at.since(entry.at);
            let placement = Placement {
                ticket_id: created.ticket_id,
                buyer_id: created.buyer_id,
                price: created.price,
                // To the millisecond, unless it is placed at another time.
                expires_at: if now == recorded.clock { created.expires_at } else { now + time_to_pay },
            };
            refusal(shop.orders.create(id, cause, OrderCommand::Place(placement), |_| {}).await)
        }
        Event::Order(_) => {
            let Actor::User(by) = entry.actor else { return Ok(()) };
            refusal(shop.orders.execute(id, cause, OrderCommand::Cancel { by }).await)
        }
        Event::Payment(event) => pay(shop, OrderId(id), cause, &event, now).await,
        Event::User(event) => {
            let command = account_command(event, entry, now);
            shop.tell_account(id, cause, command).await.map_err(Refusal::Rejected)
        }
        _ => Ok(()),
    }
}

/// Why a command came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum Refusal {
    /// Somebody else holds what a unique index guards.
    Taken(String),
    Rejected(String),
}

fn refusal<T, R: std::fmt::Debug>(executed: Result<T, ExecutionError<R>>) -> Result<(), Refusal> {
    match executed {
        Ok(_) => Ok(()),
        Err(ExecutionError::Taken(index)) => Err(Refusal::Taken(index)),
        Err(ExecutionError::Rejected(rejection)) => Err(Refusal::Rejected(format!("{rejection:?}"))),
        Err(error) => Err(Refusal::Rejected(error.to_string())),
    }
}

fn cause_of(entry: &Entry) -> Cause {
    Cause {
        causation_id: entry.causation_id,
        correlation_id: entry.correlation_id,
        actor: entry.actor.clone(),
        traceparent: entry.traceparent.clone(),
    }
}

fn ticket_command(event: TicketEvent, entry: &Entry, now: Timestamp) -> Option<TicketCommand> {
    let by = match entry.actor {
        Actor::User(user) => user,
        Actor::Service(_) => UserId(Uuid::nil()),
    };
    Some(match event {
        TicketEvent::TicketCreated(created) => {
            TicketCommand::Create { seller: created.seller_id, details: created.details, now }
        }
        TicketEvent::TicketUpdated(updated) => {
            TicketCommand::Update { by, changes: all_of(updated.details), seen: None, now }
        }
        TicketEvent::TicketWithdrawn(_) => TicketCommand::Withdraw { by, seen: None },
        // Who may stand at a door was asked before it was recorded.
        TicketEvent::TicketAdmitted(admitted) => {
            TicketCommand::Admit { by: Doorkeeper::Admin, order_id: admitted.order_id, now }
        }
        TicketEvent::TicketReserved(_)
        | TicketEvent::TicketWithdrawalRequested(_)
        | TicketEvent::TicketReleased(_)
        | TicketEvent::TicketSold(_) => return None,
    })
}

fn all_of(details: TicketDetails) -> TicketChanges {
    let TicketDetails { title, category, venue, city, starts_at, section, row, seat, price } = details;
    TicketChanges {
        title: Some(title),
        category: Some(category),
        venue: Some(venue),
        city: Some(city),
        starts_at: Some(starts_at),
        section: Some(section),
        row: Some(row),
        seat: Some(seat),
        price: Some(price),
    }
}

async fn pay(
    shop: &Shop,
    order_id: OrderId,
    cause: Cause,
    event: &PaymentEvent,
    now: Timestamp,
) -> Result<(), Refusal> {
    let (command, card) = match event {
        PaymentEvent::PaymentIntentRequested(_) => (PaymentCommand::Prepare { now }, None),
        _ => (PaymentCommand::Authorize { now }, with_card().payment_method),
    };
    let amend = move |private: &mut PaymentPrivate| {
        if card.is_some() {
            private.payment_method.clone_from(&card);
        }
    };
    refusal(shop.payments.execute_and_amend(order_id, cause, command, amend).await)
}

/// Which card it was is in no event; what came of it is.
pub(in crate::sandbox) fn with_card() -> PaymentPrivate {
    PaymentPrivate { payment_method: Some("pm_recorded".to_owned()), ..PaymentPrivate::default() }
}

fn account_command(event: UserEvent, entry: &Entry, now: Timestamp) -> AccountCommand {
    let account = UserId(entry.aggregate_id);
    // Whoever it was, they may: that was asked before it was recorded.
    let by = UserId(Uuid::nil());
    match event {
        UserEvent::UserCreated(created) => AccountCommand::Register { roles: created.roles },
        UserEvent::UserUpdated(_) => AccountCommand::Update { seen: None },
        UserEvent::UserPasswordChanged(_) => AccountCommand::ChangePassword { seen: entry.version - 1 },
        UserEvent::UserBanned(_) => AccountCommand::Ban(Ban { account, by, reason: String::new(), now }),
        UserEvent::UserUnbanned(_) => AccountCommand::Unban(Unban { account, by }),
    }
}

/// A timer that went off, as it was recorded, by another clock maybe.
pub(in crate::sandbox) fn message_of(entry: &Entry, at: Timestamp) -> Message {
    Message {
        category: entry.category.clone(),
        id: entry.aggregate_id,
        recorded: eventsourcing::Recorded {
            id: entry.event_id,
            version: entry.version,
            event: eventsourcing::RawEvent { event_type: entry.event_type.clone(), data: entry.data.clone() },
            at,
            cause: cause_of(entry),
        },
    }
}
