//! Making a PaymentIntent and changing it while it may be changed.

use std::collections::BTreeMap;

use serde_json::Value;

use super::confirm::{Circumstances, attempt, confirmable};
use super::{Intent, Status, find, unexpected_state};
use crate::api::Call;
use crate::currencies;
use crate::errors::ApiError;
use crate::form::Form;
use crate::methods;
use crate::store::Work;

/// What Stripe takes at creation and at an update; what the stand-in has no use for is accepted and left out.
const WRITABLE: &[&str] = &[
    "allowed_payment_method_types",
    "amount",
    "amount_details",
    "capture_method",
    "currency",
    "customer",
    "customer_account",
    "description",
    "excluded_payment_method_types",
    "expand",
    "hooks",
    "metadata",
    "payment_details",
    "payment_method",
    "payment_method_configuration",
    "payment_method_options",
    "payment_method_types",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
];
const ONLY_AT_CREATION: &[&str] = &[
    "automatic_payment_methods",
    "confirm",
    "confirmation_method",
    "error_on_requires_action",
    "off_session",
    "radar_options",
    "return_url",
    "use_stripe_sdk",
];
/// The second is what versions before 2026 call the first.
const TYPE_LISTS: [&str; 2] = ["allowed_payment_method_types", "payment_method_types"];
const ONLY_WHEN_CONFIRMED: &[&str] = &["error_on_requires_action", "off_session", "return_url"];

pub(crate) fn create(work: &mut Work<'_>, call: &Call) -> Result<Value, ApiError> {
    let form = &call.form;
    form.allow(&[WRITABLE, ONLY_AT_CREATION])?;
    let confirmed = form.flag("confirm")?.unwrap_or(false);
    if let Some(name) = ONLY_WHEN_CONFIRMED.iter().find(|name| !confirmed && form.has(name)) {
        let message = format!("You cannot provide `{name}` unless `confirm` is set to true.");
        return Err(ApiError::invalid(None, message).param(name));
    }
    form.choice("confirmation_method", &["automatic"])?;
    let circumstances = Circumstances::read(form)?;
    let mut intent = draft(work, form)?;
    write(form, &mut intent)?;
    if confirmed {
        confirmable(work, &mut intent, form, form.has("payment_method"))?;
    }
    if let Some(name) = form.text("payment_method")? {
        intent.payment_method = Some(methods::choose(work, name)?.id);
        intent.status = Status::RequiresConfirmation;
    }
    work.announce(&intent, "payment_intent.created");
    if confirmed {
        attempt(work, &mut intent, circumstances)?;
    }
    Ok(work.intent_json(&intent))
}

pub(crate) fn update(work: &mut Work<'_>, call: &Call) -> Result<Value, ApiError> {
    let form = &call.form;
    form.allow(&[WRITABLE])?;
    let mut intent = find(work, call)?;
    let open = matches!(
        intent.status,
        Status::RequiresPaymentMethod | Status::RequiresConfirmation | Status::RequiresAction
    );
    for name in ["amount", "currency", "capture_method", "payment_method", "payment_method_types"] {
        if form.has(name) && !open {
            let message = format!(
                "This PaymentIntent's {name} could not be updated because it has a status of {}. You may \
                 only update the {name} of a PaymentIntent with one of the following statuses: \
                 requires_payment_method, requires_confirmation, requires_action.",
                intent.status
            );
            return Err(unexpected_state(work, &intent, message));
        }
    }
    let currency = form.text("currency")?.map_or(Ok(intent.currency.clone()), currencies::supported)?;
    let amount = currencies::chargeable(form.amount("amount")?.unwrap_or(intent.amount), &currency)?;
    (intent.currency, intent.amount) = (currency, amount);
    write(form, &mut intent)?;
    if let Some(name) = form.text("payment_method")? {
        intent.payment_method = Some(methods::choose(work, name)?.id);
        intent.status = Status::RequiresConfirmation;
    }
    intent.last_payment_error = None;
    work.put_intent(&intent);
    Ok(work.intent_json(&intent))
}

fn draft(work: &mut Work<'_>, form: &Form) -> Result<Intent, ApiError> {
    let amount = form.amount("amount")?.ok_or_else(|| ApiError::missing_parameter("amount"))?;
    let currency = currencies::supported(form.required("currency")?)?;
    let amount = currencies::chargeable(amount, &currency)?;
    let allow_redirects = allow_redirects(form)?;
    let id = work.id("pi_3", 23);
    Ok(Intent {
        client_secret: work.id(&format!("{id}_secret_"), 25),
        id,
        created: work.context.now,
        amount,
        amount_capturable: 0,
        amount_received: 0,
        currency,
        status: Status::RequiresPaymentMethod,
        capture_method: "automatic_async".to_owned(),
        canceled_at: None,
        cancellation_reason: None,
        customer: None,
        description: None,
        receipt_email: None,
        setup_future_usage: None,
        statement_descriptor_suffix: None,
        transfer_group: None,
        return_url: None,
        metadata: BTreeMap::new(),
        payment_method: None,
        payment_method_types: vec!["card".to_owned()],
        allowed_payment_method_types: None,
        allow_redirects,
        latest_charge: None,
        last_payment_error: None,
    })
}

/// Unless the types are listed, Stripe chooses the payment methods, those that redirect included.
fn allow_redirects(form: &Form) -> Result<Option<String>, ApiError> {
    let listed = TYPE_LISTS.iter().any(|name| form.has(name));
    let refuse = |message: &str| Err(ApiError::invalid(None, message).param("automatic_payment_methods"));
    match form.nested("automatic_payment_methods", "enabled") {
        Some("true") if listed => refuse(
            "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.",
        ),
        Some("true") => match form.nested("automatic_payment_methods", "allow_redirects") {
            None | Some("always") => Ok(Some("always".to_owned())),
            Some("never") => Ok(Some("never".to_owned())),
            Some(_) => {
                refuse("Invalid automatic_payment_methods[allow_redirects]: must be one of always, never")
            }
        },
        Some("false") => Ok(None),
        Some(_) => refuse("Invalid boolean: automatic_payment_methods[enabled]"),
        None if form.has("automatic_payment_methods") => {
            Err(ApiError::missing_parameter("automatic_payment_methods[enabled]"))
        }
        None => Ok((!listed).then(|| "always".to_owned())),
    }
}

/// The parameters that creation and update share.
fn write(form: &Form, intent: &mut Intent) -> Result<(), ApiError> {
    if let Some(method) = form.choice("capture_method", &["automatic", "automatic_async", "manual"])? {
        intent.capture_method = method;
    }
    for name in TYPE_LISTS {
        let types = form.list(name);
        if let Some(unknown) = types.iter().find(|kind| **kind != "card") {
            let message = format!(
                "The payment method type \"{unknown}\" is invalid. Please ensure the provided type is \
                 activated in your dashboard."
            );
            return Err(ApiError::invalid(None, message).param(name));
        }
        if name == "allowed_payment_method_types" && !types.is_empty() {
            intent.allowed_payment_method_types = Some(types.into_iter().map(str::to_owned).collect());
        }
    }
    form.set_text("customer", &mut intent.customer)?;
    form.set_text("description", &mut intent.description)?;
    form.set_text("receipt_email", &mut intent.receipt_email)?;
    form.set_text("statement_descriptor_suffix", &mut intent.statement_descriptor_suffix)?;
    form.set_text("transfer_group", &mut intent.transfer_group)?;
    if let Some(usage) = form.choice("setup_future_usage", &["off_session", "on_session"])? {
        intent.setup_future_usage = Some(usage);
    }
    form.merge_metadata(&mut intent.metadata)
}
