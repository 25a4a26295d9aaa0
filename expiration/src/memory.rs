//! Timers in memory: what Redis does, without a server.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use contracts::{OrderId, Timestamp};
use runtime::Runtime;
use uuid::Uuid;

use crate::timers::{Claim, Timer, Timers, TimersError};

/// Timers in memory, gone with the process.
pub struct MemoryTimers {
    runtime: Runtime,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    complete: bool,
    /// The last one that began.
    rebuild: Option<Uuid>,
    timers: BTreeMap<OrderId, Kept>,
}

struct Kept {
    timer: Timer,
    /// When it may be claimed: when it is due, or its lease ends.
    claimable_at: Timestamp,
    claimed: bool,
}

impl MemoryTimers {
    pub fn new(runtime: Runtime) -> Self {
        Self { runtime, state: Mutex::default() }
    }

    /// Loses everything, as a server without persistence does.
    pub fn lose(&self) {
        *self.state() = State::default();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Timers for MemoryTimers {
    async fn set(&self, timer: &Timer) -> Result<(), TimersError> {
        let kept = || Kept { timer: timer.clone(), claimable_at: timer.due_at, claimed: false };
        self.state().timers.entry(timer.order_id).or_insert_with(kept);
        Ok(())
    }

    async fn cancel(&self, order_id: OrderId) -> Result<(), TimersError> {
        let mut state = self.state();
        if state.timers.get(&order_id).is_some_and(|kept| !kept.claimed) {
            state.timers.remove(&order_id);
        }
        Ok(())
    }

    async fn claim(&self, lease: Duration, limit: usize) -> Result<Claim, TimersError> {
        let now = self.runtime.now();
        let mut state = self.state();
        let mut claimable: Vec<_> =
            state.timers.values_mut().filter(|kept| kept.claimable_at <= now).collect();
        claimable.sort_by_key(|kept| kept.claimable_at);
        let mut due = Vec::new();
        for kept in claimable.into_iter().take(limit) {
            kept.claimable_at = now + lease;
            kept.claimed = true;
            due.push(kept.timer.clone());
        }
        let next = state.timers.values().map(|kept| kept.claimable_at).min();
        Ok(Claim { due, next_in: next.map(|next| next.since(now)), complete: state.complete })
    }

    async fn finish(&self, order_id: OrderId) -> Result<(), TimersError> {
        self.state().timers.remove(&order_id);
        Ok(())
    }

    async fn begin_rebuild(&self, rebuild: Uuid) -> Result<(), TimersError> {
        self.state().rebuild = Some(rebuild);
        Ok(())
    }

    async fn mark_complete(&self, rebuild: Uuid) -> Result<(), TimersError> {
        let mut state = self.state();
        state.complete |= state.rebuild == Some(rebuild);
        Ok(())
    }

    async fn count(&self) -> Result<u64, TimersError> {
        Ok(self.state().timers.len() as u64)
    }
}
