//! What a process takes from the world around it, in one thread: a clock that is set, ids that are counted, and tasks that
//! go on for as long as any of them can.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use contracts::Timestamp;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use messaging::Message;
use runtime::{Clock, Ids, Runtime, Tasks};
use tokio::task::coop::unconstrained;
use uuid::Uuid;

/// Shared by all services of one replay.
#[derive(Default)]
pub(super) struct World {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    now: Timestamp,
    ids: u64,
    started: Vec<BoxFuture<'static, ()>>,
    said: VecDeque<Message>,
}

impl World {
    pub(super) fn set(&self, now: Timestamp) {
        self.state().now = now;
    }

    pub(super) fn now(&self) -> Timestamp {
        self.state().now
    }

    /// What was committed, in the order in which it was.
    pub(super) fn say(&self, messages: impl IntoIterator<Item = Message>) {
        self.state().said.extend(messages);
    }

    pub(super) fn take_said(&self) -> VecDeque<Message> {
        std::mem::take(&mut self.state().said)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The world as it is handed to a service.
pub(super) fn runtime(world: &Arc<World>) -> Runtime {
    let inside = Arc::new(Inside(Arc::clone(world)));
    Runtime::new(inside.clone(), inside.clone(), inside)
}

struct Inside(Arc<World>);

impl Clock for Inside {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// Nobody is woken by the time: what is due is a step, and cards answer when the history says so.
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        futures::future::pending().boxed()
    }
}

impl Ids for Inside {
    fn new_id(&self) -> Uuid {
        let mut state = self.0.state();
        state.ids += 1;
        let mut rest = [0; 10];
        rest[2..].copy_from_slice(&state.ids.to_be_bytes());
        let millis = u64::try_from(state.now.as_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
    }
}

impl Tasks for Inside {
    fn spawn(&self, _: &'static str, task: BoxFuture<'static, ()>) {
        self.0.state().started.push(task);
    }
}

/// Runs what the services start.
pub(super) struct Machine {
    world: Arc<World>,
    tasks: Vec<Task>,
}

struct Task {
    future: BoxFuture<'static, ()>,
    bell: Arc<Bell>,
}

/// Whether a task can go on.
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Bell {
    fn ringing() -> Arc<Self> {
        Arc::new(Self(AtomicBool::new(true)))
    }

    fn is_ringing(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

impl Machine {
    pub(super) fn new(world: &Arc<World>) -> Self {
        Self { world: Arc::clone(world), tasks: Vec::new() }
    }

    /// Runs it, and all that it starts, until nothing can go on; none where it waits for something that never comes.
    pub(super) fn carry_out<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
        // Whoever runs this in a task of tokio's own would have it give way to others now and then, whom it never lets on.
        let mut future = pin!(unconstrained(future));
        let bell = Bell::ringing();
        let waker = Waker::from(Arc::clone(&bell));
        let mut answer = None;
        loop {
            let mut went_on = false;
            if answer.is_none() && bell.is_ringing() {
                went_on = true;
                if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    answer = Some(value);
                }
            }
            went_on |= self.go_on();
            if !went_on {
                return answer;
            }
        }
    }

    /// Gives each task that can go on one turn.
    fn go_on(&mut self) -> bool {
        let started = std::mem::take(&mut self.world.state().started);
        let task = |future| Task { future: unconstrained(future).boxed(), bell: Bell::ringing() };
        self.tasks.extend(started.into_iter().map(task));
        let mut went_on = false;
        self.tasks.retain_mut(|task| {
            if !task.bell.is_ringing() {
                return true;
            }
            went_on = true;
            let waker = Waker::from(Arc::clone(&task.bell));
            task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending()
        });
        went_on || !self.world.state().started.is_empty()
    }
}
