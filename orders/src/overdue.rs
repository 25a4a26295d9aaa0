//! Orders whose time is over though nobody said so, and orders that have waited too long for somebody.

use std::time::Duration;

use eventsourcing::{Actor, Cause, ExecutionError, StoreError};
use uuid::Uuid;

use crate::order::{OrderCommand, OrderRejection};
use crate::{Orders, SERVICE, views};

/// How many orders one pass looks at.
const PASS: usize = 100;
/// From when on a wait is worth an alarm.
const PATIENCE: Duration = Duration::from_secs(60);

impl Orders {
    /// One pass over the orders whose time to pay is over, the longest overdue first; says how many it ended.
    ///
    /// What expiration is late with, or never heard of, ends by this.
    pub async fn sweep_overdue(&self) -> Result<usize, StoreError> {
        let now = self.runtime.now();
        let mut ended = 0;
        for overdue in self.orders.find(&views::overdue(now, PASS)).await? {
            let command = OrderCommand::Expire { now };
            match self.orders.execute(overdue.id, overdue_cause(overdue.id), command).await {
                Ok(execution) => {
                    self.tell(&execution);
                    ended += usize::from(!execution.events.is_empty());
                }
                Err(ExecutionError::Rejected(rejection)) => surprised(overdue.id, rejection),
                Err(ExecutionError::Taken(index)) => {
                    tracing::error!(order.id = %overdue.id, index, "an order that ends cannot be in the way");
                }
                Err(ExecutionError::Broken(why)) => {
                    tracing::error!(order.id = %overdue.id, why, "an overdue order cannot be ended");
                }
                Err(ExecutionError::Unavailable(why)) => return Err(StoreError::Unavailable(why)),
            }
        }
        Ok(ended)
    }

    /// How many orders have waited for over a minute longer than they should: for the ticket's answer, for the end of
    /// their time to pay, for the capture of an accepted payment.
    pub async fn waiting(&self) -> Result<u64, StoreError> {
        let since = self.runtime.now() - PATIENCE;
        let mut waiting = 0;
        for query in views::waiting(since) {
            waiting += self.orders.count(&query).await?;
        }
        Ok(waiting)
    }
}

/// The same each time, so that two replicas that sweep end an order once.
fn overdue_cause(order: Uuid) -> Cause {
    let causation_id = Uuid::new_v5(&order, b"overdue");
    Cause {
        causation_id,
        correlation_id: causation_id,
        actor: Actor::Service(SERVICE.to_owned()),
        traceparent: None,
    }
}

fn surprised(order: Uuid, rejection: OrderRejection) {
    tracing::error!(order.id = %order, ?rejection, "order {order} was overdue, and does not expire");
}
