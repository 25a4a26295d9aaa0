//! For admins: people, orders, the audit trail, and what happens in the shop. Whether somebody is one, the services
//! judge once more.

mod audit;
mod bans;
mod event;
mod live;
mod names;
mod orders;
mod people;
mod person;
mod story;

use std::fmt::Display;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;

use crate::frame::Frame;
use crate::site::Site;
use crate::visitor::{Admin, Visitor};

pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/admin", get(async |_: Admin| Redirect::to("/admin/people")))
        .route("/admin/people", get(people::list))
        .route("/admin/people/{id}", get(person::show))
        .route("/admin/people/{id}/ban", get(bans::consider).post(bans::ban))
        .route("/admin/people/{id}/unban", get(bans::reconsider).post(bans::unban))
        .route("/admin/orders", get(orders::list))
        .route("/admin/audit", get(audit::list))
        .route("/admin/live", get(live::show))
        .route("/admin/story", get(story::find))
        .route("/admin/story/{id}", get(story::tell))
}

fn frame(site: &Site, visitor: Visitor, title: String) -> Frame {
    Frame::new(site, visitor, title).section("admin").hidden()
}

/// The end of an id, by which people tell it from others: it begins with the time, as its neighbours do.
fn short(id: impl Display) -> String {
    let id = id.to_string();
    format!("…{}", id.get(id.len().saturating_sub(8)..).unwrap_or(&id))
}

/// An address with what was filled in.
fn address(path: &str, query: &impl serde::Serialize) -> String {
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// What somebody chose, if it is one of those there are.
fn known(value: &str, all: &[&str]) -> String {
    all.iter().find(|known| **known == value).map(|known| (*known).to_owned()).unwrap_or_default()
}
