//! The visitor's own listings, by how they stand.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use crate::api::{Search, TicketStatus};
use crate::frame::{Frame, Page};
use crate::pages::line::{Line, status};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Member;

const ON_A_PAGE: u8 = 20;
/// As the service and the address name them; the first is shown unless another is asked for.
const STATES: [(&str, TicketStatus); 4] = [
    ("available", TicketStatus::Available),
    ("reserved", TicketStatus::Reserved),
    ("sold", TicketStatus::Sold),
    ("withdrawn", TicketStatus::Withdrawn),
];

#[derive(Template)]
#[template(path = "sell/listings.html")]
pub(super) struct ListingsPage {
    frame: Frame,
    tabs: Vec<Tab>,
    state: &'static str,
    lines: Vec<Line>,
    /// Whether this is not where the list begins.
    goes_on_from: bool,
    next: Option<String>,
}

struct Tab {
    name: &'static str,
    said: String,
    is_here: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    status: String,
    after: String,
    notice: String,
}

pub(super) async fn show(
    State(site): State<Site>,
    Member { visitor, .. }: Member,
    Query(asked): Query<Asked>,
) -> Result<Page<ListingsPage>, Trouble> {
    let (state, _) = STATES.into_iter().find(|(name, _)| *name == asked.status).unwrap_or(STATES[0]);
    let search = Search {
        seller: "me".to_owned(),
        status: state.to_owned(),
        cursor: asked.after.clone(),
        limit: ON_A_PAGE,
        ..Search::default()
    };
    let found = site.api().as_caller(&visitor.caller).tickets(&search).await?;
    let (locale, now) = (visitor.locale, site.runtime().now());
    let lines = found.items.iter().map(|ticket| {
        let href = format!("/sell/{}", ticket.id);
        Line { href, ..Line::of(ticket, locale, now) }
    });
    let lines = lines.collect();
    let tabs = STATES.into_iter().map(|(name, known)| Tab {
        name,
        said: status(locale, known),
        is_here: name == state,
    });
    let tabs = tabs.collect();
    let next = found.next_cursor.map(|cursor| {
        form_urlencoded::Serializer::new("/listings?".to_owned())
            .append_pair("status", state)
            .append_pair("after", &cursor)
            .finish()
    });
    let notice = Some(asked.notice.as_str()).filter(|name| !name.is_empty());
    let frame =
        Frame::new(&site, visitor, locale.say("listings-title")).section("sell").hidden().notice(notice);
    Ok(Page(ListingsPage { frame, tabs, state, lines, goes_on_from: !asked.after.is_empty(), next }))
}
