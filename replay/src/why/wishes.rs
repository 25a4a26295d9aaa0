//! Who else wanted a ticket lately. No subject says it, so the newest wishes of all are looked through, and no more of
//! them than that.

use std::time::Duration;

use contracts::Timestamp;
use contracts::orders::CancellationReason;
use contracts::tickets::TicketReservationRejected;
use history::{Entry, Query};
use messaging::Selection;
use orders::order::Order;
use uuid::Uuid;

use super::{Sentence, of, state, words};
use crate::Failure;
use crate::past::Past;
use crate::stream::Stream;

const LATELY: Duration = Duration::from_secs(86_400);
const LOOKED_AT: usize = 5_000;
const PART: usize = 500;
const TOLD: usize = 5;

/// Orders that the ticket has not answered, nor given itself to.
pub(super) async fn unanswered(
    stream: &Stream,
    ticket: Uuid,
    at: Timestamp,
) -> Result<Vec<Sentence>, Failure> {
    let mut told = Vec::new();
    for placed in lately(stream, "order", "OrderCreated", ticket, at).await? {
        let pasts = Past::all_of(stream, None, placed.aggregate_id).await?;
        let is_pending = match of(&pasts, "order") {
            Some(order) => matches!(state(order)?, Order::Pending(_)),
            None => false,
        };
        if is_pending && !is_held_for(stream, ticket, placed.aggregate_id).await? {
            let text = format!("Order {} wants it, and has had no answer", placed.aggregate_id);
            told.push(Sentence::waiting(&text, Some(&placed), at));
        }
    }
    Ok(told)
}

/// What was refused, the newest first.
pub(super) async fn refused(stream: &Stream, ticket: Uuid, at: Timestamp) -> Result<Vec<Sentence>, Failure> {
    let refused = lately(stream, "reservation", "TicketReservationRejected", ticket, at).await?;
    let told = refused.into_iter().filter_map(|entry| {
        let rejected: TicketReservationRejected = serde_json::from_value(entry.data.clone()).ok()?;
        let reason = words::reason(CancellationReason::from(rejected.reason));
        let (order, when) = (entry.aggregate_id, entry.at);
        let text = format!("Order {order} was refused it at {when}, because {reason}.");
        Some(Sentence::new(text, Some(&entry)))
    });
    Ok(told.collect())
}

async fn is_held_for(stream: &Stream, ticket: Uuid, order: Uuid) -> Result<bool, Failure> {
    let tickets = Past::all_of(stream, Some("ticket".to_owned()), ticket).await?;
    let last = tickets.first().and_then(|past| super::last(past, &["TicketReserved", "TicketReleased"]));
    Ok(last.is_some_and(|last| last.event_type == "TicketReserved" && last.names("order_id") == Some(order)))
}

async fn lately(
    stream: &Stream,
    category: &str,
    event_type: &str,
    ticket: Uuid,
    at: Timestamp,
) -> Result<Vec<Entry>, Failure> {
    let selection = Selection::new(Some(category.to_owned()), None, Some(event_type.to_owned()))
        .map_err(|error| Failure::BadInput(error.to_string()))?;
    let mut query = Query { selection, since: Some(at - LATELY), limit: PART, ..Query::default() };
    let (mut found, mut looked_at) = (Vec::new(), 0);
    loop {
        let slice = stream.history.slice(&query).await?;
        looked_at += slice.entries.len();
        found.extend(slice.entries.into_iter().filter(|entry| entry.names("ticket_id") == Some(ticket)));
        if slice.goes_on.is_none() || found.len() >= TOLD || looked_at >= LOOKED_AT {
            found.truncate(TOLD);
            return Ok(found);
        }
        query.before = slice.goes_on;
    }
}
