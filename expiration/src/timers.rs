//! The port behind which timers live.

use std::time::Duration;

use async_trait::async_trait;
use contracts::{OrderId, Timestamp};
use eventsourcing::StoreError;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// When an order's time to pay is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    pub order_id: OrderId,
    pub due_at: Timestamp,
    /// The event that set it.
    pub causation_id: Uuid,
    /// The request that everything began with.
    pub correlation_id: Uuid,
    pub traceparent: Option<String>,
}

/// Timers, at most one an order, kept until they are finished or cancelled.
#[async_trait]
pub trait Timers: Send + Sync + 'static {
    /// Sets the timer, unless the order has one.
    async fn set(&self, timer: &Timer) -> Result<(), TimersError>;

    /// Cancels the order's timer; one that is claimed already goes off all the same.
    async fn cancel(&self, order_id: OrderId) -> Result<(), TimersError>;

    /// Takes what is due by the clock of where they live. What is not finished before the lease ends is due again.
    async fn claim(&self, lease: Duration, limit: usize) -> Result<Claim, TimersError>;

    /// The timer went off for good.
    async fn finish(&self, order_id: OrderId) -> Result<(), TimersError>;

    /// Notes that timers are being set again.
    async fn begin_rebuild(&self, rebuild: Uuid) -> Result<(), TimersError>;

    /// Notes that every timer that should exist does, until they are all lost. Not if they were since this rebuild
    /// began, or if another has begun since.
    async fn mark_complete(&self, rebuild: Uuid) -> Result<(), TimersError>;

    /// How many there are, claimed or not.
    async fn count(&self) -> Result<u64, TimersError>;
}

/// What was due, and what comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub due: Vec<Timer>,
    /// How long until the next one is due or a lease ends; none where there is none.
    pub next_in: Option<Duration>,
    /// False after all timers were lost: they have to be set again.
    pub complete: bool,
}

/// The timers could not be asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the timers are unavailable: {0}")]
pub struct TimersError(pub String);

impl From<TimersError> for StoreError {
    fn from(error: TimersError) -> Self {
        Self::Unavailable(error.0)
    }
}
