//! The service with its real servers.

use std::time::Duration;

use hosting::Host;
use metrics::gauge;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::reservation::Reservation;
use crate::ticket::Ticket;
use crate::{SERVICE, Tickets, views};

const LOOK_EVERY: Duration = Duration::from_secs(15);

/// Runs until it is told to stop, or something ends that must not.
pub async fn run(config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    let mut host = Host::new(SERVICE, config.common, stop).await?;
    let tickets = host.aggregates::<Ticket>(views::schema());
    let reservations = host.aggregates::<Reservation>(eventsourcing::Schema::default());
    let tickets = Tickets::new(tickets, reservations, host.runtime());
    let waiting = tickets.clone();
    host.every(LOOK_EVERY, "tickets looked at", move || {
        let tickets = waiting.clone();
        async move {
            gauge!("tickets_waiting_too_long").set(tickets.waiting().await? as f64);
            Ok(0)
        }
    });
    let listener = tickets.listener();
    host.run(tickets.routes(), Some(listener)).await
}
