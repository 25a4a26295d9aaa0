//! How a PaymentIntent ends: captured, cancelled, or its authorisation lapses.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Intent, Status, find, unexpected_state};
use crate::api::Call;
use crate::charges::Charge;
use crate::errors::ApiError;
use crate::refunds;
use crate::store::Work;

const CAPTURE: &[&str] = &[
    "amount_details",
    "amount_to_capture",
    "expand",
    "final_capture",
    "hooks",
    "metadata",
    "payment_details",
    "statement_descriptor",
    "statement_descriptor_suffix",
];
const CANCEL: &[&str] = &["cancellation_reason", "expand"];
const CANCELLATION_REASONS: &[&str] = &["abandoned", "duplicate", "fraudulent", "requested_by_customer"];

pub(crate) fn capture(work: &mut Work<'_>, call: &Call) -> Result<Value, ApiError> {
    let form = &call.form;
    form.allow(&[CAPTURE])?;
    let asked = form.amount("amount_to_capture")?;
    let mut intent = find(work, call)?;
    let mut charge = match intent.status {
        Status::RequiresCapture => latest_charge(work, &intent)?,
        Status::Succeeded => {
            let message = "This PaymentIntent could not be captured because it has already been captured.";
            return Err(unexpected_state(work, &intent, message));
        }
        status => {
            let message = format!(
                "This PaymentIntent could not be captured because it has a status of {status}. Only a \
                 PaymentIntent with one of the following statuses may be captured: requires_capture."
            );
            return Err(unexpected_state(work, &intent, message));
        }
    };
    let amount = asked.unwrap_or(intent.amount_capturable);
    if amount > intent.amount_capturable {
        let message = "The payment could not be captured because the requested capture amount is greater \
                       than the amount you can capture for this charge.";
        return Err(ApiError::refused("amount_too_large", message).param("amount_to_capture"));
    }
    form.merge_metadata(&mut intent.metadata)?;
    charge.captured = true;
    charge.amount_captured = amount;
    charge.capture_before = None;
    work.put_charge(&charge);
    work.emit("charge.captured", charge.json());
    intent.status = Status::Succeeded;
    intent.amount_received = amount;
    // What is left of the authorisation is released.
    intent.amount_capturable = 0;
    work.announce(&intent, "payment_intent.succeeded");
    Ok(work.intent_json(&intent))
}

pub(crate) fn cancel(work: &mut Work<'_>, call: &Call) -> Result<Value, ApiError> {
    let form = &call.form;
    form.allow(&[CANCEL])?;
    let reason = form.choice("cancellation_reason", CANCELLATION_REASONS)?;
    let mut intent = find(work, call)?;
    match intent.status {
        Status::Succeeded | Status::Canceled => {
            let message = format!(
                "You cannot cancel this PaymentIntent because it has a status of {}. Only a PaymentIntent \
                 with one of the following statuses may be canceled: requires_payment_method, \
                 requires_capture, requires_confirmation, requires_action, processing.",
                intent.status
            );
            return Err(unexpected_state(work, &intent, message));
        }
        Status::RequiresCapture => {
            let charge = latest_charge(work, &intent)?;
            let amount = charge.amount;
            refunds::give_back(work, charge, amount, None, BTreeMap::new());
        }
        Status::RequiresPaymentMethod | Status::RequiresConfirmation | Status::RequiresAction => {}
    }
    end(work, &mut intent, reason);
    Ok(work.intent_json(&intent))
}

/// The authorisation is over before it was captured: the charge has expired and the intent is cancelled for
/// good.
pub(crate) fn lapse(work: &mut Work<'_>, mut intent: Intent) -> Intent {
    if intent.status != Status::RequiresCapture {
        return intent;
    }
    if let Ok(mut charge) = latest_charge(work, &intent) {
        charge.amount_refunded = charge.amount;
        charge.capture_before = Some(work.context.now);
        work.put_charge(&charge);
        work.emit("charge.expired", charge.json());
    }
    end(work, &mut intent, Some("automatic".to_owned()));
    intent
}

fn end(work: &mut Work<'_>, intent: &mut Intent, reason: Option<String>) {
    intent.status = Status::Canceled;
    intent.amount_capturable = 0;
    intent.canceled_at = Some(work.context.now);
    intent.cancellation_reason = reason;
    work.announce(intent, "payment_intent.canceled");
}

fn latest_charge(work: &Work<'_>, intent: &Intent) -> Result<Charge, ApiError> {
    let id = intent.latest_charge.as_deref().unwrap_or_default();
    work.state.charges.get(id).cloned().ok_or_else(|| ApiError::no_such("charge", id, "charge"))
}
