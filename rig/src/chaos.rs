//! Breaks a shop in every way that the machine permits while people trade in it, lets everything come to rest, and
//! holds what everybody was told against the stores, the stream and the card processor.

mod buyer;
mod clocks;
mod crowd;
mod disk;
mod fault;
mod lateness;
mod links;
mod outcome;
mod plan;
mod seller;
mod strike;

use std::time::{Duration, Instant};

use clap::Args;

use crate::{
    behind::Books,
    error::Result,
    invariants::{self, Kind, Violation},
    shop::{Options, Shop, new_folder},
};
use clocks::Clocks;
use crowd::Crowd;
use disk::SmallDisk;
use links::Links;

pub use disk::keep_mounts_to_ourselves;
pub use fault::{Deed, Fault, FaultKind};
pub use lateness::Lateness;
pub use outcome::Outcome;
pub use strike::{Recovery, Struck};

/// Everything has to be at rest this long after the last fault.
const QUIET: Duration = Duration::from_secs(60);
/// What is not is watched for as long again, to tell what is late from what is stuck for good.
const WATCHED: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_secs(2);

#[derive(Args, Clone, Debug)]
pub struct Chaos {
    /// How long things break; it is quiet for a minute after that
    #[arg(long, default_value_t = 2.0)]
    pub minutes: f64,
    /// What breaks when is drawn from it
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Only these kinds of fault
    #[arg(long, value_delimiter = ',')]
    pub only: Vec<FaultKind>,
    /// How many people buy at once
    #[arg(long, default_value_t = 8)]
    pub buyers: usize,
    /// How many people sell, edit and withdraw at once
    #[arg(long, default_value_t = 2)]
    pub sellers: usize,
    /// How long an order may wait for its payment
    #[arg(long, default_value_t = 20)]
    pub reservation_seconds: u64,
    /// Leave the shop's folder where it is, with its logs, in any case
    #[arg(long)]
    pub keep: bool,
}

impl Default for Chaos {
    fn default() -> Self {
        Self {
            minutes: 2.0,
            seed: 1,
            only: Vec::new(),
            buyers: 8,
            sellers: 2,
            reservation_seconds: 20,
            keep: false,
        }
    }
}

impl Chaos {
    fn has(&self, kind: FaultKind) -> bool {
        self.only.is_empty() || self.only.contains(&kind)
    }

    fn lasts(&self) -> Duration {
        Duration::from_secs_f64(self.minutes.clamp(0.1, 24.0 * 60.0) * 60.0)
    }
}

/// What the machine permits, and why it does not where it does not.
struct Means {
    links: Links,
    clocks: Result<Clocks, String>,
    disk: Result<SmallDisk, String>,
}

/// Opens a shop of its own, breaks it, and says what became of it. What is not as it should be is in the outcome.
pub async fn chaos(chaos: &Chaos) -> Result<Outcome> {
    let (links, retelling) = Links::between(tokio::runtime::Handle::current());
    let mut options = Options::default().reservation_seconds(chaos.reservation_seconds);
    let clocks =
        if chaos.has(FaultKind::Clock) { Clocks::find(chaos.seed).await } else { Err(NOT_WANTED.into()) };
    options.retelling = clocks::also(retelling, clocks.as_ref().ok());
    let folder = new_folder()?;
    let disk =
        if chaos.has(FaultKind::FullDisk) { SmallDisk::under(&folder) } else { Err(NOT_WANTED.into()) };
    options.folder = Some(folder);
    let shop = Shop::open(options).await.inspect_err(|_| {
        if let Ok(disk) = &disk {
            disk.keep();
        }
    })?;
    let means = Means { links, clocks, disk };
    let broken = broken(chaos, &shop, &means).await;
    if chaos.keep || broken.as_ref().map_or(true, |outcome| !outcome.is_good()) {
        if let Ok(disk) = &means.disk {
            disk.keep();
        }
        outcome::say(&format!("the shop's logs and data are in {}", shop.keep_folder().display()));
    }
    // Whatever lies on the small disk is in use until the shop is closed.
    drop(shop);
    drop(means);
    broken
}

const NOT_WANTED: &str = "not wanted";

async fn broken(chaos: &Chaos, shop: &Shop, means: &Means) -> Result<Outcome> {
    let plan = plan::drawn(chaos, means.clocks.as_ref().ok(), means.disk.is_ok());
    outcome::announce(chaos, &plan, means);
    let crowd = Crowd::gather(shop, chaos).await?;
    let (struck, recoveries) = strike::all(shop, means, &plan, &crowd).await?;
    let last_fault = Instant::now();
    outcome::say("closing time: the last buyers finish, and everything comes to rest");
    let notes = crowd.goes_home().await;
    let (books, mut violations, settled_after) = at_rest(shop, last_fault).await?;
    violations.extend(invariants::broken(&books, &notes.told));
    let recoveries = strike::recovered(recoveries, last_fault + QUIET + WATCHED).await;
    Ok(Outcome::of(&books, notes, violations, settled_after, struck, recoveries, means))
}

/// Waits until every order has ended and everything holds. What does not when the time is over is watched a while
/// longer, and stays a violation even if it comes right then.
async fn at_rest(shop: &Shop, last_fault: Instant) -> Result<(Books, Vec<Violation>, Option<Duration>)> {
    let mut late: Option<Vec<Violation>> = None;
    loop {
        let asked_at = last_fault.elapsed();
        let read = shop.behind().books().await;
        let found = read.as_ref().map(unrest).ok();
        match (read, found, &late) {
            (Ok(books), Some(found), None) if found.is_empty() => return Ok((books, found, Some(asked_at))),
            (Ok(books), Some(found), Some(late)) if found.is_empty() || asked_at > QUIET + WATCHED => {
                let came_right = found.is_empty().then_some(asked_at);
                return Ok((books, late.clone(), came_right));
            }
            (Ok(_), Some(found), None) if asked_at > QUIET => late = Some(found),
            (Err(error), ..) if asked_at > QUIET + WATCHED => return Err(error),
            _ => {}
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn unrest(books: &Books) -> Vec<Violation> {
    let mut violations = invariants::violations(books);
    let unfinished = books.of("order").filter(|order| !matches!(order.status(), "complete" | "cancelled"));
    violations.extend(unfinished.map(|order| Violation {
        kind: Kind::Stuck,
        what: format!("order {} is still {} after the quiet time", order.id, order.status()),
    }));
    violations
}
