//! Why an order is as it is: how far it has come, or how it ended.

use contracts::Timestamp;
use contracts::orders::CancellationReason;
use contracts::tickets::TicketEvent;
use contracts::{EventType as _, OrderId};
use eventsourcing::Actor;
use history::Entry;
use orders::order::{Agreement, Cancellation, Order, Placement};
use tickets::ticket::Ticket;

use super::{LONG, Sentence, Told, last, of, payment, state, words};
use crate::Failure;
use crate::past::Past;
use crate::stream::Stream;

pub(super) async fn explain(
    stream: &Stream,
    past: &Past,
    pasts: &[Past],
    at: Timestamp,
) -> Result<Told, Failure> {
    let order: Order = state(past)?;
    let (status, title, placement) = match &order {
        Order::None => {
            return Err(Failure::NotThere(format!("order {} was never placed", past.id)));
        }
        Order::Pending(placement) => ("pending", None, placement),
        Order::AwaitingPayment(Agreement { placement, ticket, .. }) => {
            ("awaiting_payment", Some(words::ticket(ticket)), placement)
        }
        Order::Accepted(Agreement { placement, ticket, .. }) => {
            ("accepted", Some(words::ticket(ticket)), placement)
        }
        Order::Complete(Agreement { placement, ticket, .. }) => {
            ("complete", Some(words::ticket(ticket)), placement)
        }
        Order::Cancelled(Cancellation { placement, ticket, .. }) => {
            ("cancelled", ticket.as_ref().map(words::ticket), placement)
        }
    };
    let Placement { ticket_id, buyer_id, .. } = placement;
    let text = format!("Buyer {buyer_id} wants ticket {ticket_id}.");
    let mut told = vec![Sentence::new(text, last(past, &["OrderCreated"]))];
    told.extend(how_far(stream, past, pasts, at).await?);
    Ok((status.to_owned(), title, told))
}

/// What an order waits for, or how it ended. `pasts` is all that goes by its id.
pub(super) async fn how_far(
    stream: &Stream,
    past: &Past,
    pasts: &[Past],
    at: Timestamp,
) -> Result<Vec<Sentence>, Failure> {
    let order: Order = state(past)?;
    let paying = of(pasts, "payment");
    let mut told = Vec::new();
    match order {
        Order::None => {}
        Order::Pending(placement) => {
            told.push(unanswered(stream, past, pasts, &placement, at).await?);
            told.extend(overdue(placement.expires_at, at));
        }
        Order::AwaitingPayment(Agreement { placement, total, .. }) => {
            let until = words::until(placement.expires_at, at);
            let text = format!("The order waits to be paid, {total}, {until}.");
            told.push(Sentence::new(text, last(past, &["OrderAwaitingPayment"])));
            told.push(payment::of_open_order(paying, placement.expires_at, at)?);
            told.extend(overdue(placement.expires_at, at));
        }
        Order::Accepted(Agreement { placement, total, .. }) => {
            let text = format!(
                "The order was paid in time, and can no longer be cancelled: {total} is to be taken."
            );
            told.push(Sentence::new(text, last(past, &["OrderAccepted"])));
            told.push(payment::of_open_order(paying, placement.expires_at, at)?);
        }
        Order::Complete(Agreement { placement, total, .. }) => {
            let says = last(past, &["OrderCompleted"]);
            told.push(Sentence::new(format!("The order is complete: {total} was taken."), says));
            let holds = ticket_says(stream, past, &placement).await?;
            if holds.is_none_or(|says| says.event_type != "TicketSold") {
                told.push(Sentence::waiting("The ticket has not heard that it is sold", says, at));
            }
        }
        Order::Cancelled(Cancellation { placement, reason, .. }) => {
            told.push(ended(stream, past, reason).await?);
            let cancelled = first_cancelled(past);
            told.extend(payment::of_cancelled_order(paying, cancelled, at)?);
            let holds = ticket_says(stream, past, &placement).await?;
            if holds.is_some_and(|says| says.event_type == "TicketReserved") {
                told.push(Sentence::waiting("The ticket has not let go of it", cancelled, at));
            }
        }
    }
    Ok(told)
}

/// What it was told by the ticket may be under way to the order.
async fn unanswered(
    stream: &Stream,
    past: &Past,
    pasts: &[Past],
    placement: &Placement,
    at: Timestamp,
) -> Result<Sentence, Failure> {
    if let Some(refused) =
        of(pasts, "reservation").and_then(|past| last(past, &["TicketReservationRejected"]))
    {
        return Ok(Sentence::waiting(
            "The ticket refused it, and the order has not heard of that",
            Some(refused),
            at,
        ));
    }
    let answer = ticket_says(stream, past, placement).await?;
    Ok(match answer {
        Some(answer) => Sentence::waiting(
            "The ticket is held for it, and the order has not heard of that",
            Some(&answer),
            at,
        ),
        None => {
            let asked = last(past, &["OrderCreated"]);
            Sentence::waiting("The ticket was asked, and has not answered", asked, at)
        }
    })
}

/// The timer ends an order when its time is over, and the sweep twenty seconds later.
fn overdue(due: Timestamp, at: Timestamp) -> Option<Sentence> {
    (at > due).then(|| {
        let late = at.since(due);
        let text =
            format!("Its time to pay is over since {}, and nothing has ended it.", words::lasting(late));
        Sentence { is_too_long: late > LONG, ..Sentence::new(text, None) }
    })
}

/// The last that the order's ticket said about this order.
async fn ticket_says(stream: &Stream, past: &Past, placement: &Placement) -> Result<Option<Entry>, Failure> {
    let category = Some(TicketEvent::CATEGORY.to_owned());
    let tickets = Past::all_of(stream, category, placement.ticket_id.0).await?;
    let Some(ticket) = tickets.first() else { return Ok(None) };
    let order = OrderId(past.id);
    let is_of_order = match state::<Ticket>(ticket)? {
        Ticket::Reserved(held) => held.order_id == order,
        Ticket::Sold(bought) => bought.order_id == order,
        Ticket::Unlisted | Ticket::Available(_) | Ticket::Withdrawn(_) => false,
    };
    Ok(last(ticket, &["TicketReserved", "TicketSold"]).filter(|_| is_of_order).cloned())
}

/// How it was cancelled.
async fn ended(stream: &Stream, past: &Past, reason: CancellationReason) -> Result<Sentence, Failure> {
    let entries = || past.steps.iter().map(|step| &step.entry);
    let again = entries().filter(|entry| entry.event_type == "OrderCancelled").count().saturating_sub(1);
    let Some(cancelled) = first_cancelled(past) else {
        return Ok(Sentence::new(
            format!("The order was cancelled, because {}.", words::reason(reason)),
            None,
        ));
    };
    let story = stream.history.story(past.id).await?;
    let told = story.as_ref().map(|story| &story.told[..]).unwrap_or_default();
    let cause = told
        .iter()
        .find(|told| told.entry.event_id == cancelled.event_id)
        .and_then(|told| told.cause)
        .and_then(|cause| told.get(cause));
    let whence = match (cause, &cancelled.actor) {
        (Some(cause), _) => {
            format!("; that followed from {} (#{})", cause.entry.event_type, cause.entry.sequence)
        }
        (None, Actor::Service(_)) if reason == CancellationReason::Expired => {
            "; orders saw by itself that it was overdue".to_owned()
        }
        (None, _) => String::new(),
    };
    let again = match again {
        0 => "",
        1 => " It was said again once, to what came too late.",
        _ => " It was said again, to what came too late.",
    };
    let text = format!(
        "The order was cancelled at {}, because {}{whence}.{again}",
        cancelled.at,
        words::reason(reason)
    );
    Ok(Sentence::new(text, Some(cancelled)))
}

/// It may have been said again since.
fn first_cancelled(past: &Past) -> Option<&Entry> {
    past.steps.iter().map(|step| &step.entry).find(|entry| entry.event_type == "OrderCancelled")
}
