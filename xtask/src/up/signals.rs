//! The wish to stop that comes from Ctrl-C, from `down`, or from a terminal that went away.

use std::thread;

use anyhow::Context as _;
use local_shop::Stop;
use tokio::signal::unix::{SignalKind, signal};

pub(super) fn stop_on_signals() -> anyhow::Result<Stop> {
    let stop = Stop::default();
    let asked = stop.clone();
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
                asked.ask();
            }
        });
    });
    Ok(stop)
}
