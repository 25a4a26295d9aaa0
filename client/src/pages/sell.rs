//! Selling: listing a ticket, changing it, taking it back.

mod listing;
mod listings;
mod new;
mod offer;

use axum::Router;
use axum::routing::get;

use crate::site::Site;

pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/sell", get(new::show).post(new::offer))
        .route("/sell/{id}", get(listing::show).post(listing::change))
        .route("/sell/{id}/withdraw", get(listing::ask).post(listing::withdraw))
        .route("/listings", get(listings::show))
}
