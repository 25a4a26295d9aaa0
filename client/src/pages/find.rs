//! The listings: what is on offer, searched, filtered and sorted by an address that can be shared.

mod filters;
mod map;

use askama::Template;
use axum::extract::{Query, State};

use super::line::Line;
use crate::frame::{Frame, Page};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Visitor;
use filters::Filters;

pub(crate) use map::{robots, sitemap};

#[derive(Template)]
#[template(path = "find/listings.html")]
pub(crate) struct Listings {
    frame: Frame,
    filters: Filters,
    lines: Vec<Line>,
    next: Option<String>,
}

/// What is on offer, newest first unless asked otherwise.
pub(crate) async fn find(
    State(site): State<Site>,
    visitor: Visitor,
    Query(filters): Query<Filters>,
) -> Result<Page<Listings>, Trouble> {
    let found = site.api().as_caller(&visitor.caller).tickets(&filters.search()).await?;
    let now = site.runtime().now();
    let lines: Vec<_> = found.items.iter().map(|ticket| Line::of(ticket, visitor.locale, now)).collect();
    let next = found.next_cursor.map(|cursor| filters.page(&cursor));
    let title = visitor.locale.say("find-title");
    let description = visitor.locale.say("site-description");
    let mut frame =
        Frame::new(&site, visitor, title).section("find").described(&filters.address(), description);
    // A page in the middle of a list changes from day to day.
    frame.is_hidden = !filters.after.is_empty();
    Ok(Page(Listings { frame, filters, lines, next }))
}
