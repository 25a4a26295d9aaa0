//! The stand-in as a server of its own: `stripe-standin --listen 127.0.0.1:4242`.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use stripe_standin::{Options, StandIn, WebhookEndpoint};

/// A stand-in for Stripe's HTTP API, for development and tests.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Remember everything in this file.
    #[arg(long)]
    state: Option<PathBuf>,
    /// Deliver events to this address.
    #[arg(long, requires = "webhook_secret")]
    webhook_url: Option<String>,
    /// Sign them with this secret (whsec_…).
    #[arg(long, requires = "webhook_url")]
    webhook_secret: Option<String>,
    /// Make ids from this seed.
    #[arg(long)]
    seed: Option<u64>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_ansi(colours).with_writer(std::io::stderr).init();
    let arguments = Arguments::parse();
    let webhooks = arguments.webhook_url.zip(arguments.webhook_secret);
    let stand_in = StandIn::start(Options {
        listen: Some(arguments.listen),
        state_file: arguments.state,
        webhooks: webhooks.map(|(url, secret)| WebhookEndpoint { url, secret }),
        seed: arguments.seed,
    })
    .await?;
    tracing::info!("listening on {}", stand_in.base_url);
    tokio::select! {
        biased;
        signal = stop_signal() => signal.context("signals cannot be heard"),
        ended = stand_in.wait() => ended.context("the server ended"),
    }
}

/// Nothing is left to be done at the end: every answer given is in the state file already.
async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        biased;
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}
