//! Watches over every step: what may never be so, whatever goes wrong. It is told of each commit, each publication and
//! each movement of money as it happens.

mod accounts;
mod orders;
mod payments;
mod tickets;

use std::collections::{BTreeMap, BTreeSet};

use ::auth::account::Account;
use ::orders::buyer::Buyer;
use ::orders::order::Order;
use ::payments::payment::Payment;
use ::tickets::reservation::Reservation;
use ::tickets::seller::Seller;
use ::tickets::ticket::Ticket;
use contracts::{Money, Timestamp};
use eventsourcing::{Commit, Decider, Recorded};
use messaging::Message;
use serde_json::Value;
use uuid::Uuid;

use crate::sometimes::{Met, Sometimes};

/// What every service said and did, by all that anybody can know.
#[derive(Default)]
pub(crate) struct Audit {
    pub accounts: BTreeMap<Uuid, Record<Account>>,
    pub tickets: BTreeMap<Uuid, Record<Ticket>>,
    pub reservations: BTreeMap<Uuid, Record<Reservation>>,
    pub sellers: BTreeMap<Uuid, Record<Seller>>,
    pub orders: BTreeMap<Uuid, Record<Order>>,
    pub buyers: BTreeMap<Uuid, Record<Buyer>>,
    pub payments: BTreeMap<Uuid, Record<Payment>>,
    /// The order whose payment a ticket waits for, or that it is sold to.
    holders: BTreeMap<Uuid, Uuid>,
    /// How many payments of an order the card processor may know, beyond the one.
    pub spare_intents: BTreeMap<Uuid, usize>,
    /// The charges that are known.
    charges: BTreeSet<String>,
    /// What was captured, by order.
    captured: BTreeMap<Uuid, Money>,
    /// The stream as it stands: category, aggregate and version of each message.
    stream: Vec<(String, Uuid, u64)>,
    /// Where each aggregate's messages end.
    last: BTreeMap<(String, Uuid), u64>,
    /// How far each aggregate's messages ever went.
    furthest: BTreeMap<(String, Uuid), u64>,
    pub met: Met,
    pub violation: Option<Violation>,
}

/// What one aggregate came to.
#[derive(Clone)]
pub(crate) struct Record<D: Decider> {
    pub state: D,
    pub version: u64,
    /// When it began, by the clock of who began it.
    pub begun_at: Timestamp,
    /// The ids of its events.
    pub events: Vec<Uuid>,
    causes: Vec<Uuid>,
}

/// What may never be so, and is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which invariant, in a few words.
    pub invariant: &'static str,
    pub told: String,
}

/// An aggregate that is watched.
pub(crate) trait Watched: Decider + PartialEq {
    fn records(audit: &mut Audit) -> &mut BTreeMap<Uuid, Record<Self>>;

    /// What this change means for the others.
    fn changed(audit: &mut Audit, id: Uuid, change: &Change<'_, Self>);
}

/// A commit, with what was before.
pub(crate) struct Change<'a, D: Decider> {
    pub before: &'a D,
    pub after: &'a D,
    pub events: &'a [Recorded<D::Event>],
}

impl<D: Decider> Default for Record<D> {
    fn default() -> Self {
        Self {
            state: D::default(),
            version: 0,
            begun_at: Timestamp::default(),
            events: Vec::new(),
            causes: Vec::new(),
        }
    }
}

impl Audit {
    /// A commit was carried out.
    pub(crate) fn committed<D: Watched>(&mut self, commit: &Commit<'_, D>) {
        let mut record = D::records(self).remove(&commit.id).unwrap_or_default();
        if record.version != commit.expected_version {
            self.violated(
                "no version is decided twice",
                format!(
                    "{} {} is at {}, and {} was overwritten",
                    D::CATEGORY,
                    commit.id,
                    record.version,
                    commit.expected_version
                ),
            );
        }
        if record.version == 0 {
            record.begun_at = commit.at;
        }
        let before = record.state.clone();
        for recorded in commit.events {
            record.state = record.state.evolve(&recorded.event);
            record.events.push(recorded.id);
        }
        if record.state != *commit.state {
            self.violated("state is the fold of the events", format!("{} {}", D::CATEGORY, commit.id));
        }
        if let Some(cause) = commit.events.first().map(|recorded| recorded.cause.causation_id) {
            if record.causes.contains(&cause) {
                self.violated(
                    "each cause has its effect once",
                    format!("{} {} by {cause}", D::CATEGORY, commit.id),
                );
            }
            record.causes.push(cause);
        }
        record.version = commit.version();
        let change = Change { before: &before, after: commit.state, events: commit.events };
        D::records(self).insert(commit.id, record);
        D::changed(self, commit.id, &change);
    }

    /// A commit that had been carried out was taken back.
    pub(crate) fn taken_back<D: Watched>(&mut self, id: Uuid, record: Option<Record<D>>) {
        match record {
            Some(record) => D::records(self).insert(id, record),
            None => D::records(self).remove(&id),
        };
    }

    /// A message was appended to the stream.
    pub(crate) fn published(&mut self, message: &Message) {
        let Message { category, id, recorded } = message;
        let place = (category.clone(), *id);
        let last = self.last.get(&place).copied().unwrap_or(0);
        if recorded.version != last + 1 {
            self.violated(
                "an aggregate's events are on the bus in order, once, without a hole",
                format!("{category} {id}: {} after {last}", recorded.version),
            );
        }
        let known = self.event_id(category, *id, recorded.version);
        if known.is_some_and(|known| known != recorded.id) {
            self.violated(
                "nothing is on the bus that was not committed",
                format!("{category} {id}, version {}", recorded.version),
            );
        }
        let furthest = self.furthest.entry(place.clone()).or_insert(0);
        if recorded.version <= *furthest {
            self.met.note(Sometimes::Republished);
        }
        *furthest = recorded.version.max(*furthest);
        self.stream.push((category.clone(), *id, recorded.version));
        self.last.insert(place, recorded.version);
        if let Some(secret) = secret_in(&recorded.event.data) {
            self.violated(
                "nothing secret or personal is on the bus",
                format!("{category} {id}: {secret:?} in {}", recorded.event.event_type),
            );
        }
    }

    /// The stream lost every message after this one.
    pub(crate) fn lost_after(&mut self, sequence: u64) {
        self.stream.truncate(usize::try_from(sequence).unwrap_or(usize::MAX));
        self.last =
            self.stream.iter().map(|(category, id, version)| ((category.clone(), *id), *version)).collect();
    }

    /// How many messages the stream holds.
    pub(crate) fn stream_length(&self) -> u64 {
        self.stream.len() as u64
    }

    /// Where an aggregate's messages end.
    pub(crate) fn last(&self, category: &str, id: Uuid) -> u64 {
        self.last.get(&(category.to_owned(), id)).copied().unwrap_or(0)
    }

    /// The first of these aggregates of which the stream lacks something.
    pub(crate) fn untold<D: Watched>(&self, records: &BTreeMap<Uuid, Record<D>>) -> Option<String> {
        records.iter().find_map(|(id, record)| {
            let last = self.last(D::CATEGORY, *id);
            (last != record.version).then(|| format!("{} {id}: {last} of {}", D::CATEGORY, record.version))
        })
    }

    /// Money was taken; the same charge may be told of again.
    pub(crate) fn captured_by(&mut self, order_id: Uuid, charge: String, amount: Money) {
        if !self.charges.insert(charge) {
            return;
        }
        if self.captured.insert(order_id, amount).is_some() {
            self.violated("nobody is charged twice", format!("order {order_id}"));
        }
        let agreed = match self.orders.get(&order_id).map(|order| &order.state) {
            Some(Order::Accepted(agreement) | Order::Complete(agreement)) => Some(agreement.total),
            _ => None,
        };
        if agreed != Some(amount) {
            self.violated(
                "captured money belongs to an accepted or complete order",
                format!("{amount} for order {order_id}, which agreed on {agreed:?}"),
            );
        }
    }

    pub(crate) fn captured_for(&self, order_id: Uuid) -> Option<Money> {
        self.captured.get(&order_id).copied()
    }

    pub(crate) fn total_captured(&self) -> u64 {
        self.captured.values().map(|money| money.amount).sum()
    }

    /// The first one counts: what comes after it may follow from it.
    pub(crate) fn violated(&mut self, invariant: &'static str, told: String) {
        self.violation.get_or_insert(Violation { invariant, told });
    }

    fn event_id(&self, category: &str, id: Uuid, version: u64) -> Option<Uuid> {
        let events = match category {
            "user" => self.accounts.get(&id).map(|record| &record.events),
            "ticket" => self.tickets.get(&id).map(|record| &record.events),
            "reservation" => self.reservations.get(&id).map(|record| &record.events),
            "seller" => self.sellers.get(&id).map(|record| &record.events),
            "order" => self.orders.get(&id).map(|record| &record.events),
            "buyer" => self.buyers.get(&id).map(|record| &record.events),
            "payment" => self.payments.get(&id).map(|record| &record.events),
            // Timers have no store.
            _ => return None,
        };
        // What no store ever had is no event of anybody's.
        let at = usize::try_from(version).ok()?.checked_sub(1)?;
        Some(events.and_then(|events| events.get(at)).copied().unwrap_or_default())
    }
}

/// What no event may hold: the client secret of a payment, somebody's card, somebody's address.
fn secret_in(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => {
            let is_secret = text.contains("_secret") || text.starts_with("pm_") || text.contains('@');
            is_secret.then_some(text)
        }
        Value::Array(values) => values.iter().find_map(secret_in),
        Value::Object(fields) => fields.values().find_map(secret_in),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}
