//! The process that says when an order's time to pay is over.

use expiration::Config;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let _telemetry = service::telemetry::init("expiration")?;
    let config = Config::from_environment(service::config::Environment::from_process())?;
    expiration::run(config, service::stop::on_signals()).await
}
