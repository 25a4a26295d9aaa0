//! `rig`: breaks and measures a shop of its own.

use std::{
    io::{Write as _, stdout},
    process::ExitCode,
    time::Duration,
};

use anyhow::bail;
use clap::{Parser, Subcommand};
use mongodb::bson::Document;
use rig::{
    Options, Shop,
    bench::{self, Ban, Flood, Reserve, SignIn, ban, flood, reserve, sign_in},
    chaos::{Chaos, chaos, keep_mounts_to_ourselves},
    fuzz::{Fuzz, fuzz},
    rush::rush,
    site::{Lighthouses, Pictures, Stage, axe, lighthouse, pictures},
};

const SETTLES_WITHIN: Duration = Duration::from_secs(60);

#[derive(Parser)]
#[command(about = "Breaks and measures a shop of its own")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everybody orders every ticket at once
    Rush(Rush),
    /// Everything breaks that can be broken, while people trade
    Chaos(Chaos),
    /// Each service is asked whatever its OpenAPI document permits, and what it does not
    Fuzz(Fuzz),
    /// The pages, as people see them
    #[command(subcommand)]
    Site(Site),
    /// How long things take
    #[command(subcommand)]
    Bench(Bench),
}

#[derive(Subcommand)]
enum Site {
    /// A picture of every page in each of its states
    Pictures(Pictures),
    /// What Lighthouse says of the listings, a ticket and the checkout
    Lighthouse(Lighthouses),
    /// What axe-core finds on any page, light and dark, wide and on a phone
    Axe,
}

#[derive(Subcommand)]
enum Bench {
    /// From `POST /api/orders` to the confirmed reservation
    Reserve(Reserve),
    /// From a ban, or signing out, to the last request that anybody accepts
    Ban(Ban),
    /// What a flood of sign-ins does to everybody else
    Flood(Flood),
    /// Whether the time of a refused sign-in tells who has an account
    SignIn(SignIn),
    /// Folding, reading the stream, and verifying a whole shop
    Replay(bench::Replay),
    /// To the first byte of a page, and what a page weighs
    Site(bench::Site),
}

#[derive(clap::Args)]
struct Rush {
    #[arg(long, default_value_t = 50)]
    tickets: usize,
    #[arg(long, default_value_t = 100)]
    people: usize,
    /// Without the index that refuses early: the ticket alone decides
    #[arg(long)]
    without_index: bool,
}

fn main() -> ExitCode {
    let command = Arguments::parse().command;
    if let Command::Chaos(_) = &command {
        // What cannot be mounted is said where it is wanted.
        let _ = keep_mounts_to_ourselves();
    }
    let ran = tokio::runtime::Runtime::new().map_err(anyhow::Error::from).and_then(|runtime| {
        runtime.block_on(async {
            match command {
                Command::Rush(options) => rush_in_own_shop(&options).await,
                Command::Chaos(options) => chaos_in_own_shop(&options).await,
                Command::Fuzz(options) => Ok(fuzz(options).await?),
                Command::Site(Site::Pictures(options)) => Ok(pictures(options).await?),
                Command::Site(Site::Lighthouse(options)) => Ok(lighthouse(options).await?),
                Command::Site(Site::Axe) => axe_in_own_shop().await,
                Command::Bench(Bench::Reserve(options)) => Ok(reserve(options).await?),
                Command::Bench(Bench::Site(options)) => Ok(bench::site(options).await?),
                Command::Bench(Bench::Replay(options)) => Ok(bench::replay(options).await?),
                Command::Bench(Bench::Flood(options)) => Ok(flood(options).await?),
                Command::Bench(Bench::SignIn(options)) => Ok(sign_in(options).await?),
                Command::Bench(Bench::Ban(options)) => Ok(ban(options).await?),
            }
        })
    });
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn rush_in_own_shop(options: &Rush) -> anyhow::Result<()> {
    let shop = Shop::open(Options::default().max_open_orders(options.tickets.max(1))).await?;
    if options.without_index {
        let orders = shop.behind().database("orders").collection::<Document>("order");
        orders.drop_index("active_ticket").await?;
    }
    say(&format!("{} people sign up", options.people));
    let people = shop.people(options.people).await?;
    say(&format!("and order each of {} tickets at the same moment", options.tickets));
    let outcome = rush(&shop, options.tickets, &people).await?;
    let asked = options.tickets * options.people;
    say(&format!("{asked} orders were answered in {:.1} s", outcome.took.as_secs_f64()));
    for wanted in &outcome.tickets {
        wanted.is_paid().await?;
    }
    shop.settles(SETTLES_WITHIN).await?;
    let faults = outcome.faults();
    if !faults.is_empty() {
        bail!("not one winner for each ticket:\n{}", faults.join("\n"));
    }
    say("each ticket was sold once, each refusal was heard at once, and every invariant holds");
    Ok(())
}

async fn chaos_in_own_shop(options: &Chaos) -> anyhow::Result<()> {
    let outcome = chaos(options).await?;
    say(&outcome.to_string());
    if !outcome.is_good() {
        bail!("something did not survive");
    }
    Ok(())
}

async fn axe_in_own_shop() -> anyhow::Result<()> {
    let found = axe(&Stage::set().await?).await?;
    for line in &found {
        say(line);
    }
    if !found.is_empty() {
        bail!("{} violations", found.len());
    }
    say("axe-core finds nothing on any page");
    Ok(())
}

/// A reader that has gone away ends nothing.
fn say(line: &str) {
    let _ = writeln!(stdout(), "{line}");
}
