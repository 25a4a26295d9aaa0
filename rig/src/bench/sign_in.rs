//! Whether the time of a refused sign-in tells an address that has an account from one that has none. Both are tried in
//! turns, and the two samples are held against each other by the Mann-Whitney test: it asks how often one of the first
//! kind takes longer than one of the second, of which chance makes a half.

use std::time::Duration;

use clap::Args;
use serde_json::json;
use uuid::Uuid;

use super::{histogram, millis, record};
use crate::{Ask, Error, Options, Result, Shop};

/// Beyond so many standard deviations it is hardly chance any more.
const TELLING: f64 = 3.0;
const WARM_UP: usize = 20;

#[derive(Args, Clone, Copy, Debug)]
pub struct SignIn {
    /// How many sign-ins of each kind are tried
    #[arg(long, default_value_t = 400)]
    samples: usize,
}

/// Opens a shop, measures, and prints what it found.
pub async fn sign_in(options: SignIn) -> Result<()> {
    let shop = Shop::open(Options { has_edge: false, ..Options::default() }).await?;
    let known = shop.person().await?.email;
    let (mut with_account, mut without) = (Vec::new(), Vec::new());
    for turn in 0..options.samples + WARM_UP {
        let unknown = format!("{}@example.com", Uuid::new_v4().simple());
        // Whichever comes second may be at an advantage.
        let took = if turn % 2 == 0 {
            let with_account = refused(&shop, &known).await?;
            [with_account, refused(&shop, &unknown).await?]
        } else {
            let without = refused(&shop, &unknown).await?;
            [refused(&shop, &known).await?, without]
        };
        if turn >= WARM_UP {
            with_account.push(took[0]);
            without.push(took[1]);
        }
    }
    tell(&with_account, &without)
}

async fn refused(shop: &Shop, email: &str) -> Result<Duration> {
    let body = json!({ "email": email, "password": "not the password" });
    let answer = shop.door().ask(&Ask::post("/api/users/signin", body)).await?;
    Ok(answer.expect(401, "signing in")?.took)
}

/// How far the number of times that one of `ones` is longer than one of `others` is from what chance would make it, in
/// standard deviations.
fn deviation(ones: &[Duration], others: &[Duration]) -> f64 {
    let longer: f64 = ones
        .iter()
        .flat_map(|one| others.iter().map(move |other| one.cmp(other)))
        .map(|order| f64::from(order as i8 + 1) / 2.0)
        .sum();
    let (m, n) = (ones.len() as f64, others.len() as f64);
    (longer - m * n / 2.0) / (m * n * (m + n + 1.0) / 12.0).sqrt()
}

#[expect(clippy::print_stdout, reason = "it is what the command is for")]
fn tell(with_account: &[Duration], without: &[Duration]) -> Result<()> {
    println!("{} refused sign-ins of each kind, in turns\n", with_account.len());
    println!("                            p50         p90         p99");
    for (name, took) in [("with an account", with_account), ("without", without)] {
        let mut shown = histogram()?;
        took.iter().for_each(|took| record(&mut shown, *took));
        let [p50, p90, p99] = [0.5, 0.9, 0.99].map(|quantile| millis(&shown, quantile));
        println!("  {name:<18} {p50:>8.2} ms {p90:>8.2} ms {p99:>8.2} ms");
    }
    let deviation = deviation(with_account, without);
    println!("\nMann-Whitney: {deviation:+.2} standard deviations from chance");
    if deviation.abs() < TELLING {
        println!("aim: the one is not to be told from the other: met");
        return Ok(());
    }
    Err(Error::Measuring(format!("the time tells who has an account: {deviation:+.2} standard deviations")))
}

#[cfg(test)]
mod tests {
    use super::{Duration, TELLING, deviation};

    fn around(middle: u64) -> Vec<Duration> {
        (0..200).map(|number| Duration::from_micros(middle + number * 7919 % 1_000)).collect()
    }

    #[test]
    fn what_is_alike_is_not_told_apart_and_what_is_not_is() {
        assert!(deviation(&around(20_000), &around(20_000)).abs() < 0.1);
        assert!(deviation(&around(20_200), &around(20_000)) > TELLING);
        assert!(deviation(&around(20_000), &around(20_200)) < -TELLING);
    }
}
