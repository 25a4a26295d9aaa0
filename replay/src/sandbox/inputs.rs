//! What came from outside: what a person asked for, what a timer or the clock did. Each is turned back into the command
//! that it was; everything else follows by itself.

mod giving;

use std::collections::{BTreeMap, BTreeSet};

use contracts::Event;
use contracts::orders::{CancellationReason, OrderEvent};
use contracts::payments::PaymentEvent;
use contracts::tickets::TicketEvent;
use eventsourcing::{Actor, Decider as _};
use history::Entry;
use payments::payment::Payment;
use uuid::Uuid;

use super::cards::{Asked, Call, Said};
use super::past::{Name, Past, Recorded};

pub(super) use giving::{Refusal, give, message_of, with_card};

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
        let known_before: BTreeSet<Uuid> = past.before.iter().map(|entry| entry.event_id).collect();
        let (mut inputs, mut last_of_person) = (Self::default(), BTreeMap::new());
        let mut begun: BTreeSet<(Uuid, Uuid)> = BTreeSet::new();
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
            begun.insert(group);
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
        let is_it = |earlier: &Entry| {
            earlier.category == category && (types.is_empty() || types.contains(&earlier.event_type.as_str()))
        };
        let mut earlier = past.under(id).rev().filter(|(at, _)| *at < number);
        earlier.find(|(_, earlier)| is_it(&earlier.entry)).map(|(_, earlier)| earlier.name.clone())
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

/// What the cards were recorded to answer to such a call, and the event that it led to.
pub(super) fn recorded_answer(past: &Past, call: &Call) -> (Option<usize>, Option<Said>) {
    let id = call.order_id.0;
    let mut own = past.of_payment(id);
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
            let begin = past.of_payment(id).find(|(_, it)| asked(it)).map(|(at, _)| at);
            own.filter(|(number, _)| begin.is_none_or(|begin| *number > begin))
                .take_while(|(_, it)| !is_one(it, &["AuthorizationRequested"]))
                .find(|(_, it)| is_one(it, &answers))
        }
    };
    (found.map(|(number, _)| number), found.and_then(|(_, recorded)| said(&recorded.entry)))
}
