//! How long the site takes to begin its answer, at an even pace of requests, and what its first page weighs.

use std::time::{Duration, Instant};

use browser::{Browser, Settings};
use clap::Args;
use hdrhistogram::Histogram;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use super::{histogram, millis, record};
use crate::site::Stage;
use crate::{Error, Result};

/// The aims: to the first byte, in milliseconds; over the wire, in bytes.
const AIM_P50: f64 = 10.0;
const AIM_P99: f64 = 30.0;
const AIM_PAGE: u64 = 40 * 1024;
const AIM_SCRIPT: u64 = 15 * 1024;
const WARM_UP: Duration = Duration::from_secs(3);

#[derive(Args, Clone, Copy, Debug)]
pub struct Site {
    /// Requests a second, whether those before were answered or not
    #[arg(long, default_value_t = 200)]
    pace: u32,
    /// For how long each page is asked for
    #[arg(long, default_value_t = 20)]
    seconds: u64,
}

/// Opens a shop, measures, and prints what it found.
#[expect(clippy::print_stdout, reason = "it is what the command is for")]
pub async fn site(options: Site) -> Result<()> {
    let stage = Stage::set().await?;
    let pages = [
        ("the listings", "/".to_owned()),
        ("a search", "/?q=harbour&sort=price".to_owned()),
        ("a ticket", stage.ticket_page()),
    ];
    println!("{} requests a second through the edge, {} s each\n", options.pace, options.seconds);
    println!("  to the first byte             p50         p99");
    let mut is_met = true;
    for (name, path) in pages {
        let url = format!("{}{path}", stage.shop().door().origin());
        ask_for(&url, options.pace, WARM_UP, &mut histogram()?).await?;
        let mut took = histogram()?;
        ask_for(&url, options.pace, Duration::from_secs(options.seconds), &mut took).await?;
        is_met &= tell(name, &took);
    }
    println!("\n  first view of the listings, over the wire");
    let browser = Browser::start().await?;
    for (name, settings) in [("wide", Settings::new()), ("a phone", Settings::new().phone())] {
        let page = browser.person_with(settings).await?.open(stage.shop().door().origin()).await?;
        let weight = page.bytes_over_the_wire().await?;
        let parts: Vec<_> = weight.by_kind.iter().map(|(kind, bytes)| format!("{kind} {bytes}")).collect();
        println!("  {name:<10} {:>6} bytes: {}", weight.total(), parts.join(", "));
        is_met &= weight.total() <= AIM_PAGE && weight.of("Script") <= AIM_SCRIPT;
    }
    let verdict = if is_met { "met" } else { "not met" };
    println!(
        "\naims: p50 {AIM_P50} ms, p99 {AIM_P99} ms, {AIM_PAGE} bytes in all and {AIM_SCRIPT} of script: {verdict}"
    );
    Ok(())
}

fn tell(name: &str, took: &Histogram<u64>) -> bool {
    let (p50, p99) = (millis(took, 0.5), millis(took, 0.99));
    #[expect(clippy::print_stdout, reason = "it is what the command is for")]
    {
        println!("  {name:<22} {p50:>8.2} ms {p99:>8.2} ms   of {}", took.len());
    }
    p50 <= AIM_P50 && p99 <= AIM_P99
}

/// At an even pace. An answer begins with its status line, and that with the first byte.
async fn ask_for(url: &str, pace: u32, how_long: Duration, took: &mut Histogram<u64>) -> Result<()> {
    let client = reqwest::Client::builder().no_proxy().build();
    let client = client.map_err(|source| Error::NoAnswer { what: "HTTP".to_owned(), source })?;
    let mut pace_of = tokio::time::interval(Duration::from_secs(1) / pace);
    pace_of.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut asked: Vec<JoinHandle<Result<Duration>>> = Vec::new();
    for _ in 0..u64::from(pace) * how_long.as_secs() {
        pace_of.tick().await;
        let (client, url) = (client.clone(), url.to_owned());
        asked.push(tokio::spawn(async move {
            let no_answer = |source| Error::NoAnswer { what: url.clone(), source };
            let asked_at = Instant::now();
            let response =
                client.get(&url).header("Accept-Encoding", "br").send().await.map_err(no_answer)?;
            let began_after = asked_at.elapsed();
            if response.status() != 200 {
                let answer = response.status().to_string();
                return Err(Error::Refused { what: url.clone(), answer });
            }
            response.bytes().await.map_err(no_answer)?;
            Ok(began_after)
        }));
    }
    for asked in asked {
        record(took, asked.await.map_err(|_| Error::Gone)??);
    }
    Ok(())
}
