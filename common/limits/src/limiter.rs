//! Limits that are shared where that is possible at the moment, and stricter ones of this process alone where it is not.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use contracts::Timestamp;
use runtime::{Runtime, TimedOut};

use crate::{Limits, LimitsError, MemoryLimits, RedisLimits, Take, TooMany};

/// A replica alone permits this part of what all may permit together.
const SHARE: u32 = 4;
/// Nobody waits longer for the count.
const PATIENCE: Duration = Duration::from_millis(500);
/// Whether they answer again is looked at no more often, and nobody waits for that.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Asked before anybody is let in. Clones are one.
#[derive(Clone)]
pub struct Limiter(Arc<Parts>);

struct Parts {
    shared: Option<Arc<dyn Limits>>,
    own: MemoryLimits,
    runtime: Runtime,
    /// When it is to be looked at whether they answer again. None while they do.
    look_at: Mutex<Option<Timestamp>>,
}

impl Limiter {
    /// Over limits that may not answer at times.
    pub fn new(shared: Arc<dyn Limits>, runtime: Runtime) -> Self {
        Self::of(Some(shared), runtime)
    }

    /// Of this process alone, and not stricter for that.
    pub fn in_memory(runtime: Runtime) -> Self {
        Self::of(None, runtime)
    }

    /// Over the Redis at `url`, which need not be there yet; without one, of this process alone.
    pub fn connect(url: Option<&str>, runtime: Runtime) -> Result<Self, LimitsError> {
        let shared = url.map(RedisLimits::connect).transpose()?;
        Ok(Self::of(shared.map(|redis| Arc::new(redis) as Arc<dyn Limits>), runtime))
    }

    fn of(shared: Option<Arc<dyn Limits>>, runtime: Runtime) -> Self {
        let own = MemoryLimits::new(runtime.clone());
        Self(Arc::new(Parts { shared, own, runtime, look_at: Mutex::new(None) }))
    }

    /// Takes one of each, or nothing at all.
    pub async fn take(&self, takes: &[Take]) -> Result<(), TooMany> {
        let wait = match &self.0.shared {
            None => self.0.own.take_now(takes),
            Some(shared) => match self.ask(&**shared, takes).await {
                Some(wait) => wait,
                None => self.0.own.take_now(&stricter(takes)),
            },
        };
        wait.map_or(Ok(()), |wait| Err(TooMany(wait)))
    }

    /// As if nothing had been taken of `key`; and `known` is remembered for so long.
    pub async fn let_off(&self, key: &str, known: &str, lasting: Duration) {
        self.0.own.forget_now(key);
        self.0.own.remember_now(known, lasting);
        let Some(shared) = self.0.shared.as_ref().filter(|_| !self.is_alone()) else { return };
        let noted = async {
            shared.forget(key).await?;
            shared.remember(known, lasting).await
        };
        match self.0.runtime.timeout(PATIENCE, noted).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "what counts no more cannot be noted for all replicas"),
            Err(TimedOut) => tracing::debug!("what counts no more was not noted for all replicas in time"),
        }
    }

    /// Whether the shared limits did not answer when they were asked last.
    pub fn is_alone(&self) -> bool {
        self.look_at().is_some()
    }

    /// What the shared limits say, unless they are away.
    async fn ask(&self, shared: &dyn Limits, takes: &[Take]) -> Option<Option<Duration>> {
        let asked = if self.is_away() {
            None
        } else {
            match self.0.runtime.timeout(PATIENCE, shared.take(takes)).await {
                Ok(Ok(wait)) => Some(wait),
                Ok(Err(error)) => self.lost(&error),
                Err(TimedOut) => self.lost(&LimitsError("no answer in time".to_owned())),
            }
        };
        metrics::gauge!("limits_fallback").set(if asked.is_some() { 0.0 } else { 1.0 });
        asked
    }

    fn lost<T>(&self, error: &LimitsError) -> Option<T> {
        let next = self.0.runtime.now() + LOOK_EVERY;
        if self.look_at().replace(next).is_none() {
            tracing::warn!(%error, "limits are this replica's own");
        }
        None
    }

    /// Whoever asks in the meantime does not wait for who looks.
    fn is_away(&self) -> bool {
        let now = self.0.runtime.now();
        let mut look_at = self.look_at();
        let Some(due_at) = *look_at else { return false };
        // A clock that was put back must not put this off.
        if due_at <= now || due_at > now + LOOK_EVERY {
            *look_at = Some(now + LOOK_EVERY);
            let limiter = self.clone();
            self.0.runtime.spawn("limits", async move { limiter.look().await });
        }
        true
    }

    async fn look(&self) {
        let Some(shared) = &self.0.shared else { return };
        let answered = self.0.runtime.timeout(PATIENCE, shared.take(&[])).await;
        if matches!(answered, Ok(Ok(_))) && self.look_at().take().is_some() {
            tracing::info!("limits are shared again");
        }
    }

    fn look_at(&self) -> std::sync::MutexGuard<'_, Option<Timestamp>> {
        self.0.look_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stricter(takes: &[Take]) -> Vec<Take> {
    takes.iter().map(|take| Take { rate: take.rate.share(SHARE), ..take.clone() }).collect()
}
