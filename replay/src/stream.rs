//! Where the events come from: the stream of a running shop, or a recording of one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use contracts::Timestamp;
use history::{History, INDEXED};
use messaging::{Archive, Bus as _, JetStream};
use runtime::{Runtime, TokioTasks};

use crate::recording::Recording;
use crate::terminal::Terminal;
use crate::{Failure, SERVICE};

/// A server that is there answers sooner.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the events are read.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct Where {
    /// The stream of a running shop
    #[arg(long, env = "NATS_URL", hide_env_values = true, value_name = "URL", global = true)]
    nats_url: Option<String>,
    /// A recording, as `export` writes one, in place of a running shop
    #[arg(long, value_name = "FILE", global = true)]
    recording: Option<PathBuf>,
}

/// The events, wherever they come from.
#[derive(Clone)]
pub struct Stream {
    pub archive: Arc<dyn Archive>,
    pub history: History,
    pub runtime: Runtime,
    /// What the events are read from, in words: `the stream`, or the file's name.
    pub name: String,
    /// Nothing more will come.
    pub is_over: bool,
}

impl Where {
    /// The file that was given in place of a running shop.
    pub fn recording(&self) -> Option<&Path> {
        self.recording.as_deref()
    }

    /// Fails where nothing answers, or nothing is said.
    pub async fn open(&self) -> Result<Stream, Failure> {
        let runtime = Runtime::real(TokioTasks::default());
        if let Some(file) = &self.recording {
            let name = file.display().to_string();
            let archive: Arc<dyn Archive> = Arc::new(Recording::read(file)?);
            return Ok(Stream::new(archive, runtime, name, true));
        }
        let archive: Arc<dyn Archive> = Arc::new(self.open_bus(SERVICE, runtime.clone()).await?);
        Ok(Stream::new(archive, runtime, "the stream".to_owned(), false))
    }

    /// The same where there may be no stream any more: it is made, or, where it must not be, there is none.
    pub async fn open_lost_bus(&self, runtime: Runtime, is_made: bool) -> Result<Option<JetStream>, Failure> {
        let Some(url) = &self.nats_url else { return Err(self.not_said()) };
        let bus = reach(url, SERVICE, runtime.clone()).await?;
        let looked =
            async { if is_made { bus.prepare().await.map(|()| true) } else { bus.has_stream().await } };
        let is_there = answered(&runtime, looked).await?;
        Ok(is_there.then_some(bus))
    }

    /// The running shop's own stream, for what a recording cannot say.
    pub async fn open_bus(&self, user: &str, runtime: Runtime) -> Result<JetStream, Failure> {
        let Some(url) = &self.nats_url else { return Err(self.not_said()) };
        connect(url, user, runtime).await
    }

    fn not_said(&self) -> Failure {
        Failure::BadInput(match self.recording {
            Some(_) => "no recording can say that: it is asked of a running shop, so set NATS_URL".to_owned(),
            None => "where the events are has to be said: set NATS_URL, or give a --recording".to_owned(),
        })
    }
}

/// As the user that the URL names, or, where it names none, as this one.
pub async fn connect(url: &str, user: &str, runtime: Runtime) -> Result<JetStream, Failure> {
    let bus = reach(url, user, runtime.clone()).await?;
    answered(&runtime, bus.state()).await?;
    Ok(bus)
}

async fn reach(url: &str, user: &str, runtime: Runtime) -> Result<JetStream, Failure> {
    let named = url.split_once("://").and_then(|(_, rest)| rest.split_once('@')).map(|(login, _)| login);
    let user =
        named.and_then(|login| login.split(':').next()).filter(|name| !name.is_empty()).unwrap_or(user);
    JetStream::connect(url, user, runtime)
        .await
        .map_err(|error| Failure::BadInput(format!("NATS_URL is no address of a server: {}", error.0)))
}

async fn answered<T>(
    runtime: &Runtime,
    question: impl Future<Output = Result<T, messaging::BusError>>,
) -> Result<T, Failure> {
    match runtime.timeout(PATIENCE, question).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Failure::unreachable("NATS", format!("does not show its stream: {}", error.0))),
        Err(_) => {
            Err(Failure::unreachable("NATS", format!("does not answer within {} s", PATIENCE.as_secs())))
        }
    }
}

impl Stream {
    pub fn new(archive: Arc<dyn Archive>, runtime: Runtime, name: String, is_over: bool) -> Self {
        let history = History::new(Arc::clone(&archive), runtime.clone(), INDEXED);
        Self { archive, history, runtime, name, is_over }
    }

    /// Now; where nothing more will come, when the last of it was stored.
    pub async fn as_of(&self) -> Result<Timestamp, Failure> {
        if !self.is_over {
            return Ok(self.runtime.now());
        }
        let last = self.archive.state().await?.last_sequence;
        let stored = self.archive.get(last).await?;
        Ok(stored.map_or_else(|| self.runtime.now(), |stored| stored.stored_at))
    }

    /// Knows from here on which events each request led to: no subject says it, so the stream is read once.
    pub async fn index(&self, terminal: &Terminal) -> Result<(), Failure> {
        let total = self.archive.state().await?.last_sequence;
        let bar = terminal.progress("reading the stream", total);
        let kept_up = self.history.clone();
        self.runtime.spawn("index", async move { kept_up.keep_up().await });
        loop {
            let progress = self.history.progress();
            bar.set_position(progress.sequence);
            if progress.is_complete {
                bar.finish_and_clear();
                return Ok(());
            }
            self.runtime.sleep(Duration::from_millis(20)).await;
        }
    }
}
