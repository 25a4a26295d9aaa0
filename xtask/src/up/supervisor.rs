//! Watches over processes: whatever ends is started again after a pause that grows, and in the end all end together.

use std::{
    fs,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use local_servers::Server;

use super::stop::{Stop, Stopped};
use crate::report::{complain, say, seconds};

const LOOK_EVERY: Duration = Duration::from_millis(50);
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Whatever ran this long has earned the shortest pause again.
const STEADY_AFTER: Duration = Duration::from_secs(30);
const EXPLAIN_EVERY: Duration = Duration::from_secs(10);
const READY_WITHIN: Duration = Duration::from_secs(120);
const GRACE: Duration = Duration::from_secs(15);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Servers,
    Services,
    Edge,
}

/// Services end first, while what they need is still there.
const STOP_ORDER: [Stage; 3] = [Stage::Services, Stage::Servers, Stage::Edge];

#[derive(Debug)]
pub(crate) struct Supervisor {
    run: PathBuf,
    stop: Stop,
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    stage: Stage,
    server: Server,
    started_at: Instant,
    pause: Duration,
    /// Set while it is down.
    start_again_at: Option<Instant>,
}

impl Supervisor {
    /// The ids of the processes are written to `run`.
    pub(crate) fn new(run: PathBuf, stop: Stop) -> Self {
        Self { run, stop, members: Vec::new() }
    }

    /// Starts them side by side, and waits until all are ready.
    pub(crate) fn start(&mut self, stage: Stage, servers: Vec<Server>) -> anyhow::Result<()> {
        for mut server in servers {
            server.spawn()?;
            note_id(&self.run, &server)?;
            let now = Instant::now();
            let member =
                Member { stage, server, started_at: now, pause: SHORTEST_PAUSE, start_again_at: None };
            self.members.push(member);
        }
        self.wait_until_ready()
    }

    /// Watches as long as `condition` holds, or until it is to stop.
    pub(crate) fn supervise_while(&mut self, mut condition: impl FnMut() -> bool) -> anyhow::Result<()> {
        while condition() {
            self.look()?;
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let begun_at = Instant::now();
        let mut explain_at = begun_at + EXPLAIN_EVERY;
        loop {
            self.look()?;
            let missing: Vec<(&Server, String)> =
                self.members.iter().filter_map(|member| Some((&member.server, member.missing()?))).collect();
            let Some((first, _)) = missing.first() else { return Ok(()) };
            if begun_at.elapsed() > READY_WITHIN {
                let names: Vec<&str> = missing.iter().map(|(server, _)| server.name()).collect();
                let (log, tail) = (first.launch().log().display(), first.launch().tail());
                bail!(
                    "not ready after {}: {}; the end of {log}:\n{tail}",
                    seconds(READY_WITHIN),
                    names.join(", ")
                );
            }
            if Instant::now() > explain_at {
                for (server, why) in &missing {
                    say(&format!("  still waiting for {}: {why}", server.name()));
                }
                explain_at += EXPLAIN_EVERY;
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    fn look(&mut self) -> anyhow::Result<()> {
        if self.stop.is_asked() {
            bail!(Stopped);
        }
        for member in &mut self.members {
            member.look(&self.run);
        }
        Ok(())
    }

    fn stop_all(&mut self) {
        if self.stop.is_asked() {
            say("closing the shop");
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
                    complain(&format!("{} did not end when asked, and was killed", member.server.name()));
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

impl Member {
    fn missing(&self) -> Option<String> {
        if self.start_again_at.is_some() { Some("it ended".to_owned()) } else { self.server.ready().err() }
    }

    fn look(&mut self, run: &std::path::Path) {
        let now = Instant::now();
        if let Some(at) = self.start_again_at {
            if at > now {
                return;
            }
            self.started_at = now;
            self.start_again_at = None;
            if let Err(error) =
                self.server.spawn().map_err(anyhow::Error::from).and_then(|()| note_id(run, &self.server))
            {
                self.wait(&format!("could not be started ({error})"));
            }
        } else if let Some(status) = self.server.ended() {
            if now.duration_since(self.started_at) >= STEADY_AFTER {
                self.pause = SHORTEST_PAUSE;
            }
            self.wait(&format!("ended ({status})"));
        }
    }

    fn wait(&mut self, what: &str) {
        let (name, pause) = (self.server.name(), seconds(self.pause));
        let log = self.server.launch().log().display();
        say(&format!("{name} {what}; starting it again in {pause} (log: {log})"));
        self.start_again_at = Some(Instant::now() + self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}

fn note_id(run: &std::path::Path, server: &Server) -> anyhow::Result<()> {
    let file = run.join(format!("{}.pid", server.name()));
    let id = server.pid().map_or_else(String::new, |pid| pid.to_string());
    fs::write(&file, id).with_context(|| format!("could not write {}", file.display()))
}

#[cfg(test)]
mod tests;
