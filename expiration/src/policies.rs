//! Whenever an order is placed, a timer is set; whenever it is accepted or cancelled, the timer is cancelled.

use std::sync::Arc;

use async_trait::async_trait;
use contracts::orders::{OrderCreated, OrderEvent};
use contracts::{Event, OrderId, Timestamp};
use messaging::{Fault, Heard, Listener};
use runtime::Runtime;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::timers::{Timer, Timers, TimersError};

/// The events that expiration hears.
pub const HEARS: &[(&str, &str)] =
    &[("order", "OrderCreated"), ("order", "OrderAccepted"), ("order", "OrderCancelled")];

/// What follows from an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    Set(Timer),
    Cancel(OrderId),
    /// The time was over before it was heard: orders finds such by itself, and a rebuilt stream sets off no storm.
    TooLate,
}

/// What expiration does about an event; nothing about those it does not hear.
pub fn whenever(heard: &Heard, now: Timestamp) -> Option<Then> {
    let Event::Order(event) = &heard.event else { return None };
    let order_id = OrderId(heard.aggregate_id);
    match event {
        OrderEvent::OrderCreated(OrderCreated { expires_at, .. }) if *expires_at <= now => {
            Some(Then::TooLate)
        }
        OrderEvent::OrderCreated(OrderCreated { expires_at, .. }) => Some(Then::Set(Timer {
            order_id,
            due_at: *expires_at,
            causation_id: heard.event_id,
            correlation_id: heard.cause.correlation_id,
            traceparent: heard.cause.traceparent.clone(),
        })),
        OrderEvent::OrderAccepted(_) | OrderEvent::OrderCancelled(_) => Some(Then::Cancel(order_id)),
        OrderEvent::OrderAwaitingPayment(_) | OrderEvent::OrderCompleted(_) => None,
    }
}

/// Carries out what follows.
pub struct Policies {
    pub timers: Arc<dyn Timers>,
    pub runtime: Runtime,
    /// Wakes the worker: the new timer may be due before the one it waits for.
    pub was_set: Arc<Notify>,
}

#[async_trait]
impl Listener for Policies {
    fn service(&self) -> &'static str {
        "expiration"
    }

    fn hears(&self) -> &'static [(&'static str, &'static str)] {
        HEARS
    }

    fn lane(&self, heard: &Heard) -> Uuid {
        heard.aggregate_id
    }

    async fn hear(&self, heard: &Heard) -> Result<(), Fault> {
        match whenever(heard, self.runtime.now()) {
            Some(Then::Set(timer)) => {
                self.timers.set(&timer).await?;
                self.was_set.notify_one();
            }
            Some(Then::Cancel(order_id)) => self.timers.cancel(order_id).await?,
            Some(Then::TooLate) | None => {}
        }
        Ok(())
    }
}

impl From<TimersError> for Fault {
    fn from(error: TimersError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
