//! COMMANDS IN: what a buyer may ask of a payment, and how each refusal is told.

mod pay;
mod problems;

use std::sync::LazyLock;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use contracts::OrderId;
use eventsourcing::{Snapshot, StoreError};
use service::caller::CurrentUser;
use service::http::{Id, Versioned};
use service::problem::{NOT_FOUND, Problem, ProblemDocument, UNAVAILABLE};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Payments;
use crate::payment::Payment;
use crate::views::PaymentResource;

pub use problems::{ALL as PROBLEMS, CARD_DECLINED, ORDER_NOT_PAYABLE, PAYMENTS_UNAVAILABLE};

/// Who asks how a payment stands does not wait longer than this for the processor's word.
const LOOK_LIMIT: Duration = Duration::from_secs(3);

/// Described once, however many shops are opened in one process.
static ROUTES: LazyLock<Router<Payments>> = LazyLock::new(|| {
    let description = "The payment of an order: set aside, then taken when the order accepts, or given back.";
    let router = OpenApiRouter::with_openapi(service::openapi::document("payments", description))
        .routes(routes!(pay::pay))
        .routes(routes!(show));
    service::openapi::serve("payments", router)
});

pub(crate) fn routes(payments: Payments) -> Router {
    ROUTES.clone().with_state(payments)
}

/// How a payment stands: for its buyer and for admins.
#[utoipa::path(
    get,
    path = "/api/payments/{order_id}",
    params(("order_id" = String, Path, format = Uuid, description = "The order.")),
    responses(
        (status = 200, body = PaymentResource),
        (status = 401, body = ProblemDocument),
        (status = 404, description = "`not-found`: not the caller's order", body = ProblemDocument),
        (status = 503, body = ProblemDocument),
    ),
    security(("cookie" = []), ("bearer" = [])),
)]
async fn show(
    State(payments): State<Payments>,
    user: CurrentUser,
    Id(order_id): Id<OrderId>,
) -> Result<Versioned<PaymentResource>, Problem> {
    let payment = payments.load(order_id).await?.ok_or(NOT_FOUND)?;
    let is_buyer = payment.state.terms().is_some_and(|terms| terms.buyer_id == user.id);
    if !is_buyer && !user.is_admin() {
        return Err(NOT_FOUND.into());
    }
    let effects = payments.effects.clone();
    let looking = async move { effects.look_for_caller(&payment).await };
    // The look goes on when it takes longer; then what is known is told.
    let _ = payments.runtime.timeout(LOOK_LIMIT, payments.runtime.run("payment", looking)).await;
    let payment = payments.load(order_id).await?.ok_or(NOT_FOUND)?;
    let resource = PaymentResource::of(&payment, user.id).ok_or(NOT_FOUND)?;
    Ok(Versioned { version: resource.version, body: resource })
}

impl Payments {
    async fn load(&self, order_id: OrderId) -> Result<Option<Snapshot<Payment>>, Problem> {
        self.effects.payments.load(order_id).await.map_err(unavailable)
    }
}

fn unavailable(error: StoreError) -> Problem {
    tracing::warn!("the store cannot be asked: {error}");
    Problem::new(UNAVAILABLE).retry_after(1)
}
