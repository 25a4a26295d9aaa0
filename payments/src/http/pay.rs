//! A buyer pays: the wish is committed, then carried out in a task of its own, and its outcome is the answer.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::{OrderId, UserId};
use eventsourcing::{Actor, Cause, Snapshot};
use serde::{Deserialize, Serialize};
use service::caller::CurrentUser;
use service::http::{Idempotency, Json, RequestId, body_hash, etag};
use service::problem::{IDEMPOTENCY_MISMATCH, NOT_FOUND, Problem, ProblemDocument, VALIDATION};
use service::telemetry::current_traceparent;
use utoipa::ToSchema;
use uuid::Uuid;

use super::problems::{CARD_DECLINED, ORDER_NOT_PAYABLE, PAYMENTS_UNAVAILABLE, problem};
use crate::Payments;
use crate::payment::{Origin, Payment, PaymentCommand, PaymentPrivate, Request};
use crate::views::PaymentResource;

/// How long an order that was not heard of yet is waited for, and how often it is looked for.
const UNHEARD_LIMIT: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long the caller waits for the outcome. The payment goes on all the same.
const OUTCOME_LIMIT: Duration = Duration::from_secs(12);
/// How many requests are known again, should they come again.
const REMEMBERED: usize = 20;
const RETRY_AFTER_SECONDS: u32 = 2;

/// What a buyer sends to pay.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPayment {
    #[schema(value_type = Uuid)]
    order_id: OrderId,
    /// Stripe's id of the card, `pm_…`. Without one the answer's `client_secret` is for Stripe.js.
    #[schema(example = "pm_card_visa")]
    payment_method: Option<String>,
}

/// Pays an order, or prepares that Stripe.js does.
#[utoipa::path(
    post,
    path = "/api/payments",
    request_body = NewPayment,
    responses(
        (status = 201, body = PaymentResource),
        (status = 401, body = ProblemDocument),
        (status = 402, description = "`card-declined`, with the code in the detail", body = ProblemDocument),
        (status = 404, description = "`not-found`: not the caller's order", body = ProblemDocument),
        (status = 409, description = "`order-not-payable`", body = ProblemDocument),
        (status = 422, description = "`validation`, `idempotency-mismatch`", body = ProblemDocument),
        (status = 503, description = "`payments-unavailable`, `unavailable`", body = ProblemDocument),
    ),
    security(("cookie" = []), ("bearer" = [])),
)]
pub(super) async fn pay(
    State(payments): State<Payments>,
    user: CurrentUser,
    RequestId(request_id): RequestId,
    Idempotency(key): Idempotency,
    Json(body): Json<NewPayment>,
) -> Result<Response, Problem> {
    body.check()?;
    payments.find_for(user.id, body.order_id).await?;
    let causation_id = match &key {
        Some(key) => key.id(user.id, "POST /api/payments"),
        None => payments.runtime.new_id(),
    };
    let cause = Cause {
        causation_id,
        correlation_id: request_id,
        actor: Actor::User(user.id),
        traceparent: current_traceparent(),
    };
    payments.ask(&body, cause, key.is_some()).await?;
    let payment = payments.outcome(body.order_id).await?;
    answer(&payment, user.id, body.payment_method.is_some())
}

impl Payments {
    /// The buyer's own payment. Orders may have said it a moment ago, so it is waited for.
    async fn find_for(&self, buyer: UserId, order_id: OrderId) -> Result<(), Problem> {
        let deadline = self.runtime.now() + UNHEARD_LIMIT;
        loop {
            if let Some(payment) = self.load(order_id).await? {
                let is_theirs = payment.state.terms().is_some_and(|terms| terms.buyer_id == buyer);
                return if is_theirs { Ok(()) } else { Err(NOT_FOUND.into()) };
            }
            if self.runtime.now() >= deadline {
                return Err(NOT_FOUND.into());
            }
            self.runtime.sleep(LOOK_EVERY).await;
        }
    }

    /// Commits the buyer's wish.
    async fn ask(&self, body: &NewPayment, cause: Cause, is_remembered: bool) -> Result<(), Problem> {
        let now = self.runtime.now();
        let command = match body.payment_method {
            Some(_) => PaymentCommand::Authorize { now },
            None => PaymentCommand::Prepare { now },
        };
        let request = Request { id: cause.causation_id, body_hash: body_hash(body) };
        let origin = Origin { correlation_id: cause.correlation_id, traceparent: cause.traceparent.clone() };
        let (method, remembered) = (body.payment_method.clone(), is_remembered.then(|| request.clone()));
        let amend = move |private: &mut PaymentPrivate| {
            private.origin = Some(origin.clone());
            if method.is_some() {
                private.payment_method.clone_from(&method);
            }
            private.remember(remembered.clone());
        };
        let payments = &self.effects.payments;
        let executed =
            payments.execute_and_amend(body.order_id, cause, command, amend).await.map_err(problem)?;
        let known = executed.snapshot.and_then(|payment| payment.private.body_hash_of(request.id));
        if known.is_some_and(|body_hash| body_hash != request.body_hash) {
            return Err(IDEMPOTENCY_MISMATCH.into());
        }
        Ok(())
    }

    /// Makes the calls that are due, and says how the payment stands then. What is not finished goes on without the
    /// caller.
    async fn outcome(&self, order_id: OrderId) -> Result<Snapshot<Payment>, Problem> {
        let effects = self.effects.clone();
        let work = self.runtime.run("payment", async move { effects.carry_out(order_id).await });
        // How the payment stands says more than why it does.
        let _ = self.runtime.timeout(OUTCOME_LIMIT, work).await;
        self.load(order_id).await?.ok_or_else(|| NOT_FOUND.into())
    }
}

fn answer(payment: &Snapshot<Payment>, buyer: UserId, with_card: bool) -> Result<Response, Problem> {
    match &payment.state {
        Payment::Payable(open) if with_card || open.payment_intent.is_none() => {
            let code = open.declined.as_deref().unwrap_or("declined");
            Err(Problem::new(CARD_DECLINED).detail(format!("The card was declined: {code}.")))
        }
        Payment::Payable(_)
        | Payment::RequiresAction(_)
        | Payment::Authorized(_)
        | Payment::Capturing(_)
        | Payment::Captured(_) => created(payment, buyer),
        Payment::Preparing(_) | Payment::Authorizing(_) => {
            let detail = "The card processor has not answered. The payment goes on as soon as it does.";
            Err(Problem::new(PAYMENTS_UNAVAILABLE).detail(detail).retry_after(RETRY_AFTER_SECONDS))
        }
        Payment::Failed(_) | Payment::Voiding(_) | Payment::Voided(_) => {
            Err(Problem::new(ORDER_NOT_PAYABLE).detail("The order is over."))
        }
        Payment::None => Err(NOT_FOUND.into()),
    }
}

fn created(payment: &Snapshot<Payment>, buyer: UserId) -> Result<Response, Problem> {
    let resource = PaymentResource::of(payment, buyer).ok_or(NOT_FOUND)?;
    let location: [(HeaderName, String); 1] =
        [(header::LOCATION, format!("/api/payments/{}", resource.order_id))];
    Ok((StatusCode::CREATED, location, etag(resource.version), Json(resource)).into_response())
}

impl NewPayment {
    fn check(&self) -> Result<(), Problem> {
        let is_method = |method: &str| {
            method.strip_prefix("pm_").is_some_and(|rest| {
                (1..=255).contains(&rest.len())
                    && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            })
        };
        if self.payment_method.as_deref().is_none_or(is_method) {
            return Ok(());
        }
        let detail = "has to be an id of Stripe's, such as pm_card_visa";
        Err(Problem::new(VALIDATION).error("/payment_method", detail))
    }
}

impl PaymentPrivate {
    fn remember(&mut self, request: Option<Request>) {
        self.requests.extend(request);
        let surplus = self.requests.len().saturating_sub(REMEMBERED);
        self.requests.drain(..surplus);
    }

    fn body_hash_of(&self, request_id: Uuid) -> Option<String> {
        let request = self.requests.iter().find(|request| request.id == request_id)?;
        Some(request.body_hash.clone())
    }
}
