//! Threads of their own for the work on passwords, which gives way to everything else that the machine has to do: who
//! signs in may wait, and a flood of them must not slow down anybody else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rustix::process::setpriority_process;
use rustix::thread::gettid;
use tokio::sync::oneshot;

/// About a tenth of what others get when all want something at once.
const NICE: i32 = 10;

type Job = Box<dyn FnOnce() + Send>;

/// Clones share the threads, which end with the last of them.
#[derive(Clone)]
pub(super) struct Workers(Sender<Job>);

/// The work panicked, or there is nobody left to do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lost;

impl Workers {
    pub(super) fn start(count: usize) -> Self {
        let (jobs, waiting) = mpsc::channel();
        let waiting = Arc::new(Mutex::new(waiting));
        for number in 0..count {
            let waiting = Arc::clone(&waiting);
            let started =
                thread::Builder::new().name(format!("passwords {number}")).spawn(move || work(&waiting));
            if let Err(error) = started {
                tracing::error!(%error, "no thread for passwords");
            }
        }
        Self(jobs)
    }

    /// The work is done to its end, also when nobody waits for it any more.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Lost> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move || {
            // The caller may have gone away.
            let _ = answer.send(work());
        });
        self.0.send(job).map_err(|_| Lost)?;
        answered.await.map_err(|_| Lost)
    }
}

fn work(waiting: &Mutex<Receiver<Job>>) {
    if let Err(error) = setpriority_process(Some(gettid()), NICE) {
        tracing::warn!(%error, "work on passwords does not give way to others");
    }
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // Whoever waits hears of it by its answer, which is lost.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use super::{Lost, NICE, Workers, gettid};

    #[tokio::test]
    async fn the_work_gives_way_and_survives_a_panic() {
        let workers = Workers::start(1);
        assert_eq!(workers.run(|| panic!("on purpose")).await, Err::<(), _>(Lost));
        let nice = workers.run(|| rustix::process::getpriority_process(Some(gettid())).unwrap()).await;
        assert!(nice.unwrap() >= NICE);
    }

    #[tokio::test]
    async fn there_is_as_much_of_it_at_once_as_there_are_threads() {
        let workers = Workers::start(2);
        let meet = std::sync::Arc::new(std::sync::Barrier::new(2));
        let together = || {
            let (workers, meet) = (workers.clone(), meet.clone());
            async move { workers.run(move || meet.wait().is_leader()).await.unwrap() }
        };
        let (one, other) = tokio::join!(together(), together());
        assert!(one != other);
    }
}
