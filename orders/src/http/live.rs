//! An order as it changes, for its buyer.

use axum::extract::State;
use axum::response::Response;
use contracts::OrderId;
use futures::StreamExt as _;
use messaging::Newest;
use service::caller::CurrentUser;
use service::http::{Id, Live, LiveEvent};
use service::problem::{NOT_FOUND, Problem, ProblemDocument};

use super::unavailable;
use crate::Orders;
use crate::views::OrderResource;

/// One of the caller's own orders, at once and again whenever it changes, as the event `order`; its id is
/// `<order id>:<version>`.
#[utoipa::path(get, path = "/api/orders/{id}/live", params(("id" = Uuid, Path)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = OK, description = "`order` events, the data of each an order", body = String,
            content_type = "text/event-stream"),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = NOT_FOUND, body = ProblemDocument, content_type = "application/problem+json"),
        (status = SERVICE_UNAVAILABLE, description = "There are as many streams as there may be",
            body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub(super) async fn live(
    State(orders): State<Orders>,
    user: CurrentUser,
    Id(id): Id<OrderId>,
    live: Live,
) -> Result<Response, Problem> {
    let mut newest = Newest::new(&orders.changes, orders.orders.clone(), [id.0]);
    let first = newest.next().await.map_err(unavailable)?;
    if !first.iter().any(|order| order.state.is_of(user.id)) {
        return Err(Problem::new(NOT_FOUND));
    }
    let found = futures::stream::once(async { first }).chain(newest.stream());
    let events = found.flat_map(move |found| {
        let now = orders.runtime.now();
        let resources: Vec<_> = found.iter().filter_map(|order| OrderResource::of(order, now)).collect();
        futures::stream::iter(resources.into_iter().map(|order| {
            let id = format!("{}:{}", order.id, order.version);
            LiveEvent::new("order", id, &order)
        }))
    });
    Ok(live.answer(events))
}
