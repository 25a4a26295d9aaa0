//! The audit trail, for admins.

use axum::extract::State;
use contracts::{Timestamp, UserId};
use eventsourcing::Cursor;
use serde::de::IntoDeserializer as _;
use serde::de::value::StringDeserializer;
use serde::{Deserialize, Deserializer};
use serde_json::json;
use service::caller::Admin;
use service::http::{Json, Page, Pagination, Query};
use service::problem::{Problem, ProblemDocument};
use utoipa::IntoParams;

use super::{not_a_cursor, place_in_list, unavailable};
use crate::Auth;
use crate::audit::{AuditEntry, AuditType, KEPT, Search};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// Whom it happened to.
    #[serde(default, deserialize_with = "unless_empty")]
    #[param(value_type = Option<Uuid>)]
    user: Option<UserId>,
    #[serde(default, deserialize_with = "unless_empty")]
    #[param(inline, value_type = Option<AuditType>)]
    r#type: Option<AuditType>,
    /// The earliest.
    #[serde(default, deserialize_with = "unless_empty")]
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
}

/// What matters to security, the newest first, for 400 days. For admins.
#[utoipa::path(
    get,
    path = "/api/users/audit",
    params(Filter, Pagination),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = OK, body = Page<AuditEntry>),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = FORBIDDEN, body = ProblemDocument, content_type = "application/problem+json"),
        (status = UNPROCESSABLE_ENTITY, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(auth): State<Auth>,
    _: Admin,
    Query(Filter { user, r#type, from }): Query<Filter>,
    pagination: Pagination,
) -> Result<Json<Page<AuditEntry>>, Problem> {
    let kept = auth.runtime.now() - KEPT;
    let from = from.map_or(kept, |from| from.max(kept));
    let after = pagination.cursor.as_deref().map(place_in_trail).transpose()?;
    let shown = pagination.limit as usize;
    let search = Search { user, r#type, from, after, limit: shown + 1 };
    let mut items = auth.audit.find(&search).await.map_err(|error| unavailable(&error))?;
    let goes_on = items.len() > shown;
    items.truncate(shown);
    let last = items.last().filter(|_| goes_on);
    let next_cursor = last.map(|last| Cursor(json!(last.at), last.id).encode());
    Ok(Json(Page { items, next_cursor }))
}

fn place_in_trail(text: &str) -> Result<(Timestamp, uuid::Uuid), Problem> {
    let Cursor(at, id) = place_in_list(text)?;
    let at = at.as_str().and_then(|at| at.parse().ok());
    Ok((at.ok_or_else(not_a_cursor)?, id))
}

/// As forms send what nobody filled in.
fn unless_empty<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    let text: StringDeserializer<D::Error> = text.into_deserializer();
    T::deserialize(text).map(Some)
}
