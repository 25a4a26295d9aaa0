//! The machine, as it is seen by what runs on it: its time, its ids, and what it hears of tasks and blows.

use std::future::Future;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use contracts::Timestamp;
use futures::future::BoxFuture;
use runtime::{Clock, Ids, Runtime, Tasks};
use uuid::Uuid;

use super::time::{Sleep, Sleepers};
use super::{Blow, Chance, Pid};

/// When the machine is switched on: 2026-01-01T00:00:00Z.
const BEGINNING_MS: i64 = 1_767_225_600_000;

/// The machine, as it is seen by what runs on it.
pub(crate) struct Inside {
    now_us: AtomicU64,
    inbox: Mutex<Inbox>,
    ids: Mutex<Chance>,
}

/// What happened since the machine looked last.
#[derive(Default)]
pub(super) struct Inbox {
    pub(super) sleepers: Sleepers,
    pub(super) woken: Vec<usize>,
    pub(super) happenings: Vec<(Pid, Happening)>,
}

/// What is taken in one after the other, so that what is started after a blow is not struck by it.
pub(super) enum Happening {
    Start(BoxFuture<'static, ()>),
    Blow(Blow),
}

impl Inside {
    pub(super) fn new(ids: Chance) -> Self {
        Self { now_us: AtomicU64::new(0), inbox: Mutex::default(), ids: Mutex::new(ids) }
    }

    /// It is this time, if it is not later already.
    pub(super) fn is_at(&self, time_us: u64) {
        self.now_us.fetch_max(time_us, Ordering::Relaxed);
    }

    /// A step is taken, and begins at the time that this says.
    pub(super) fn goes_on(&self, step_us: u64) -> u64 {
        self.now_us.fetch_add(step_us, Ordering::Relaxed)
    }

    pub(crate) fn now_us(&self) -> u64 {
        self.now_us.load(Ordering::Relaxed)
    }

    /// The true time, which no process knows.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(BEGINNING_MS + (self.now_us() / 1_000) as i64)
    }

    pub(crate) fn spawn(&self, pid: Pid, task: impl Future<Output = ()> + Send + 'static) {
        self.inbox().happenings.push((pid, Happening::Start(Box::pin(task))));
    }

    pub(crate) fn strike(&self, pid: Pid, blow: Blow) {
        self.inbox().happenings.push((pid, Happening::Blow(blow)));
    }

    pub(crate) async fn sleep(self: &Arc<Self>, length: Duration) {
        self.sleep_us(u64::try_from(length.as_micros()).unwrap_or(u64::MAX)).await;
    }

    pub(crate) async fn sleep_us(self: &Arc<Self>, length_us: u64) {
        Sleep::new(Arc::clone(self), length_us).await;
    }

    /// What a process takes from the machine; its clock goes wrong by what stands in `skew_ms`.
    pub(crate) fn runtime(self: &Arc<Self>, pid: Pid, skew_ms: Arc<AtomicI64>) -> Runtime {
        let seat = Arc::new(Seat { inside: Arc::clone(self), pid, skew_ms });
        Runtime::new(seat.clone(), seat.clone(), seat)
    }

    pub(super) fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One process's seat at the machine.
struct Seat {
    inside: Arc<Inside>,
    pid: Pid,
    skew_ms: Arc<AtomicI64>,
}

impl Clock for Seat {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.inside.now().as_millis() + self.skew_ms.load(Ordering::Relaxed))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let length_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        Box::pin(Sleep::new(Arc::clone(&self.inside), length_us))
    }
}

impl Ids for Seat {
    fn new_id(&self) -> Uuid {
        let millis = u64::try_from(self.inside.now().as_millis()).unwrap_or_default();
        self.inside.ids.lock().unwrap_or_else(PoisonError::into_inner).uuid(millis)
    }
}

impl Tasks for Seat {
    fn spawn(&self, _name: &'static str, task: BoxFuture<'static, ()>) {
        self.inside.inbox().happenings.push((self.pid, Happening::Start(task)));
    }
}
