//! The site as a process.

use runtime::{Runtime, TokioTasks};
use service::health::Health;
use service::serve::{self, HEAD_WITHIN, Listen, Parts};
use tokio_util::sync::CancellationToken;

use crate::api::Api;
use crate::config::Config;
use crate::site::{Site, router};

/// Runs until it is told to stop, or something ends that must not.
///
/// It is ready at once: a service that is away is for the page to tell, which needs one of them.
pub async fn run(config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    let tasks = TokioTasks::default();
    let runtime = Runtime::real(tasks.clone());
    let api = Api::new(config.upstreams)?;
    let site = Site::new(api, config.public_origin, runtime.clone());
    serve::run(Parts {
        router: router(site),
        http: Listen::At(config.http_addr),
        internal: Listen::At(config.internal_addr),
        health: Health::new(),
        metrics: service::metrics::install()?,
        runtime,
        tasks,
        stop,
        shutdown_grace: config.shutdown_grace,
        head_within: HEAD_WITHIN,
        background: Vec::new(),
    })
    .await
}
