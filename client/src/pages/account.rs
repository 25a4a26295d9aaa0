//! Coming in, and what somebody may do with an account.

pub(super) mod sign_in;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};

use crate::site::Site;
use crate::visitor::Member;

pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::enter))
        .route("/carry-on", post(carry_on))
}

/// Whoever is signed in gets fresh cookies, if it is time for them: for scripts whose connection was ended because the
/// access token had run out.
async fn carry_on(_: Member) -> StatusCode {
    StatusCode::NO_CONTENT
}
