//! How long after a ban, or after signing out, a request with the user's token is still accepted, by whichever replica
//! of whichever service.
//!
//! Requests are made all the time, directly at each replica, until each has refused so many in a row that it is not by
//! chance. A request counts by when it was sent: what was sent later was refused everywhere.

use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use hdrhistogram::Histogram;
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{histogram, millis, record};
use crate::{Ask, Door, Error, Options, Person, Result, Shop};

/// The aim, for ninety-nine of a hundred.
const AIM: Duration = Duration::from_millis(250);
const SERVICES: [&str; 5] = ["auth", "tickets", "orders", "payments", "replay"];
/// Enough to know that it will accept no more.
const REFUSALS: usize = 20;
/// Without it there would be no processor left for who is measured.
const PAUSE: Duration = Duration::from_millis(10);
const REFUSED_WITHIN: Duration = Duration::from_secs(30);
/// The first ones find connections that are not open yet.
const WARM_UP: usize = 3;

#[derive(Args, Clone, Copy, Debug)]
pub struct Ban {
    /// How many are measured of each kind
    #[arg(long, default_value_t = 100)]
    samples: usize,
    /// How many replicas there are of each service
    #[arg(long, default_value_t = 3)]
    replicas: usize,
    /// Only one kind
    #[arg(long)]
    only: Option<Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    SignOut,
    Ban,
}

#[derive(Clone, Copy)]
struct Took {
    /// Until the ban, or the end of the session, was answered.
    answer: Duration,
    /// Until the last request was sent that was accepted.
    effect: Duration,
}

/// What is measured of one kind.
struct Figures {
    answer: Histogram<u64>,
    effect: Histogram<u64>,
    /// How long after the answer requests were still accepted.
    after: Histogram<u64>,
}

/// One replica, and something that it tells only who is signed in.
struct Target {
    door: Door,
    ask: Ask,
}

/// Opens a shop, measures, and prints what it found.
pub async fn ban(options: Ban) -> Result<()> {
    let kind = Options { has_edge: false, replicas: options.replicas, ..Options::default() };
    let shop = Shop::open(kind).await?;
    let admin = shop.admin().await?;
    say(&format!("{} replicas of {}, asked directly all the time", options.replicas, SERVICES.join(", ")));
    say("                                                   p50         p99         max");
    for kind in [Kind::SignOut, Kind::Ban] {
        if options.only.is_none_or(|only| only == kind) {
            let mut figures = Figures { answer: histogram()?, effect: histogram()?, after: histogram()? };
            for sample in 0..WARM_UP + options.samples {
                let took = once(&shop, kind, &admin, options.replicas).await?;
                if sample >= WARM_UP {
                    record(&mut figures.answer, took.answer);
                    record(&mut figures.effect, took.effect);
                    record(&mut figures.after, took.effect.saturating_sub(took.answer));
                }
            }
            tell(kind, &figures);
        }
    }
    Ok(())
}

async fn once(shop: &Shop, kind: Kind, admin: &Person, replicas: usize) -> Result<Took> {
    let person = shop.person().await?;
    let targets = targets(shop, &person, replicas)?;
    for target in &targets {
        let answer = target.door.ask(&target.ask).await?;
        if answer.status == 401 {
            return Err(Error::Refused { what: target.ask.to_string(), answer: answer.to_string() });
        }
    }
    let mut asking: JoinSet<_> = targets.into_iter().map(last_accepted).collect();
    tokio::time::sleep(5 * PAUSE).await;
    let sent_at = Instant::now();
    let ended = match kind {
        Kind::SignOut => {
            person.asks(Ask::post("/api/users/signout", json!({}))).await?.expect(204, "signing out")
        }
        Kind::Ban => {
            let ban =
                Ask::post(format!("/api/users/{}/ban", person.id), json!({ "reason": "to measure it" }));
            admin.asks(ban).await?.expect(200, "banning")
        }
    };
    let answer = ended?.took;
    let mut effect = Duration::ZERO;
    let all = async {
        while let Some(last) = asking.join_next().await {
            let last = last.map_err(|_| Error::Gone)??;
            effect = effect.max(last.map_or(Duration::ZERO, |last| last.saturating_duration_since(sent_at)));
        }
        Ok::<_, Error>(())
    };
    let never =
        Error::Never { what: "it is refused everywhere".to_owned(), seconds: REFUSED_WITHIN.as_secs() };
    tokio::time::timeout(REFUSED_WITHIN, all).await.map_err(|_| never)??;
    Ok(Took { answer, effect })
}

fn targets(shop: &Shop, person: &Person, replicas: usize) -> Result<Vec<Target>> {
    let asks = [
        "/api/users/me".to_owned(),
        "/api/tickets?seller=me".to_owned(),
        "/api/orders".to_owned(),
        format!("/api/payments/{}", Uuid::new_v4()),
        "/api/events".to_owned(),
    ];
    let mut targets = Vec::new();
    for (service, path) in SERVICES.into_iter().zip(asks) {
        for replica in 1..=replicas {
            let process = if replica == 1 { service.to_owned() } else { format!("{service}-{replica}") };
            let ask = Ask::get(&path).header("Authorization", format!("Bearer {}", person.token));
            targets.push(Target { door: shop.door_of(&process)?, ask });
        }
    }
    Ok(targets)
}

/// When the last request was sent that was not refused.
async fn last_accepted(Target { door, ask }: Target) -> Result<Option<Instant>> {
    let (mut last, mut refusals) = (None, 0);
    while refusals < REFUSALS {
        let sent_at = Instant::now();
        if door.ask(&ask).await?.status == 401 {
            refusals += 1;
        } else {
            (last, refusals) = (Some(sent_at), 0);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(last)
}

fn tell(kind: Kind, Figures { answer, effect, after }: &Figures) {
    let name = match kind {
        Kind::SignOut => "sign-out",
        Kind::Ban => "ban",
    };
    let rows = [
        ("until it is answered", answer),
        ("until the last accepted request", effect),
        ("from the answer to that", after),
    ];
    for (what, took) in rows {
        let (p50, p99, max) = (millis(took, 0.5), millis(took, 0.99), millis(took, 1.0));
        let name = format!("{name}, {what}");
        say(&format!("  {name:<42} {p50:>8.1} ms {p99:>8.1} ms {max:>8.1} ms"));
    }
    let verdict = if millis(effect, 0.99) <= AIM.as_secs_f64() * 1_000.0 { "met" } else { "not met" };
    say(&format!(
        "  {} times; aim: p99 until the last within {} ms: {verdict}\n",
        effect.len(),
        AIM.as_millis()
    ));
}

#[expect(clippy::print_stdout, reason = "it is what the command is for")]
fn say(line: &str) {
    println!("{line}");
}
