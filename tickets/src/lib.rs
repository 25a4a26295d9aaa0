//! Tickets: what is on offer, and who gets it. A ticket is sold at most once, and this service decides to whom.
//!
//! `ticket`, `reservation` and `seller` decide; `http` takes commands in, `policies` hears the orders and of bans, `views`
//! answers questions, `codes` signs what lets a buyer in.

pub mod codes;
pub mod config;
pub mod http;
pub mod policies;
pub mod reservation;
mod run;
pub mod seller;
pub mod ticket;
pub mod views;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use eventsourcing::{Aggregates, StoreError};
use hosting::Recurring;
use messaging::{Changes, Listener};
use metrics::gauge;
use runtime::Runtime;

use codes::Codes;
use policies::Policies;
use reservation::Reservation;
use seller::Seller;
use ticket::Ticket;

pub use run::run;

/// The service's name: of its consumer, its database and its causes.
pub const SERVICE: &str = "tickets";

const LOOK_EVERY: Duration = Duration::from_secs(15);
/// From when on a wait is worth an alarm.
const PATIENCE: Duration = Duration::from_secs(60);

/// The service, over whatever its ports are.
#[derive(Clone)]
pub struct Tickets {
    tickets: Aggregates<Ticket>,
    reservations: Aggregates<Reservation>,
    sellers: Aggregates<Seller>,
    changes: Changes,
    codes: Codes,
    runtime: Runtime,
}

impl Tickets {
    /// `changes` has to follow the category `ticket`: it only makes live streams faster.
    pub fn new(
        tickets: Aggregates<Ticket>,
        reservations: Aggregates<Reservation>,
        sellers: Aggregates<Seller>,
        changes: Changes,
        codes: Codes,
        runtime: Runtime,
    ) -> Self {
        Self { tickets, reservations, sellers, changes, codes, runtime }
    }

    /// What callers may ask for; the edge goes around it.
    pub fn routes(self) -> Router {
        http::routes(self)
    }

    /// How many tickets are held for over a minute longer than their order's time to pay.
    pub async fn waiting(&self) -> Result<u64, StoreError> {
        self.tickets.count(&views::held_since(self.runtime.now() - PATIENCE)).await
    }

    /// What it does again and again.
    pub fn recurring(&self) -> Vec<Recurring> {
        let tickets = self.clone();
        let look = move || {
            let tickets = tickets.clone();
            async move {
                gauge!("tickets_waiting_too_long").set(tickets.waiting().await? as f64);
                Ok(0)
            }
        };
        vec![Recurring::new("tickets looked at", LOOK_EVERY, look)]
    }

    /// What listens to the orders, and to who is banned.
    pub fn listener(&self) -> Arc<dyn Listener> {
        let Self { tickets, reservations, sellers, runtime, .. } = self.clone();
        Arc::new(Policies::new(tickets, reservations, sellers, runtime))
    }
}
