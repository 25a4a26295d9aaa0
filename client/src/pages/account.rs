//! Coming in, and what somebody may do with an account.

pub(super) mod sign_in;

use axum::http::StatusCode;

use crate::visitor::Member;

/// Whoever is signed in gets fresh cookies, if it is time for them: for scripts whose connection was ended because the
/// access token had run out.
pub(super) async fn carry_on(_: Member) -> StatusCode {
    StatusCode::NO_CONTENT
}
