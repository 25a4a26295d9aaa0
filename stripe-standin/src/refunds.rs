//! Refunds: money given back, never more than was captured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::charges::Charge;
use crate::collection::Identified;
use crate::currencies;
use crate::errors::ApiError;
use crate::form::Form;
use crate::lists;
use crate::store::{Change, Work};

const CREATE: &[&str] = &[
    "amount",
    "charge",
    "currency",
    "customer",
    "expand",
    "instructions_email",
    "metadata",
    "origin",
    "payment_intent",
    "reason",
    "refund_application_fee",
    "reverse_transfer",
];
const REASONS: &[&str] = &["duplicate", "fraudulent", "requested_by_customer"];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) charge: String,
    pub(crate) payment_intent: String,
    pub(crate) reason: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
}

impl Identified for Refund {
    const OBJECT: &'static str = "refund";

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

impl Refund {
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "balance_transaction": null,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "destination_details": {
                "card": {
                    "reference_status": "pending",
                    "reference_type": "acquirer_reference_number",
                    "type": "refund",
                },
                "type": "card",
            },
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "reason": self.reason,
            "receipt_number": null,
            "source_transfer_reversal": null,
            "status": "succeeded",
            "transfer_reversal": null,
        })
    }
}

pub(crate) fn create(work: &mut Work<'_>, call: &Call) -> Result<Value, ApiError> {
    let form = &call.form;
    form.allow(&[CREATE])?;
    let reason = form.choice("reason", REASONS)?;
    let asked = form.amount("amount")?;
    let mut metadata = BTreeMap::new();
    form.merge_metadata(&mut metadata)?;
    let charge = charge_to_refund(work, form)?;
    let left = charge.refundable();
    if left == 0 {
        let message = format!("Charge {} has already been refunded.", charge.id);
        return Err(ApiError::refused("charge_already_refunded", message));
    }
    let amount = asked.unwrap_or(left);
    if amount > left {
        let message = format!(
            "Refund amount ({}) is greater than unrefunded amount on charge ({})",
            currencies::readable(amount, &charge.currency),
            currencies::readable(left, &charge.currency)
        );
        return Err(ApiError::refused("amount_too_large", message).param("amount"));
    }
    Ok(give_back(work, charge, amount, reason, metadata).json())
}

/// Records a refund of `amount`, of captured money or of an authorisation that is released.
pub(crate) fn give_back(
    work: &mut Work<'_>,
    mut charge: Charge,
    amount: i64,
    reason: Option<String>,
    metadata: BTreeMap<String, String>,
) -> Refund {
    let refund = Refund {
        id: work.id("re_3", 23),
        created: work.context.now,
        amount,
        currency: charge.currency.clone(),
        charge: charge.id.clone(),
        payment_intent: charge.payment_intent.clone(),
        reason,
        metadata,
    };
    charge.amount_refunded += amount;
    work.put_charge(&charge);
    work.put(Change::Refund(Box::new(refund.clone())));
    work.emit("charge.refunded", charge.json());
    work.emit("refund.created", refund.json());
    refund
}

fn charge_to_refund(work: &Work<'_>, form: &Form) -> Result<Charge, ApiError> {
    let charge = match (form.text("charge")?, form.text("payment_intent")?) {
        (None, None) => {
            let message =
                "One of the following params should be provided for this request: payment_intent or charge.";
            return Err(ApiError::invalid(Some("parameter_missing"), message));
        }
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these parameters: charge, payment_intent.";
            return Err(ApiError::invalid(Some("parameters_exclusive"), message));
        }
        (Some(id), None) => {
            work.state.charges.get(id).ok_or_else(|| ApiError::no_such("charge", id, "charge"))?
        }
        (None, Some(id)) => {
            let missing = || ApiError::no_such("payment_intent", id, "payment_intent");
            let intent = work.state.intents.get(id).ok_or_else(missing)?;
            let latest = intent.latest_charge.as_deref().and_then(|id| work.state.charges.get(id));
            latest.filter(|charge| charge.failure.is_none()).ok_or_else(|| {
                let message =
                    format!("This PaymentIntent ({id}) does not have a successful charge to refund.");
                ApiError::refused("payment_intent_unexpected_state", message)
            })?
        }
    };
    if charge.failure.is_some() {
        let message = format!("Charge {} has failed and cannot be refunded.", charge.id);
        return Err(ApiError::refused("charge_not_refundable", message));
    }
    if !charge.captured && !charge.is_refunded() {
        let message = format!(
            "Charge {} has not been captured. Cancel its PaymentIntent to release the authorization.",
            charge.id
        );
        return Err(ApiError::refused("charge_not_refundable", message));
    }
    Ok(charge.clone())
}

pub(crate) fn retrieve(work: &mut Work<'_>, call: &Call) -> Result<Value, ApiError> {
    call.form.allow(&[&["expand"]])?;
    let refund = work.state.refunds.get(&call.id);
    refund.map(Refund::json).ok_or_else(|| ApiError::no_such("refund", &call.id, "refund").status(404))
}

pub(crate) fn list(work: &mut Work<'_>, call: &Call) -> Result<Value, ApiError> {
    let form = &call.form;
    form.allow(&[lists::PAGING, &["charge", "payment_intent"]])?;
    let (charge, intent) = (form.text("charge")?, form.text("payment_intent")?);
    let wanted = |refund: &&Refund| {
        charge.is_none_or(|charge| refund.charge == charge)
            && intent.is_none_or(|intent| refund.payment_intent == intent)
    };
    lists::page(form, "/v1/refunds", work.state.refunds.iter().filter(wanted), Refund::json)
}
