//! One matter over all services, each event behind its cause.

mod causal;

use std::collections::BTreeSet;

use eventsourcing::Actor;
use messaging::{Extent, Selection};
use uuid::Uuid;

use crate::entry::Entry;
use crate::{History, HistoryError};

/// More events are not told in one story.
const LONGEST: usize = 2_000;
/// Of those who wanted one ticket.
const MOST_ORDERS: usize = 200;

/// What happened in one matter.
#[derive(Clone, Debug)]
pub struct Story {
    /// What the id is of: the kind of aggregate, or `request`.
    pub kind: String,
    pub told: Vec<Told>,
    /// False where there is more than one story tells.
    pub is_whole: bool,
}

/// One event of a story.
#[derive(Clone, Debug)]
pub struct Told {
    pub entry: Entry,
    /// Where in the story its cause is told, if it is.
    pub cause: Option<usize>,
}

/// What belongs to it, in any order.
#[derive(Default)]
struct Matter {
    entries: Vec<Entry>,
    events: BTreeSet<Uuid>,
    /// Whether some of it was left out.
    is_cut: bool,
}

impl History {
    /// The story of an order, a ticket, a payment, a user, a session or a request; none where nothing happened under
    /// this id.
    ///
    /// What goes by the order's id is the order's: the reservation, the timer and the payment. Of its ticket only what
    /// concerns this order is told; a ticket's own story has its whole life, and that of the orders it was held for.
    /// Where a ban ended something, the ban is told too.
    pub async fn story(&self, id: Uuid) -> Result<Option<Story>, HistoryError> {
        let mut matter = Matter::default();
        let aggregates = self.all_of(id).await?;
        let has = |category: &str| aggregates.iter().any(|entry| entry.category == category);
        let kind = if has("order") {
            "order".to_owned()
        } else if let Some(entry) = aggregates.first() {
            entry.category.clone()
        } else {
            return self.of_request(id).await;
        };
        matter.take(aggregates);
        match kind.as_str() {
            "order" | "reservation" | "payment" | "timer" => self.take_tickets(id, &mut matter).await?,
            "ticket" => self.take_orders(&mut matter).await?,
            _ => {}
        }
        self.take_bans(&mut matter).await?;
        Ok(Some(matter.told_as(kind)))
    }

    async fn of_request(&self, id: Uuid) -> Result<Option<Story>, HistoryError> {
        let sequences = self.shared.of_request(id).ok_or(HistoryError::NotReadYet)?;
        let mut matter = Matter::default();
        for sequence in sequences.into_iter().take(LONGEST + 1) {
            let entry = self.entry(sequence).await?;
            matter.take(entry.filter(|entry| entry.correlation_id == id));
        }
        let is_there = !matter.entries.is_empty();
        Ok(is_there.then(|| matter.told_as("request".to_owned())))
    }

    /// Of the tickets that the order names what names the order, or follows from what belongs to it.
    async fn take_tickets(&self, order: Uuid, matter: &mut Matter) -> Result<(), HistoryError> {
        let tickets: BTreeSet<Uuid> =
            matter.entries.iter().filter_map(|entry| entry.names("ticket_id")).collect();
        for ticket in tickets {
            // Nothing follows from what stands behind it.
            for entry in self.all_of(ticket).await? {
                if entry.names("order_id") == Some(order) || matter.events.contains(&entry.causation_id) {
                    matter.take([entry]);
                }
            }
        }
        Ok(())
    }

    async fn take_orders(&self, matter: &mut Matter) -> Result<(), HistoryError> {
        let orders: BTreeSet<Uuid> =
            matter.entries.iter().filter_map(|entry| entry.names("order_id")).collect();
        for (number, order) in orders.into_iter().enumerate() {
            if number == MOST_ORDERS || matter.entries.len() > LONGEST {
                matter.is_cut = true;
                break;
            }
            matter.take(self.all_of(order).await?);
        }
        Ok(())
    }

    /// A ban ends what a person has begun: where it ended something that is told, it is told too.
    async fn take_bans(&self, matter: &mut Matter) -> Result<(), HistoryError> {
        let unexplained: Vec<&Entry> = matter
            .entries
            .iter()
            .filter(|entry| may_be_for_a_ban(entry) && !matter.events.contains(&entry.causation_id))
            .collect();
        if unexplained.is_empty() {
            return Ok(());
        }
        let causes: BTreeSet<Uuid> = unexplained.iter().map(|entry| entry.causation_id).collect();
        let people = |entry: &Entry| [entry.names("buyer_id"), entry.names("seller_id")];
        let people: BTreeSet<Uuid> = matter.entries.iter().flat_map(people).flatten().collect();
        for person in people.into_iter().take(MOST_ORDERS) {
            let of_person = self.all_of(person).await?;
            matter.take(of_person.into_iter().filter(|entry| causes.contains(&entry.event_id)));
        }
        Ok(())
    }

    /// Of whatever aggregates go by this id.
    async fn all_of(&self, id: Uuid) -> Result<Vec<Entry>, HistoryError> {
        let part = self.archive.part(&Selection::of_aggregate(id), 1, LONGEST + 1, Extent::Whole).await?;
        Ok(part.iter().filter_map(Entry::read).collect())
    }
}

/// What a service does to what somebody began who was banned since.
fn may_be_for_a_ban(entry: &Entry) -> bool {
    matches!(entry.actor, Actor::Service(_))
        && matches!(
            entry.event_type.as_str(),
            "OrderCancelled" | "TicketWithdrawn" | "TicketWithdrawalRequested"
        )
}

impl Matter {
    fn take(&mut self, entries: impl IntoIterator<Item = Entry>) {
        for entry in entries {
            if self.events.insert(entry.event_id) {
                self.entries.push(entry);
            }
        }
    }

    fn told_as(self, kind: String) -> Story {
        let is_whole = !self.is_cut && self.entries.len() <= LONGEST;
        let mut told = causal::ordered(self.entries);
        told.truncate(LONGEST);
        Story { kind, told, is_whole }
    }
}
