//! `verify`: holds stores, stream, views and promises against each other.
//!
//! - `checking.rs` goes through everything, and again through what differs: `told.rs` is what the stream tells of each
//!   aggregate, `documents.rs` what its store has, `closer.rs` one aggregate event by event.
//! - `states.rs` folds; `promises.rs` says what holds of an order, its ticket and its payment, `joins.rs` looks them up,
//!   and `recorded.rs` folds them out of a recording.
//! - `audit.rs` and `beside.rs` look at what follows from the events and is kept beside them.
//! - `fault.rs` is what is found, `summary.rs` how it is told.

mod audit;
mod beside;
mod checking;
mod closer;
mod digest;
mod documents;
mod fault;
mod joins;
mod promises;
mod recorded;
mod states;
mod summary;
mod told;

use runtime::{Runtime, TokioTasks};

use crate::Failure;
use crate::commands::Servers;
use crate::recording::Recording;
use crate::stores::DATABASES;
use crate::stream::Stream;
use crate::terminal::Terminal;

pub use checking::{Check, Report, Sources, verify};
pub use fault::{Fault, Findings, Kind};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only what this service keeps and says; may be given more than once
    #[arg(long = "service", value_name = "SERVICE", value_parser = SERVICES)]
    services: Vec<String>,
    /// Only the stores, each by itself
    #[arg(long, conflicts_with = "stream_only")]
    stores_only: bool,
    /// Only the stream, by itself
    #[arg(long)]
    stream_only: bool,
    /// The shop is at rest: whatever waits is a fault
    #[arg(long)]
    at_rest: bool,
    /// Print a line of JSON for each fault, and one for the summary
    #[arg(long)]
    json: bool,
}

const SERVICES: [&str; 5] = ["auth", "tickets", "orders", "payments", "expiration"];

pub(crate) async fn run(
    servers: &Servers,
    arguments: Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let check = Check { services: arguments.services, is_at_rest: arguments.at_rest, ..Check::default() };
    let runtime = Runtime::real(TokioTasks::default());
    let (mut stream, mut is_part) = (None, false);
    if let Some(file) = servers.stream.recording() {
        if arguments.stores_only {
            return Err(Failure::BadInput("a recording has no stores".to_owned()));
        }
        let recording = Recording::read(file)?;
        is_part = recording.head.selected_by.is_some();
        let name = file.display().to_string();
        stream = Some(Stream::new(std::sync::Arc::new(recording), runtime.clone(), name, true));
    } else if !arguments.stores_only {
        stream = Some(servers.stream.open().await?);
    }
    let is_alone = arguments.stream_only || servers.stream.recording().is_some();
    let stores = if is_alone { None } else { Some(servers.stores.open_some(&kept_by(&check)).await?) };
    let sources = Sources {
        stream: stream.as_ref(),
        is_part,
        stores: stores.as_ref(),
        redis_url: servers.redis_url.as_deref(),
        runtime,
    };
    let report = verify(&sources, &check, terminal).await?;
    summary::tell(&report, arguments.json, terminal)
}

/// The services that were asked for and have a database.
fn kept_by(check: &Check) -> Vec<&'static str> {
    let is_wanted = |service: &&'static str| {
        check.services.is_empty() || check.services.iter().any(|wanted| wanted == service)
    };
    DATABASES.into_iter().filter(is_wanted).collect()
}
