//! What came from outside: what a person asked for, what a timer or the clock did. Each is turned back into the command
//! that it was; everything else follows by itself.

use std::collections::BTreeMap;

use auth::account::{AccountCommand, Ban, Unban};
use contracts::orders::{CancellationReason, OrderEvent};
use contracts::payments::PaymentEvent;
use contracts::tickets::{TicketDetails, TicketEvent};
use contracts::users::UserEvent;
use contracts::{Event, OrderId, Timestamp, UserId};
use eventsourcing::{Actor, Cause, Decider as _, ExecutionError};
use history::Entry;
use messaging::Message;
use orders::order::{OrderCommand, Placement};
use payments::payment::{Payment, PaymentCommand, PaymentPrivate};
use tickets::ticket::{Doorkeeper, TicketChanges, TicketCommand};
use uuid::Uuid;

use super::cards::{Asked, Call, Said};
use super::past::{Name, Past, Recorded};
use super::shop::Shop;

/// Something from outside, and when it may happen.
#[derive(Clone, Debug)]
pub(super) struct Input {
    /// The first event that was recorded of it.
    pub event: usize,
    pub act: Act,
    /// What its person had seen, or what the clock had waited for.
    pub after: Vec<Name>,
    /// The last thing that the same person did before.
    pub after_input: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// A command that somebody gave.
    Command,
    /// A timer went off.
    Timer,
    /// Orders looked for what is overdue.
    Sweep,
    /// The buyer came back from the bank, and payments looked.
    Look(Said),
}

/// What there is to give, and what cannot be given again.
#[derive(Clone, Debug, Default)]
pub(super) struct Inputs {
    pub given: Vec<Input>,
    /// Events whose cause was not recorded, and that no caller asks for.
    pub without_cause: Vec<usize>,
}

impl Inputs {
    pub(super) fn of(past: &Past) -> Self {
        let mut payments: BTreeMap<Uuid, Payment> = BTreeMap::new();
        for entry in &past.before {
            fold(&mut payments, entry);
        }
        let known_before: Vec<Uuid> = past.before.iter().map(|entry| entry.event_id).collect();
        let (mut inputs, mut last_of_person) = (Self::default(), BTreeMap::new());
        let mut begun: Vec<(Uuid, Uuid)> = Vec::new();
        for (number, recorded) in past.events.iter().enumerate() {
            let entry = &recorded.entry;
            let payment = payments.get(&entry.aggregate_id).cloned().unwrap_or_default();
            fold(&mut payments, entry);
            let is_effect =
                past.by_id(entry.causation_id).is_some() || known_before.contains(&entry.causation_id);
            let group = (entry.aggregate_id, entry.causation_id);
            if (is_effect && entry.category != "timer") || begun.contains(&group) {
                continue;
            }
            if entry.category == "payment" && payment.due().is_some() && said(entry).is_some() {
                // The cards answered.
                continue;
            }
            let Some(act) = act_of(entry) else {
                inputs.without_cause.push(number);
                continue;
            };
            begun.push(group);
            let after_input = match &entry.actor {
                Actor::User(user) => last_of_person.insert(*user, inputs.given.len()),
                Actor::Service(_) => None,
            };
            let after = seen_before(past, number);
            inputs.given.push(Input { event: number, act, after, after_input });
        }
        inputs
    }
}

fn fold(payments: &mut BTreeMap<Uuid, Payment>, entry: &Entry) {
    if let Some(Event::Payment(event)) = event_of(entry) {
        let before = payments.remove(&entry.aggregate_id).unwrap_or_default();
        payments.insert(entry.aggregate_id, before.evolve(&event));
    }
}

pub(super) fn event_of(entry: &Entry) -> Option<Event> {
    Event::of_value(&entry.category, &entry.event_type, &entry.data).ok()
}

/// What the cards said, where this is what came of it.
pub(super) fn said(entry: &Entry) -> Option<Said> {
    let Event::Payment(event) = event_of(entry)? else { return None };
    Some(match event {
        PaymentEvent::PaymentIntentCreated(created) => Said::Known(created.payment_intent),
        PaymentEvent::PaymentActionRequired(_) => Said::ActionRequired,
        PaymentEvent::PaymentAuthorized(_) | PaymentEvent::PaymentVoided(_) => Said::Authorized,
        PaymentEvent::PaymentDeclined(declined) => Said::Declined(declined.code),
        PaymentEvent::ChargeCreated(created) => Said::Charged(created.charge),
        PaymentEvent::CaptureFailed(failed) => Said::CaptureRefused(failed.code),
        PaymentEvent::PaymentOpened(_)
        | PaymentEvent::PaymentIntentRequested(_)
        | PaymentEvent::AuthorizationRequested(_)
        | PaymentEvent::CaptureRequested(_)
        | PaymentEvent::VoidRequested(_) => return None,
    })
}

fn act_of(entry: &Entry) -> Option<Act> {
    match (event_of(entry)?, &entry.actor) {
        (Event::Timer(_), _) => Some(Act::Timer),
        (Event::User(_), _) => Some(Act::Command),
        (Event::Order(OrderEvent::OrderCancelled(cancelled)), _)
            if cancelled.reason == CancellationReason::Expired =>
        {
            Some(Act::Sweep)
        }
        (
            Event::Ticket(
                TicketEvent::TicketCreated(_)
                | TicketEvent::TicketUpdated(_)
                | TicketEvent::TicketWithdrawn(_)
                | TicketEvent::TicketAdmitted(_),
            )
            | Event::Order(OrderEvent::OrderCreated(_) | OrderEvent::OrderCancelled(_))
            | Event::Payment(PaymentEvent::AuthorizationRequested(_) | PaymentEvent::PaymentIntentRequested(_)),
            Actor::User(_),
        ) => Some(Act::Command),
        (Event::Payment(_), _) => said(entry).map(Act::Look),
        _ => None,
    }
}

/// What had to be there before anybody could do this.
fn seen_before(past: &Past, number: usize) -> Vec<Name> {
    let entry = &past.events[number].entry;
    let of = |category: &str, id: Uuid, types: &[&str]| {
        let is_it = |earlier: &&Recorded| {
            let earlier = &earlier.entry;
            earlier.category == category
                && earlier.aggregate_id == id
                && (types.is_empty() || types.contains(&earlier.event_type.as_str()))
        };
        past.events[..number].iter().rev().find(is_it).map(|earlier| earlier.name.clone())
    };
    let id = entry.aggregate_id;
    let found = match (entry.category.as_str(), entry.event_type.as_str()) {
        ("order", "OrderCreated") => entry
            .names("ticket_id")
            .and_then(|ticket| of("ticket", ticket, &["TicketCreated", "TicketUpdated"])),
        ("order", _) | ("timer", _) => of("order", id, &["OrderCreated"]),
        ("ticket", "TicketAdmitted") => of("ticket", id, &["TicketSold"]),
        ("ticket", _) => of("ticket", id, &["TicketCreated", "TicketUpdated"]),
        ("payment" | "user", _) => of(&entry.category, id, &[]),
        _ => None,
    };
    found.into_iter().collect()
}

/// Gives the command again, by the clock as it is now. Says why, where it came to nothing.
pub(super) async fn give(shop: &Shop, recorded: &Recorded, now: Timestamp) -> Result<(), Refusal> {
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
pub(super) enum Refusal {
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
pub(super) fn with_card() -> PaymentPrivate {
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
pub(super) fn message_of(entry: &Entry, at: Timestamp) -> Message {
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

/// What the cards were recorded to answer to such a call, and the event that it led to.
pub(super) fn recorded_answer(past: &Past, call: &Call) -> (Option<usize>, Option<Said>) {
    let id = call.order_id.0;
    let is_payment = |entry: &Entry| entry.category == "payment" && entry.aggregate_id == id;
    let mut own = past.events.iter().enumerate().filter(|(_, recorded)| is_payment(&recorded.entry));
    let is_one = |recorded: &Recorded, types: &[&str]| types.contains(&recorded.entry.event_type.as_str());
    let found = match call.asked {
        Asked::Create { .. } => own.find(|(_, it)| is_one(it, &["PaymentIntentCreated"])),
        Asked::Capture => own.find(|(_, it)| is_one(it, &["ChargeCreated", "CaptureFailed"])),
        Asked::Cancel => own.find(|(_, it)| is_one(it, &["PaymentVoided"])),
        Asked::Confirm { attempt } => {
            let asked = |it: &Recorded| {
                let number = it.entry.data.get("attempt").and_then(serde_json::Value::as_u64);
                is_one(it, &["AuthorizationRequested"]) && number == Some(u64::from(attempt))
            };
            let answers = ["PaymentAuthorized", "PaymentDeclined", "PaymentActionRequired"];
            // Asked before the replay began, it is answered first.
            let begin = past.events.iter().position(|it| is_payment(&it.entry) && asked(it));
            own.filter(|(number, _)| begin.is_none_or(|begin| *number > begin))
                .take_while(|(_, it)| !is_one(it, &["AuthorizationRequested"]))
                .find(|(_, it)| is_one(it, &answers))
        }
    };
    (found.map(|(number, _)| number), found.and_then(|(_, recorded)| said(&recorded.entry)))
}
