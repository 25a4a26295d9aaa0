//! Buying: reserving a ticket, paying for it, and what somebody bought.

use axum::Router;

use crate::site::Site;

pub(super) fn routes() -> Router<Site> {
    Router::new()
}
