//! Which operation a method and a path mean.

use axum::http::Method;
use serde_json::Value;

use crate::api::Call;
use crate::errors::ApiError;
use crate::store::Work;
use crate::{charges, events, intents, methods, refunds};

pub(super) type Operation = fn(&mut Work<'_>, &Call) -> Result<Value, ApiError>;

/// The operation, and the id that the path holds.
pub(super) fn find(method: &Method, path: &str) -> Result<(Operation, String), ApiError> {
    let segments: Vec<&str> = path.trim_start_matches("/v1/").trim_end_matches('/').split('/').collect();
    let (operation, id): (Operation, &str) = match (method.as_str(), segments.as_slice()) {
        ("POST", ["payment_intents"]) => (intents::create, ""),
        ("GET", ["payment_intents"]) => (intents::list, ""),
        ("GET", ["payment_intents", "search"]) => (intents::search, ""),
        ("GET", ["payment_intents", id]) => (intents::retrieve, id),
        ("POST", ["payment_intents", id]) => (intents::update, id),
        ("POST", ["payment_intents", id, "confirm"]) => (intents::confirm, id),
        ("POST", ["payment_intents", id, "capture"]) => (intents::capture, id),
        ("POST", ["payment_intents", id, "cancel"]) => (intents::cancel, id),
        ("GET", ["payment_methods", id]) => (methods::retrieve, id),
        ("GET", ["charges"]) => (charges::list, ""),
        ("GET", ["charges", id]) => (charges::retrieve, id),
        ("POST", ["refunds"]) => (refunds::create, ""),
        ("GET", ["refunds"]) => (refunds::list, ""),
        ("GET", ["refunds", id]) => (refunds::retrieve, id),
        ("GET", ["events"]) => (events::list, ""),
        ("GET", ["events", id]) => (events::retrieve, id),
        _ => {
            let message = format!(
                "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can \
                 help at https://support.stripe.com/."
            );
            return Err(ApiError::invalid(None, message).status(404));
        }
    };
    Ok((operation, id.to_owned()))
}
