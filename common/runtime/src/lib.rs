//! Time, ids and tasks, handed in: the one place that touches the clock, the random numbers and the scheduler.
//!
//! Production takes the real ones; the simulator hands in its own, and the same code runs under a seed.

mod real;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use contracts::Timestamp;
use futures::future::BoxFuture;
use tokio::sync::oneshot;
use uuid::Uuid;

pub use real::{RandomIds, SystemClock, TokioTasks};

/// Knows what time it is, and wakes whoever waits for a later one.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// Makes ids that nobody else makes.
pub trait Ids: Send + Sync + 'static {
    /// A UUID whose order is roughly that of its making (version 7).
    fn new_id(&self) -> Uuid;
}

/// Runs what must go on when its caller is gone.
pub trait Tasks: Send + Sync + 'static {
    /// Starts `task`; `name` is for logs.
    fn spawn(&self, name: &'static str, task: BoxFuture<'static, ()>);
}

/// All that a service takes from the world around it but its servers.
#[derive(Clone)]
pub struct Runtime(Arc<Parts>);

struct Parts {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    tasks: Arc<dyn Tasks>,
}

/// The time ran out first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOut;

/// The task ended without an answer: it panicked, or its process is stopping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskLost;

impl Runtime {
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn Ids>, tasks: Arc<dyn Tasks>) -> Self {
        Self(Arc::new(Parts { clock, ids, tasks }))
    }

    /// The system's clock, random ids, and tasks on the tokio runtime that `tasks` counts.
    pub fn real(tasks: TokioTasks) -> Self {
        Self::new(Arc::new(SystemClock), Arc::new(RandomIds), Arc::new(tasks))
    }

    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub async fn sleep(&self, duration: Duration) {
        self.0.clock.sleep(duration).await;
    }

    pub fn new_id(&self) -> Uuid {
        self.0.ids.new_id()
    }

    /// Starts a task that nobody waits for.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.0.tasks.spawn(name, Box::pin(task));
    }

    /// Runs `task` to its end even when the caller stops waiting for the answer.
    pub async fn run<T: Send + 'static>(
        &self,
        name: &'static str,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, TaskLost> {
        let (answer, answered) = oneshot::channel();
        self.spawn(name, async move {
            // The caller may have stopped waiting: then nobody wants the answer.
            let _ = answer.send(task.await);
        });
        answered.await.map_err(|_| TaskLost)
    }

    /// Waits for `future`, but no longer than `limit`; what is not finished then is dropped.
    pub async fn timeout<T>(&self, limit: Duration, future: impl Future<Output = T>) -> Result<T, TimedOut> {
        tokio::select! {
            biased;
            output = future => Ok(output),
            () = self.0.clock.sleep(limit) => Err(TimedOut),
        }
    }
}
