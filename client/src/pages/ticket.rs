//! One ticket: what, when, where, which seat and how much, and the button that reserves it.

mod offer;

use askama::Template;
use axum::extract::{Path, State};
use contracts::{OrderId, TicketId};
use uuid::Uuid;

use super::line::{Line, category, place};
use crate::api::{Search, Ticket, TicketStatus};
use crate::frame::{Frame, Page};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Visitor;
use offer::structured;

/// How many others are shown beside one.
const OTHERS: u8 = 5;

#[derive(Template)]
#[template(path = "find/ticket.html")]
pub(crate) struct TicketPage {
    frame: Frame,
    ticket: Shown,
    others: Vec<Line>,
    /// For machines, in the words of schema.org.
    structured: serde_json::Value,
    /// Tells this form, sent twice, from two.
    key: Uuid,
}

/// The ticket, with everything written as this visitor reads it.
struct Shown {
    id: TicketId,
    version: u64,
    title: String,
    moment: String,
    starts_at: contracts::Timestamp,
    venue: String,
    city: String,
    place: String,
    category: String,
    price: String,
    price_seen: contracts::Money,
    /// The name of the words that say why it cannot be reserved; empty where it can.
    refusal: &'static str,
    is_own: bool,
    /// The visitor's own, which holds or bought it.
    order: Option<OrderId>,
}

pub(crate) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Page<TicketPage>, Trouble> {
    let id: TicketId = id.parse().map_err(|_| Trouble::NotFound)?;
    let asking = site.api().as_caller(&visitor.caller);
    let ticket = asking.ticket(id).await?;
    let search =
        Search { q: ticket.title.clone(), sort: "price".to_owned(), limit: OTHERS + 1, ..Search::default() };
    // The ticket is the matter here; without the others the page is still one.
    let others = asking.tickets(&search).await.map(|found| found.items).unwrap_or_default();

    let (locale, now) = (visitor.locale, site.runtime().now());
    let others = others.iter().filter(|other| other.id != id).take(usize::from(OTHERS));
    let others = others.map(|other| Line::of(other, locale, now)).collect();
    let shown = Shown::of(&ticket, &visitor, now);
    let description = locale.say_with(
        "ticket-description",
        &[
            ("title", ticket.title.clone()),
            ("venue", ticket.venue.clone()),
            ("city", ticket.city.clone()),
            ("day", locale.customs.date(ticket.starts_at)),
            ("price", shown.price.clone()),
        ],
    );
    let path = format!("/tickets/{id}");
    let structured = structured(&ticket, &format!("{}{path}", site.public_origin().as_str()));
    let key = site.runtime().new_id();
    let frame = Frame::new(&site, visitor, ticket.title).section("find").described(&path, description);
    Ok(Page(TicketPage { frame, ticket: shown, others, structured, key }))
}

impl Shown {
    fn of(ticket: &Ticket, visitor: &Visitor, now: contracts::Timestamp) -> Self {
        let locale = visitor.locale;
        let Ticket { section, row, seat, .. } = ticket;
        Self {
            id: ticket.id,
            version: ticket.version,
            title: ticket.title.clone(),
            moment: locale.customs.moment(ticket.starts_at),
            starts_at: ticket.starts_at,
            venue: ticket.venue.clone(),
            city: ticket.city.clone(),
            place: place(locale, section.as_deref(), row.as_deref(), seat.as_deref()),
            category: category(locale, ticket.category),
            price: locale.customs.money(&ticket.price),
            price_seen: ticket.price,
            refusal: match ticket.status {
                TicketStatus::Available if ticket.starts_at <= now => "ticket-past",
                TicketStatus::Available => "",
                TicketStatus::Reserved => "ticket-reserved",
                TicketStatus::Sold => "ticket-sold",
                TicketStatus::Withdrawn => "ticket-withdrawn",
            },
            is_own: visitor.who.is_some_and(|who| who.id == ticket.seller_id),
            order: ticket.order_id,
        }
    }
}
