//! All pages, by their paths.

mod account;
mod admin;
mod door;
mod find;
mod line;
mod orders;
mod sell;
mod ticket;

use axum::Router;
use axum::routing::get;

use crate::site::Site;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/", get(find::find))
        .route("/robots.txt", get(find::robots))
        .route("/sitemap.xml", get(find::sitemap))
        .route("/tickets/{id}", get(ticket::show))
        .merge(account::routes())
        .merge(admin::routes())
        .merge(door::routes())
        .merge(orders::routes())
        .merge(sell::routes())
}
