//! The process that takes orders.

use orders::config::Config;
use service::config::Environment;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let _telemetry = service::telemetry::init(orders::SERVICE)?;
    let config = Config::read(Environment::from_process())?;
    orders::run(config, service::stop::on_signals()).await
}
