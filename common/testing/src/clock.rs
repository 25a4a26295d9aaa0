//! Clocks for tests: one that stands still until time is let pass, one that goes on and may be set forward.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use contracts::Timestamp;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use runtime::{Clock, SystemClock};
use tokio::sync::oneshot;

/// Whoever was woken gets this many turns before the clock goes on.
const TURNS: usize = 200;

/// One clock, shared by its clones. For tests on a runtime of one thread.
#[derive(Clone)]
pub struct ManualClock {
    time: Arc<Mutex<Time>>,
}

struct Time {
    now: Timestamp,
    asleep: BTreeMap<(Timestamp, u64), oneshot::Sender<()>>,
    slept: u64,
}

impl ManualClock {
    pub fn at(now: Timestamp) -> Self {
        Self { time: Arc::new(Mutex::new(Time { now, asleep: BTreeMap::new(), slept: 0 })) }
    }

    /// Lets time pass: all that sleeps for no longer wakes in its order, each at its own time.
    pub async fn pass(&self, duration: Duration) {
        let end = self.now() + duration;
        loop {
            self.settle().await;
            if !self.wake_next(end) {
                break;
            }
        }
        self.time().now = end;
        self.settle().await;
    }

    /// Lets all that is awake go on until it waits for something.
    pub async fn settle(&self) {
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
    }

    fn wake_next(&self, end: Timestamp) -> bool {
        let mut time = self.time();
        let Some(next) = time.asleep.first_entry().filter(|next| next.key().0 <= end) else { return false };
        let ((due_at, _), sleeper) = next.remove_entry();
        time.now = time.now.max(due_at);
        // It may wait no longer.
        let _ = sleeper.send(());
        true
    }

    fn time(&self) -> MutexGuard<'_, Time> {
        self.time.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.time().now
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        if duration.is_zero() {
            return tokio::task::yield_now().boxed();
        }
        let (sleeper, woken) = oneshot::channel();
        let mut time = self.time();
        time.slept += 1;
        let key = (time.now + duration, time.slept);
        time.asleep.insert(key, sleeper);
        woken.map(drop).boxed()
    }
}

/// Goes as the system's does, and may be set forward.
#[derive(Debug, Default)]
pub struct ForwardClock {
    ahead_ms: AtomicI64,
}

impl ForwardClock {
    pub fn advance(&self, duration: Duration) {
        self.ahead_ms.fetch_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for ForwardClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().as_millis() + self.ahead_ms.load(Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock.sleep(duration)
    }
}
