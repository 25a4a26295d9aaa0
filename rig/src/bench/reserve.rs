//! How long it takes from `POST /api/orders` to the confirmed reservation, as a ratio to what its writes cost alone.
//!
//! Reservation and bare cost are measured in turns, against the same servers, so that a noisy machine tells on both.

use std::time::Duration;

use clap::Args;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use hdrhistogram::Histogram;
use serde_json::json;

use super::{bare::Bare, histogram, millis, record};
use crate::{Ask, Error, Listing, Options, Person, Result, Shop};

/// The aim: the median of a reservation within so many times its bare cost.
const AIM: f64 = 3.0;
const WARM_UP: usize = 200;
/// As many orders as a person may have open.
const ORDERS_EACH: usize = 10;
const LISTED_AT_ONCE: usize = 8;

#[derive(Args, Clone, Copy, Debug)]
pub struct Reserve {
    /// How many reservations are measured
    #[arg(long, default_value_t = 2000)]
    samples: usize,
    /// Go through the edge, as a browser does, instead of asking the service itself
    #[arg(long)]
    edge: bool,
}

/// Opens a shop, measures, and prints what it found.
pub async fn reserve(options: Reserve) -> Result<()> {
    let orders = options.samples + WARM_UP;
    let kind = Options { has_edge: options.edge, ..Options::default() };
    let shop = Shop::open(kind).await?;
    let (seller, buyers) = (shop.person().await?, shop.people(orders.div_ceil(ORDERS_EACH)).await?);
    let listed = stream::iter(0..orders).map(|_| async { seller.lists(&Listing::any()).await });
    let tickets: Vec<_> = listed.buffered(LISTED_AT_ONCE).try_collect().await?;
    let bare = Bare::open(&shop).await?;

    let (mut bare_took, mut reservation_took) = (histogram()?, histogram()?);
    let buyers = buyers.iter().flat_map(|buyer| std::iter::repeat_n(buyer, ORDERS_EACH));
    for (turn, (ticket, buyer)) in tickets.into_iter().zip(buyers).enumerate() {
        let cost = bare.once().await?;
        let reservation = reserved(buyer, ticket).await?;
        if turn >= WARM_UP {
            record(&mut bare_took, cost);
            record(&mut reservation_took, reservation);
        }
    }
    tell(options, &bare_took, &reservation_took);
    Ok(())
}

/// How long until the buyer knew.
async fn reserved(buyer: &Person, ticket: uuid::Uuid) -> Result<Duration> {
    let answer = buyer.asks(Ask::post("/api/orders", json!({ "ticket_id": ticket })).waiting(10)).await?;
    let answer = answer.expect(201, "ordering")?;
    if answer.text("status") == "awaiting_payment" {
        return Ok(answer.took);
    }
    Err(Error::Refused { what: "ordering".to_owned(), answer: answer.to_string() })
}

#[expect(clippy::print_stdout, reason = "it is what the command is for")]
fn tell(options: Reserve, bare: &Histogram<u64>, reservation: &Histogram<u64>) {
    let way = if options.edge { "through the edge" } else { "asking the service itself" };
    println!("{} reservations one after the other, {way}\n", options.samples);
    println!("                                             p50         p99");
    let row = |name: &str, histogram: &Histogram<u64>| {
        println!("  {name:<38} {:>7.2} ms  {:>7.2} ms", millis(histogram, 0.5), millis(histogram, 0.99));
    };
    row("three journaled writes, two publishes", bare);
    row("POST /api/orders to awaiting_payment", reservation);
    let ratio = |quantile| millis(reservation, quantile) / millis(bare, quantile);
    println!("  {:<38} {:>7.2}     {:>7.2}", "ratio", ratio(0.5), ratio(0.99));
    let verdict = if ratio(0.5) <= AIM { "met" } else { "not met" };
    println!("\naim: p50 within {AIM} times the bare cost: {verdict}");
}
