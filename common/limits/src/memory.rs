//! Limits in memory, of one process.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use contracts::Timestamp;
use runtime::Runtime;

use crate::{Limits, LimitsError, Take};

/// What is kept of those who come from everywhere. Nobody else is let in before some of it is over.
const MOST: usize = 200_000;
/// A memory that is full is gone through no more often.
const TIDIED_EVERY: Duration = Duration::from_secs(1);

pub struct MemoryLimits {
    runtime: Runtime,
    most: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Until when the time is taken up, in microseconds since 1970.
    taken_until: BTreeMap<String, u64>,
    remembered_until: BTreeMap<String, Timestamp>,
    tidied_at: Option<Timestamp>,
}

impl MemoryLimits {
    pub fn new(runtime: Runtime) -> Self {
        Self { runtime, most: MOST, state: Mutex::default() }
    }

    /// Nothing fails here, and nothing is waited for.
    pub(crate) fn take_now(&self, takes: &[Take]) -> Option<Duration> {
        let now = self.runtime.now();
        let now_us = microseconds(now);
        let mut state = self.state();
        let counted: Vec<&Take> = takes
            .iter()
            .filter(|take| !take.unless.as_ref().is_some_and(|key| state.remembers(key, now)))
            .collect();
        let mut wait_us = 0;
        let (mut taken, mut new) = (Vec::new(), 0);
        for take in counted {
            let known = state.taken_until.get(&take.key).copied();
            // More than all of it is never taken up: the clock was put back.
            let most_us = now_us.saturating_add(take.rate.within_us());
            let until = known.filter(|until| *until <= most_us).unwrap_or(0).max(now_us);
            let until = until.saturating_add(take.rate.interval_us());
            wait_us = wait_us.max(until.saturating_sub(most_us));
            new += usize::from(known.is_none());
            taken.push((take.key.clone(), until));
        }
        if wait_us > 0 {
            return Some(Duration::from_micros(wait_us));
        }
        if new > 0 && !state.has_room(new, self.most, now) {
            return Some(TIDIED_EVERY);
        }
        state.taken_until.extend(taken);
        None
    }

    pub(crate) fn forget_now(&self, key: &str) {
        self.state().taken_until.remove(key);
    }

    pub(crate) fn remember_now(&self, key: &str, lasting: Duration) {
        let now = self.runtime.now();
        let mut state = self.state();
        if state.remembered_until.len() >= self.most {
            state.remembered_until.retain(|_, until| *until > now);
        }
        if state.remembered_until.len() < self.most {
            state.remembered_until.insert(key.to_owned(), now + lasting);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Limits for MemoryLimits {
    async fn take(&self, takes: &[Take]) -> Result<Option<Duration>, LimitsError> {
        Ok(self.take_now(takes))
    }

    async fn forget(&self, key: &str) -> Result<(), LimitsError> {
        self.forget_now(key);
        Ok(())
    }

    async fn remember(&self, key: &str, lasting: Duration) -> Result<(), LimitsError> {
        self.remember_now(key, lasting);
        Ok(())
    }
}

impl State {
    fn remembers(&self, key: &str, now: Timestamp) -> bool {
        self.remembered_until.get(key).is_some_and(|until| *until > now)
    }

    /// Forgets what is over, where it has to.
    fn has_room(&mut self, new: usize, most: usize, now: Timestamp) -> bool {
        let is_tidy = |at: Timestamp| at <= now && now.since(at) < TIDIED_EVERY;
        if self.taken_until.len() + new > most && !self.tidied_at.is_some_and(is_tidy) {
            let now_us = microseconds(now);
            self.taken_until.retain(|_, until| *until > now_us);
            self.tidied_at = Some(now);
        }
        self.taken_until.len() + new <= most
    }
}

fn microseconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(0).saturating_mul(1000)
}

#[cfg(test)]
impl MemoryLimits {
    pub(crate) fn of_at_most(most: usize, runtime: Runtime) -> Self {
        Self { most, ..Self::new(runtime) }
    }

    pub(crate) fn put_at(&mut self, runtime: Runtime) {
        self.runtime = runtime;
    }

    pub(crate) fn kept(&self) -> usize {
        self.state().taken_until.len()
    }
}
