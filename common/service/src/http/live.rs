//! Streams of server-sent events that end when they must: with the process, when their caller may not listen any more,
//! and after ten minutes in any case. A browser comes back by itself, and is told then what it may have.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use contracts::Timestamp;
use futures::{Stream, StreamExt as _};
use runtime::Runtime;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::caller::{TokenFault, Verifier};
use crate::problem::{INTERNAL, Problem, UNAUTHENTICATED, UNAVAILABLE};

/// How many streams one replica serves unless told.
pub const MOST_STREAMS: usize = 2_000;
/// In seconds, for who finds no place.
const FULL_RETRY: u32 = 5;
/// How soon a browser comes back.
const RETRY: Duration = Duration::from_millis(2_000);
/// So that nobody on the way takes a silent stream for a dead one.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often it is asked whether the caller may still listen.
const CHECK: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(600);

const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The streams of one process: how many there may be, and when they end. A request extension, so that handlers with any
/// state find it.
#[derive(Clone)]
pub struct Streams {
    runtime: Runtime,
    stop: CancellationToken,
    places: Arc<Semaphore>,
}

impl Streams {
    /// At most so many at once, until `stop` is cancelled.
    pub fn new(runtime: Runtime, stop: CancellationToken, most: usize) -> Self {
        Self { runtime, stop, places: Arc::new(Semaphore::new(most)) }
    }
}

/// The caller's place for one stream. Where there is none left it is 503; a token that is not good is 401.
pub struct Live {
    streams: Streams,
    /// The token that the caller came with, if any: the stream lasts no longer than that is good.
    token: Option<String>,
    verifier: Arc<Verifier>,
    _place: OwnedSemaphorePermit,
}

/// One event of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveEvent {
    name: &'static str,
    id: String,
    data: String,
}

impl LiveEvent {
    /// `body` is written as JSON. The id has no line break in it.
    pub fn new(name: &'static str, id: String, body: &impl Serialize) -> Self {
        Self { name, id, data: serde_json::to_string(body).unwrap_or_default() }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Live {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let known = (parts.extensions.get::<Streams>(), parts.extensions.get::<Arc<Verifier>>());
        let (Some(streams), Some(verifier)) = known else {
            tracing::error!("a live route is outside of the edge");
            return Err(Problem::new(INTERNAL));
        };
        let refused = |fault: TokenFault| Problem::new(UNAUTHENTICATED).detail(fault.to_string());
        let token = verifier.token_in(&parts.headers).map_err(refused)?;
        token.as_deref().map(|token| verifier.verify(token)).transpose().map_err(refused)?;
        let Ok(place) = Arc::clone(&streams.places).try_acquire_owned() else {
            let detail = "As many live streams are open here as there may be.";
            return Err(Problem::new(UNAVAILABLE).detail(detail).retry_after(FULL_RETRY));
        };
        Ok(Self { streams: streams.clone(), token, verifier: Arc::clone(verifier), _place: place })
    }
}

impl Live {
    /// Sends the events for as long as it may. What the caller does not take is not asked for.
    pub fn answer(self, events: impl Stream<Item = LiveEvent> + Send + 'static) -> Response {
        let now = self.streams.runtime.now();
        let open = Open { live: self, events: Box::pin(events), ends_at: now + LONGEST, spoke_at: now };
        let first = futures::stream::once(async { Event::default().retry(RETRY) });
        let stream = first.chain(futures::stream::unfold(open, Open::next));
        let mut response = Sse::new(stream.map(Ok::<_, Infallible>)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
        response
    }

    fn may_listen(&self) -> bool {
        self.token.as_deref().is_none_or(|token| self.verifier.verify(token).is_ok())
    }
}

/// A stream under way.
struct Open {
    live: Live,
    events: Pin<Box<dyn Stream<Item = LiveEvent> + Send>>,
    ends_at: Timestamp,
    spoke_at: Timestamp,
}

impl Open {
    async fn next(mut self) -> Option<(Event, Self)> {
        let Streams { runtime, stop, .. } = self.live.streams.clone();
        loop {
            let event = tokio::select! {
                biased;
                () = stop.cancelled() => return None,
                event = self.events.next() => Some(event?),
                () = runtime.sleep(CHECK) => None,
            };
            let now = runtime.now();
            if now >= self.ends_at || !self.live.may_listen() {
                return None;
            }
            let said = match event {
                Some(LiveEvent { name, id, data }) => Event::default().event(name).id(id).data(data),
                None if self.spoke_at + HEARTBEAT <= now => Event::default().comment(""),
                None => continue,
            };
            self.spoke_at = now;
            return Some((said, self));
        }
    }
}
