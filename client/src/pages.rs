//! All pages, by their paths.

mod account;
mod find;
mod line;
mod ticket;

use axum::Router;
use axum::routing::{get, post};

use crate::site::Site;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/", get(find::find))
        .route("/tickets/{id}", get(ticket::show))
        .route("/sign-in", get(account::sign_in::show).post(account::sign_in::enter))
        .route("/carry-on", post(account::carry_on))
}
