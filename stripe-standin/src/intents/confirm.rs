//! Confirming a PaymentIntent: authentication where the method asks for it, then the charge.

use serde_json::Value;

use super::{Intent, Status, find, unexpected_state};
use crate::api::Call;
use crate::charges::Charge;
use crate::errors::ApiError;
use crate::form::Form;
use crate::methods::{self, AUTHENTICATION_REQUIRED, Authentication, Decline, Method};
use crate::store::Work;

const CONFIRM: &[&str] = &[
    "allowed_payment_method_types",
    "amount_details",
    "capture_method",
    "client_secret",
    "error_on_requires_action",
    "excluded_payment_method_types",
    "expand",
    "hooks",
    "mandate",
    "mandate_data",
    "off_session",
    "payment_details",
    "payment_method",
    "payment_method_options",
    "payment_method_types",
    "radar_options",
    "receipt_email",
    "return_url",
    "setup_future_usage",
    "shipping",
    "use_stripe_sdk",
];

/// How the buyer left the page of their bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuthenticationResult {
    Passed,
    Failed,
}

/// The circumstances of a confirmation, read before anything has changed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Circumstances {
    off_session: bool,
    error_on_requires_action: bool,
}

impl Circumstances {
    pub(super) fn read(form: &Form) -> Result<Self, ApiError> {
        // `off_session` may also be `one_off` or `recurring`.
        let off_session = form.text("off_session")?.is_some_and(|off| off != "false");
        let error_on_requires_action = form.flag("error_on_requires_action")?.unwrap_or(false);
        Ok(Self { off_session, error_on_requires_action })
    }
}

pub(crate) fn confirm(work: &mut Work<'_>, call: &Call) -> Result<Value, ApiError> {
    let form = &call.form;
    form.allow(&[CONFIRM])?;
    let circumstances = Circumstances::read(form)?;
    let mut intent = find(work, call)?;
    let has_method = form.has("payment_method") || intent.payment_method.is_some();
    confirmable(work, &mut intent, form, has_method)?;
    if let Some(method) = form.choice("capture_method", &["automatic", "automatic_async", "manual"])? {
        intent.capture_method = method;
    }
    form.set_text("receipt_email", &mut intent.receipt_email)?;
    if let Some(name) = form.text("payment_method")? {
        intent.payment_method = Some(methods::choose(work, name)?.id);
    }
    attempt(work, &mut intent, circumstances)?;
    Ok(work.intent_json(&intent))
}

/// Refuses a confirmation that cannot be tried, before anything has changed.
pub(super) fn confirmable(
    work: &Work<'_>,
    intent: &mut Intent,
    form: &Form,
    has_method: bool,
) -> Result<(), ApiError> {
    form.set_text("return_url", &mut intent.return_url)?;
    let message = match intent.status {
        Status::RequiresPaymentMethod | Status::RequiresConfirmation | Status::RequiresAction => {
            if !has_method {
                let message = "You cannot confirm this PaymentIntent because it's missing a payment method. \
                               You can either update the PaymentIntent with a payment method and then confirm \
                               it again, or confirm it again directly with a payment method or \
                               ConfirmationToken.";
                return Err(unexpected_state(work, intent, message));
            }
            if intent.allow_redirects.as_deref() == Some("always") && intent.return_url.is_none() {
                let message = "This PaymentIntent is configured to accept payment methods enabled in your \
                               Dashboard. Because some of these payment methods might redirect your customer \
                               off of your page, you must provide a `return_url`. If you don't want to accept \
                               redirect-based payment methods, set `automatic_payment_methods[enabled]` to \
                               `true` and `automatic_payment_methods[allow_redirects]` to `never` when \
                               creating Setup Intents and Payment Intents.";
                return Err(ApiError::invalid(None, message).param("return_url"));
            }
            return Ok(());
        }
        Status::Succeeded => {
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously \
             confirmed."
                .to_owned()
        }
        status @ (Status::RequiresCapture | Status::Canceled) => format!(
            "You cannot confirm this PaymentIntent because it has a status of {status}. Only a PaymentIntent \
             with one of the following statuses may be confirmed: requires_confirmation, requires_action."
        ),
    };
    Err(unexpected_state(work, intent, message))
}

/// Tries the intent's payment method: a charge, a request to authenticate, or a decline.
pub(super) fn attempt(
    work: &mut Work<'_>,
    intent: &mut Intent,
    circumstances: Circumstances,
) -> Result<(), ApiError> {
    let Circumstances { off_session, error_on_requires_action } = circumstances;
    let method = method_of(work, intent)?;
    intent.last_payment_error = None;
    match method.behaviour().authentication {
        Authentication::Always if off_session || error_on_requires_action => {
            decline(work, intent, &method, &AUTHENTICATION_REQUIRED, false)
        }
        Authentication::OnSession if error_on_requires_action && !off_session => {
            decline(work, intent, &method, &AUTHENTICATION_REQUIRED, false)
        }
        Authentication::OnSession if off_session => charge(work, intent, &method, false),
        Authentication::Never => charge(work, intent, &method, false),
        Authentication::Always | Authentication::OnSession => {
            intent.status = Status::RequiresAction;
            work.announce(intent, "payment_intent.requires_action");
            Ok(())
        }
    }
}

/// What follows the buyer's visit to their bank's page. `None` when the intent does not wait for one.
pub(crate) fn authenticate(work: &mut Work<'_>, id: &str, result: AuthenticationResult) -> Option<Intent> {
    let mut intent =
        work.state.intents.get(id).filter(|intent| intent.status == Status::RequiresAction)?.clone();
    let method = method_of(work, &intent).ok()?;
    match result {
        // A decline is kept in the intent as `last_payment_error`; nobody here waits for an answer.
        AuthenticationResult::Passed => drop(charge(work, &mut intent, &method, true)),
        AuthenticationResult::Failed => {
            let message = "The provided PaymentMethod has failed authentication. You can provide \
                           payment_method_data or a new PaymentMethod to attempt to fulfill this \
                           PaymentIntent again.";
            let error = ApiError::refused("payment_intent_authentication_failure", message)
                .member("payment_method", method.json());
            fail(work, &mut intent, &error);
        }
    }
    Some(intent)
}

fn method_of(work: &Work<'_>, intent: &Intent) -> Result<Method, ApiError> {
    let id = intent.payment_method.as_deref().unwrap_or_default();
    let method = work.state.methods.get(id).cloned();
    method.ok_or_else(|| ApiError::no_such("PaymentMethod", id, "payment_method"))
}

fn charge(
    work: &mut Work<'_>,
    intent: &mut Intent,
    method: &Method,
    authenticated: bool,
) -> Result<(), ApiError> {
    if let Some(reason) = method.behaviour().decline {
        return decline(work, intent, method, reason, authenticated);
    }
    let charge = Charge::attempt(work, intent, method, authenticated);
    work.put_charge(&charge);
    intent.latest_charge = Some(charge.id.clone());
    work.emit("charge.succeeded", charge.json());
    if intent.captures_automatically() {
        intent.status = Status::Succeeded;
        intent.amount_received = intent.amount;
        work.announce(intent, "payment_intent.succeeded");
    } else {
        intent.status = Status::RequiresCapture;
        intent.amount_capturable = intent.amount;
        work.announce(intent, "payment_intent.amount_capturable_updated");
    }
    Ok(())
}

fn decline(
    work: &mut Work<'_>,
    intent: &mut Intent,
    method: &Method,
    reason: &Decline,
    authenticated: bool,
) -> Result<(), ApiError> {
    let charge = Charge::attempt(work, intent, method, authenticated).declined(reason);
    work.put_charge(&charge);
    intent.latest_charge = Some(charge.id.clone());
    work.emit("charge.failed", charge.json());
    let card_error = ApiError { kind: "card_error", ..ApiError::refused(reason.code, reason.message) };
    let error = card_error
        .status(402)
        .member("charge", Value::String(charge.id))
        .member("decline_code", Value::String(reason.decline_code.to_owned()))
        .member("payment_method", method.json());
    fail(work, intent, &error);
    Err(error.member("payment_intent", work.intent_json(intent)))
}

/// Back to where another method can be tried.
fn fail(work: &mut Work<'_>, intent: &mut Intent, error: &ApiError) {
    intent.status = Status::RequiresPaymentMethod;
    intent.payment_method = None;
    intent.last_payment_error = Some(error.object());
    work.announce(intent, "payment_intent.payment_failed");
}
