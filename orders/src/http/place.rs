//! Placing an order: admitted at once, decided by the ticket, waited for where the caller prefers to.

use std::convert::Infallible;

use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::{Money, OrderId, TicketId, UserId};
use eventsourcing::{ExecutionError, Snapshot};
use serde::{Deserialize, Serialize};
use service::caller::CurrentUser;
use service::http::{Idempotency, Json, PreferWait, RequestId, body_hash};
use service::problem::{IDEMPOTENCY_MISMATCH, INTERNAL, Problem, ProblemDocument};
use utoipa::ToSchema;
use uuid::Uuid;

use super::problems::{TICKET_RESERVED, TICKET_SOLD, TOO_MANY_ORDERS, of_reservation};
use super::{cause, problem, unavailable};
use crate::Orders;
use crate::order::{Order, OrderCommand, OrderPrivate, Placement};
use crate::views::{self, OrderResource};

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
/// What idempotency keys are told apart by.
const ROUTE: &str = "POST /api/orders";

/// Which ticket to buy.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceOrder {
    #[schema(value_type = Uuid)]
    ticket_id: TicketId,
    /// The price that was seen: at another one the order comes to nothing.
    #[schema(value_type = Option<service::openapi::Money>)]
    price: Option<Money>,
}

/// One request: who asks for what, as whom it is remembered, and on behalf of which request.
struct Placing {
    id: OrderId,
    buyer: UserId,
    request_id: Uuid,
    causation_id: Uuid,
    body: PlaceOrder,
    /// Only of what has an idempotency key.
    body_hash: Option<String>,
}

/// Orders a ticket. Whether it is to be had the ticket decides; `Prefer: wait` waits for that.
#[utoipa::path(post, path = "/api/orders", request_body = PlaceOrder,
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key gives the same order."),
        ("Prefer" = Option<String>, Header, description = "`wait=N`, in seconds, at most 10."),
    ),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = CREATED, body = OrderResource,
            headers(("Location" = String), ("ETag" = String), ("Preference-Applied" = String))),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = NOT_FOUND, description = "`no-such-ticket`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = CONFLICT, body = ProblemDocument, content_type = "application/problem+json",
            description = "`ticket-reserved`, `ticket-sold`, `ticket-withdrawn`, `ticket-past`, `too-many-orders`"),
        (status = UNPROCESSABLE_ENTITY, description = "`validation`, `own-ticket`, `idempotency-mismatch`",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = SERVICE_UNAVAILABLE, body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub(super) async fn place(
    State(orders): State<Orders>,
    user: CurrentUser,
    RequestId(request_id): RequestId,
    Idempotency(key): Idempotency,
    PreferWait(wait): PreferWait,
    Json(body): Json<PlaceOrder>,
) -> Result<Response, Problem> {
    let key_id = key.map(|key| key.id(user.id, ROUTE));
    let placing = Placing {
        id: OrderId(key_id.unwrap_or_else(|| orders.runtime.new_id())),
        buyer: user.id,
        request_id,
        causation_id: key_id.unwrap_or_else(|| orders.runtime.new_id()),
        body,
        body_hash: key_id.map(|_| body_hash(&body)),
    };
    // Before the order is placed, so that no answer is missed.
    let watch = wait.map(|limit| (limit, orders.changes.watch(placing.id)));
    let mut order = orders.place_once(&placing).await?;
    let mut applied = None;
    if let Some((limit, mut watch)) = watch {
        if matches!(order.state, Order::Pending(_)) {
            let (asked, id) = (orders.clone(), placing.id);
            let Ok(answered) = watch.until(limit, order.version, move || asked.clone().answered(id)).await;
            order = answered.unwrap_or(order);
        }
        unless_refused(&order.state)?;
        applied = Some([(PREFERENCE_APPLIED, format!("wait={}", limit.as_secs()))]);
    }
    let location = [(header::LOCATION, format!("/api/orders/{}", placing.id))];
    Ok((StatusCode::CREATED, location, applied, orders.answer(&order)?).into_response())
}

impl Orders {
    /// The order of this request, placed now or when it came before.
    async fn place_once(&self, placing: &Placing) -> Result<Snapshot<Order>, Problem> {
        if placing.body_hash.is_some()
            && let Some(order) = self.orders.load(placing.id).await.map_err(unavailable)?
        {
            return same_request(order, placing);
        }
        self.admit(placing.buyer).await?;
        let placement = Placement {
            ticket_id: placing.body.ticket_id,
            buyer_id: placing.buyer,
            price: placing.body.price,
            expires_at: self.runtime.now() + self.settings.reservation,
        };
        let cause = cause(placing.causation_id, placing.request_id, placing.buyer);
        let body_hash = placing.body_hash.clone();
        let remember = move |private: &mut OrderPrivate| private.body_hash.clone_from(&body_hash);
        match self.orders.create(placing.id, cause, OrderCommand::Place(placement), remember).await {
            Ok(execution) => {
                self.tell(&execution);
                let order = execution.snapshot.ok_or(Problem::new(INTERNAL))?;
                same_request(order, placing)
            }
            Err(ExecutionError::Taken(_)) => Err(self.held(placing).await?),
            Err(error) => Err(problem(error)),
        }
    }

    async fn admit(&self, buyer: UserId) -> Result<(), Problem> {
        let most = self.settings.max_open_orders;
        let open = self.orders.count(&views::open_of(buyer)).await.map_err(unavailable)?;
        if open < most {
            return Ok(());
        }
        Err(Problem::new(TOO_MANY_ORDERS)
            .detail(format!("Pay or cancel one of your {open} open orders first.")))
    }

    /// Why the ticket cannot be ordered, by the order that is in the way.
    async fn held(&self, placing: &Placing) -> Result<Problem, Problem> {
        let holders =
            self.orders.find(&views::holder_of(placing.body.ticket_id)).await.map_err(unavailable)?;
        let holder = holders.first().map(|holder| &holder.state);
        let problem = match holder {
            Some(Order::Complete(_)) => Problem::new(TICKET_SOLD),
            // When it let go in the meantime, it held the ticket all the same when it was asked for.
            Some(
                Order::None
                | Order::Pending(_)
                | Order::AwaitingPayment(_)
                | Order::Accepted(_)
                | Order::Cancelled(_),
            )
            | None => Problem::new(TICKET_RESERVED),
        };
        Ok(match holder {
            Some(holder) if holder.is_of(placing.buyer) => problem.detail("By your own order."),
            _ => problem,
        })
    }

    /// The order, if the ticket has answered.
    async fn answered(self, id: OrderId) -> Result<Option<Snapshot<Order>>, Infallible> {
        // A store that does not answer now may do so in time; the order is placed in any case.
        let order = self.orders.load(id).await.unwrap_or_default();
        Ok(order.filter(|order| !matches!(order.state, Order::Pending(_))))
    }
}

/// What a caller who waited is told when the ticket said no.
fn unless_refused(order: &Order) -> Result<(), Problem> {
    match order {
        Order::Cancelled(cancelled) => of_reservation(cancelled.reason).map_or(Ok(()), Err),
        Order::None
        | Order::Pending(_)
        | Order::AwaitingPayment(_)
        | Order::Accepted(_)
        | Order::Complete(_) => Ok(()),
    }
}

/// Refuses a key that was used for something else.
fn same_request(order: Snapshot<Order>, placing: &Placing) -> Result<Snapshot<Order>, Problem> {
    if order.private.body_hash == placing.body_hash {
        Ok(order)
    } else {
        Err(Problem::new(IDEMPOTENCY_MISMATCH))
    }
}
