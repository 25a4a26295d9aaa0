//! The service with its real servers.

use hosting::Host;
use tokio_util::sync::CancellationToken;

use crate::codes::Codes;
use crate::config::Config;
use crate::reservation::Reservation;
use crate::seller::Seller;
use crate::ticket::Ticket;
use crate::{SERVICE, Tickets, views};

/// Runs until it is told to stop, or something ends that must not.
pub async fn run(config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    let codes = Codes::read(&config.code_key_file)?;
    let mut host = Host::new(SERVICE, config.common, stop).await?;
    let tickets = host.aggregates::<Ticket>(views::schema());
    let reservations = host.aggregates::<Reservation>(eventsourcing::Schema::default());
    let sellers = host.aggregates::<Seller>(eventsourcing::Schema::default());
    let changes = host.changes("ticket");
    let tickets = Tickets::new(tickets, reservations, sellers, changes, codes, host.runtime());
    host.repeat(tickets.recurring());
    let listener = tickets.listener();
    host.run(tickets.routes(), Some(listener)).await
}
