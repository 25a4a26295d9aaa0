//! Why a ticket is as it is: on offer, held, sold or withdrawn.

use contracts::{OrderId, Timestamp};
use eventsourcing::Actor;
use history::Entry;
use tickets::ticket::{Bought, Held, Listing, Offer, Ticket};

use super::{Sentence, Told, last, of, order, state, wishes, words};
use crate::Failure;
use crate::past::Past;
use crate::stream::Stream;

/// Of the events by which a ticket comes to be on offer.
const OFFERS: [&str; 3] = ["TicketCreated", "TicketUpdated", "TicketReleased"];

pub(super) async fn explain(stream: &Stream, past: &Past, at: Timestamp) -> Result<Told, Failure> {
    let ticket: Ticket = state(past)?;
    let mut told = Vec::new();
    let (status, listing) = match ticket {
        Ticket::Unlisted => {
            return Err(Failure::NotThere(format!("ticket {} was never listed", past.id)));
        }
        Ticket::Available(Offer { listing, .. }) => {
            told.extend(on_offer(stream, past, &listing, at).await?);
            ("available", listing)
        }
        Ticket::Reserved(held) => {
            told.extend(of_hold(stream, past, &held, at).await?);
            ("reserved", held.offer.listing)
        }
        Ticket::Sold(bought) => {
            told.extend(of_sale(past, &bought));
            ("sold", bought.listing)
        }
        Ticket::Withdrawn(listing) => {
            told.push(of_withdrawal(past, &listing));
            ("withdrawn", listing)
        }
    };
    told.extend(wishes::unanswered(stream, past.id, at).await?);
    told.extend(wishes::refused(stream, past.id, at).await?);
    Ok((status.to_owned(), Some(words::ticket(&listing.details)), told))
}

async fn on_offer(
    stream: &Stream,
    past: &Past,
    listing: &Listing,
    at: Timestamp,
) -> Result<Vec<Sentence>, Failure> {
    let (price, seller) = (listing.details.price, listing.seller_id);
    let says = last(past, &OFFERS);
    let text = format!("It is on offer for {price} by seller {seller}, and held for nobody.");
    let mut told = vec![Sentence::new(text, says)];
    if let Some(released) = says.filter(|entry| entry.event_type == "TicketReleased")
        && let Some(order_id) = released.names("order_id")
    {
        let text = format!("It was held for order {order_id} before, which let go of it at {}.", released.at);
        told.push(Sentence::new(text, Some(released)));
        let pasts = Past::all_of(stream, None, order_id).await?;
        if let Some(ended) = of(&pasts, "order") {
            told.extend(order::how_far(stream, ended, &pasts, at).await?);
        }
    }
    if listing.details.starts_at <= at {
        told.push(Sentence::new("What it is for has begun: nobody gets it any more.", None));
    }
    Ok(told)
}

async fn of_hold(stream: &Stream, past: &Past, held: &Held, at: Timestamp) -> Result<Vec<Sentence>, Failure> {
    let Held { offer, order_id, buyer_id, expires_at, withdrawal_requested } = held;
    let OrderId(order) = order_id;
    let (price, until) = (offer.listing.details.price, words::until(*expires_at, at));
    let text = format!("It is held for order {order} of buyer {buyer_id}, for {price}, {until}.");
    let mut told = vec![Sentence::new(text, last(past, &["TicketReserved"]))];
    let pasts = Past::all_of(stream, None, *order).await?;
    match of(&pasts, "order") {
        Some(holds) => told.extend(order::how_far(stream, holds, &pasts, at).await?),
        None => told.push(Sentence::new("Nothing is known of that order.", None)),
    }
    if *withdrawal_requested {
        let text = "It is to be withdrawn as soon as that order lets go of it.";
        told.push(Sentence::new(text, last(past, &["TicketWithdrawalRequested"])));
    }
    Ok(told)
}

fn of_sale(past: &Past, bought: &Bought) -> Vec<Sentence> {
    let Bought { listing, order_id, buyer_id, admitted_at } = bought;
    let price = listing.details.price;
    let says = last(past, &["TicketSold"]);
    let when = says.map(|entry| format!(" at {}", entry.at)).unwrap_or_default();
    let text = format!("It was sold{when} to buyer {buyer_id} for {price}, by order {order_id}.");
    let mut told = vec![Sentence::new(text, says)];
    if let Some(admitted_at) = admitted_at {
        let text = format!("Somebody was let in with it at {admitted_at}.");
        told.push(Sentence::new(text, last(past, &["TicketAdmitted"])));
    }
    told
}

fn of_withdrawal(past: &Past, listing: &Listing) -> Sentence {
    let says = last(past, &["TicketWithdrawn"]);
    let seller = listing.seller_id;
    let by = |entry: &Entry| match &entry.actor {
        Actor::User(user) if *user == seller => format!("its seller {seller}"),
        Actor::User(user) => format!("user {user}"),
        Actor::Service(_) => format!("the shop, since its seller {seller} was banned"),
    };
    let by = says.map(|entry| format!(" at {} by {}", entry.at, by(entry))).unwrap_or_default();
    Sentence::new(format!("It was withdrawn{by}."), says)
}
