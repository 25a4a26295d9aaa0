//! The process that serves the pages.

use client::Config;
use service::config::Environment;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let _telemetry = service::telemetry::init("client")?;
    let config = Config::read(Environment::from_process())?;
    client::run(config, service::stop::on_signals()).await
}
