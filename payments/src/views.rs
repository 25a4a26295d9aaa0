//! QUESTIONS: which payments there are to go on with, and what the public sees of one.

use contracts::{Money, UserId};
use eventsourcing::{Clause, Direction, Index, Query, Schema, Snapshot};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::payment::{DUE, Payment, PaymentPrivate, Returning};

const PAGE: usize = 100;

/// What payments are found by.
pub fn schema() -> Schema {
    let by_status = vec![("state.status", Direction::Ascending), ("created_at", Direction::Ascending)];
    Schema { unique: Vec::new(), indexes: vec![Index { name: "by_status", fields: by_status }] }
}

/// Payments whose call to the processor is due.
pub(crate) fn due() -> Query {
    Query::new(PAGE).filter(Clause::In("state.status", DUE.iter().map(|status| json!(status)).collect()))
}

/// Payments that the processor knows of, and that the buyer may go on with there.
pub(crate) fn waiting() -> Query {
    let statuses = vec![json!("payable"), json!("requires_action")];
    // Any text comes behind the empty one; a missing id is no text.
    Query::new(PAGE)
        .filter(Clause::In("state.status", statuses))
        .filter(Clause::AtLeast("state.payment_intent", json!("")))
}

/// A payment as the buyer sees it, and an admin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Payment)]
pub struct PaymentResource {
    pub order_id: Uuid,
    pub status: Status,
    #[schema(value_type = service::openapi::Money)]
    pub amount: Money,
    #[schema(value_type = service::openapi::Money)]
    pub refunded: Money,
    /// The processor's id of it, once it knows of it.
    pub stripe_payment_intent: Option<String>,
    /// For Stripe.js: to the buyer alone, and only while it is of use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    pub version: u64,
}

/// `failed`: the capture was refused for good. A declined card leaves the payment `payable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Payable,
    Authorizing,
    RequiresAction,
    Authorized,
    Captured,
    Failed,
    Voided,
}

impl PaymentResource {
    /// As `viewer` sees it. There is nothing to see before it was opened, or where it never was.
    pub fn of(payment: &Snapshot<Payment>, viewer: UserId) -> Option<Self> {
        let terms = payment.state.terms()?;
        let secret = client_secret(&payment.state, &payment.private).filter(|_| terms.buyer_id == viewer);
        Some(Self {
            order_id: payment.id,
            status: status(&payment.state)?,
            amount: terms.amount,
            refunded: Money::new(0, terms.amount.currency),
            stripe_payment_intent: payment.state.payment_intent().map(str::to_owned),
            client_secret: secret.map(str::to_owned),
            version: payment.version,
        })
    }
}

/// What is under way shows as what it is known to be until it is done.
fn status(payment: &Payment) -> Option<Status> {
    match payment {
        Payment::None => None,
        Payment::Payable(_) | Payment::Preparing(_) => Some(Status::Payable),
        Payment::Authorizing(_) | Payment::Voiding(Returning { was_authorized: false, .. }) => {
            Some(Status::Authorizing)
        }
        Payment::RequiresAction(_) => Some(Status::RequiresAction),
        Payment::Authorized(_)
        | Payment::Capturing(_)
        | Payment::Voiding(Returning { was_authorized: true, .. }) => Some(Status::Authorized),
        Payment::Captured(_) => Some(Status::Captured),
        Payment::Failed(_) => Some(Status::Failed),
        Payment::Voided(_) => Some(Status::Voided),
    }
}

fn client_secret<'a>(payment: &Payment, private: &'a PaymentPrivate) -> Option<&'a str> {
    match payment {
        Payment::Payable(_) | Payment::RequiresAction(_) => private.client_secret.as_deref(),
        Payment::None
        | Payment::Preparing(_)
        | Payment::Authorizing(_)
        | Payment::Authorized(_)
        | Payment::Capturing(_)
        | Payment::Captured(_)
        | Payment::Failed(_)
        | Payment::Voiding(_)
        | Payment::Voided(_) => None,
    }
}
