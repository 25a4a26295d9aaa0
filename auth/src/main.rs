//! The auth service, and what makes its keys.

use std::path::PathBuf;

use auth::config::Config;
use clap::{Parser, Subcommand};
use service::config::Environment;

#[derive(Parser)]
#[command(about = "Accounts and sessions")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Makes signing-key.pem and jwks.json in a directory, unless they are there
    MakeKeys { directory: PathBuf },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    if let Some(Command::MakeKeys { directory }) = Arguments::parse().command {
        return Ok(auth::keys::make(&directory)?);
    }
    let _telemetry = service::telemetry::init("auth")?;
    let config = Config::read(Environment::from_process())?;
    auth::run(config, service::stop::on_signals()).await
}
