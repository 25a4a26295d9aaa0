//! The one payment of an order.

use contracts::OrderId;
use serde::Deserialize;
use serde_json::json;

use super::asking::To;
use super::{Asking, Failure};

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Payment {
    pub status: PaymentStatus,
    /// The card processor's id of it, once it knows of it.
    pub stripe_payment_intent: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentStatus {
    Payable,
    Authorizing,
    RequiresAction,
    Authorized,
    Captured,
    Failed,
    Voided,
    Refunded,
}

impl Asking<'_> {
    /// Pays with a method that the card processor knows, such as `pm_card_visa`. `key` tells one form sent twice from
    /// two.
    pub(crate) async fn pay(self, order: OrderId, method: &str, key: &str) -> Result<Payment, Failure> {
        let body = json!({ "order_id": order, "payment_method": method });
        self.post(To::Payments, "/api/payments").key(key).json(&body).read().await
    }

    pub(crate) async fn payment(self, order: OrderId) -> Result<Payment, Failure> {
        self.get(To::Payments, &format!("/api/payments/{order}")).read().await
    }
}
