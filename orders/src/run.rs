//! The service with its real servers.

use hosting::Host;
use tokio_util::sync::CancellationToken;

use crate::buyer::Buyer;
use crate::config::Config;
use crate::order::Order;
use crate::{Orders, SERVICE, views};

/// Runs until it is told to stop, or something ends that must not.
pub async fn run(config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    let mut host = Host::new(SERVICE, config.common, stop).await?;
    let aggregates = host.aggregates::<Order>(views::schema());
    let buyers = host.aggregates::<Buyer>(eventsourcing::Schema::default());
    let changes = host.changes("order");
    let orders = Orders::new(aggregates, buyers, changes, host.runtime(), config.settings);
    host.repeat(orders.recurring());
    let listener = orders.listener();
    host.run(orders.routes(), Some(listener)).await
}
