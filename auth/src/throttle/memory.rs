//! Limits in memory, of one process.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use contracts::Timestamp;
use runtime::Runtime;

use super::limits::{Limits, LimitsError, Take};

/// What is kept of those who come from everywhere. Nobody else is let in before some of it is over.
const MOST: usize = 200_000;

pub struct MemoryLimits {
    runtime: Runtime,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Until when the time is taken up, in microseconds since 1970.
    taken_until: BTreeMap<String, u64>,
    remembered_until: BTreeMap<String, Timestamp>,
}

impl MemoryLimits {
    pub fn new(runtime: Runtime) -> Self {
        Self { runtime, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.runtime.now().as_millis()).unwrap_or(0).saturating_mul(1000)
    }
}

#[async_trait]
impl Limits for MemoryLimits {
    async fn take(&self, takes: &[Take]) -> Result<Option<Duration>, LimitsError> {
        let (now, now_us) = (self.runtime.now(), self.now_us());
        let mut state = self.state();
        let counted: Vec<&Take> = takes
            .iter()
            .filter(|take| !take.unless.as_ref().is_some_and(|key| state.remembers(key, now)))
            .collect();
        let mut wait_us = 0;
        let mut taken = Vec::new();
        for take in counted {
            let until = state.taken_until.get(&take.key).copied().unwrap_or(0).max(now_us);
            let until = until.saturating_add(take.rate.interval_us());
            wait_us = wait_us.max(until.saturating_sub(now_us.saturating_add(take.rate.within_us())));
            taken.push((take.key.clone(), until));
        }
        if wait_us > 0 {
            return Ok(Some(Duration::from_micros(wait_us)));
        }
        if state.taken_until.len() + taken.len() > MOST {
            state.taken_until.retain(|_, until| *until > now_us);
            if state.taken_until.len() + taken.len() > MOST {
                return Ok(Some(Duration::from_secs(1)));
            }
        }
        state.taken_until.extend(taken);
        Ok(None)
    }

    async fn forget(&self, key: &str) -> Result<(), LimitsError> {
        self.state().taken_until.remove(key);
        Ok(())
    }

    async fn remember(&self, key: &str, lasting: Duration) -> Result<(), LimitsError> {
        let now = self.runtime.now();
        let mut state = self.state();
        if state.remembered_until.len() >= MOST {
            state.remembered_until.retain(|_, until| *until > now);
        }
        if state.remembered_until.len() < MOST {
            state.remembered_until.insert(key.to_owned(), now + lasting);
        }
        Ok(())
    }
}

impl State {
    fn remembers(&self, key: &str, now: Timestamp) -> bool {
        self.remembered_until.get(key).is_some_and(|until| *until > now)
    }
}
