//! The process that keeps what is on offer.

use service::config::Environment;
use tickets::config::Config;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let _telemetry = service::telemetry::init(tickets::SERVICE)?;
    let config = Config::read(Environment::from_process())?;
    tickets::run(config, service::stop::on_signals()).await
}
