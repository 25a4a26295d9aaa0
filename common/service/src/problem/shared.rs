//! The kinds of problem that every service has. A service declares those of its own domain itself.

use axum::http::StatusCode;

use super::ProblemType;

macro_rules! shared {
    ($($name:ident = $slug:literal, $status:ident, $title:literal;)+) => {
        $(pub const $name: ProblemType = ProblemType::new($slug, StatusCode::$status, $title);)+

        /// All kinds that the services share.
        pub const ALL: &[ProblemType] = &[$($name),+];
    };
}

shared! {
    BAD_REQUEST = "bad-request", BAD_REQUEST, "The request cannot be understood";
    MALFORMED_JSON = "malformed-json", BAD_REQUEST, "The body is not JSON";
    UNAUTHENTICATED = "unauthenticated", UNAUTHORIZED, "Sign in first";
    FORBIDDEN = "forbidden", FORBIDDEN, "Not allowed";
    CROSS_ORIGIN = "cross-origin", FORBIDDEN, "The request comes from another site";
    NOT_FOUND = "not-found", NOT_FOUND, "There is no such thing";
    METHOD_NOT_ALLOWED = "method-not-allowed", METHOD_NOT_ALLOWED, "The method is not allowed here";
    STALE = "stale", PRECONDITION_FAILED, "It has changed in the meantime";
    BODY_TOO_LARGE = "body-too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The body has to be JSON";
    VALIDATION = "validation", UNPROCESSABLE_ENTITY, "The request is not valid";
    IDEMPOTENCY_MISMATCH = "idempotency-mismatch", UNPROCESSABLE_ENTITY,
        "The idempotency key was used for another request";
    TOO_MANY_REQUESTS = "too-many-requests", TOO_MANY_REQUESTS, "Too many requests";
    INTERNAL = "internal", INTERNAL_SERVER_ERROR, "Something went wrong here";
    UNAVAILABLE = "unavailable", SERVICE_UNAVAILABLE, "Not available at the moment";
    TIMEOUT = "timeout", SERVICE_UNAVAILABLE, "It took too long";
}

/// For an answer that says no more than its status. What no kind stands for is the caller's mistake in general, or
/// ours.
pub(crate) fn of_status(status: StatusCode) -> ProblemType {
    match status {
        StatusCode::BAD_REQUEST => BAD_REQUEST,
        StatusCode::FORBIDDEN => FORBIDDEN,
        StatusCode::UNPROCESSABLE_ENTITY => VALIDATION,
        StatusCode::SERVICE_UNAVAILABLE => UNAVAILABLE,
        status => ALL.iter().copied().find(|known| known.status == status).unwrap_or(match status {
            status if status.is_client_error() => BAD_REQUEST,
            _ => INTERNAL,
        }),
    }
}
