//! The timers, at the far end of a network.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use contracts::OrderId;
use expiration::{Claim, MemoryTimers, Timer, Timers, TimersError};

use uuid::Uuid;

use super::link::{Link, Lost};
use crate::mutant::Mutant;
use crate::sometimes::Sometimes;

/// One process's view of the timers.
pub(crate) struct SimulatedTimers {
    inner: Arc<MemoryTimers>,
    link: Link,
}

impl SimulatedTimers {
    pub(crate) fn new(inner: Arc<MemoryTimers>, link: Link) -> Self {
        Self { inner, link }
    }
}

fn unavailable(_: Lost) -> TimersError {
    TimersError("no answer".to_owned())
}

#[async_trait]
impl Timers for SimulatedTimers {
    async fn set(&self, timer: &Timer) -> Result<(), TimersError> {
        self.link.there().await.map_err(unavailable)?;
        self.inner.set(timer).await?;
        self.link.back().await.map_err(unavailable)
    }

    async fn cancel(&self, order_id: OrderId) -> Result<(), TimersError> {
        self.link.there().await.map_err(unavailable)?;
        self.inner.cancel(order_id).await?;
        self.link.back().await.map_err(unavailable)
    }

    async fn claim(&self, lease: Duration, limit: usize) -> Result<Claim, TimersError> {
        self.link.there().await.map_err(unavailable)?;
        let mut claim = self.inner.claim(lease, limit).await?;
        let world = &self.link.world;
        if !claim.due.is_empty() {
            world.met(Sometimes::TimerClaimed);
        }
        if world.lacks(Mutant::LeaseAndSweep) {
            for timer in &claim.due {
                self.inner.finish(timer.order_id).await?;
            }
        }
        claim.complete |= world.lacks(Mutant::TimerRebuild);
        self.link.back().await.map_err(unavailable)?;
        Ok(claim)
    }

    async fn finish(&self, order_id: OrderId) -> Result<(), TimersError> {
        self.link.there().await.map_err(unavailable)?;
        self.inner.finish(order_id).await?;
        self.link.back().await.map_err(unavailable)
    }

    async fn begin_rebuild(&self, rebuild: Uuid) -> Result<(), TimersError> {
        self.link.there().await.map_err(unavailable)?;
        self.inner.begin_rebuild(rebuild).await?;
        self.link.back().await.map_err(unavailable)
    }

    async fn mark_complete(&self, rebuild: Uuid) -> Result<(), TimersError> {
        self.link.there().await.map_err(unavailable)?;
        self.inner.mark_complete(rebuild).await?;
        self.link.back().await.map_err(unavailable)
    }

    async fn count(&self) -> Result<u64, TimersError> {
        self.link.ask().await.map_err(unavailable)?;
        self.inner.count().await
    }
}
