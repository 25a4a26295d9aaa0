//! The payment of an order: set aside when the buyer pays, taken when the order accepts, given back when it ends.
//!
//! | file | what it does |
//! |---|---|
//! | `payment.rs` | decides: the one payment of an order, and which call to the card processor is due |
//! | `effects.rs` | makes the calls that are due and records their outcomes |
//! | `cards.rs`, `stripe.rs` | the card processor: the port, in memory, and Stripe |
//! | `policies.rs` | events in: what orders says |
//! | `http.rs` | commands in: what buyers ask |
//! | `views.rs` | questions: which payments are to be gone on with, and what the public sees |
//! | `config.rs` | what the environment decides |

mod cards;
pub mod config;
mod effects;
pub mod http;
pub mod payment;
pub mod policies;
mod run;
mod stripe;
pub mod views;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use contracts::OrderId;
use eventsourcing::{Aggregates, Gate, StoreError};
use hosting::Recurring;
use messaging::Listener;
use runtime::Runtime;

use crate::effects::Effects;
use crate::payment::Payment;
use crate::policies::Policies;

pub use cards::{CardError, CardFault, CardProcessor, Intent, MemoryCards, Standing};
pub use effects::Unfinished;
pub use run::run;
pub use stripe::{Stripe, StripeConfigError};

/// The service's name: of its consumer, its database and its causes.
pub const SERVICE: &str = "payments";

const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// The service, over its ports alone. Clones are one.
#[derive(Clone)]
pub struct Payments {
    effects: Effects,
    runtime: Runtime,
}

impl Payments {
    /// `gate` is that of `payments`: while it is shut nothing is asked of `cards` either.
    pub fn new(
        payments: Aggregates<Payment>,
        gate: Gate,
        cards: Arc<dyn CardProcessor>,
        runtime: Runtime,
    ) -> Self {
        Self { effects: Effects::new(payments, gate, cards, runtime.clone()), runtime }
    }

    /// What buyers ask, without the edge around it.
    pub fn routes(self) -> Router {
        http::routes(self)
    }

    /// What is done about what orders says.
    pub fn listener(&self) -> Arc<dyn Listener> {
        Arc::new(Policies { service: self.clone() })
    }

    /// What it does again and again.
    pub fn recurring(&self) -> Vec<Recurring> {
        let payments = self.clone();
        let sweep = move || {
            let payments = payments.clone();
            async move { Ok(payments.sweep_due().await? + payments.sweep_waiting().await?) }
        };
        vec![Recurring::new("payments gone on with", SWEEP_EVERY, sweep)]
    }

    /// Makes the calls that are due for one payment.
    pub async fn carry_out(&self, order_id: OrderId) -> Result<(), Unfinished> {
        self.effects.carry_out(order_id).await
    }

    /// Looks how a payment stands that waits for the buyer. Whether it had changed.
    pub async fn look(&self, order_id: OrderId) -> Result<bool, Unfinished> {
        self.effects.look(order_id).await
    }

    /// One pass over the payments whose call is due, for when a crash or an absent processor left them so. How many are
    /// settled.
    pub async fn sweep_due(&self) -> Result<usize, StoreError> {
        self.effects.sweep_due().await
    }

    /// One pass over the payments that wait for the buyer. How many had changed.
    pub async fn sweep_waiting(&self) -> Result<usize, StoreError> {
        self.effects.sweep_waiting().await
    }
}
