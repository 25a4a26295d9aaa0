//! The real clock, ids and tasks.
#![expect(clippy::disallowed_methods, reason = "this is the place that may")]

use std::time::Duration;

use contracts::Timestamp;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::{Clock, Ids, Tasks};

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}

/// Random ids.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// Tasks on the tokio runtime, counted, so that a stopping process can wait for them.
#[derive(Clone, Debug, Default)]
pub struct TokioTasks {
    tracker: TaskTracker,
}

impl TokioTasks {
    /// Waits until every task has ended. More may be started in the meantime.
    pub async fn finished(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}

impl Tasks for TokioTasks {
    fn spawn(&self, _name: &'static str, task: BoxFuture<'static, ()>) {
        self.tracker.spawn(task);
    }
}
