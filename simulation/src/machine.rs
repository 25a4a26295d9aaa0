//! A machine of one thread on which processes run in an order that a seed decides: it has its own time, and it can kill
//! or stop any process between any two steps.

mod chance;
mod inside;
mod time;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures::future::BoxFuture;

pub(crate) use chance::Chance;
use inside::Happening;
pub(crate) use inside::Inside;

/// How long one step takes.
const STEP_US: u64 = 1;

/// Which process, by its place in the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pid(pub usize);

/// The world outside of all services: people, and what befalls the services. It is never killed or stopped.
pub(crate) const OUTSIDE: Pid = Pid(0);

/// The machine, as it is seen by who runs it.
pub(crate) struct Machine {
    inside: Arc<Inside>,
    tasks: Vec<Option<Task>>,
    free: Vec<usize>,
    ready: Vec<usize>,
    /// Woken by the last step.
    woken: Vec<usize>,
    processes: Vec<Process>,
    order: Chance,
    steps: u64,
    /// Of all that ran when: two histories are the same if this is.
    trace: u64,
}

/// What befalls a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blow {
    /// All its tasks are gone, at whatever await they are.
    Killed,
    /// It does nothing until it is told to go on, and has not noticed.
    Stopped,
    Resumed,
}

#[derive(Default)]
struct Process {
    is_stopped: bool,
    /// Tasks that would run if it were not stopped.
    held: Vec<usize>,
}

struct Task {
    pid: Pid,
    future: BoxFuture<'static, ()>,
    alarm: Arc<Alarm>,
    waker: Waker,
}

/// Wakes one task, once for each time it waits.
struct Alarm {
    at: usize,
    rings: AtomicBool,
    inside: Arc<Inside>,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.rings.swap(true, Ordering::Relaxed) {
            self.inside.inbox().woken.push(self.at);
        }
    }
}

impl Machine {
    pub(crate) fn new(seed: u64, processes: usize) -> Self {
        Self {
            inside: Arc::new(Inside::new(Chance::new(seed, "ids"))),
            tasks: Vec::new(),
            free: Vec::new(),
            ready: Vec::new(),
            woken: Vec::new(),
            processes: (0..=processes).map(|_| Process::default()).collect(),
            order: Chance::new(seed, "order"),
            steps: 0,
            trace: 0xcbf2_9ce4_8422_2325,
        }
    }

    pub(crate) fn inside(&self) -> Arc<Inside> {
        Arc::clone(&self.inside)
    }

    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }

    pub(crate) fn trace(&self) -> u64 {
        self.trace
    }

    /// Takes one step of one task, letting time pass when none can go on. False when nothing ever will again.
    pub(crate) fn step(&mut self) -> bool {
        self.settle();
        while self.ready.is_empty() {
            let Some(due_us) = self.inside.inbox().sleepers.next_due() else { return false };
            self.inside.is_at(due_us);
            self.wake_due();
            self.settle();
        }
        let at = self.ready.swap_remove(self.order.below(self.ready.len() as u64) as usize);
        self.poll(at);
        true
    }

    fn poll(&mut self, at: usize) {
        let Some(task) = self.tasks[at].as_mut() else { return };
        self.steps += 1;
        let now_us = self.inside.goes_on(STEP_US);
        self.trace = (self.trace ^ now_us ^ ((at as u64) << 40)).wrapping_mul(0x0000_0100_0000_01b3);
        task.alarm.rings.store(false, Ordering::Relaxed);
        let polled = task.future.as_mut().poll(&mut Context::from_waker(&task.waker));
        if polled.is_ready() {
            self.end(at);
        }
        self.wake_due();
    }

    fn wake_due(&mut self) {
        let now_us = self.inside.now_us();
        loop {
            // Not while the inbox is locked: waking locks it.
            let woken = self.inside.inbox().sleepers.wake(now_us);
            match woken {
                Some(waker) => waker.wake(),
                None => return,
            }
        }
    }

    /// Takes in what the last step brought about.
    fn settle(&mut self) {
        loop {
            let happenings = {
                let mut inbox = self.inside.inbox();
                if inbox.woken.is_empty() && inbox.happenings.is_empty() {
                    return;
                }
                self.woken.append(&mut inbox.woken);
                std::mem::take(&mut inbox.happenings)
            };
            // Channels wake those who wait for them in an order of their own.
            self.woken.sort_unstable();
            for nth in 0..self.woken.len() {
                self.make_ready(self.woken[nth]);
            }
            self.woken.clear();
            for (pid, event) in happenings {
                match event {
                    Happening::Start(future) => self.start(pid, future),
                    Happening::Blow(blow) => self.strike(pid, blow),
                }
            }
        }
    }

    fn make_ready(&mut self, at: usize) {
        let Some(task) = &self.tasks[at] else { return };
        let process = &mut self.processes[task.pid.0];
        if process.is_stopped { process.held.push(at) } else { self.ready.push(at) }
    }

    fn start(&mut self, pid: Pid, future: BoxFuture<'static, ()>) {
        let at = self.free.pop().unwrap_or_else(|| {
            self.tasks.push(None);
            self.tasks.len() - 1
        });
        let alarm = Arc::new(Alarm { at, rings: AtomicBool::new(true), inside: self.inside() });
        let waker = Waker::from(Arc::clone(&alarm));
        self.tasks[at] = Some(Task { pid, future, alarm, waker });
        self.make_ready(at);
    }

    fn strike(&mut self, pid: Pid, blow: Blow) {
        match blow {
            Blow::Killed => {
                for at in 0..self.tasks.len() {
                    if self.tasks[at].as_ref().is_some_and(|task| task.pid == pid) {
                        self.end(at);
                    }
                }
                self.processes[pid.0] = Process::default();
            }
            Blow::Stopped => self.processes[pid.0].is_stopped = true,
            Blow::Resumed => {
                let process = &mut self.processes[pid.0];
                process.is_stopped = false;
                self.ready.append(&mut process.held);
            }
        }
    }

    /// A task that ended leaves its place to another; who wakes the old one must not wake the new one.
    fn end(&mut self, at: usize) {
        let task = self.tasks[at].take();
        if let Some(task) = &task {
            // Once it rings it never rings again.
            task.alarm.rings.store(true, Ordering::Relaxed);
        }
        self.ready.retain(|ready| *ready != at);
        for process in &mut self.processes {
            process.held.retain(|held| *held != at);
        }
        self.inside.inbox().woken.retain(|woken| *woken != at);
        // What it held on to may wake others.
        drop(task);
        self.free.push(at);
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Tasks, wakers and the machine hold each other.
        let tasks = std::mem::take(&mut self.tasks);
        drop(tasks);
        loop {
            let mut inbox = self.inside.inbox();
            inbox.sleepers.clear();
            inbox.woken.clear();
            let happenings = std::mem::take(&mut inbox.happenings);
            drop(inbox);
            if happenings.is_empty() {
                return;
            }
        }
    }
}

/// Gives way to whatever else can go on.
pub(crate) struct Turn(bool);

impl Turn {
    pub(crate) fn over() -> Self {
        Self(false)
    }
}

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
