//! Stripe's error objects: the status, the type, the code and what belongs to it.

use serde_json::{Map, Value, json};

/// What Stripe answers instead of an object.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) code: Option<&'static str>,
    pub(crate) message: String,
    pub(crate) param: Option<String>,
    /// Further members of the error object, such as `decline_code` or `payment_intent`.
    pub(crate) members: Map<String, Value>,
    /// Whether the endpoint had begun to execute: only then is the answer kept under an idempotency key.
    pub(crate) executed: bool,
}

impl ApiError {
    /// A request that fails validation: nothing was executed.
    pub(crate) fn invalid(code: Option<&'static str>, message: impl Into<String>) -> Self {
        Self {
            status: 400,
            kind: "invalid_request_error",
            code,
            message: message.into(),
            param: None,
            members: Map::new(),
            executed: false,
        }
    }

    /// A well-formed request that the state of things refuses.
    pub(crate) fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Self { executed: true, ..Self::invalid(Some(code), message) }
    }

    pub(crate) fn missing_parameter(param: &str) -> Self {
        Self::invalid(Some("parameter_missing"), format!("Missing required param: {param}.")).param(param)
    }

    /// An object named in the path is answered with 404, one named in a parameter with 400.
    pub(crate) fn no_such(object: &str, id: &str, param: &str) -> Self {
        Self::refused("resource_missing", format!("No such {object}: '{id}'")).param(param)
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::invalid(None, message).status(401)
    }

    pub(crate) fn idempotency(message: impl Into<String>) -> Self {
        Self { kind: "idempotency_error", ..Self::invalid(None, message) }
    }

    pub(crate) fn rate_limit() -> Self {
        let message = "Request rate limit exceeded. Learn more about rate limits here \
                       https://stripe.com/docs/rate-limits.";
        Self::invalid(Some("rate_limit"), message).status(429)
    }

    pub(crate) fn internal() -> Self {
        let message = "An unknown error occurred. If you have any questions, we can help at \
                       https://support.stripe.com/.";
        Self { kind: "api_error", executed: true, ..Self::invalid(None, message).status(500) }
    }

    pub(crate) fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn param(self, param: &str) -> Self {
        Self { param: Some(param.to_owned()), ..self }
    }

    pub(crate) fn member(mut self, name: &str, value: Value) -> Self {
        self.members.insert(name.to_owned(), value);
        self
    }

    /// The error object without its envelope, as `last_payment_error` has it too.
    pub(crate) fn object(&self) -> Value {
        let mut object = self.members.clone();
        object.insert("type".to_owned(), json!(self.kind));
        object.insert("message".to_owned(), json!(self.message));
        if let Some(code) = self.code {
            let page = code.replace('_', "-");
            object.insert("code".to_owned(), json!(code));
            object.insert("doc_url".to_owned(), json!(format!("https://stripe.com/docs/error-codes/{page}")));
        }
        if let Some(param) = &self.param {
            object.insert("param".to_owned(), json!(param));
        }
        Value::Object(object)
    }

    pub(crate) fn json(&self) -> Value {
        json!({ "error": self.object() })
    }
}
