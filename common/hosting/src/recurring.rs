//! What a service does again and again, whoever hosts it.

use std::sync::Arc;
use std::time::Duration;

use eventsourcing::{Gate, StoreError};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use runtime::Runtime;

type Step = Arc<dyn Fn() -> BoxFuture<'static, Result<usize, StoreError>> + Send + Sync>;

/// A step that is taken again and again with a pause between; one that fails is only taken again.
#[derive(Clone)]
pub struct Recurring {
    name: &'static str,
    pause: Duration,
    step: Step,
}

impl Recurring {
    /// `name` says in the log what the number that `step` answers counts.
    pub fn new<F>(name: &'static str, pause: Duration, step: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<usize, StoreError>> + Send + 'static,
    {
        Self { name, pause, step: Arc::new(move || step().boxed()) }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// For as long as it is polled. While the gate is shut no step is taken.
    pub async fn run(self, runtime: Runtime, gate: Gate) {
        let Self { name, pause, step } = self;
        loop {
            if !gate.is_shut() {
                match step().await {
                    Ok(0) => {}
                    Ok(done) => tracing::info!(done, "{name}: {done}"),
                    Err(error) => tracing::debug!(%error, "{name} failed"),
                }
            }
            runtime.sleep(pause).await;
        }
    }
}
