//! Reading PaymentIntents, one or a list.

use serde_json::Value;

use super::{Intent, find};
use crate::api::Call;
use crate::errors::ApiError;
use crate::lists;
use crate::store::Work;

pub(crate) fn retrieve(work: &mut Work<'_>, call: &Call) -> Result<Value, ApiError> {
    call.form.allow(&[&["client_secret", "expand"]])?;
    let intent = find(work, call)?;
    match call.form.text("client_secret")? {
        Some(secret) if secret != intent.client_secret => {
            let message = "The client_secret provided does not match any associated PaymentIntent on this \
                           account. Ensure the client_secret, publishable key and PaymentIntent are correct.";
            Err(ApiError::invalid(Some("payment_intent_invalid_parameter"), message).param("client_secret"))
        }
        _ => Ok(work.intent_json(&intent)),
    }
}

pub(crate) fn list(work: &mut Work<'_>, call: &Call) -> Result<Value, ApiError> {
    let form = &call.form;
    form.allow(&[lists::PAGING, &["customer"]])?;
    let customer = form.text("customer")?;
    let wanted =
        |intent: &&Intent| customer.is_none_or(|customer| intent.customer.as_deref() == Some(customer));
    let origin = &work.context.origin;
    lists::page(form, "/v1/payment_intents", work.state.intents.iter().filter(wanted), |intent| {
        intent.json(origin)
    })
}
