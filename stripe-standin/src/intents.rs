//! PaymentIntents: one payment from its creation to its capture, its cancellation or its refund. An intent
//! takes money at most once: only `requires_capture` can be captured, and `succeeded` and `canceled` are
//! final.

mod confirm;
mod create;
mod query;
mod search;
mod settle;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::collection::Identified;
use crate::errors::ApiError;
use crate::store::Work;

pub(crate) use confirm::{AuthenticationResult, authenticate, confirm};
pub(crate) use create::{create, update};
pub(crate) use query::{list, retrieve};
pub(crate) use search::search;
pub(crate) use settle::{cancel, capture, lapse};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    RequiresCapture,
    Succeeded,
    Canceled,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) amount: i64,
    pub(crate) amount_capturable: i64,
    pub(crate) amount_received: i64,
    pub(crate) currency: String,
    pub(crate) status: Status,
    pub(crate) capture_method: String,
    pub(crate) client_secret: String,
    pub(crate) canceled_at: Option<i64>,
    pub(crate) cancellation_reason: Option<String>,
    pub(crate) customer: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) receipt_email: Option<String>,
    pub(crate) setup_future_usage: Option<String>,
    pub(crate) statement_descriptor_suffix: Option<String>,
    pub(crate) transfer_group: Option<String>,
    pub(crate) return_url: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) payment_method: Option<String>,
    pub(crate) payment_method_types: Vec<String>,
    pub(crate) allowed_payment_method_types: Option<Vec<String>>,
    /// `always` or `never`, when the payment methods are chosen automatically.
    pub(crate) allow_redirects: Option<String>,
    pub(crate) latest_charge: Option<String>,
    pub(crate) last_payment_error: Option<Value>,
}

impl Identified for Intent {
    const OBJECT: &'static str = "payment_intent";

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::RequiresCapture => "requires_capture",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        })
    }
}

impl Intent {
    pub(crate) fn captures_automatically(&self) -> bool {
        self.capture_method != "manual"
    }

    /// `origin` is the stand-in's own address, where the buyer authenticates.
    pub(crate) fn json(&self, origin: &str) -> Value {
        json!({
            "id": self.id,
            "object": "payment_intent",
            "allowed_payment_method_types": self.allowed_payment_method_types,
            "amount": self.amount,
            "amount_capturable": self.amount_capturable,
            "amount_details": { "tip": {} },
            "amount_received": self.amount_received,
            "application": null,
            "application_fee_amount": null,
            "automatic_payment_methods": self.allow_redirects.as_ref().map(|allow_redirects| {
                json!({ "allow_redirects": allow_redirects, "enabled": true })
            }),
            "canceled_at": self.canceled_at,
            "cancellation_reason": self.cancellation_reason,
            "capture_method": self.capture_method,
            "client_secret": self.client_secret,
            "confirmation_method": "automatic",
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "description": self.description,
            "last_payment_error": self.last_payment_error,
            "latest_charge": self.latest_charge,
            "livemode": false,
            "metadata": self.metadata,
            "next_action": self.next_action(origin),
            "on_behalf_of": null,
            "payment_method": self.payment_method,
            "payment_method_configuration_details": null,
            "payment_method_options": {
                "card": {
                    "installments": null,
                    "mandate_options": null,
                    "network": null,
                    "request_three_d_secure": "automatic",
                },
            },
            "payment_method_types": self.payment_method_types,
            "processing": null,
            "receipt_email": self.receipt_email,
            "review": null,
            "setup_future_usage": self.setup_future_usage,
            "shipping": null,
            "source": null,
            "statement_descriptor": null,
            "statement_descriptor_suffix": self.statement_descriptor_suffix,
            "status": self.status,
            "transfer_data": null,
            "transfer_group": self.transfer_group,
        })
    }

    /// With a `return_url` the buyer is redirected; without one Stripe.js would open the page.
    fn next_action(&self, origin: &str) -> Value {
        if self.status != Status::RequiresAction {
            return Value::Null;
        }
        let url = format!("{origin}/3d_secure/{}?client_secret={}", self.id, self.client_secret);
        match &self.return_url {
            Some(return_url) => {
                let redirect = json!({ "return_url": return_url, "url": url });
                json!({ "type": "redirect_to_url", "redirect_to_url": redirect })
            }
            None => json!({
                "type": "use_stripe_sdk",
                "use_stripe_sdk": { "type": "three_d_secure_redirect", "stripe_js": url },
            }),
        }
    }
}

impl Work<'_> {
    pub(crate) fn intent_json(&self, intent: &Intent) -> Value {
        intent.json(&self.context.origin)
    }

    /// Keeps the intent and tells of it.
    pub(crate) fn announce(&mut self, intent: &Intent, kind: &str) {
        self.put_intent(intent);
        let json = self.intent_json(intent);
        self.emit(kind, json);
    }
}

/// The intent that the path names. An authorisation that has lapsed meanwhile is seen as such.
fn find(work: &mut Work<'_>, call: &Call) -> Result<Intent, ApiError> {
    let missing = || ApiError::no_such("payment_intent", &call.id, "intent").status(404);
    let intent = work.state.intents.get(&call.id).cloned().ok_or_else(missing)?;
    let charge = intent.latest_charge.as_deref().and_then(|id| work.state.charges.get(id));
    let capture_before = charge.and_then(|charge| charge.capture_before);
    if intent.status == Status::RequiresCapture && capture_before.is_some_and(|end| end <= work.context.now) {
        return Ok(lapse(work, intent));
    }
    Ok(intent)
}

/// `payment_intent_unexpected_state`, with the intent as it is.
fn unexpected_state(work: &Work<'_>, intent: &Intent, message: impl Into<String>) -> ApiError {
    ApiError::refused("payment_intent_unexpected_state", message)
        .member("payment_intent", work.intent_json(intent))
}
