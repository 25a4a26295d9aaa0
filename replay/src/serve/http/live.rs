//! What happens, as it happens.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName};
use axum::response::Response;
use history::Reader;
use serde::Deserialize;
use service::caller::Admin;
use service::http::{Live, LiveEvent, Query};
use service::problem::{Problem, ProblemDocument, VALIDATION};
use utoipa::IntoParams;

use super::list::unless_empty;
use super::{selection, unavailable};
use crate::serve::Replay;
use crate::serve::views::EventResource;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// Only of this kind of aggregate, such as `order`.
    #[serde(default, deserialize_with = "unless_empty")]
    #[param(pattern = "^[A-Za-z0-9_-]{1,64}$")]
    aggregate: Option<String>,
    /// Only of this type, such as `OrderCreated`.
    #[serde(default, deserialize_with = "unless_empty")]
    #[param(pattern = "^[A-Za-z0-9_-]{1,64}$")]
    r#type: Option<String>,
}

/// An `event` at each event, from now on, or from where somebody left off.
#[utoipa::path(get, path = "/api/events/live",
    params(Filter, ("Last-Event-ID" = Option<u64>, Header,
        description = "The sequence of the last event that was seen: what came since comes first.")),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = OK, body = EventResource, content_type = "text/event-stream"),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = FORBIDDEN, body = ProblemDocument, content_type = "application/problem+json"),
        (status = UNPROCESSABLE_ENTITY, body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub(super) async fn live(
    State(replay): State<Replay>,
    _: Admin,
    headers: HeaderMap,
    Query(Filter { aggregate, r#type }): Query<Filter>,
    live: Live,
) -> Result<Response, Problem> {
    let selection = selection(aggregate, None, r#type)?;
    let after = last_event_id(&headers)?;
    let reader = replay.history.follow(selection, after).await.map_err(|error| unavailable(&error))?;
    Ok(live.answer(futures::stream::unfold(reader, next)))
}

/// The stream ends where the reader does: whoever comes back is told from there on.
async fn next(mut reader: Reader) -> Option<(LiveEvent, Reader)> {
    match reader.next().await {
        Ok(entry) => {
            let event = LiveEvent::new("event", entry.sequence.to_string(), &EventResource::from(&*entry));
            Some((event, reader))
        }
        Err(error) => {
            tracing::debug!(%error, "a live stream ends");
            None
        }
    }
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get(LAST_EVENT_ID) else { return Ok(None) };
    let text = value.to_str().unwrap_or("-").trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Problem::new(VALIDATION).error("/Last-Event-ID", "is none that was sent");
    text.parse().map(Some).map_err(|_| wrong())
}
