//! When the process is told to stop.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that SIGTERM or SIGINT cancels. A process that could not be told to stop does not start: when the signals
/// cannot be listened to, the token is cancelled already.
#[expect(clippy::disallowed_methods, reason = "signals are the process's own, and the simulator has none")]
pub fn on_signals() -> CancellationToken {
    let stop = CancellationToken::new();
    let signals = signal(SignalKind::terminate())
        .and_then(|terminate| signal(SignalKind::interrupt()).map(|interrupt| (terminate, interrupt)));
    match signals {
        Ok((mut terminate, mut interrupt)) => {
            let told = stop.clone();
            tokio::spawn(async move {
                tokio::select! {
                    biased;
                    _ = terminate.recv() => tracing::info!("told to stop by SIGTERM"),
                    _ = interrupt.recv() => tracing::info!("told to stop by SIGINT"),
                }
                told.cancel();
            });
        }
        Err(error) => {
            tracing::error!(%error, "signals cannot be listened to");
            stop.cancel();
        }
    }
    stop
}
