//! Charges: each attempt to take money, whether it was approved or declined.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::collection::Identified;
use crate::errors::ApiError;
use crate::intents::Intent;
use crate::lists;
use crate::methods::{self, Decline, Method};
use crate::store::Work;

/// Most networks hold an authorised amount for seven days.
/// Source: <https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>.
const AUTHORIZED_FOR_SECONDS: i64 = 7 * 24 * 60 * 60;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) payment_intent: String,
    pub(crate) payment_method: Method,
    pub(crate) amount: i64,
    pub(crate) amount_captured: i64,
    pub(crate) amount_refunded: i64,
    pub(crate) currency: String,
    pub(crate) captured: bool,
    /// When an authorisation that is not captured lapses.
    pub(crate) capture_before: Option<i64>,
    pub(crate) authenticated: bool,
    pub(crate) failure: Option<Failure>,
    pub(crate) description: Option<String>,
    pub(crate) receipt_email: Option<String>,
    pub(crate) statement_descriptor_suffix: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// The decline of a failed charge.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) decline_code: String,
    pub(crate) message: String,
}

impl Identified for Charge {
    const OBJECT: &'static str = "charge";

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

impl Charge {
    /// The charge that one confirmation of `intent` makes. It is not put into the store yet.
    pub(crate) fn attempt(
        work: &mut Work<'_>,
        intent: &Intent,
        method: &Method,
        authenticated: bool,
    ) -> Self {
        let now = work.context.now;
        let automatic = intent.captures_automatically();
        Self {
            id: work.id("ch_3", 23),
            created: now,
            payment_intent: intent.id.clone(),
            payment_method: method.clone(),
            amount: intent.amount,
            amount_captured: if automatic { intent.amount } else { 0 },
            amount_refunded: 0,
            currency: intent.currency.clone(),
            captured: automatic,
            capture_before: (!automatic).then_some(now + AUTHORIZED_FOR_SECONDS),
            authenticated,
            failure: None,
            description: intent.description.clone(),
            receipt_email: intent.receipt_email.clone(),
            statement_descriptor_suffix: intent.statement_descriptor_suffix.clone(),
            metadata: intent.metadata.clone(),
        }
    }

    pub(crate) fn declined(self, decline: &Decline) -> Self {
        let failure = Failure {
            code: decline.code.to_owned(),
            decline_code: decline.decline_code.to_owned(),
            message: decline.message.to_owned(),
        };
        Self { amount_captured: 0, captured: false, capture_before: None, failure: Some(failure), ..self }
    }

    /// What a refund can still give back.
    pub(crate) fn refundable(&self) -> i64 {
        if self.captured { self.amount_captured - self.amount_refunded } else { 0 }
    }

    /// True as well when an authorisation was released.
    pub(crate) fn is_refunded(&self) -> bool {
        self.amount_refunded > 0 && self.refundable() == 0
    }

    pub(crate) fn json(&self) -> Value {
        let failure = self.failure.as_ref();
        json!({
            "id": self.id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": self.amount_captured,
            "amount_refunded": self.amount_refunded,
            "application": null,
            "application_fee": null,
            "application_fee_amount": null,
            "balance_transaction": null,
            "billing_details": methods::empty_billing_details(),
            "calculated_statement_descriptor": "STAGEDOOR",
            "captured": self.captured,
            "created": self.created,
            "currency": self.currency,
            "customer": null,
            "description": self.description,
            "disputed": false,
            "failure_balance_transaction": null,
            "failure_code": failure.map(|failure| &failure.code),
            "failure_message": failure.map(|failure| &failure.message),
            "fraud_details": {},
            "livemode": false,
            "metadata": self.metadata,
            "on_behalf_of": null,
            "outcome": self.outcome(),
            "paid": failure.is_none(),
            "payment_intent": self.payment_intent,
            "payment_method": self.payment_method.id,
            "payment_method_details": self.payment_method_details(),
            "radar_options": {},
            "receipt_email": self.receipt_email,
            "receipt_number": null,
            "receipt_url": null,
            "refunded": self.is_refunded(),
            "review": null,
            "shipping": null,
            "source": null,
            "source_transfer": null,
            "statement_descriptor": null,
            "statement_descriptor_suffix": self.statement_descriptor_suffix,
            "status": if failure.is_none() { "succeeded" } else { "failed" },
            "transfer_data": null,
            "transfer_group": null,
        })
    }

    fn outcome(&self) -> Value {
        let (status, reason, message, kind) = match &self.failure {
            None => ("approved_by_network", None, "Payment complete.", "authorized"),
            Some(failure) => (
                "declined_by_network",
                Some(&failure.decline_code),
                "The bank returned a decline for this payment.",
                "issuer_declined",
            ),
        };
        json!({
            "advice_code": null,
            "network_advice_code": null,
            "network_decline_code": null,
            "network_status": status,
            "reason": reason,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": message,
            "type": kind,
        })
    }

    fn payment_method_details(&self) -> Value {
        let card = self.payment_method.behaviour();
        let three_d_secure = self.authenticated.then(|| {
            json!({
                "authentication_flow": "challenge",
                "electronic_commerce_indicator": "05",
                "exemption_indicator": null,
                "result": "authenticated",
                "result_reason": null,
                "transaction_id": null,
                "version": "2.2.0",
            })
        });
        json!({
            "card": {
                "amount_authorized": self.failure.is_none().then_some(self.amount),
                "authorization_code": null,
                "brand": card.brand,
                "capture_before": self.capture_before,
                "checks": methods::passed_checks(),
                "country": "US",
                "exp_month": 12,
                "exp_year": 2034,
                "extended_authorization": { "status": "disabled" },
                "fingerprint": format!("standin{}{}", card.brand, card.last4),
                "funding": card.funding,
                "incremental_authorization": { "status": "unavailable" },
                "installments": null,
                "last4": card.last4,
                "mandate": null,
                "multicapture": { "status": "unavailable" },
                "network": card.brand,
                "network_token": { "used": false },
                "network_transaction_id": null,
                "overcapture": { "maximum_amount_capturable": self.amount, "status": "unavailable" },
                "regulated_status": "unregulated",
                "three_d_secure": three_d_secure,
                "wallet": null,
            },
            "type": "card",
        })
    }
}

pub(crate) fn retrieve(work: &mut Work<'_>, call: &Call) -> Result<Value, ApiError> {
    call.form.allow(&[&["expand"]])?;
    let charge = work.state.charges.get(&call.id);
    charge.map(Charge::json).ok_or_else(|| ApiError::no_such("charge", &call.id, "id").status(404))
}

pub(crate) fn list(work: &mut Work<'_>, call: &Call) -> Result<Value, ApiError> {
    let form = &call.form;
    form.allow(&[lists::PAGING, &["payment_intent", "customer", "transfer_group"]])?;
    let intent = form.text("payment_intent")?;
    let wanted = |charge: &&Charge| intent.is_none_or(|intent| charge.payment_intent == intent);
    lists::page(form, "/v1/charges", work.state.charges.iter().filter(wanted), Charge::json)
}
