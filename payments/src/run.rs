//! The service with its real servers.

use std::sync::Arc;

use hosting::Host;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::payment::Payment;
use crate::{Payments, SERVICE, Stripe, views};

/// Runs until it is told to stop, or something ends that must not.
pub async fn run(config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    let stripe = Stripe::new(config.stripe_secret_key.expose(), config.stripe_api_base.as_deref())?;
    let mut host = Host::new(SERVICE, config.common, stop).await?;
    let aggregates = host.aggregates::<Payment>(views::schema());
    let payments = Payments::new(aggregates, host.gate(), Arc::new(stripe), host.runtime());
    host.repeat(payments.recurring());
    let listener = payments.listener();
    host.run(payments.routes(), Some(listener)).await
}
