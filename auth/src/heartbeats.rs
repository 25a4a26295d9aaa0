//! Tells every replica of every service that auth is there, and how many may not come in any more.

use std::sync::Arc;
use std::time::Duration;

use eventsourcing::Gate;
use hosting::Revocations;
use messaging::Bus;
use runtime::Runtime;

const TELL_EVERY: Duration = Duration::from_secs(2);
/// Nobody is ready before the first one.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// For as long as it is polled. While the gate is shut the store is not known to hold all that auth said.
pub(crate) async fn tell(bus: Arc<dyn Bus>, revocations: Arc<Revocations>, gate: Gate, runtime: Runtime) {
    loop {
        let is_told = if gate.is_shut() { Ok(false) } else { revocations.tell(bus.as_ref()).await };
        if let Err(error) = &is_told {
            tracing::debug!(%error, "a heartbeat cannot be told");
        }
        runtime.sleep(if is_told.unwrap_or(false) { TELL_EVERY } else { LOOK_AGAIN }).await;
    }
}
