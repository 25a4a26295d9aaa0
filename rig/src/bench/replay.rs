//! How fast the replay tool is, and how much memory it takes: folding, reading the stream, and verifying a whole shop.
//!
//! A shop is made of purchases that the services' own deciders decided. The stream is read in turns by the tool's
//! reader and by a bare consumer of the client, so that a noisy machine tells on both.

mod making;
mod reading;

use std::process::Stdio;
use std::time::{Duration, Instant};

use clap::Args;
use replay::kinds::Kind;
use serde_json::Value;
use tokio::io::AsyncReadExt as _;

use crate::{Error, Result};
use making::{Made, Said, Store};

/// The aims: events folded in a second on one core, and how fast the stream is read beside a bare consumer.
const AIM_FOLDED: f64 = 500_000.0;
const AIM_READ: f64 = 0.8;
/// Memory of a shop ten times as big, beside that of the small one.
const AIM_MEMORY: f64 = 1.5;
const LOOK_EVERY: Duration = Duration::from_millis(50);

#[derive(Args, Clone, Copy, Debug)]
pub struct Replay {
    /// How many events there are; a tenth as many are made as well, to see whether memory grows with them
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// How often each reader reads the whole stream
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

/// What one run of `verify` took.
struct Verified {
    events: u64,
    aggregates: u64,
    took: Duration,
    /// At its highest, in kilobytes.
    memory: u64,
}

/// Makes two shops, measures, and prints what it found.
pub async fn replay(options: Replay) -> Result<()> {
    let small = Store::open().await?;
    let made = small.make(options.events / 10).await?;
    say(&format!("{} events of {} purchases, and ten times as many\n", made.events, made.purchases));
    let folded = fold(&made, options.rounds)?;
    tell_folded(&folded);
    let before = verify(&small).await?;
    drop(small);

    let store = Store::open().await?;
    let made = store.make(options.events).await?;
    let read = reading::read(store.nats_url(), made.events, options.rounds).await?;
    read.tell(AIM_READ);
    let after = verify(&store).await?;
    tell_verified(&before, &after);
    Ok(())
}

/// Events a second of this thread's own time, round by round, from the bytes of their bodies: what else a machine does
/// meanwhile does not count.
fn fold(made: &Made, rounds: usize) -> Result<Vec<f64>> {
    let once = || {
        let begun_at = own_time()?;
        for history in &made.histories {
            let Some(kind) = Kind::named(history.category) else { continue };
            let mut folding = kind.begin();
            for Said { event_type, body } in &history.said {
                // What was just decided can be read.
                let _ = std::hint::black_box(folding.read(event_type, body));
            }
            std::hint::black_box(&folding);
        }
        let took = own_time()?.saturating_sub(begun_at);
        Ok(made.told_events() as f64 / took.as_secs_f64())
    };
    (0..rounds).map(|_| once()).collect()
}

/// For how long this thread has been on a processor.
fn own_time() -> Result<Duration> {
    let known = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = known.split_whitespace().next().and_then(|first| first.parse().ok());
    nanoseconds
        .map(Duration::from_nanos)
        .ok_or_else(|| Error::Measuring("the system keeps no time".to_owned()))
}

/// By the tool itself, as anybody would ask it.
async fn verify(store: &Store) -> Result<Verified> {
    let program = std::env::current_exe()?.with_file_name("stagedoor-replay");
    let mut child = tokio::process::Command::new(program)
        .args(["verify", "--json"])
        .env("NATS_URL", store.nats_url())
        .env("MONGODB_URL", store.mongodb_url())
        .env_remove("REDIS_URL")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let pid = child.id().ok_or(Error::Gone)?;
    let mut out = child.stdout.take().ok_or(Error::Gone)?;
    let told = tokio::spawn(async move {
        let mut told = String::new();
        out.read_to_string(&mut told).await.map(|_| told)
    });
    let begun_at = Instant::now();
    let mut memory = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        memory = highest(pid).unwrap_or(memory);
        tokio::time::sleep(LOOK_EVERY).await;
    };
    let took = begun_at.elapsed();
    let told = told.await.map_err(|_| Error::Gone)??;
    let last =
        told.lines().last().and_then(|line| serde_json::from_str::<Value>(line).ok()).unwrap_or_default();
    if !status.success() {
        let first = told.lines().next().unwrap_or_default();
        return Err(Error::Measuring(format!("verify ended with {status}: {first}")));
    }
    let count = |name: &str| last["summary"][name].as_u64().unwrap_or_default();
    Ok(Verified { events: count("events_on_stream"), aggregates: count("aggregates"), took, memory })
}

fn highest(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

fn tell_folded(rates: &[f64]) {
    let (best, median) = (best(rates), median(rates));
    say(&format!("  folding, on one core     {best:>12.0} events/s at best, {median:>12.0} in the median"));
    say(&format!("  aim: {AIM_FOLDED:.0} events/s: {}\n", verdict(median >= AIM_FOLDED)));
}

fn tell_verified(before: &Verified, after: &Verified) {
    say("  verify                       events   aggregates       took      events/s      memory");
    for verified in [before, after] {
        let Verified { events, aggregates, took, memory } = verified;
        let rate = *events as f64 / took.as_secs_f64();
        let (seconds, megabytes) = (took.as_secs_f64(), *memory as f64 / 1_024.0);
        say(&format!("  {events:>35} {aggregates:>12} {seconds:>8.1} s {rate:>13.0} {megabytes:>8.1} MB"));
    }
    let ratio = after.memory as f64 / before.memory as f64;
    say(&format!("  memory of ten times as much: {ratio:.2} times"));
    say(&format!("  aim: no more than {AIM_MEMORY} times: {}", verdict(ratio <= AIM_MEMORY)));
}

fn best(rates: &[f64]) -> f64 {
    rates.iter().copied().fold(0.0, f64::max)
}

fn median(rates: &[f64]) -> f64 {
    let mut rates = rates.to_vec();
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

fn verdict(is_met: bool) -> &'static str {
    if is_met { "met" } else { "not met" }
}

#[expect(clippy::print_stdout, reason = "it is what the command is for")]
fn say(line: &str) {
    println!("{line}");
}
