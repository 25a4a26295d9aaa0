//! The process that moves the money.

use payments::config::Config;
use service::config::Environment;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let _telemetry = service::telemetry::init(payments::SERVICE)?;
    let config = Config::read(Environment::from_process())?;
    payments::run(config, service::stop::on_signals()).await
}
