//! Logs and traces. Every request and message has a trace, whether or not anybody collects it.

use std::collections::HashMap;
use std::io::{IsTerminal as _, stdout};

use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry::{Context, global};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Span;
use tracing::level_filters::LevelFilter;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::filter::{ParseError, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use crate::config::{ConfigError, Environment};

/// Unless `RUST_LOG` says otherwise. That a currency has no sign of its own in some language is nothing to be warned of.
const LOGGED: &str = "info,icu_provider=off";

/// The header, and the field of an event, that carries a trace on.
pub const TRACEPARENT: &str = "traceparent";

/// Keep it until the process ends: when it is dropped, the last traces are sent.
#[must_use = "traces end when this is dropped"]
#[derive(Debug)]
pub struct Telemetry {
    provider: SdkTracerProvider,
}

/// Telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("RUST_LOG cannot be read")]
    Filter(#[from] ParseError),
    #[error("traces cannot be sent to OTEL_EXPORTER_OTLP_ENDPOINT")]
    Exporter(#[from] ExporterBuildError),
    #[error("telemetry is set up already")]
    Again(#[from] TryInitError),
}

/// Sets up logs (`LOG_FORMAT` text or json, `RUST_LOG`, info unless set) and traces for this process. Traces are sent
/// only when `OTEL_EXPORTER_OTLP_ENDPOINT` says where to; the caller is on a tokio runtime.
pub fn init(service_name: &'static str) -> Result<Telemetry, TelemetryError> {
    let settings = Settings::read(Environment::from_process())?;
    let provider = tracer_provider(service_name, settings.otlp_endpoint)?;
    let traces =
        tracing_opentelemetry::layer().with_tracer(provider.tracer(service_name)).with_filter(traced());
    let format = match settings.log_format {
        LogFormat::Text => fmt::layer().with_ansi(stdout().is_terminal()).boxed(),
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_span_list(false).boxed(),
    };
    let logs = format.with_filter(EnvFilter::try_new(settings.log_filter)?);
    tracing_subscriber::registry().with(logs).with(traces).try_init()?;
    global::set_text_map_propagator(TraceContextPropagator::new());
    Ok(Telemetry { provider })
}

/// The trace that the current span belongs to, in W3C form: what caused whatever is done now.
pub fn current_traceparent() -> Option<String> {
    let context = Span::current().context();
    if !context.span().span_context().is_valid() {
        return None;
    }
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&context, &mut carrier);
    carrier.remove(TRACEPARENT)
}

/// Makes `span`, which was not entered yet, go on from `traceparent`. What is not a traceparent is passed over.
pub fn continue_from(span: &Span, traceparent: &str) {
    let carrier = HashMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
    let parent = TraceContextPropagator::new().extract_with_context(&Context::new(), &carrier);
    if parent.span().span_context().is_valid() {
        // Without a layer for traces there is nothing to go on from.
        let _ = span.set_parent(parent);
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

struct Settings {
    log_format: LogFormat,
    log_filter: String,
    otlp_endpoint: Option<String>,
}

#[derive(Clone, Copy)]
enum LogFormat {
    Text,
    Json,
}

impl Settings {
    fn read(mut environment: Environment) -> Result<Self, ConfigError> {
        let log_format = environment.or("LOG_FORMAT", LogFormat::Text);
        let log_filter = environment.or("RUST_LOG", LOGGED.to_owned());
        let otlp_endpoint = environment.optional("OTEL_EXPORTER_OTLP_ENDPOINT");
        environment.finish(|| Some(Self { log_format, log_filter, otlp_endpoint }))
    }
}

impl std::str::FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("it is text or json"),
        }
    }
}

fn tracer_provider(
    service_name: &'static str,
    otlp_endpoint: Option<String>,
) -> Result<SdkTracerProvider, ExporterBuildError> {
    let resource = Resource::builder().with_service_name(service_name).build();
    let mut provider = SdkTracerProvider::builder().with_resource(resource);
    if let Some(endpoint) = otlp_endpoint {
        let exporter = SpanExporter::builder().with_tonic().with_endpoint(endpoint).build()?;
        provider = provider.with_batch_exporter(exporter);
    }
    Ok(provider.build())
}

/// Traces do not depend on what is logged, and leave out the libraries that send them.
fn traced() -> Targets {
    let senders =
        ["h2", "hyper", "hyper_util", "opentelemetry", "opentelemetry_sdk", "opentelemetry_otlp", "tonic"];
    Targets::new()
        .with_default(LevelFilter::INFO)
        .with_targets(senders.map(|target| (target, LevelFilter::OFF)))
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    const INCOMING: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn with_traces(check: impl FnOnce()) {
        let provider = tracer_provider("test", None).unwrap();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test")).with_filter(traced());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), check);
    }

    #[test]
    fn a_span_goes_on_from_the_trace_it_was_given() {
        with_traces(|| {
            let span = tracing::info_span!("request");
            continue_from(&span, INCOMING);
            let traceparent = span.in_scope(current_traceparent).unwrap();
            assert_eq!(traceparent[..36], INCOMING[..36]);
            assert_ne!(traceparent, INCOMING);
        });
    }

    #[test]
    fn a_span_without_a_trace_starts_one_though_nobody_collects_it() {
        with_traces(|| {
            let span = tracing::info_span!("request");
            continue_from(&span, "nonsense");
            let traceparent = span.in_scope(current_traceparent).unwrap();
            assert_eq!(traceparent.len(), INCOMING.len());
            assert_eq!(current_traceparent(), None);
        });
    }
}
