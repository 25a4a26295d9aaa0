//! Watches over processes: whatever ends is started again after a pause that grows, and in the end all end together.

mod member;

use std::{
    fs,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use local_servers::Server;

use crate::{
    error::{Error, Result},
    stop::Stop,
};
use member::{Member, note_id};

const LOOK_EVERY: Duration = Duration::from_millis(50);
const EXPLAIN_EVERY: Duration = Duration::from_secs(10);
const READY_WITHIN: Duration = Duration::from_secs(120);
const GRACE: Duration = Duration::from_secs(15);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Servers,
    Services,
    Edge,
}

/// Services end first, while what they need is still there.
const STOP_ORDER: [Stage; 3] = [Stage::Services, Stage::Servers, Stage::Edge];

/// Where the supervisor says what happens.
pub type Tell = Box<dyn Fn(&str) + Send>;

pub struct Supervisor {
    run: PathBuf,
    stop: Stop,
    tell: Tell,
    members: Vec<Member>,
}

impl Supervisor {
    /// The ids of the processes are written to `run`.
    pub fn new(run: impl Into<PathBuf>, stop: Stop, tell: Tell) -> Self {
        Self { run: run.into(), stop, tell, members: Vec::new() }
    }

    /// Starts them side by side, and waits until all are ready.
    pub fn start(&mut self, stage: Stage, servers: Vec<Server>) -> Result<()> {
        for mut server in servers {
            server.spawn()?;
            note_id(&self.run, &server)?;
            self.members.push(Member::started(stage, server));
        }
        self.wait_until_ready()
    }

    /// Watches as long as `condition` holds, or until it is to stop.
    pub fn supervise_while(&mut self, mut condition: impl FnMut() -> bool) -> Result<()> {
        while condition() {
            self.look()?;
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// Starts again whatever ended and has paused long enough.
    pub fn look(&mut self) -> Result<()> {
        if self.stop.is_asked() {
            return Err(Error::Stopped);
        }
        for member in &mut self.members {
            member.look(&self.run, &self.tell);
        }
        Ok(())
    }

    pub fn names(&self) -> Vec<String> {
        self.members.iter().map(|member| member.server.name().to_owned()).collect()
    }

    /// What it still lacks to be ready, when it lacks something. It may be long in answering, so whoever shares the
    /// supervisor asks without it.
    pub fn question(&self, name: &str) -> Result<impl FnOnce() -> Option<String> + use<>> {
        let member = self.members.iter().find(|member| member.server.name() == name);
        member.map(Member::question).ok_or_else(|| Error::NoSuchProcess(name.to_owned()))
    }

    /// Whether its process is there at all.
    pub fn is_running(&mut self, name: &str) -> Result<bool> {
        self.member(name).map(|member| member.server.is_running())
    }

    /// Ends a process as a crash would; it is started again at the next look but one.
    pub fn kill(&mut self, name: &str) -> Result<()> {
        self.member(name).map(Member::kill)
    }

    /// Ends a process as a crash would, and lets it lie until `start_again`.
    pub fn keep_down(&mut self, name: &str) -> Result<()> {
        self.member(name).map(Member::keep_down)
    }

    /// Starts what is down.
    pub fn start_again(&mut self, name: &str) -> Result<()> {
        self.member(name).map(Member::start_again)
    }

    /// Stops a process from running until `resume`, as a long pause of the machine would.
    pub fn pause(&mut self, name: &str) -> Result<()> {
        self.member(name).map(|member| member.server.pause())
    }

    pub fn resume(&mut self, name: &str) -> Result<()> {
        self.member(name).map(|member| member.server.resume())
    }

    fn member(&mut self, name: &str) -> Result<&mut Member> {
        let member = self.members.iter_mut().find(|member| member.server.name() == name);
        member.ok_or_else(|| Error::NoSuchProcess(name.to_owned()))
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let begun_at = Instant::now();
        let mut explain_at = begun_at + EXPLAIN_EVERY;
        loop {
            self.look()?;
            let missing: Vec<(&str, String)> = self
                .members
                .iter()
                .filter_map(|member| Some((member.server.name(), member.missing()?)))
                .collect();
            if missing.is_empty() {
                return Ok(());
            }
            if begun_at.elapsed() > READY_WITHIN {
                let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
                return Err(self.not_ready(&names, READY_WITHIN));
            }
            if Instant::now() > explain_at {
                for (name, why) in &missing {
                    (self.tell)(&format!("  still waiting for {name}: {why}"));
                }
                explain_at += EXPLAIN_EVERY;
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// That these are not ready, with what the first of them said last.
    pub(crate) fn not_ready(&self, names: &[&str], within: Duration) -> Error {
        let first = self.members.iter().find(|member| names.contains(&member.server.name()));
        let launch = first.map(|member| member.server.launch());
        Error::NotReady {
            seconds: within.as_secs(),
            names: names.join(", "),
            log: launch.map_or_else(PathBuf::new, |launch| launch.log().to_owned()),
            tail: launch.map_or_else(String::new, |launch| launch.tail()),
        }
    }

    fn stop_all(&mut self) {
        if self.stop.is_asked() {
            (self.tell)("closing the shop");
        }
        for stage in STOP_ORDER {
            let mut members: Vec<&mut Member> =
                self.members.iter_mut().filter(|member| member.stage == stage).collect();
            for member in &mut members {
                member.server.ask_to_stop();
            }
            let asked_at = Instant::now();
            while members.iter_mut().any(|member| member.server.is_running()) {
                if asked_at.elapsed() > GRACE || self.stop.is_urgent() {
                    break;
                }
                thread::sleep(Duration::from_millis(10));
            }
            for member in &mut members {
                if member.server.is_running() {
                    (self.tell)(&format!("{} did not end when asked, and was killed", member.server.name()));
                }
                member.server.kill();
                let _ = fs::remove_file(self.run.join(format!("{}.pid", member.server.name())));
            }
        }
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.stop_all();
    }
}

#[cfg(test)]
mod tests;
