//! What is counted, in Prometheus' form, for the internal listener alone.

use std::sync::{Mutex, PoisonError};

use axum::Router;
use axum::http::header;
use axum::routing::get;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Every request, by method, route and status.
pub const REQUESTS: &str = "http_requests_total";
/// How long an answer took, in seconds, by method, route and status.
pub const REQUEST_DURATION: &str = "http_request_duration_seconds";

/// In seconds: from a read that was in memory to a payment that was waited for.
const DURATION_BUCKETS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// A process has one recorder, however many services a test starts in it.
static INSTALLED: Mutex<Option<PrometheusHandle>> = Mutex::new(None);

/// All that this process has counted.
#[derive(Clone)]
pub struct Metrics {
    prometheus: PrometheusHandle,
}

/// The recorder could not be installed.
#[derive(Debug, thiserror::Error)]
#[error("metrics cannot be recorded")]
pub struct InstallError(#[from] BuildError);

/// Installs the recorder for this process; a second call gives the same one.
pub fn install() -> Result<Metrics, InstallError> {
    let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(prometheus) = &*installed {
        return Ok(Metrics { prometheus: prometheus.clone() });
    }
    let prometheus = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), DURATION_BUCKETS)?
        .install_recorder()?;
    metrics::describe_counter!(REQUESTS, "Requests answered");
    metrics::describe_histogram!(REQUEST_DURATION, metrics::Unit::Seconds, "Time from request to answer");
    *installed = Some(prometheus.clone());
    Ok(Metrics { prometheus })
}

impl Metrics {
    /// In Prometheus' text form.
    pub fn render(&self) -> String {
        self.prometheus.render()
    }

    /// Moves what was measured into its buckets. Without it memory grows when nobody asks for the metrics.
    pub fn keep_up(&self) {
        self.prometheus.run_upkeep();
    }

    /// `/metrics`.
    pub fn router(&self) -> Router {
        let metrics = self.clone();
        let render = async move || ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.render());
        Router::new().route("/metrics", get(render))
    }
}
