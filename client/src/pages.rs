//! All pages, by their paths.

mod account;
mod admin;
mod attempt;
mod door;
mod find;
mod line;
mod orders;
mod sell;
mod ticket;

use axum::Router;
use axum::routing::get;
use serde::Deserialize;

use crate::site::Site;

/// What a redirect to a page wants it to say: `?notice=name-changed`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Noticed {
    notice: String,
}

impl Noticed {
    pub(crate) fn name(&self) -> Option<&str> {
        Some(self.notice.as_str()).filter(|name| !name.is_empty())
    }
}

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

#[cfg(test)]
mod tests;
