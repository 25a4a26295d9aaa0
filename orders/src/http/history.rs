//! What happened to an order, as it says itself.

use axum::extract::State;
use contracts::orders::CancellationReason;
use contracts::{OrderId, Timestamp};
use eventsourcing::{RawEvent, Recorded};
use serde::{Deserialize as _, Serialize};
use service::caller::CurrentUser;
use service::http::{Id, Json};
use service::problem::{NOT_FOUND, Problem, ProblemDocument};
use utoipa::ToSchema;

use super::unavailable;
use crate::Orders;

/// All that happened to one order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct History {
    /// The oldest first.
    items: Vec<HistoryItem>,
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
struct HistoryItem {
    /// The event's own name.
    #[schema(example = "OrderCreated")]
    r#type: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The order's version after it: 1, 2, 3, … without a hole.
    version: u64,
    /// Why it was cancelled, where it was.
    #[schema(value_type = Option<String>, nullable = false, example = "expired")]
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<CancellationReason>,
}

/// What happened to one of the caller's own orders; for admins, to anybody's.
#[utoipa::path(get, path = "/api/orders/{id}/history", params(("id" = Uuid, Path)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = OK, body = History),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = NOT_FOUND, body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub(super) async fn history(
    State(orders): State<Orders>,
    user: CurrentUser,
    Id(id): Id<OrderId>,
) -> Result<Json<History>, Problem> {
    if !user.is_admin() {
        orders.own(id, user.id).await?;
    }
    let events = orders.orders.history(id).await.map_err(unavailable)?;
    if events.is_empty() {
        return Err(Problem::new(NOT_FOUND));
    }
    Ok(Json(History { items: events.into_iter().map(HistoryItem::of).collect() }))
}

impl HistoryItem {
    fn of(recorded: Recorded<RawEvent>) -> Self {
        let Recorded { version, at, event: RawEvent { event_type, data }, .. } = recorded;
        let reason = data.get("reason").and_then(|reason| CancellationReason::deserialize(reason).ok());
        Self { r#type: event_type, at, version, reason }
    }
}
