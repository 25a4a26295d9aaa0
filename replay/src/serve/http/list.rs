//! The events that are asked for, the newest first.

use axum::extract::State;
use contracts::Timestamp;
use history::{Order, Query as Slicing};
use serde::de::IntoDeserializer as _;
use serde::de::value::StringDeserializer;
use serde::{Deserialize, Deserializer};
use service::caller::Admin;
use service::http::{Json, Page, Pagination, Query};
use service::problem::{Problem, ProblemDocument, VALIDATION};
use utoipa::IntoParams;
use uuid::Uuid;

use super::{selection, unavailable};
use crate::serve::Replay;
use crate::serve::views::EventResource;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// Only of this kind of aggregate, such as `order`.
    #[serde(default, deserialize_with = "unless_empty")]
    #[param(pattern = "^[A-Za-z0-9_-]{1,64}$")]
    aggregate: Option<String>,
    /// Only of aggregates with this id.
    #[serde(default, deserialize_with = "unless_empty")]
    id: Option<Uuid>,
    /// Only of this type, such as `OrderCreated`.
    #[serde(default, deserialize_with = "unless_empty")]
    #[param(pattern = "^[A-Za-z0-9_-]{1,64}$")]
    r#type: Option<String>,
    /// Only what this request led to.
    #[serde(default, deserialize_with = "unless_empty")]
    correlation: Option<Uuid>,
    /// Only what was stored at this time or later.
    #[serde(default, deserialize_with = "unless_empty")]
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
}

/// What happened, the newest first.
#[utoipa::path(get, path = "/api/events", params(Filter, Pagination), security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = OK, body = Page<EventResource>),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = FORBIDDEN, body = ProblemDocument, content_type = "application/problem+json"),
        (status = UNPROCESSABLE_ENTITY, body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub(super) async fn list(
    State(replay): State<Replay>,
    _: Admin,
    Query(Filter { aggregate, id, r#type, correlation, from }): Query<Filter>,
    pagination: Pagination,
) -> Result<Json<Page<EventResource>>, Problem> {
    let before = pagination.cursor.as_deref().map(place).transpose()?;
    let slice = Slicing {
        selection: selection(aggregate, id, r#type)?,
        correlation_id: correlation,
        since: from,
        after: 0,
        before,
        limit: pagination.limit as usize,
        order: Order::Newest,
    };
    let slice = replay.history.slice(&slice).await.map_err(|error| unavailable(&error))?;
    let items = slice.entries.iter().map(EventResource::from).collect();
    Ok(Json(Page { items, next_cursor: slice.goes_on.map(|before| before.to_string()) }))
}

fn place(cursor: &str) -> Result<u64, Problem> {
    let is_number = cursor.bytes().all(|byte| byte.is_ascii_digit());
    let place = cursor.parse().ok().filter(|_| is_number);
    place.ok_or_else(|| Problem::new(VALIDATION).error("/cursor", "is none that was answered"))
}

/// As forms send what nobody filled in.
pub(super) fn unless_empty<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    let text: StringDeserializer<D::Error> = text.into_deserializer();
    T::deserialize(text).map(Some)
}
