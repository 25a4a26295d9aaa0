//! A server on a port of this machine: how it is started, how one knows that it is ready, and its running process.

use std::{
    process::ExitStatus,
    thread,
    time::{Duration, Instant},
};

use crate::{
    error::{Error, Result},
    launch::Launch,
    ports,
    probe::Probe,
    process::Process,
};

const READY_WITHIN: Duration = Duration::from_secs(30);
const GRACE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Server {
    name: String,
    url: String,
    port: u16,
    launch: Launch,
    probe: Probe,
    process: Option<Process>,
}

impl Server {
    /// Not started yet.
    pub fn new(
        name: impl Into<String>,
        url: impl Into<String>,
        port: u16,
        launch: Launch,
        probe: Probe,
    ) -> Self {
        Self { name: name.into(), url: url.into(), port, launch, probe, process: None }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn launch(&self) -> &Launch {
        &self.launch
    }

    pub fn probe(&self) -> &Probe {
        &self.probe
    }

    /// Of the process that runs, or ran last.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::pid)
    }

    /// Starts it and waits until it is ready.
    pub fn start(mut self) -> Result<Self> {
        self.spawn()?;
        self.wait_until_ready(READY_WITHIN)?;
        Ok(self)
    }

    /// Starts it, without waiting.
    pub fn spawn(&mut self) -> Result<()> {
        self.kill();
        if !ports::is_free(self.port) {
            return Err(Error::PortTaken { name: self.name.clone(), port: self.port });
        }
        self.process = Some(self.launch.spawn()?);
        Ok(())
    }

    /// Starts it again, on the same port and data.
    pub fn restart(&mut self) -> Result<()> {
        self.spawn()?;
        self.wait_until_ready(READY_WITHIN)
    }

    /// What is missing, when something is.
    pub fn ready(&self) -> Result<(), String> {
        self.probe.ask(self.port)
    }

    pub fn wait_until_ready(&mut self, within: Duration) -> Result<()> {
        let asked_at = Instant::now();
        loop {
            let missing = self.ready().err();
            // Asked second: what answered may be another server, while ours found its port taken.
            if let Some(status) = self.ended() {
                let (name, status) = (self.name.clone(), status.to_string());
                return Err(Error::EndedEarly {
                    name,
                    status,
                    log: self.launch.log().to_owned(),
                    tail: self.launch.tail(),
                });
            }
            let Some(missing) = missing else { return Ok(()) };
            if asked_at.elapsed() > within {
                let (name, seconds) = (self.name.clone(), within.as_secs());
                let (log, tail) = (self.launch.log().to_owned(), self.launch.tail());
                return Err(Error::NotReady { name, seconds, missing, log, tail });
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// How its process ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.as_mut().and_then(Process::ended)
    }

    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.ended().is_none())
    }

    /// Asks it to end, without waiting.
    pub fn ask_to_stop(&mut self) {
        if let Some(process) = &mut self.process {
            process.ask_to_stop();
        }
    }

    /// Asks it to end, and kills it when it has not after ten seconds.
    pub fn stop(&mut self) {
        if let Some(process) = &mut self.process {
            process.stop(GRACE);
        }
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        if let Some(process) = &mut self.process {
            process.kill();
        }
    }

    /// Stops it from running until `resume`, as a long pause of the machine would.
    pub fn pause(&mut self) {
        if let Some(process) = &mut self.process {
            process.pause();
        }
    }

    pub fn resume(&mut self) {
        if let Some(process) = &mut self.process {
            process.resume();
        }
    }
}
