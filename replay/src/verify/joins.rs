//! What aggregates of different kinds say of each other, looked up a page at a time.

use std::collections::{BTreeMap, BTreeSet};

use mongodb::bson::{Document, doc};
use uuid::Uuid;

use super::documents::{Kept, Shelf};
use super::fault::Fault;
use super::promises::{Standing, Waits, of_order, of_payment, of_ticket};
use crate::Failure;
use crate::kinds::Kind;
use crate::stores::Stores;

/// The three that a purchase is made of.
pub(super) struct Joins {
    orders: Shelf,
    tickets: Shelf,
    payments: Shelf,
}

type Standings = BTreeMap<Uuid, Standing>;

impl Joins {
    /// None where not all of the three are at hand.
    pub(super) fn of(stores: &Stores) -> Option<Self> {
        let shelf = |category| {
            let kind = Kind::named(category)?;
            Some(Shelf::new(stores.of(kind.service)?, kind))
        };
        Some(Self { orders: shelf("order")?, tickets: shelf("ticket")?, payments: shelf("payment")? })
    }

    /// Each of these of which something does not hold, with what that is.
    pub(super) async fn judge(
        &self,
        category: &str,
        standings: Vec<Standing>,
        waits: Waits,
    ) -> Result<Vec<(Uuid, Vec<Fault>)>, Failure> {
        let ids = || standings.iter().map(|standing| standing.id);
        let mut judged = Vec::new();
        match category {
            "order" => {
                let wanted = standings.iter().filter_map(|order| order.ticket_id).collect();
                let tickets = look_up(&self.tickets, wanted).await?;
                let payments = look_up(&self.payments, ids().collect()).await?;
                for order in &standings {
                    let ticket = order.ticket_id.and_then(|ticket| tickets.get(&ticket));
                    judged.push((order.id, of_order(order, ticket, payments.get(&order.id), waits)));
                }
            }
            "ticket" => {
                let holders = standings.iter().filter_map(|ticket| ticket.order_id).collect();
                let orders = look_up(&self.orders, holders).await?;
                for ticket in &standings {
                    let order = ticket.order_id.and_then(|order| orders.get(&order));
                    judged.push((ticket.id, of_ticket(ticket, order, waits).into_iter().collect()));
                }
            }
            "payment" => {
                let orders = look_up(&self.orders, ids().collect()).await?;
                for payment in &standings {
                    let faults = of_payment(payment, orders.get(&payment.id)).into_iter().collect();
                    judged.push((payment.id, faults));
                }
            }
            _ => {}
        }
        judged.retain(|(_, faults)| !faults.is_empty());
        Ok(judged)
    }

    /// The same, of what they are now.
    pub(super) async fn judge_again(
        &self,
        category: &str,
        ids: BTreeSet<Uuid>,
        waits: Waits,
    ) -> Result<Vec<(Uuid, Vec<Fault>)>, Failure> {
        let shelf = match category {
            "order" => &self.orders,
            "ticket" => &self.tickets,
            _ => &self.payments,
        };
        let standings = look_up(shelf, ids).await?.into_values().collect();
        self.judge(category, standings, waits).await
    }
}

impl Standing {
    pub(super) fn of_kept(kept: &Kept) -> Self {
        Self::of(kept.id, &kept.state, kept.updated_at)
    }
}

pub(super) async fn look_up(shelf: &Shelf, ids: BTreeSet<Uuid>) -> Result<Standings, Failure> {
    let fields = doc! {
        "state.status": 1, "state.ticket_id": 1, "state.order_id": 1, "state.total": 1, "state.amount": 1,
        "state.price": 1, "state.expires_at": 1, "updated_at": 1,
    };
    let ids = ids.iter().map(Uuid::to_string).collect();
    let found = shelf.fields_of(ids, fields).await?;
    Ok(found.into_iter().filter_map(standing).map(|standing| (standing.id, standing)).collect())
}

/// None of what is no document of ours, which is told of elsewhere.
fn standing(document: Document) -> Option<Standing> {
    let id = document.get_str("_id").ok()?.parse().ok()?;
    let since = document.get_str("updated_at").ok()?.parse().ok()?;
    let state = document.get_document("state").ok()?.clone();
    Some(Standing::of(id, &eventsourcing::document_to_json(state).ok()?, since))
}
