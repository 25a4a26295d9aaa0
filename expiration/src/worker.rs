//! Waits for the next due time, and says that it is over. A timer is removed only after the bus has it.

use std::sync::Arc;
use std::time::Duration;

use contracts::timers::{OrderExpired, TimerEvent};
use contracts::{EventType as _, Timestamp};
use eventsourcing::{Actor, Cause, RawEvent, Recorded};
use messaging::{Bus, Message, PublishError};
use metrics::{counter, gauge, histogram};
use runtime::Runtime;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::rebuild::rebuild;
use crate::timers::{Timer, Timers, TimersError};

/// Who claimed a timer and died leaves it to the others after this time.
const LEASE: Duration = Duration::from_secs(10);
const AT_ONCE: usize = 200;
/// A replica that set a timer and died wakes nobody: then the others find it within this time.
const AT_MOST: Duration = Duration::from_secs(5);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(200);

/// Lets timers go off. Any number of replicas may.
pub struct Worker {
    pub timers: Arc<dyn Timers>,
    pub bus: Arc<dyn Bus>,
    pub runtime: Runtime,
    pub was_set: Arc<Notify>,
    /// How long an order may wait for its payment.
    pub reservation: Duration,
}

#[derive(Debug, thiserror::Error)]
enum WorkerError {
    #[error(transparent)]
    Timers(#[from] TimersError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error(transparent)]
    Rebuild(#[from] crate::rebuild::RebuildError),
}

impl Worker {
    /// For as long as it is polled.
    pub async fn run(&self) {
        loop {
            let wait = match self.step().await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::debug!(%error, "timers are tried again");
                    self.runtime.sleep(PAUSE_AFTER_FAILURE).await;
                    continue;
                }
            };
            tokio::select! {
                biased;
                () = self.was_set.notified() => {}
                () = self.runtime.sleep(wait) => {}
            }
        }
    }

    /// Says what is due, and how long to wait for more.
    async fn step(&self) -> Result<Duration, WorkerError> {
        let claim = self.timers.claim(LEASE, AT_ONCE).await?;
        for timer in &claim.due {
            self.go_off(timer).await?;
        }
        if !claim.complete {
            let set =
                rebuild(self.timers.as_ref(), self.bus.as_ref(), &self.runtime, self.reservation).await?;
            tracing::info!(set, "timers set again from the event log: {set}");
            return Ok(Duration::ZERO);
        }
        gauge!("timers").set(self.timers.count().await? as f64);
        Ok(claim.next_in.unwrap_or(AT_MOST).min(AT_MOST))
    }

    async fn go_off(&self, timer: &Timer) -> Result<(), WorkerError> {
        let now = self.runtime.now();
        match self.bus.publish(&expired(timer, now), 0).await {
            // A conflict means that it was said before.
            Ok(_) | Err(PublishError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
        self.timers.finish(timer.order_id).await?;
        counter!("timers_expired_total").increment(1);
        histogram!("timer_lateness_seconds").record(now.since(timer.due_at).as_secs_f64());
        Ok(())
    }
}

/// Any replica says it in the same words.
fn expired(timer: &Timer, at: Timestamp) -> Message {
    let id = timer.order_id.0;
    let event = TimerEvent::OrderExpired(OrderExpired { expires_at: timer.due_at });
    let data = serde_json::json!({ "expires_at": timer.due_at });
    Message {
        category: TimerEvent::CATEGORY.to_owned(),
        id,
        recorded: Recorded {
            id: Uuid::new_v5(&id, event.event_type().as_bytes()),
            version: 1,
            event: RawEvent { event_type: event.event_type().to_owned(), data },
            at,
            cause: Cause {
                causation_id: timer.causation_id,
                correlation_id: timer.correlation_id,
                actor: Actor::Service("expiration".to_owned()),
                traceparent: timer.traceparent.clone(),
            },
        },
    }
}
