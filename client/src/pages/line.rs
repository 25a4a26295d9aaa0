//! One ticket as a line of a list, with everything written as this visitor reads it.

use contracts::tickets::Category;
use contracts::{TicketId, Timestamp};

use crate::api::{Ticket, TicketStatus};
use crate::locale::Locale;

pub(crate) struct Line {
    pub id: TicketId,
    /// Where the line leads.
    pub href: String,
    pub version: u64,
    pub title: String,
    pub day: String,
    pub hour: String,
    /// As machines read it.
    pub starts_at: Timestamp,
    pub venue: String,
    pub city: String,
    pub place: String,
    pub price: String,
    /// Empty while it is on offer.
    pub status: String,
}

impl Line {
    pub(crate) fn of(ticket: &Ticket, locale: &Locale, now: Timestamp) -> Self {
        let Ticket { section, row, seat, .. } = ticket;
        Self {
            id: ticket.id,
            href: format!("/tickets/{}", ticket.id),
            version: ticket.version,
            title: ticket.title.clone(),
            day: locale.customs.day(ticket.starts_at, now),
            hour: locale.customs.hour(ticket.starts_at),
            starts_at: ticket.starts_at,
            venue: ticket.venue.clone(),
            city: ticket.city.clone(),
            place: place(locale, section.as_deref(), row.as_deref(), seat.as_deref()),
            price: locale.customs.money(&ticket.price),
            status: if ticket.status == TicketStatus::Available {
                String::new()
            } else {
                status(locale, ticket.status)
            },
        }
    }
}

/// `Stalls · Row A · Seat 7`; empty where no place is named.
pub(crate) fn place(locale: &Locale, section: Option<&str>, row: Option<&str>, seat: Option<&str>) -> String {
    let parts = [("place-section", section), ("place-row", row), ("place-seat", seat)];
    let parts = parts.into_iter().filter_map(|(name, part)| Some((name, part?)));
    let said: Vec<_> =
        parts.map(|(name, part)| locale.say_with(name, &[("value", part.to_owned())])).collect();
    said.join(" · ")
}

pub(crate) fn status(locale: &Locale, status: TicketStatus) -> String {
    locale.say(match status {
        TicketStatus::Available => "status-available",
        TicketStatus::Reserved => "status-reserved",
        TicketStatus::Sold => "status-sold",
        TicketStatus::Withdrawn => "status-withdrawn",
    })
}

pub(crate) fn category(locale: &Locale, category: Category) -> String {
    locale.say(match category {
        Category::Concert => "category-concert",
        Category::Sports => "category-sports",
        Category::Theatre => "category-theatre",
        Category::Other => "category-other",
    })
}
