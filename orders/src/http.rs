//! COMMANDS IN: the routes of orders, and what a caller is told when an order says no.

mod history;
mod live;
mod place;
pub mod problems;

use std::sync::LazyLock;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use contracts::{OrderId, UserId};
use eventsourcing::{Actor, Cause, Cursor, ExecutionError, Snapshot, StoreError};
use serde::Deserialize;
use service::caller::{Admin, CurrentUser};
use service::http::{Id, IfMatch, Json, Page, Pagination, Query, RequestId, Versioned};
use service::openapi;
use service::problem::{INTERNAL, NOT_FOUND, Problem, ProblemDocument, UNAVAILABLE, VALIDATION};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::http::problems::PAYMENT_ACCEPTED;
use crate::order::{Order, OrderCommand, OrderRejection};
use crate::views::{self, OrderResource, Status};
use crate::{Orders, SERVICE};

/// Described once, however many shops are opened in one process.
static ROUTES: LazyLock<Router<Orders>> = LazyLock::new(|| {
    let document = openapi::document(SERVICE, "Who buys which ticket.");
    let router = OpenApiRouter::with_openapi(document)
        .routes(routes!(place::place, list))
        .routes(routes!(list_all))
        .routes(routes!(show, cancel))
        .routes(routes!(history::history))
        .routes(routes!(live::live));
    openapi::serve(SERVICE, router)
});

pub(crate) fn routes(orders: Orders) -> Router {
    ROUTES.clone().with_state(orders)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only those that are this far.
    #[param(inline)]
    status: Option<Status>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Whose {
    /// Only this person's.
    #[param(value_type = Option<Uuid>)]
    buyer: Option<UserId>,
}

/// The caller's own orders, the newest first.
#[utoipa::path(get, path = "/api/orders", params(Filter, Pagination), security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = OK, body = Page<OrderResource>),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = UNPROCESSABLE_ENTITY, body = ProblemDocument, content_type = "application/problem+json"),
    ))]
async fn list(
    State(orders): State<Orders>,
    user: CurrentUser,
    Query(filter): Query<Filter>,
    pagination: Pagination,
) -> Result<Json<Page<OrderResource>>, Problem> {
    orders.newest(Some(user.id), filter, pagination).await
}

/// Everybody's orders, the newest first. For admins.
#[utoipa::path(get, path = "/api/orders/all", params(Filter, Whose, Pagination), security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = OK, body = Page<OrderResource>),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = FORBIDDEN, body = ProblemDocument, content_type = "application/problem+json"),
        (status = UNPROCESSABLE_ENTITY, body = ProblemDocument, content_type = "application/problem+json"),
    ))]
async fn list_all(
    State(orders): State<Orders>,
    _: Admin,
    Query(filter): Query<Filter>,
    Query(Whose { buyer }): Query<Whose>,
    pagination: Pagination,
) -> Result<Json<Page<OrderResource>>, Problem> {
    orders.newest(buyer, filter, pagination).await
}

/// One of the caller's own orders.
#[utoipa::path(get, path = "/api/orders/{id}", params(("id" = Uuid, Path)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = OK, body = OrderResource, headers(("ETag" = String))),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = NOT_FOUND, body = ProblemDocument, content_type = "application/problem+json"),
    ))]
async fn show(
    State(orders): State<Orders>,
    user: CurrentUser,
    Id(id): Id<OrderId>,
) -> Result<Versioned<OrderResource>, Problem> {
    let snapshot = orders.own(id, user.id).await?;
    orders.answer(&snapshot)
}

/// Cancels an order that is not paid. One that is cancelled already stays so.
#[utoipa::path(delete, path = "/api/orders/{id}",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was seen.")),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = NO_CONTENT),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = NOT_FOUND, body = ProblemDocument, content_type = "application/problem+json"),
        (status = CONFLICT, description = "`payment-accepted`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = PRECONDITION_FAILED, body = ProblemDocument, content_type = "application/problem+json"),
    ))]
async fn cancel(
    State(orders): State<Orders>,
    user: CurrentUser,
    RequestId(request_id): RequestId,
    Id(id): Id<OrderId>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let snapshot = orders.own(id, user.id).await?;
    // Whoever cancels again has not seen the first answer: there is nothing left to protect from them.
    if matches!(snapshot.state, Order::Cancelled(_)) {
        return Ok(StatusCode::NO_CONTENT);
    }
    if_match.check(snapshot.version)?;
    let cause = cause(orders.runtime.new_id(), request_id, user.id);
    let command = OrderCommand::Cancel { by: user.id };
    let execution = orders.orders.execute(id, cause, command).await.map_err(problem)?;
    orders.tell(&execution);
    Ok(StatusCode::NO_CONTENT)
}

impl Orders {
    /// The caller's order. Nobody learns whether somebody else's exists.
    async fn own(&self, id: OrderId, user: UserId) -> Result<Snapshot<Order>, Problem> {
        let snapshot = self.orders.load(id).await.map_err(unavailable)?;
        snapshot.filter(|snapshot| snapshot.state.is_of(user)).ok_or_else(|| Problem::new(NOT_FOUND))
    }

    async fn newest(
        &self,
        buyer: Option<UserId>,
        filter: Filter,
        pagination: Pagination,
    ) -> Result<Json<Page<OrderResource>>, Problem> {
        let after = pagination.cursor.as_deref().map(place_in_list).transpose()?;
        let query = views::newest(buyer, filter.status, after, pagination.limit as usize + 1);
        let found = self.orders.find(&query).await.map_err(unavailable)?;
        Ok(Json(views::page(&query, found, self.runtime.now())))
    }

    fn answer(&self, snapshot: &Snapshot<Order>) -> Result<Versioned<OrderResource>, Problem> {
        let body = OrderResource::of(snapshot, self.runtime.now()).ok_or_else(|| Problem::new(NOT_FOUND))?;
        Ok(Versioned { version: body.version, body })
    }
}

fn place_in_list(text: &str) -> Result<Cursor, Problem> {
    let cursor = Cursor::decode(text).ok().filter(|cursor| cursor.0.is_string());
    cursor.ok_or_else(|| Problem::new(VALIDATION).error("/cursor", "is not a cursor of this list"))
}

fn cause(causation_id: Uuid, request_id: Uuid, user: UserId) -> Cause {
    Cause {
        causation_id,
        correlation_id: request_id,
        actor: Actor::User(user),
        traceparent: service::telemetry::current_traceparent(),
    }
}

/// What a caller is told when a command came to nothing.
fn problem(error: ExecutionError<OrderRejection>) -> Problem {
    match error {
        ExecutionError::Rejected(rejection) => refusal(rejection),
        ExecutionError::Taken(_) => Problem::new(problems::TICKET_RESERVED),
        ExecutionError::Unavailable(why) => unavailable(StoreError::Unavailable(why)),
        ExecutionError::Broken(why) => {
            tracing::error!(why, "a command cannot be carried out");
            Problem::new(INTERNAL)
        }
    }
}

fn refusal(rejection: OrderRejection) -> Problem {
    match rejection {
        OrderRejection::NotPlaced | OrderRejection::NotYours => Problem::new(NOT_FOUND),
        OrderRejection::PaymentAccepted => {
            Problem::new(PAYMENT_ACCEPTED).detail("An order whose payment was accepted cannot be cancelled.")
        }
        // These answer events, never a caller.
        OrderRejection::NotDue { .. }
        | OrderRejection::TicketPending
        | OrderRejection::TicketReserved
        | OrderRejection::PaymentNotAccepted
        | OrderRejection::PaymentCaptured => {
            tracing::error!(?rejection, "a caller's command was answered like an event's");
            Problem::new(INTERNAL)
        }
    }
}

fn unavailable(error: StoreError) -> Problem {
    tracing::warn!(%error, "the store does not answer");
    Problem::new(UNAVAILABLE).retry_after(1)
}
