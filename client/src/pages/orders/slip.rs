//! What is bought, with everything written as its buyer reads it.

use contracts::Timestamp;

use crate::api::OrderedTicket;
use crate::locale::Locale;
use crate::pages::line::{category, place};

pub(super) struct Slip {
    pub title: String,
    pub category: String,
    pub moment: String,
    pub starts_at: Timestamp,
    pub venue: String,
    pub city: String,
    /// Empty where no place is named.
    pub place: String,
    pub price: String,
}

impl Slip {
    pub(super) fn of(ticket: &OrderedTicket, locale: &Locale) -> Self {
        let OrderedTicket { section, row, seat, .. } = ticket;
        Self {
            title: ticket.title.clone(),
            category: category(locale, ticket.category),
            moment: locale.customs.moment(ticket.starts_at),
            starts_at: ticket.starts_at,
            venue: ticket.venue.clone(),
            city: ticket.city.clone(),
            place: place(locale, section.as_deref(), row.as_deref(), seat.as_deref()),
            price: locale.customs.money(&ticket.price),
        }
    }
}
