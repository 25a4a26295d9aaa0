//! Kills the shop's processes at random instants while people buy, lets everything come to rest, and counts what is
//! left: every order ends, nothing is sold twice, and nothing is taken for nothing.

mod buyer;
mod crowd;
mod kills;
mod outcome;

use std::time::{Duration, Instant};

use clap::Args;

use crate::{
    behind::Books,
    error::Result,
    invariants,
    shop::{Options, Shop},
};
use crowd::Crowd;

pub use kills::Kill;
pub use outcome::Outcome;

/// What is killed unless told; `all` are these with the edge and the card processor.
const VICTIMS: [&str; 8] = ["auth", "tickets", "orders", "payments", "expiration", "nats", "mongo", "redis"];
const ALL_BUT_THESE: [&str; 2] = ["edge", "stripe-standin"];
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// What is late because of the last kill has to be settled this long after the last time to pay was over.
const QUIET: Duration = Duration::from_secs(45);

#[derive(Args, Clone, Debug)]
pub struct Chaos {
    /// How often each victim is killed
    #[arg(long, default_value_t = 20)]
    pub kills: usize,
    /// Names of processes, or `all`
    #[arg(long, value_delimiter = ',', default_values_t = VICTIMS.map(str::to_owned))]
    pub victims: Vec<String>,
    /// Who is killed when is drawn from it
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many people buy at once
    #[arg(long, default_value_t = 8)]
    pub buyers: usize,
    /// How long an order may wait for its payment
    #[arg(long, default_value_t = 25)]
    pub reservation_seconds: u64,
    /// Delete JetStream's folder in the middle
    #[arg(long)]
    pub lose_stream: bool,
    /// Leave the shop's folder where it is, with its logs, in any case
    #[arg(long)]
    pub keep: bool,
}

impl Default for Chaos {
    fn default() -> Self {
        Self {
            kills: 20,
            victims: VICTIMS.map(str::to_owned).into(),
            seed: 1,
            buyers: 8,
            reservation_seconds: 25,
            lose_stream: false,
            keep: false,
        }
    }
}

/// Opens a shop of its own, breaks it, and says what became of it. What is not as it should be is in the outcome.
pub async fn chaos(chaos: &Chaos) -> Result<Outcome> {
    let shop = Shop::open(Options::default().reservation_seconds(chaos.reservation_seconds)).await?;
    let broken = broken(chaos, &shop).await;
    if chaos.keep || broken.as_ref().map_or(true, |outcome| !outcome.is_good()) {
        outcome::say(&format!("the shop's logs and data are in {}", shop.keep_folder().display()));
    }
    broken
}

async fn broken(chaos: &Chaos, shop: &Shop) -> Result<Outcome> {
    kills::known(chaos, shop)?;
    let crowd = Crowd::gather(shop, chaos.buyers, chaos.seed).await?;
    let kills = kills::all(chaos, shop, &crowd).await;
    outcome::say("closing time: the last buyers finish, and everything comes to rest");
    let notes = crowd.goes_home().await;
    let begun_at = Instant::now();
    let patience = QUIET + Duration::from_secs(chaos.reservation_seconds);
    let (books, violations) = at_rest(shop, patience).await?;
    Ok(Outcome::of(kills?, &notes, &books, violations, begun_at.elapsed()))
}

/// Waits until every order has ended and everything holds, and says what does not when the time is over.
async fn at_rest(shop: &Shop, patience: Duration) -> Result<(Books, Vec<String>)> {
    let begun_at = Instant::now();
    loop {
        let read = shop.behind().books().await;
        let is_over = begun_at.elapsed() > patience;
        match read {
            Ok(books) => {
                let mut violations = invariants::violations(&books);
                violations.extend(books.of("order").filter(|order| !has_ended(order.status())).map(
                    |order| format!("order {} is still {} after the quiet time", order.id, order.status()),
                ));
                if violations.is_empty() || is_over {
                    return Ok((books, violations));
                }
            }
            Err(error) if is_over => return Err(error),
            Err(_) => {}
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn has_ended(status: &str) -> bool {
    matches!(status, "complete" | "cancelled")
}
