//! Coming in, going out, and what somebody may do with an account.

mod device;
mod own;
mod sessions;
pub(super) mod sign_in;
mod sign_out;
mod sign_up;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};

use crate::site::Site;
use crate::visitor::Member;

pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::enter))
        .route("/sign-up", get(sign_up::show).post(sign_up::open))
        .route("/sign-out", post(sign_out::leave))
        .route("/carry-on", post(carry_on))
        .route("/account", get(own::show))
        .route("/account/name", get(own::back).post(own::rename))
        .route("/account/password", get(own::back).post(own::change_password))
        .route("/account/sessions/{id}/end", post(sessions::end))
        .route("/account/sign-out-everywhere", post(sign_out::leave_everywhere))
}

/// Whoever is signed in gets fresh cookies, if it is time for them: for scripts whose connection was ended because the
/// access token had run out.
async fn carry_on(_: Member) -> StatusCode {
    StatusCode::NO_CONTENT
}
