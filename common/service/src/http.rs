//! The HTTP conventions of every service: what surrounds its routes, and what its handlers take and give.

mod address;
mod body;
mod frame;
mod guard;
pub(crate) mod headers;
mod idempotency;
mod json;
mod limit;
mod live;
mod path;
mod pointer;
mod prefer;
mod query;
mod version;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

use crate::caller::Verifier;
use crate::config::PublicOrigin;
use crate::problem::{INTERNAL, METHOD_NOT_ALLOWED, NOT_FOUND, Problem};

pub use address::address;
pub use frame::{RequestId, named, observe};
pub use guard::is_own;
pub use idempotency::{Idempotency, IdempotencyKey, body_hash};
pub use json::Json;
pub use limit::{EdgeLimits, Rates, RouteLimit, too_many};
pub use live::{Live, LiveEvent, MOST_STREAMS, Streams};
pub use path::Id;
pub use prefer::PreferWait;
pub use query::{Page, Pagination, Query};
pub use version::{IfMatch, Versioned, etag};

/// What surrounds the routes of one service.
#[derive(Clone)]
pub struct EdgeOptions {
    pub runtime: Runtime,
    /// Judges the callers' tokens; a request extension, so that handlers with any state find it.
    pub verifier: Arc<Verifier>,
    /// Where requests of browsers that change something have to come from.
    pub public_origin: PublicOrigin,
    /// The longest body, in bytes.
    pub body_limit: usize,
    /// How long an answer may take to begin. A stream that has begun may last.
    pub time_limit: Duration,
    /// How often one address may ask; as often as it likes unless set.
    pub limits: Option<EdgeLimits>,
    /// Ends streams, however long they last otherwise.
    pub streams: Streams,
}

impl EdgeOptions {
    /// Bodies of 64 KiB, answers within 30 s, and streams that no stop ends.
    pub fn new(runtime: Runtime, verifier: Arc<Verifier>, public_origin: PublicOrigin) -> Self {
        let streams = Streams::new(runtime.clone(), CancellationToken::new(), MOST_STREAMS);
        let (body_limit, time_limit) = (64 * 1024, Duration::from_secs(30));
        Self { runtime, verifier, public_origin, body_limit, time_limit, limits: None, streams }
    }

    #[must_use]
    pub fn limited(self, limits: EdgeLimits) -> Self {
        Self { limits: Some(limits), ..self }
    }
}

/// Puts the conventions around `router`. Routes added afterwards are outside of them.
pub fn edge(router: Router, options: EdgeOptions) -> Router {
    let options = Arc::new(options);
    router
        .fallback(async || Problem::new(NOT_FOUND))
        .method_not_allowed_fallback(async || Problem::new(METHOD_NOT_ALLOWED))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(options.clone(), guard::guard))
        .layer(from_fn(frame::observe))
        .layer(from_fn_with_state(options, frame::frame))
}

/// The panic's own words are in the log, by the panic hook; they are not for the caller.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    axum::response::IntoResponse::into_response(Problem::new(INTERNAL))
}
