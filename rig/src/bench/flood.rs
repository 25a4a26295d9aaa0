//! What a flood of sign-ins does to everybody else: the same questions in quiet times and in the flood, in turns, so
//! that a noisy machine tells on both.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use clap::Args;
use futures::future::join_all;
use hdrhistogram::Histogram;
use serde_json::json;
use tokio::{task::JoinHandle, time::MissedTickBehavior};

use super::{histogram, millis, record};
use crate::{Ask, Door, Error, Listing, Options, Person, Result, Shop};

/// The aim: the 99th percentile of everything else within so many times that of quiet times.
const AIM: f64 = 2.0;
const TURNS: usize = 6;
/// So many of everything else in a second.
const ASKED_PER_SECOND: u32 = 60;

#[derive(Args, Clone, Copy, Debug)]
pub struct Flood {
    /// How many people try to sign in at once, over and over
    #[arg(long, default_value_t = 64)]
    people: usize,
    /// How long each of the twelve turns takes, every other one of them in the flood
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

#[derive(Default)]
struct Answered {
    signed_in: u64,
    refused: u64,
    put_off: u64,
}

/// Opens a shop, measures, and prints what it found.
pub async fn flood(options: Flood) -> Result<()> {
    let shop = Shop::open(Options { has_edge: false, ..Options::default() }).await?;
    let person = shop.person().await?;
    let ticket = person.lists(&Listing::any()).await?;
    // Of too many sessions the oldest ends, so those who ask are others than those who sign in.
    let flooding = shop.person().await?;
    let asks = [
        Ask::get("/api/tickets"),
        Ask::get(format!("/api/tickets/{ticket}")),
        Ask::get("/api/orders"),
        Ask::get("/api/users/me"),
    ];
    let (mut quiet, mut flooded) = (histogram()?, histogram()?);
    let mut answered = Answered::default();
    let turn = Duration::from_secs(options.seconds);
    ask_for(turn, &person, &asks, &mut histogram()?).await?;
    for _ in 0..TURNS {
        ask_for(turn, &person, &asks, &mut quiet).await?;
        let rush = Rush::begin(shop.door(), &flooding, options.people);
        ask_for(turn, &person, &asks, &mut flooded).await?;
        rush.end(&mut answered).await?;
    }
    tell(options, &quiet, &flooded, &answered);
    Ok(())
}

/// Asks at an even pace, whether the one before was answered or not.
async fn ask_for(turn: Duration, person: &Person, asks: &[Ask], took: &mut Histogram<u64>) -> Result<()> {
    let count = turn.as_secs() as u32 * ASKED_PER_SECOND;
    let mut pace = tokio::time::interval(Duration::from_secs(1) / ASKED_PER_SECOND);
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut asked: Vec<JoinHandle<Result<Duration>>> = Vec::new();
    for ask in asks.iter().cycle().take(count as usize) {
        pace.tick().await;
        let (person, ask) = (person.clone(), ask.clone());
        asked.push(tokio::spawn(async move { Ok(person.asks(ask).await?.expect(200, "asking")?.took) }));
    }
    for asked in asked {
        record(took, asked.await.map_err(|_| Error::Gone)??);
    }
    Ok(())
}

/// People who sign in over and over, half of them with a wrong password.
struct Rush {
    stop: Arc<AtomicBool>,
    people: Vec<JoinHandle<Result<Answered>>>,
}

impl Rush {
    fn begin(door: &Door, person: &Person, people: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let people = (0..people).map(|number| {
            let (door, stop) = (door.clone(), Arc::clone(&stop));
            let password = if number % 2 == 0 { person.password() } else { "not the password" };
            let body = json!({ "email": person.email, "password": password });
            tokio::spawn(async move {
                let mut answered = Answered::default();
                while !stop.load(Ordering::Relaxed) {
                    match door.ask(&Ask::post("/api/users/signin", body.clone())).await?.status.as_u16() {
                        200 => answered.signed_in += 1,
                        401 => answered.refused += 1,
                        _ => answered.put_off += 1,
                    }
                }
                Ok(answered)
            })
        });
        Self { people: people.collect(), stop }
    }

    async fn end(self, all: &mut Answered) -> Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        for answered in join_all(self.people).await {
            let answered = answered.map_err(|_| Error::Gone)??;
            all.signed_in += answered.signed_in;
            all.refused += answered.refused;
            all.put_off += answered.put_off;
        }
        Ok(())
    }
}

#[expect(clippy::print_stdout, reason = "it is what the command is for")]
fn tell(options: Flood, quiet: &Histogram<u64>, flooded: &Histogram<u64>, answered: &Answered) {
    let Answered { signed_in, refused, put_off } = answered;
    println!("{} people sign in over and over, every other {} s\n", options.people, options.seconds);
    println!("  {signed_in} were let in, {refused} had the wrong password, {put_off} were put off\n");
    println!("  everything else          p50         p99");
    for (name, histogram) in [("quiet", quiet), ("in the flood", flooded)] {
        println!("  {name:<18} {:>7.2} ms  {:>7.2} ms", millis(histogram, 0.5), millis(histogram, 0.99));
    }
    let ratio = |quantile| millis(flooded, quantile) / millis(quiet, quantile);
    println!("  {:<18} {:>7.2}     {:>7.2}", "ratio", ratio(0.5), ratio(0.99));
    let verdict = if ratio(0.99) <= AIM { "met" } else { "not met" };
    println!("\naim: p99 within {AIM} times that of quiet times: {verdict}");
}
