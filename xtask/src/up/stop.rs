//! The wish to stop, from Ctrl-C, from `down`, or from a terminal that went away.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};

/// What ends a wait when the shop is to be stopped.
#[derive(Debug, thiserror::Error)]
#[error("stopped")]
pub(crate) struct Stopped;

#[derive(Clone, Debug, Default)]
pub(crate) struct Stop {
    asked: Arc<AtomicUsize>,
}

impl Stop {
    pub(crate) fn on_signals() -> anyhow::Result<Self> {
        let stop = Self::default();
        let asked = Arc::clone(&stop.asked);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.context("could not listen for signals")?;
        let listening = runtime.enter();
        let mut interrupt = signal(SignalKind::interrupt()).context("could not listen for signals")?;
        let mut terminate = signal(SignalKind::terminate()).context("could not listen for signals")?;
        let mut hang_up = signal(SignalKind::hangup()).context("could not listen for signals")?;
        drop(listening);
        thread::spawn(move || {
            runtime.block_on(async {
                loop {
                    tokio::select! {
                        _ = interrupt.recv() => {}
                        _ = terminate.recv() => {}
                        _ = hang_up.recv() => {}
                    }
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        });
        Ok(stop)
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed) > 0
    }

    /// Asked again while it was stopping: then at once.
    pub(crate) fn is_urgent(&self) -> bool {
        self.asked.load(Ordering::Relaxed) > 1
    }
}
