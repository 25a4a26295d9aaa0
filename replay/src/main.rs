//! The command line of the replay tool.

use clap::{Parser, Subcommand};
use replay::Config;
use service::config::Environment;

/// Tells what happened in the shop, from the events alone
#[derive(Parser)]
#[command(name = "stagedoor-replay")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves `/api/events` to admins; the environment says where
    Serve,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Serve => {
            let _telemetry = service::telemetry::init(replay::SERVICE)?;
            let config = Config::read(Environment::from_process())?;
            replay::serve(config, service::stop::on_signals()).await
        }
    }
}
