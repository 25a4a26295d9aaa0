//! One supervised process: up, down for a while, or down until somebody wants it up again.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use local_servers::Server;

use super::{Stage, Tell};
use crate::error::{Doing, Error, Result};

const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Whatever ran this long has earned the shortest pause again.
const STEADY_AFTER: Duration = Duration::from_secs(30);

pub(super) struct Member {
    pub(super) stage: Stage,
    pub(super) server: Server,
    started_at: Instant,
    pause: Duration,
    is: Is,
}

#[derive(Clone, Copy)]
enum Is {
    Up,
    DownUntil(Instant),
    KeptDown,
}

impl Member {
    pub(super) fn started(stage: Stage, server: Server) -> Self {
        Self { stage, server, started_at: Instant::now(), pause: SHORTEST_PAUSE, is: Is::Up }
    }

    pub(super) fn missing(&self) -> Option<String> {
        self.question()()
    }

    pub(super) fn question(&self) -> impl FnOnce() -> Option<String> + use<> {
        let (is, probe, port) = (self.is, self.server.probe().clone(), self.server.port());
        move || match is {
            Is::Up => probe.ask(port).err(),
            Is::DownUntil(_) => Some("it ended".to_owned()),
            Is::KeptDown => Some("it is kept down".to_owned()),
        }
    }

    pub(super) fn look(&mut self, run: &Path, tell: &Tell) {
        let now = Instant::now();
        match self.is {
            Is::Up => {
                if let Some(status) = self.server.ended() {
                    if now.duration_since(self.started_at) >= STEADY_AFTER {
                        self.pause = SHORTEST_PAUSE;
                    }
                    self.wait(&format!("ended ({status})"), tell);
                }
            }
            Is::DownUntil(at) if at <= now => {
                self.started_at = now;
                self.is = Is::Up;
                let started =
                    self.server.spawn().map_err(Error::from).and_then(|()| note_id(run, &self.server));
                if let Err(error) = started {
                    self.wait(&format!("could not be started ({error})"), tell);
                }
            }
            Is::DownUntil(_) | Is::KeptDown => {}
        }
    }

    /// It was not its own fault: the pause does not grow.
    pub(super) fn kill(&mut self) {
        self.server.kill();
        self.is = Is::DownUntil(Instant::now() + SHORTEST_PAUSE);
    }

    pub(super) fn keep_down(&mut self) {
        self.server.kill();
        self.is = Is::KeptDown;
    }

    pub(super) fn start_again(&mut self) {
        if !matches!(self.is, Is::Up) {
            self.is = Is::DownUntil(Instant::now());
        }
    }

    fn wait(&mut self, what: &str, tell: &Tell) {
        let (name, pause) = (self.server.name(), self.pause.as_secs_f64());
        let log = self.server.launch().log().display();
        tell(&format!("{name} {what}; starting it again in {pause:.1} s (log: {log})"));
        self.is = Is::DownUntil(Instant::now() + self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}

pub(super) fn note_id(run: &Path, server: &Server) -> Result<()> {
    let file = run.join(format!("{}.pid", server.name()));
    let id = server.pid().map_or_else(String::new, |pid| pid.to_string());
    fs::write(&file, id).doing(|| format!("write {}", file.display()))
}
