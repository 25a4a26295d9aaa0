//! A running child. Dropping it kills it; a process that ended is never signalled again, so its id can be reused.

use std::{
    os::unix::process::ExitStatusExt as _,
    process::{Child, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill, killpg},
    sys::wait::{Id, WaitPidFlag, waitid},
    unistd::Pid,
};

#[derive(Debug)]
pub struct Process {
    child: Child,
    ended: Option<ExitStatus>,
}

impl Process {
    pub(crate) fn new(child: Child) -> Self {
        Self { child, ended: None }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().ok().flatten();
        }
        self.ended
    }

    /// Asks it to end, without waiting.
    pub fn ask_to_stop(&mut self) {
        self.signal(Signal::SIGTERM);
        self.signal(Signal::SIGCONT);
    }

    /// Asks it to end, and kills it when it has not after `grace`.
    pub fn stop(&mut self, grace: Duration) {
        self.ask_to_stop();
        let asked_at = Instant::now();
        while self.ended().is_none() && asked_at.elapsed() < grace {
            thread::sleep(Duration::from_millis(5));
        }
        self.kill();
    }

    /// Ends it at once, with whatever it started itself.
    pub fn kill(&mut self) {
        if self.ended().is_none() {
            let group = Pid::from_raw(self.child.id().cast_signed());
            let _ = killpg(group, Signal::SIGKILL);
            self.ended = self.child.wait().ok().or_else(|| Some(ExitStatus::from_raw(0)));
        }
    }

    /// Stops it from running, as a long pause would, until `resume`.
    /// Returns when it stands still: until then it may go on answering.
    pub fn pause(&mut self) {
        if self.ended().is_none() {
            self.signal(Signal::SIGSTOP);
            let pid = Pid::from_raw(self.child.id().cast_signed());
            // One that ends instead stands still as well; it is not reaped here.
            let still = WaitPidFlag::WSTOPPED | WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
            let _ = waitid(Id::Pid(pid), still);
        }
    }

    pub fn resume(&mut self) {
        self.signal(Signal::SIGCONT);
    }

    fn signal(&mut self, signal: Signal) {
        if self.ended().is_none() {
            let _ = kill(Pid::from_raw(self.child.id().cast_signed()), signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
