//! The service with its real servers.

use std::time::Duration;

use hosting::Host;
use metrics::gauge;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::order::Order;
use crate::{Orders, SERVICE, views};

/// Orders whose time is over end within this time, even if nobody else notices.
const SWEEP_EVERY: Duration = Duration::from_secs(15);

/// Runs until it is told to stop, or something ends that must not.
pub async fn run(config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    let mut host = Host::new(SERVICE, config.common, stop).await?;
    let aggregates = host.aggregates::<Order>(views::schema());
    let changes = host.changes("order");
    let orders = Orders::new(aggregates, changes, host.runtime(), config.settings);

    let sweeping = orders.clone();
    host.every(SWEEP_EVERY, "overdue orders ended", move || {
        let orders = sweeping.clone();
        async move {
            gauge!("orders_waiting_too_long").set(orders.waiting().await? as f64);
            orders.sweep_overdue().await
        }
    });
    let listener = orders.listener();
    host.run(orders.routes(), Some(listener)).await
}
