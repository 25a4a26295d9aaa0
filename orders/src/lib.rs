//! orders: who buys which ticket, until it is paid, cancelled or expired.
//!
//! - `order.rs` decides; `buyer.rs` decides what a ban means for a buyer's orders.
//! - `http.rs` takes commands from callers, `policies.rs` from events, `overdue.rs` from the clock.
//! - `views.rs` answers questions.
//! - `config.rs` is what the environment decides.

pub mod buyer;
pub mod config;
pub mod http;
pub mod order;
mod overdue;
pub mod policies;
mod run;
pub mod views;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use contracts::orders::OrderEvent;
use eventsourcing::{Aggregates, Execution};
use hosting::Recurring;
use messaging::{Changes, Listener};
use metrics::gauge;
use runtime::Runtime;
use tracing::info;

use crate::buyer::Buyer;
use crate::config::Settings;
use crate::order::Order;

pub use run::run;

/// The service's name: of its consumer, its database and its causes.
pub const SERVICE: &str = "orders";

/// Orders whose time is over end within this time, even if nobody else notices.
const SWEEP_EVERY: Duration = Duration::from_secs(15);

/// The service, over its ports.
#[derive(Clone)]
pub struct Orders {
    orders: Aggregates<Order>,
    buyers: Aggregates<Buyer>,
    changes: Changes,
    runtime: Runtime,
    settings: Settings,
}

impl Orders {
    /// `changes` has to follow the category `order`: it only makes waiting shorter.
    pub fn new(
        orders: Aggregates<Order>,
        buyers: Aggregates<Buyer>,
        changes: Changes,
        runtime: Runtime,
        settings: Settings,
    ) -> Self {
        Self { orders, buyers, changes, runtime, settings }
    }

    /// Its routes, to be put behind the edge.
    pub fn routes(self) -> Router {
        http::routes(self)
    }

    /// What it does about the events it hears.
    pub fn listener(&self) -> Arc<dyn Listener> {
        Arc::new(policies::Policies::new(self.clone()))
    }

    /// What it does again and again.
    pub fn recurring(&self) -> Vec<Recurring> {
        let orders = self.clone();
        let sweep = move || {
            let orders = orders.clone();
            async move {
                gauge!("orders_waiting_too_long").set(orders.waiting().await? as f64);
                orders.sweep_overdue().await
            }
        };
        vec![Recurring::new("overdue orders ended", SWEEP_EVERY, sweep)]
    }

    fn tell(&self, execution: &Execution<Order>) {
        for recorded in &execution.events {
            let Some(order) = execution.snapshot.as_ref().map(|snapshot| snapshot.id) else { return };
            match &recorded.event {
                OrderEvent::OrderCreated(_) => info!(order.id = %order, "order {order} placed"),
                OrderEvent::OrderAwaitingPayment(_) => {
                    info!(order.id = %order, "order {order} awaits its payment");
                }
                OrderEvent::OrderAccepted(_) => info!(order.id = %order, "order {order} accepted"),
                OrderEvent::OrderCompleted(_) => info!(order.id = %order, "order {order} complete"),
                OrderEvent::OrderCancelled(cancelled) => {
                    info!(order.id = %order, reason = ?cancelled.reason, "order {order} cancelled");
                }
            }
        }
    }
}
