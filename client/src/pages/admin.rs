//! For admins: people, orders, the audit trail, and what happens in the shop.

use axum::Router;

use crate::site::Site;

pub(super) fn routes() -> Router<Site> {
    Router::new()
}
